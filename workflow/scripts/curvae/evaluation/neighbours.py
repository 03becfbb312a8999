"""Metrics of nearest neighbours: does a generator copy its training curves, and does it reach all true ones?

Distances are those of ln v in the leading principal components of training curves, which hold all but some 1e-5 of its
variance.
"""

import numpy as np
from scipy import stats
from scipy.spatial import cKDTree

from curvae.evaluation.estimates import share_and_error
from curvae.evaluation.two_sample import log_velocity

COMPONENTS = 8
FITTED_CURVES = 20_000  # to which the components are fitted
NEIGHBOURS = 5


def copying_probability(generated: np.ndarray, test: np.ndarray, training: cKDTree) -> tuple[float, float]:
    """Probability that a generated curve is nearer to a training curve than a test curve is, and its standard error.

    One half if the training curves are new to the generator as they are to the test curves; near one if it copies
    them (Meehan, Chaudhuri & Dasgupta 2020, arXiv:2004.05675). Rows are points (n, k) and (n', k), as in the tree.
    """
    distance = [training.query(points)[0] for points in (generated, test)]
    n, m = map(len, distance)
    nearer = stats.mannwhitneyu(*distance[::-1]).statistic / (n * m)
    return float(nearer), float(np.sqrt((n + m + 1) / (12.0 * n * m)))


def support_coverage(generated: np.ndarray, test: np.ndarray) -> tuple[float, float]:
    """Share of the test points (n, k) with a generated one no farther than their fifth neighbour among themselves.

    Naeem et al. 2020, arXiv:2002.09797, eq. 4: about 0.97 for equal distributions, less where modes are missing. And
    the standard error of a share.
    """
    k = min(NEIGHBOURS, len(test) - 1)
    reach = cKDTree(test).query(test, k + 1)[0][:, -1]
    return share_and_error(cKDTree(generated).query(test)[0] <= reach)


class TrainingCurves:
    """Training curves (n, m) [km/s], to which the neighbours of others are looked for."""

    def __init__(self, velocity: np.ndarray):
        log_v = log_velocity(velocity, np.float32)  # precise enough for distances, and there are many
        self._axes = np.linalg.eigh(np.cov(log_v[:FITTED_CURVES].T)).eigenvectors[:, : -COMPONENTS - 1 : -1]
        self._tree = cKDTree(log_v @ self._axes)

    def metrics(self, generated: np.ndarray, test: np.ndarray) -> dict:
        """Both metrics of generated and of test curves (n, m) [km/s]: (value, standard error) by name."""
        generated, test = (log_velocity(velocity) @ self._axes for velocity in (generated, test))
        return {
            "copying_probability": copying_probability(generated, test, self._tree),
            "support_coverage": support_coverage(generated, test),
        }
