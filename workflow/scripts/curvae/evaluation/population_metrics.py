"""Metrics of the population behind a survey: what it makes the survey see, how far it is from the truth, its error."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats
from sklearn.ensemble import RandomForestClassifier

from curvae.evaluation.two_sample import FOLDS, boosting, ks_mean, log_velocity, network, two_sample_accuracy
from curvae.inference.error_models import ErrorModel
from curvae.inference.generator import Generator
from curvae.runtime.intervals import PERCENTS
from curvae.storage.observations import Galaxy

# What the points of a galaxy are summarised by: ln of the first, last and largest velocity [km/s], the mean slope of
# ln v along ln R, and the coefficient of the square in a parabola through the points.
SUMMARIES = ("first_velocity", "last_velocity", "largest_velocity", "slope", "curvature")
SLOWEST = 1.0  # km/s, in place of what has no logarithm
ALIKE = 10  # galaxies of nearest largest velocity, one of which lends its radii and errors
REPLICATES, MOST = 6, 1000  # surveys seen again, and most galaxies in each
TREES = 200
EDGE = 3.5  # beyond it lie codes that no training curve has


def summaries(radius: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """SUMMARIES (n, 5) of n galaxies with velocities (n, m) [km/s] at the same radii (m,) [kpc]."""
    x, y = np.log(radius), np.log(np.maximum(velocity, SLOWEST))
    slope = (y[:, -1] - y[:, 0]) / (x[-1] - x[0]) if len(x) > 1 else np.zeros(len(y))
    curvature = np.polyfit(x - x.mean(), y.T, 2)[0] if len(x) > 2 else np.zeros(len(y))
    return np.column_stack([y[:, 0], y[:, -1], y.max(1), slope, curvature])


def observe(
    generator: Generator, theta: np.ndarray, galaxies: Sequence[Galaxy], errors: ErrorModel, random: np.random.Generator
) -> np.ndarray:
    """SUMMARIES (n, 5) of generated galaxies, seen as a survey has seen others.

    `theta` (n, d or d + 1) are codes and, where it is free, ln of the scatter. Each galaxy has radii and relative
    errors of one of the ALIKE observed ones whose largest velocity is nearest to its own: a survey sees large galaxies
    farther out.
    """
    d = generator.d
    x, extra = generator.decode_components(theta[:, :d]), theta[:, d:]
    fastest = generator.at(generator.radius).velocity(x).max(1)
    observed = np.maximum([galaxy.velocity.max() for galaxy in galaxies], SLOWEST)
    near = np.argsort(np.abs(np.log(observed / fastest[:, None])), axis=1, kind="stable")[:, :ALIKE]
    like = near[np.arange(len(x)), random.integers(near.shape[1], size=len(x))]
    seen = np.empty((len(x), len(SUMMARIES)))
    for i in np.unique(like):
        rows, galaxy = np.flatnonzero(like == i), galaxies[i]
        curve = generator.at(galaxy.radius).velocity(x[rows])
        error = galaxy.error / np.maximum(galaxy.velocity, galaxy.error) * curve
        scatter = np.sqrt(np.square(error) + errors.variance(curve, 0.0 * galaxy.error, extra[rows]))
        seen[rows] = summaries(galaxy.radius, curve + scatter * random.standard_normal(curve.shape))
    return seen


def predictive_metrics(observed: np.ndarray, predicted: np.ndarray, seed: int) -> dict:
    """How SUMMARIES (k n, 5) of galaxies seen again differ from those of n observed ones: (value, error) by name.

    The error of the accuracy is its standard deviation over replicates of the survey.
    """
    forest = RandomForestClassifier(TREES, min_samples_leaf=2, random_state=seed)
    replicates = [predicted[i : i + len(observed)] for i in range(0, len(predicted), len(observed))]
    accuracy = [two_sample_accuracy(observed, one, forest, seed)[0] for one in replicates]
    results = {"population_predictive_accuracy": (np.mean(accuracy), np.std(accuracy))}
    for name, first, second in zip(SUMMARIES, observed.T, predicted.T, strict=True):
        test = stats.ks_2samp(first, second, method="asymp")
        results |= {f"population_ks_{name}": (test.statistic, None), f"population_ks_p_{name}": (test.pvalue, None)}
    return results


def truth_metrics(velocity: np.ndarray, truth: np.ndarray, seed: int) -> dict:
    """How generated curves (n, m) differ from the curves of as many mocks without their noise [km/s].

    Accuracies of classifiers that see ln v, and the Kolmogorov-Smirnov distance, mean over the radii.
    """
    generated, true = log_velocity(velocity), log_velocity(truth)
    learned = (len(generated) + len(true)) * (FOLDS - 1) // FOLDS
    return {
        "population_c2st_network": two_sample_accuracy(generated, true, network(seed, learned), seed),
        "population_c2st_boosting": two_sample_accuracy(generated, true, boosting(seed), seed),
        "population_distance": (ks_mean(generated, true), None),
    }


def completion_metrics(
    quantiles: np.ndarray, truth: np.ndarray, radius: np.ndarray, galaxies: Sequence[Galaxy]
) -> dict:
    """How well curves are completed at radii (m,) [kpc] beyond the points of n mocks: (value, error) by name.

    `quantiles` (5, n, m) at QUANTILES and `truth` (n, m) are velocities [km/s]. Root mean square error of ln v, and
    coverage of intervals, whose error is that of n galaxies.
    """
    hidden = np.array([(radius < galaxy.radius[0]) | (radius > galaxy.radius[-1]) for galaxy in galaxies])
    squares = np.square(log_velocity(quantiles[2]) - log_velocity(truth))[hidden]
    results = {"population_completion_error": (np.sqrt(squares.mean()), None)}
    for percent, low, high in zip(PERCENTS, (1, 0), (3, 4), strict=True):
        share = ((truth >= quantiles[low]) & (truth <= quantiles[high]))[hidden].mean()
        results[f"population_completion_interval_coverage_{percent}"] = (
            share,
            np.sqrt(share * (1.0 - share) / len(galaxies)),
        )
    return results


def bootstrapped(whole: Mapping, fits: Sequence[Mapping] = ()) -> dict:
    """Relations by name, (value, error) each; with fits of a population the errors are the spread of their values."""
    spread = {name: (np.std([one[name][0] for one in fits], ddof=1) if fits else whole[name][1]) for name in whole}
    return {f"population_{name}": (value, spread[name]) for name, (value, _) in whole.items()}
