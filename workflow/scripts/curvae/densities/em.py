"""Gaussian mixtures fitted to a stream of codes, by stepwise expectation maximisation.

Cappe & Moulines 2009, J. R. Stat. Soc. B 71, 593: each step takes a new batch of codes and moves the running
moments of the components towards those that it finds. What one pass through the codes reaches takes the usual
algorithm dozens. Mixtures grow: each begins with what the smaller one before it has found.

The logarithm of each component's density is linear in the features 1, z_i and z_i z_j of a code z.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from curvae.densities.mixtures import GaussianMixture
from curvae.runtime.progress import progress

STEPS, BATCH = 300, 2048  # of each size
FORGETTING = 0.51  # step t counts (t + 2)^-FORGETTING: best near 0.5, and it converges above it
# Codes from which their mean and covariance are found: the fit is made in units where these are 0 and 1.
FIRST_CODES = 20_000
LEAST_VARIANCE = 1e-5  # of a component, in these units


def features(z: np.ndarray) -> np.ndarray:
    """1, z_i and z_i z_j (n, 1 + d + d^2) of codes (n, d)."""
    squares = (z[:, :, None] * z[:, None, :]).reshape(len(z), -1)
    return np.concatenate([np.ones((len(z), 1), z.dtype), z, squares], 1)


def components_of(moments: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights (k,), means (k, d) and covariances (k, d, d) of mean features (k, 1 + d + d^2), each times the weight."""
    weight, mean = moments[:, 0], moments[:, 1 : 1 + d] / moments[:, :1]
    second = moments[:, 1 + d :].reshape(-1, d, d) / weight[:, None, None]
    covariance = second - mean[:, :, None] * mean[:, None, :] + LEAST_VARIANCE * np.eye(d)
    return weight / weight.sum(), mean, covariance


def coefficients(weight: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Coefficients (k, 1 + d + d^2) of the features in the log density of each weighted component."""
    k, d = mean.shape
    precision = np.linalg.inv(covariance)
    linear = np.einsum("kij,kj->ki", precision, mean)
    constant = np.log(weight) - 0.5 * ((linear * mean).sum(1) + np.linalg.slogdet(2.0 * np.pi * covariance)[1])
    return np.concatenate([constant[:, None], linear, -0.5 * precision.reshape(k, d * d)], 1)


def fit_mixtures(draw: Callable[[int], np.ndarray], sizes: Iterable[int]) -> Iterator[GaussianMixture]:
    """Mixtures of so many normals, fitted to the codes that draw(n) gives: an array (n, d), new at each call.

    The sizes grow, and all see the same codes.
    """
    first = draw(FIRST_CODES)
    d = first.shape[1]
    origin, scale = first.mean(0), np.linalg.cholesky(np.cov(first.T).reshape(d, d))

    def standardised(n):
        return np.linalg.solve(scale, (draw(n) - origin).T).T

    batches = [standardised(BATCH) for _ in range(STEPS)]
    moments = moments_of(np.ones(1), np.zeros((1, d)), np.eye(d)[None])
    for k in sizes:
        if k > 1:
            moments = grown(moments, standardised(k))
            for step, batch in enumerate(progress(batches, STEPS, f"fitting {k} normals", "steps")):
                x = features(batch)
                # Single precision where nearly all the time goes; the moments are sums and need the digits.
                share = x.astype(np.float32) @ coefficients(*components_of(moments, d)).T.astype(np.float32)
                share -= share.max(1, keepdims=True)
                np.exp(share, out=share)
                share /= share.sum(1, keepdims=True)
                moments += (step + 2.0) ** -FORGETTING * (share.astype(np.float64).T @ x / len(x) - moments)
        weight, mean, covariance = components_of(moments, d)
        yield GaussianMixture(weight, origin + mean @ scale.T, scale @ np.linalg.cholesky(covariance))


def grown(moments: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Moments of a component at each of the codes z (k, d): as wide as its share of the component that is there."""
    (k, d), size = z.shape, len(moments)
    weight, mean, covariance = components_of(moments, d)
    there = (features(z) @ coefficients(weight, mean, covariance).T).argmax(1)
    return moments_of(np.full(k, 1.0 / k), z, (size / k) ** (2.0 / d) * covariance[there])


def moments_of(weight: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """The inverse of `components_of`."""
    second = mean[:, :, None] * mean[:, None, :] + covariance
    return weight[:, None] * np.concatenate([np.ones((len(mean), 1)), mean, second.reshape(len(mean), -1)], 1)
