"""Expectation maximisation of mixtures: its two steps, a stepwise fit to a stream of codes, a fit to weighted points.

The logarithm of the density of each component is linear in the features 1, z_i and z_i z_j of a code z.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from curvae.densities.mixtures import GaussianMixture, StudentMixture, quadratic_terms
from curvae.runtime.progress import progress

STEPS, BATCH = 300, 2048  # of the stepwise fit, for each size
FORGETTING = 0.51  # step t counts (t + 2)^-FORGETTING: best near 0.5, and it converges above it
# Codes from which their mean and covariance are found: the fit is made in units where these are 0 and 1.
FIRST_CODES = 20_000
LEAST_VARIANCE = 1e-5  # of a component, in these units
WEIGHTED_STEPS, WEIGHTED_VARIANCE = 15, 1e-4  # steps of the fit to weighted points, and what it adds to each variance
UNUSED_SHARE = 1e-10  # of a component that is responsible for no point


def features(z: np.ndarray) -> np.ndarray:
    """1, z_i and z_i z_j (n, 1 + d + d^2) of codes (n, d)."""
    squares = (z[:, :, None] * z[:, None, :]).reshape(len(z), -1)
    return np.concatenate([np.ones((len(z), 1), z.dtype), z, squares], 1)


def responsibilities(
    x: np.ndarray, weight: np.ndarray, mean: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The E step: responsibilities (n, k) of the components for codes of features x, and the log density (n,) [nats].

    In the precision of x.
    """
    share = x @ quadratic_terms(weight, mean, covariance).T.astype(x.dtype)
    highest = share.max(1, keepdims=True)
    share -= highest
    np.exp(share, out=share)
    total = share.sum(1, keepdims=True)
    share /= total
    return share, (highest + np.log(total))[:, 0]


def components_of(moments: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The M step: weights (k,), means (k, d) and covariances (k, d, d) from moments (k, 1 + d + d^2).

    The moments of a component are the mean features of the codes, each times the component's responsibility.
    """
    weight, mean = moments[:, 0], moments[:, 1 : 1 + d] / moments[:, :1]
    second = moments[:, 1 + d :].reshape(-1, d, d) / weight[:, None, None]
    covariance = second - mean[:, :, None] * mean[:, None, :] + LEAST_VARIANCE * np.eye(d)
    return weight / weight.sum(), mean, covariance


def fit_mixtures(draw: Callable[[int], np.ndarray], sizes: Iterable[int]) -> Iterator[GaussianMixture]:
    """Mixtures of so many normals, fitted to the codes that draw(n) gives: an array (n, d), new at each call.

    By stepwise expectation maximisation (Cappe & Moulines 2009, J. R. Stat. Soc. B 71, 593): each step takes a new
    batch of codes and moves the running moments of the components towards those of the batch. One pass through the
    codes reaches what the usual algorithm reaches in dozens. The sizes grow; each mixture starts from the smaller one
    before it, and all see the same codes.
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
                share, _ = responsibilities(x.astype(np.float32), *components_of(moments, d))
                moments += (step + 2.0) ** -FORGETTING * (share.astype(np.float64).T @ x / len(x) - moments)
        yield GaussianMixture.standardised(*components_of(moments, d), origin, scale)


def grown(moments: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Moments of a component at each of the codes z (k, d): as wide as its share of the component that is there."""
    (k, d), size = z.shape, len(moments)
    weight, mean, covariance = components_of(moments, d)
    there = (features(z) @ quadratic_terms(weight, mean, covariance).T).argmax(1)
    return moments_of(np.full(k, 1.0 / k), z, (size / k) ** (2.0 / d) * covariance[there])


def moments_of(weight: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """The inverse of `components_of`."""
    second = mean[:, :, None] * mean[:, None, :] + covariance
    return weight[:, None] * np.concatenate([np.ones((len(mean), 1)), mean, second.reshape(len(mean), -1)], 1)


def fit_student_mixture(x: np.ndarray, weight: np.ndarray, k: int, random: np.random.Generator) -> StudentMixture:
    """Mixture of k components fitted to weighted points (n, d), as if they were normals.

    It need not be exact: what is drawn from it is weighted afterwards.
    """
    d = x.shape[1]
    origin = weight @ x
    away = x - origin
    scale = np.linalg.cholesky(away.T @ (away * weight[:, None]) + 1e-12 * np.eye(d))
    y = np.linalg.solve(scale, away.T).T
    points = features(y)
    parts = np.full(k, 1.0 / k), y[random.choice(len(y), k, p=weight)], np.tile(k ** (-2.0 / d) * np.eye(d), (k, 1, 1))
    for _ in range(WEIGHTED_STEPS):
        share, _ = responsibilities(points, *parts)
        moments = (share * weight[:, None]).T @ points
        moments[:, 0] += UNUSED_SHARE
        parts = components_of(moments, d)
        parts[2][...] += WEIGHTED_VARIANCE * np.eye(d)
    return StudentMixture.standardised(*parts, origin, scale)
