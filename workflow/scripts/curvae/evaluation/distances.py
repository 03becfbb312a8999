"""Distances between samples of one number, for metrics and figures: scipy.stats takes longer to load than a figure."""

import numpy as np


def ks_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two samples (n1,), (n2,): the largest between their cumulative distributions."""
    both = np.sort(np.concatenate([first, second]))
    below = [np.searchsorted(np.sort(sample), both, side="right") / len(sample) for sample in (first, second)]
    return float(np.abs(below[0] - below[1]).max())
