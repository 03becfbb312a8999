"""Importance sampling: how good its weights are, and a Student-t mixture to draw from."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from curvae.densities.em import coefficients, components_of, features

FREEDOMS = 5.0  # degrees of freedom of the proposal: heavier tails than any posterior of codes
FIT_STEPS, SMALLEST_VARIANCE = 15, 1e-4  # of the fit, where the points have unit covariance
UNTAKEN = 1e-10  # share of a component that no point takes


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


@dataclass(frozen=True)
class StudentMixture:
    """Mixture of multivariate Student-t distributions: weights (k,), means (k, d), Cholesky factors (k, d, d)."""

    weight: np.ndarray
    mean: np.ndarray
    scale_tril: np.ndarray

    def draw(self, n: int, random: np.random.Generator) -> np.ndarray:
        """n points (n, d)."""
        component = random.choice(len(self.weight), n, p=self.weight)
        noise = random.standard_normal((n, self.mean.shape[1]))
        noise /= np.sqrt(random.chisquare(FREEDOMS, n) / FREEDOMS)[:, None]
        return self.mean[component] + np.einsum("nij,nj->ni", self.scale_tril[component], noise)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density (n,) at points (n, d)."""
        d = x.shape[1]
        constant = gammaln(0.5 * (FREEDOMS + d)) - gammaln(0.5 * FREEDOMS) - 0.5 * d * np.log(FREEDOMS * np.pi)
        terms = []
        for weight, mean, factor in zip(self.weight, self.mean, self.scale_tril, strict=True):
            squared = np.square(np.linalg.solve(factor, (x - mean).T)).sum(0)
            height = np.log(weight) + constant - np.log(np.diag(factor)).sum()
            terms.append(height - 0.5 * (FREEDOMS + d) * np.log1p(squared / FREEDOMS))
        return logsumexp(terms, axis=0)


def fit_student_mixture(x: np.ndarray, weight: np.ndarray, k: int, random: np.random.Generator) -> StudentMixture:
    """Mixture of k components fitted to weighted points (n, d), by expectation maximisation with normals.

    Crude on purpose: what it draws is weighted afterwards.
    """
    n, d = x.shape
    origin = weight @ x
    away = x - origin
    scale = np.linalg.cholesky(away.T @ (away * weight[:, None]) + 1e-12 * np.eye(d))
    y = np.linalg.solve(scale, away.T).T
    seen = features(y)
    share, mean = np.full(k, 1.0 / k), y[random.choice(n, k, p=weight)]
    covariance = np.tile(k ** (-2.0 / d) * np.eye(d), (k, 1, 1))
    for _ in range(FIT_STEPS):
        taken = coefficients(share, mean, covariance) @ seen.T
        taken -= taken.max(0)
        np.exp(taken, out=taken)
        taken *= weight / taken.sum(0)
        moments = taken @ seen
        moments[:, 0] += UNTAKEN
        share, mean, covariance = components_of(moments, d)
        covariance += SMALLEST_VARIANCE * np.eye(d)
    return StudentMixture(share, origin + mean @ scale.T, scale @ np.linalg.cholesky(covariance))
