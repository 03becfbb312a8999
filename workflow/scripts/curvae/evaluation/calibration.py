"""Metrics of inference on mock galaxies: do intervals hold the truth as often as they say?"""

import numpy as np
from scipy import stats

CENTRAL = (68, 95)  # percent, centred on the median


def ranks(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Ranks (n, ...) of true values (n, ...) among their draws (n, draw, ...), from 0 to 1.

    Uniform if the posteriors are calibrated (Cook, Gelman & Rubin 2006; Talts et al. 2018, arXiv:1804.06788).
    """
    return (draws < truth[:, None]).mean(1)


def share_in(rank: np.ndarray, percent: int) -> tuple[float, float]:
    """Share of ranks (n,) or (n, m) in the central interval of so many percent; the standard error is that of n."""
    half = 0.5 * percent / 100.0
    inside = np.abs(rank - 0.5) < half
    share = float(inside.mean())
    return share, float(np.sqrt(share * (1.0 - share) / len(rank)))


def uniform_p(rank: np.ndarray) -> float:
    """Probability of ranks (n,) less uniform than these, by the Kolmogorov-Smirnov test."""
    return float(stats.kstest(rank, "uniform").pvalue)


def inference_metrics(parameters: np.ndarray, velocity: np.ndarray, flagged: np.ndarray, names) -> dict:
    """Coverage and uniformity of ranks of named parameters (n, p) and of velocities (n, m): (value, error) by name.

    `flagged` (n,) says which galaxies are not to be believed.
    """
    found = {}
    for percent in CENTRAL:
        for name, rank in zip(names, parameters.T, strict=True):
            found[f"inference_interval_coverage_{percent}_{name}"] = share_in(rank, percent)
        found[f"inference_interval_coverage_{percent}_velocity"] = share_in(velocity, percent)
    for name, rank in zip(names, parameters.T, strict=True):
        found[f"inference_rank_p_{name}"] = (uniform_p(rank), None)
    # Of many radii the least, times their number (Bonferroni): velocities nearby are not independent.
    found["inference_rank_p_velocity"] = (min(1.0, velocity.shape[1] * min(map(uniform_p, velocity.T))), None)
    share = float(np.mean(flagged))
    found["inference_flagged"] = (share, float(np.sqrt(share * (1.0 - share) / len(flagged))))
    return found
