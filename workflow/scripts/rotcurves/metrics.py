"""How unlike two samples of rotation curves are, and how well a model knows its curves: arrays in, numbers out.

A result is `(value, standard_error)` where the error is known, else a number. Everything random is
seeded, and nothing depends on the order of the rows of a sample or on the number of threads.
"""

import logging
import warnings

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rotcurves.files import pieces
from rotcurves.progress import progress
from rotcurves.relations import line
from rotcurves.velocity import curvature

log = logging.getLogger(__name__)

# What a velocity that has no logarithm counts as [km/s]: far below any true one, so that every
# judge sees it at once.
SLOWEST = 1e-3
FASTEST = 1e6  # the same for what overflows
FOLDS = 3
TREES = 100
PROJECTIONS = 200
ACTIVE_VARIANCE = 0.01


def log_velocity(velocity: np.ndarray) -> np.ndarray:
    """ln v (n, m) of velocities [km/s]; zero, negative and undefined ones count as SLOWEST."""
    v = np.asarray(velocity, dtype=np.float64)
    return np.log(np.clip(np.where(np.isnan(v), SLOWEST, v), SLOWEST, FASTEST))


def share_not_positive(velocity: np.ndarray) -> float:
    """Share of the curves (n, m) that hold a velocity which is not a positive number."""
    return float(1.0 - (np.isfinite(velocity) & (velocity > 0)).all(1).mean())


def forest(seed: int, threads: int = 1) -> RandomForestClassifier:
    """Random forest with the settings of scikit-learn: sees jumps in single features, and memorised curves."""
    return RandomForestClassifier(TREES, random_state=seed, n_jobs=threads)


def perceptron(seed: int):
    """Small network on standardised features: sees smooth differences in many features at once."""
    network = MLPClassifier((64, 64), learning_rate_init=3e-3, max_iter=50, random_state=seed)
    return make_pipeline(StandardScaler(), network)


def two_sample_accuracy(first: np.ndarray, second: np.ndarray, classifier, seed: int) -> tuple[float, float]:
    """Classifier two-sample test (Lopez-Paz & Oquab 2017): share of rows told right, 0.5 for equal distributions.

    Three-fold cross-validation of features (n1, f) against (n2, f). Both samples are shuffled first, and the
    folds are shuffled and stratified: a sample that comes sorted would otherwise be judged on rows
    unlike those it was learnt from, with an accuracy far below one half.

    Returns the accuracy and its standard error, that of a share among n1 + n2 rows.
    """
    random = np.random.default_rng(seed)
    features = np.concatenate([random.permutation(in_order(sample)) for sample in (first, second)])
    label = np.repeat([0, 1], [len(first), len(second)])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of passes is what is wanted
        guess = cross_val_predict(classifier, features, label, cv=folds)
    accuracy = np.mean(guess == label)
    return accuracy, np.sqrt(accuracy * (1.0 - accuracy) / len(label))


def in_order(rows: np.ndarray) -> np.ndarray:
    """The rows (n, f) in an order of their own, so that the one they come in is of no matter."""
    return rows[np.lexsort(rows.T)]


def ks_mean(first: np.ndarray, second: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two samples (n1, m), (n2, m), mean over the m radii."""
    return float(np.mean(stats.ks_2samp(first, second, axis=0, method="asymp").statistic))


def sliced_wasserstein(first: np.ndarray, second: np.ndarray, seed: int) -> float:
    """Mean Wasserstein-1 distance over random directions (Rabin et al. 2012), in units of the features."""
    directions = np.random.default_rng(seed).standard_normal((first.shape[1], PROJECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    pairs = zip((first @ directions).T, (second @ directions).T, strict=True)
    return float(np.mean([stats.wasserstein_distance(a, b) for a, b in pairs]))


def energy_distance(first: np.ndarray, second: np.ndarray) -> float:
    """sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|) (Szekely & Rizzo 2013), with the norm of all features at once."""
    between, within_first, within_second = (
        sum(cdist(a[rows], b).sum() for rows in progress(pieces(len(a), 1024), len(a), "energy distance", "curves"))
        / (len(a) * len(b))
        for a, b in ((first, second), (first, first), (second, second))
    )
    return float(np.sqrt(max(0.0, 2.0 * between - within_first - within_second)))


def two_sample_metrics(velocity: np.ndarray, truth: np.ndarray, radius: np.ndarray, seed: int, threads: int) -> dict:
    """Every comparison of curves (n, m) with true ones [km/s], by name: (value, standard error or None)."""
    generated, true = log_velocity(velocity), log_velocity(truth)
    curved = curvature(generated, radius), curvature(true, radius)
    judged = {
        "c2st_mlp_log_v": (generated, true, perceptron(seed)),
        "c2st_forest_log_v": (generated, true, forest(seed, threads)),
        "c2st_forest_curvature": (*curved, forest(seed, threads)),
    }
    accuracy = {}
    for name, (first, second, judge) in judged.items():
        accuracy[name] = two_sample_accuracy(first, second, judge, seed)
        log.info("%s of %d curves: %.4f (standard error %.4f)", name, len(generated), *accuracy[name])
    return {
        **accuracy,
        "ks_mean": (ks_mean(generated, true), None),
        "sliced_wasserstein": (sliced_wasserstein(generated, true, seed), None),
        "energy_distance": (energy_distance(generated, true), None),
        "share_not_positive": (share_not_positive(velocity), None),
    }


def relation_metrics(
    parameters: np.ndarray,
    log_disc_mass_range: tuple[float, float],
    log_disc_mass_pivot: float,
    concentration_pivot: float,
) -> dict:
    """Scaling relations of parameters (n, 4), columns as in `relations.NAMES`; range and pivots in log10 Msun.

    Only of galaxies in the range of disc masses: a disc too faint for the curve to feel is fitted with any
    mass and size, and a few such outliers would make the scatter. To select by the abscissa biases no
    line. Curves that could not be fitted are left out too.
    """
    low, high = log_disc_mass_range
    chosen = np.isfinite(parameters).all(1) & (parameters[:, 0] >= low) & (parameters[:, 0] <= high)
    disc_mass, halo_mass, scale_length, concentration = parameters[chosen].T
    lines = {
        "scale_length": (disc_mass, scale_length, log_disc_mass_pivot),
        "halo_mass": (disc_mass, halo_mass, log_disc_mass_pivot),
        "concentration": (halo_mass, concentration, concentration_pivot),
    }
    return {
        f"relation_{name}_{part}": result
        for name, relation in lines.items()
        for part, result in vars(line(*relation)).items()
    }


def distance_metrics(rmse: np.ndarray) -> dict:
    """Distances (n,) to the nearest physical curve [km/s]: the median and the 90 % quantile."""
    # A quantile that interpolates would make undefined numbers of infinite distances.
    median, p90 = np.quantile(rmse, [0.5, 0.9], method="higher")
    return {"physical_distance_median": (median, None), "physical_distance_p90": (p90, None)}


def reconstruction_metrics(velocity: np.ndarray, decoded: np.ndarray) -> dict:
    """Errors of decoded curves (n, m) [km/s] against the true ones."""
    error = decoded - velocity
    return {
        "reconstruction_rmse": (np.sqrt(np.mean(error**2)), None),
        "reconstruction_median": (np.median(np.sqrt(np.mean(error**2, axis=1))), None),
        "reconstruction_relative_rms": (np.sqrt(np.mean((error / velocity) ** 2)), None),
    }


def correlation_squared(codes: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """R^2 (d, p) of the straight line between each latent (n, d) and each parameter (n, p).

    It sees linear dependence only. A latent that never changes explains nothing: zero.
    """
    a, b = (np.where(np.ptp(x, axis=0) > 0, x - x.mean(0), 0.0) for x in (codes, parameters))
    variance = np.outer(np.sum(a**2, 0), np.sum(b**2, 0))
    covariance = (a.T @ b) ** 2
    return np.divide(covariance, variance, out=np.zeros_like(covariance), where=variance > 0)


def active_units(means: np.ndarray) -> int:
    """Latents whose posterior mean (n, d) varies over the curves (Burda, Grosse & Salakhutdinov 2016, section 4)."""
    return int(np.sum(means.var(0) > ACTIVE_VARIANCE))


def indefinite(covariance: np.ndarray) -> np.ndarray:
    """Which of the matrices (n, d, d) are not positive definite, or not finite."""
    bad = ~np.isfinite(covariance).all((1, 2))
    bad[~bad] = np.linalg.eigvalsh(covariance[~bad])[:, 0] <= 0.0
    return bad
