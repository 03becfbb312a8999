"""Metrics of inference on mock galaxies: do intervals hold the truth as often as they say?"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from curvae.evaluation.estimates import share_and_error
from curvae.runtime.intervals import PERCENTS


def ranks(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Ranks (n, ...) of true values (n, ...) among their draws (n, draw, ...), from 0 to 1.

    Uniform if the posteriors are calibrated (Cook, Gelman & Rubin 2006; Talts et al. 2018, arXiv:1804.06788).
    """
    return (draws < truth[:, None]).mean(1)


def uniform_p(rank: np.ndarray) -> float:
    """Probability of ranks (n,) less uniform than these, by the Kolmogorov-Smirnov test."""
    return float(stats.kstest(rank, "uniform").pvalue)


def inference_metrics(
    parameters: np.ndarray, velocity: np.ndarray, flagged: np.ndarray, names: Sequence[str]
) -> dict[str, tuple[float, float | None]]:
    """Coverage and uniformity of ranks of named parameters (n, p) and of velocities (n, m): (value, error) by name.

    `flagged` (n,) says which galaxies are not to be believed.
    """
    rank = {**dict(zip(names, parameters.T, strict=True)), "velocity": velocity}
    metrics = {
        f"inference_interval_coverage_{percent}_{name}": share_and_error(np.abs(r - 0.5) < percent / 200.0, len(r))
        for percent in PERCENTS
        for name, r in rank.items()
    }
    metrics |= {f"inference_rank_p_{name}": (uniform_p(rank[name]), None) for name in names}
    # Of many radii the least, times their number (Bonferroni): velocities nearby are not independent.
    metrics["inference_rank_p_velocity"] = (min(1.0, velocity.shape[1] * min(map(uniform_p, velocity.T))), None)
    return metrics | {"inference_flagged": share_and_error(flagged)}
