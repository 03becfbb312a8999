"""Metrics of nearest neighbours: does a generator copy its training curves, and does it reach all true ones?

Distances are those of ln v in its leading principal components, which hold all but some 1e-5 of its variance.
"""

import numpy as np
from scipy import stats
from scipy.spatial import cKDTree

PROJECTED = 8
NEIGHBOURS = 5


def projection(log_v: np.ndarray) -> np.ndarray:
    """The leading principal axes (m, PROJECTED) of ln v (n, m), from whatever mean."""
    return np.linalg.eigh(np.cov(log_v.T)).eigenvectors[:, ::-1][:, :PROJECTED]


def nearer_to_training(generated: np.ndarray, test: np.ndarray, training: np.ndarray) -> tuple[float, float]:
    """Probability that a generated curve is nearer to a training curve than a test curve is, and its standard error.

    One half if the training curves are new to the generator as they are to the test curves; near one if it copies
    them (Meehan, Chaudhuri & Dasgupta 2020, arXiv:2004.05675). Rows are points (n, k), (n', k) and (n'', k).
    """
    tree = cKDTree(training)
    distance = [tree.query(points)[0] for points in (generated, test)]
    n, m = map(len, distance)
    nearer = stats.mannwhitneyu(*distance[::-1]).statistic / (n * m)
    return float(nearer), float(np.sqrt((n + m + 1) / (12.0 * n * m)))


def coverage(generated: np.ndarray, test: np.ndarray) -> tuple[float, float]:
    """Share of the test points (n, k) with a generated one no farther than their fifth neighbour among themselves.

    Naeem et al. 2020, arXiv:2002.09797, eq. 4: about 0.97 for equal distributions, less where modes are missing. And
    the standard error of a share.
    """
    k = min(NEIGHBOURS, len(test) - 1)
    reach = cKDTree(test).query(test, k + 1)[0][:, -1]
    share = np.mean(cKDTree(generated).query(test)[0] <= reach)
    return float(share), float(np.sqrt(share * (1.0 - share) / len(test)))


def neighbour_metrics(generated: np.ndarray, test: np.ndarray, training: np.ndarray) -> dict:
    """Both, of curves given by ln v (n, m): (value, standard error) by name."""
    axes = projection(test)
    generated, test, training = (log_v @ axes for log_v in (generated, test, training))
    return {
        "nearer_to_training": nearer_to_training(generated, test, training),
        "coverage": coverage(generated, test),
    }
