"""Estimates and their standard errors, by numpy alone: scipy.stats takes longer to load than a figure."""

import numpy as np


def share_and_error(inside: np.ndarray, n: int | None = None) -> tuple[float, float]:
    """Share of true values among booleans, and the standard error of a share of n, or of all of them."""
    share = float(np.mean(inside))
    return share, float(np.sqrt(share * (1.0 - share) / (n or np.size(inside))))


def median_and_error(values: np.ndarray) -> tuple[float, float]:
    """Median of values (n,) and its standard error, from the quantiles one standard error of a share away."""
    away = 0.5 / np.sqrt(len(values))
    low, median, high = np.quantile(values, [max(0.0, 0.5 - away), 0.5, min(1.0, 0.5 + away)])
    return float(median), float(0.5 * (high - low))


def ks_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two samples (n1,), (n2,): the largest between their cumulative distributions."""
    both = np.sort(np.concatenate([first, second]))
    below = [np.searchsorted(np.sort(sample), both, side="right") / len(sample) for sample in (first, second)]
    return float(np.abs(below[0] - below[1]).max())
