"""Importance sampling: what its weights are, how good they are, and draws in proportion to them."""

import numpy as np
from scipy.special import logsumexp


def weights(log_weight: np.ndarray) -> np.ndarray:
    """Weights (n,) that sum to one."""
    w = np.exp(log_weight - log_weight.max())
    return w / w.sum()


def ess(log_weight: np.ndarray) -> float:
    """Effective sample size of log weights (n,) (Kish 1965)."""
    return float(1.0 / np.square(weights(log_weight)).sum())


def systematic(log_weight: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """Indices (n,) drawn in proportion to their weights, by systematic resampling."""
    position = (np.arange(n) + random.random()) / n
    return np.minimum(np.searchsorted(np.cumsum(weights(log_weight)), position), len(log_weight) - 1)


def pareto_k(log_weight: np.ndarray) -> float:
    """Shape of the tail of importance weights (n,): above 0.7 their sums are not to be trusted.

    Vehtari et al. 2024 (arXiv:1507.02646), with the fit of Zhang & Stephens 2009.
    """
    n = len(log_weight)
    tail = int(min(0.2 * n, 3.0 * np.sqrt(n)))
    ordered = np.sort(log_weight - log_weight.max())
    x = np.exp(ordered[-tail:]) - np.exp(ordered[-tail - 1])
    if x[-1] <= 0.0:
        return -np.inf
    m = 30 + int(np.sqrt(tail))
    quartile = max(x[int(tail / 4.0 + 0.5) - 1], 1e-300)
    theta = 1.0 / x[-1] + (1.0 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (3.0 * quartile)
    shape = np.log1p(-theta[:, None] * x).mean(1)
    profile = tail * (np.log(-theta / shape) - shape - 1.0)
    mean = theta @ np.exp(profile - logsumexp(profile))
    k = np.log1p(-mean * x).mean()
    return float((tail * k + 10.0 * 0.5) / (tail + 10.0))  # a weak prior at one half, for short tails
