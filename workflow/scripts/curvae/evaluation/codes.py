"""Metrics of a model on test curves: reconstruction errors and latent codes.

A result is `(value, standard_error)` where the error is known, else a number.
"""

import numpy as np

from curvae.evaluation.two_sample import SLOWEST


def relative_error(decoded: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """(decoded - true) / true of curves (n, m) [km/s]; what is slower than SLOWEST counts as that."""
    return (decoded - velocity) / np.maximum(np.abs(velocity), SLOWEST)


def reconstruction_metrics(velocity: np.ndarray, decoded: np.ndarray) -> dict:
    """Errors of decoded curves (n, m) [km/s] against the true ones."""
    error = decoded - velocity
    return {
        "reconstruction_rmse": (np.sqrt(np.mean(error**2)), None),
        "reconstruction_median": (np.median(np.sqrt(np.mean(error**2, axis=1))), None),
        "reconstruction_relative_rms": (np.sqrt(np.mean(relative_error(decoded, velocity) ** 2)), None),
    }


def correlation_squared(codes: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """R^2 (d, p) of the straight line between each latent (n, d) and each parameter (n, p).

    It sees linear dependence only. A latent that never changes explains nothing: zero.
    """
    a, b = (np.where(np.ptp(x, axis=0) > 0, x - x.mean(0), 0.0) for x in (codes, parameters))
    variance = np.outer(np.sum(a**2, 0), np.sum(b**2, 0))
    covariance = (a.T @ b) ** 2
    return np.divide(covariance, variance, out=np.zeros_like(covariance), where=variance > 0)


def not_positive_definite(covariance: np.ndarray) -> np.ndarray:
    """Which of the matrices (n, d, d) are not positive definite, or not finite."""
    bad = ~np.isfinite(covariance).all((1, 2))
    bad[~bad] = np.linalg.eigvalsh(covariance[~bad])[:, 0] <= 0.0
    return bad
