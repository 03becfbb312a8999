"""Two-sample metrics: how different generated curves are from true ones.

A result is `(value, standard_error)`; the error is None where it is not known. Everything random is seeded, and nothing
depends on the order of the rows of a sample or on the number of threads.
"""

import logging
import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import euclidean_distances
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from curvae.evaluation.estimates import ks_distance, share_and_error
from curvae.galaxies.observables import curvature

log = logging.getLogger(__name__)

# Velocities in place of those without a logarithm, and of those that overflow [km/s]: every classifier sees them.
SLOWEST, FASTEST = 1e-3, 1e6
FOLDS = 3
TREES = 30
PASSES, BATCHES = 14, 14  # through the rows that the network learns from, and batches of each
BINS = 64  # of a feature, between which the trees split; an even number, one edge between two samples far apart
# Principal components of ln v that the network sees, each in units of its standard deviation: the curves vary by 6e-5
# along the last of these, and along others by less than a decoder errs (docs/model-choices.md).
COMPONENTS = 14
SORTING_FEATURES = 4  # which tell rows apart
ENERGY_CURVES = 2000  # in a distance that takes the square of their number
EXTREME_SHARE = 0.002  # of both samples, in which equal tails have equal shares


def log_velocity(velocity: np.ndarray, precision=np.float64) -> np.ndarray:
    """ln v (n, m) of velocities [km/s]; zero, negative and undefined ones count as SLOWEST."""
    return np.log(np.fmin(np.fmax(velocity, SLOWEST, dtype=precision), FASTEST))


def share_not_positive(velocity: np.ndarray) -> float:
    """Share of the curves (n, m) that hold a velocity which is not a positive number."""
    return float(1.0 - (np.isfinite(velocity) & (velocity > 0)).all(1).mean())


def boosting(seed: int) -> HistGradientBoostingClassifier:
    """Boosted trees: see jumps in single features, and what lies apart from all else."""
    return HistGradientBoostingClassifier(
        max_iter=TREES, max_bins=BINS, learning_rate=0.2, early_stopping=False, random_state=seed
    )


def network(seed: int, rows: int):
    """Small network on standardised features: sees smooth differences in many features at once.

    It takes as many steps whatever the number of rows that it learns from. These come shuffled; to shuffle them again
    for each pass takes a sixth of the time.
    """
    how = {"batch_size": -(-rows // BATCHES), "learning_rate_init": 8e-3, "max_iter": PASSES, "shuffle": False}
    return make_pipeline(StandardScaler(), MLPClassifier((64, 64), **how, random_state=seed))


def two_sample_accuracy(first: np.ndarray, second: np.ndarray, classifier, seed: int) -> tuple[float, float]:
    """Classifier two-sample test (Lopez-Paz & Oquab 2017): classification accuracy, 0.5 for equal distributions.

    Three-fold cross-validation of features (n1, f) against (n2, f). All rows are shuffled first, and the folds are
    shuffled and stratified: with a sample that comes sorted, classifiers would otherwise be tested on rows unlike those
    that they learned from, and be right far less than half of the time.

    Returns the accuracy and its standard error, that of a share among n1 + n2 rows.
    """
    shuffled = np.random.default_rng(seed).permutation(len(first) + len(second))
    features = np.concatenate([in_order(first), in_order(second)])[shuffled]
    label = np.repeat([0, 1], [len(first), len(second)])[shuffled]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of passes is what is wanted
        guess = cross_val_predict(classifier, features, label, cv=folds)
    return share_and_error(guess == label)


def in_order(rows: np.ndarray) -> np.ndarray:
    """The rows (n, f), sorted, so that the order in which they come does not matter."""
    return rows[np.lexsort(rows.T[:: -(-rows.shape[1] // SORTING_FEATURES)])]


def ks_mean(first: np.ndarray, second: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two samples (n1, m), (n2, m), mean over the m radii."""
    return float(np.mean([ks_distance(a, b) for a, b in zip(first.T, second.T, strict=True)]))


def energy_distance(first: np.ndarray, second: np.ndarray) -> float:
    """sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|) (Szekely & Rizzo 2013), with the norm of all features at once."""
    between = euclidean_distances(first, second).mean()
    within = sum(euclidean_distances(sample).mean() for sample in (first, second))
    return float(np.sqrt(max(0.0, 2.0 * between - within)))


def leading_components(*samples: np.ndarray) -> list[np.ndarray]:
    """The leading principal components (n, COMPONENTS) of samples (n, m), those of all of them together."""
    together = np.concatenate(samples)
    pca = PCA(min(COMPONENTS, *together.shape), svd_solver="covariance_eigh").fit(in_order(together))
    return [pca.transform(sample).astype(np.float32) for sample in samples]  # a network in half the time


def extreme_share(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Share of the first sample (n,) among the highest EXTREME_SHARE of both: one half if both have the same tail.

    Returns it and its standard error for equal tails.
    """
    together = np.concatenate([first, second])
    count = max(1, round(EXTREME_SHARE * len(together)))
    highest = np.argsort(together, kind="stable")[-count:]
    return float(np.mean(highest < len(first))), 0.5 / np.sqrt(count)


def two_sample_metrics(velocity: np.ndarray, truth: np.ndarray, radius: np.ndarray, seed: int) -> dict:
    """Every comparison of curves (n, m) with true ones [km/s], by name: (value, standard error or None)."""
    generated, true = log_velocity(velocity), log_velocity(truth)
    learned = (len(generated) + len(true)) * (FOLDS - 1) // FOLDS
    classified = {
        "c2st_network_components": (*leading_components(generated, true), network(seed, learned)),
        "c2st_boosting_log_v": (generated, true, boosting(seed)),
        "c2st_boosting_curvature": (curvature(generated, radius), curvature(true, radius), boosting(seed)),
    }
    accuracy = {}
    for name, (first, second, classifier) in classified.items():
        accuracy[name] = two_sample_accuracy(first, second, classifier, seed)
        log.info("%s of %d curves: %.4f (standard error %.4f)", name, len(generated), *accuracy[name])
    return {
        "curves_compared": (len(generated), None),
        **accuracy,
        "extremes_v_max": extreme_share(generated.max(1), true.max(1)),
        "extremes_acceleration": extreme_share(*((2.0 * v - np.log(radius)).max(1) for v in (generated, true))),
        "ks_mean": (ks_mean(generated, true), None),
        "energy_distance": (energy_distance(generated[:ENERGY_CURVES], true[:ENERGY_CURVES]), None),
        "share_not_positive": (share_not_positive(velocity), None),
    }
