"""The population behind a survey: a Gaussian mixture of codes that the posteriors of its galaxies ask for.

Extreme deconvolution (Bovy, Hogg & Roweis 2011, Ann. Appl. Stat. 5, 1657) by importance weights (Hogg, Myers & Bovy
2010, ApJ 725, 2166). Of each galaxy i there are draws z_ij of its posterior under a broad prior h, and its evidence
under it. A population p has the likelihood of the survey, over that of h,

    prod_i mean_j p(z_ij) / h(z_ij).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from rotcurves.sampling.em import coefficients, components_of, features
from rotcurves.sampling.mixture import GaussianMixture

EM_STEPS, LEAST_GAIN = 150, 1e-5  # of expectation maximisation, and the gain [nats a galaxy] below which it ends
# Each component counts as if it had seen this many more galaxies with a variance of SEEN_VARIANCE, in units where
# the draws of all galaxies have unit covariance: else components shrink onto single galaxies.
PRIOR_GALAXIES, SEEN_VARIANCE = 5.0, 1e-2
NARROWEST = 0.15  # first width of a component


@dataclass(frozen=True)
class Draws:
    """Draws (n, j, d) of codes from the posteriors of n galaxies, and the log density (n, j) of their prior there."""

    code: np.ndarray
    log_prior: np.ndarray

    def of(self, galaxies: np.ndarray) -> "Draws":
        """The draws of some galaxies, given by their indices (m,)."""
        return Draws(self.code[galaxies], self.log_prior[galaxies])

    def log_likelihood(self, population: GaussianMixture) -> np.ndarray:
        """ln of the evidence (n,) of each galaxy under a population over that under the prior [nats]."""
        n, j, d = self.code.shape
        ratio = population.log_density(self.code.reshape(-1, d)).reshape(n, j) - self.log_prior
        return logsumexp(ratio, axis=1) - np.log(j)


def fit(draws: Draws, k: int, random: np.random.Generator) -> GaussianMixture:
    """The mixture of k normals of highest likelihood, its covariances regularised; fewer where few galaxies ask for k.

    Starts at draws chosen at random.
    """
    n, j, d = draws.code.shape
    codes = draws.code.reshape(-1, d).astype(np.float64)
    origin, scale = codes.mean(0), np.linalg.cholesky(np.cov(codes.T).reshape(d, d))
    z = np.linalg.solve(scale, (codes - origin).T).T
    x = features(z).astype(np.float32)
    log_prior = draws.log_prior + np.log(np.diag(scale)).sum()
    width = max(k ** (-2.0 / d), NARROWEST) if k > 1 else 1.0
    parts = np.full(k, 1.0 / k), z[random.choice(len(z), k, replace=False)], np.tile(width * np.eye(d), (k, 1, 1))
    before = -np.inf
    for step in range(EM_STEPS):
        terms = x @ coefficients(*parts).T.astype(np.float32)
        highest = terms.max(1, keepdims=True)
        np.exp(terms - highest, out=terms)
        density = terms.sum(1)
        ratio = (highest[:, 0] + np.log(density)).reshape(n, j) - log_prior
        likelihood = logsumexp(ratio, axis=1)
        weight = np.exp(ratio - likelihood[:, None]).ravel() / density
        moments = ((terms * weight[:, None].astype(np.float32)).T @ x).astype(np.float64)
        parts = regularised(moments, d)
        if likelihood.mean() - before < LEAST_GAIN and step > 20:
            break
        before = likelihood.mean()
    weight, mean, covariance = parts
    return GaussianMixture(weight, origin + mean @ scale.T, scale @ np.linalg.cholesky(covariance))


def regularised(moments: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights (k,), means (k, d) and covariances (k, d, d) of mean features, each times the galaxies of a component."""
    galaxies = moments[:, 0]
    moments = moments[(galaxies > d + 1.0) | (galaxies == galaxies.max())]
    galaxies = moments[:, 0, None, None]
    weight, mean, covariance = components_of(moments, d)
    covariance = (galaxies * covariance + PRIOR_GALAXIES * SEEN_VARIANCE * np.eye(d)) / (galaxies + PRIOR_GALAXIES)
    return weight, mean, covariance


def bag(draws: Draws, k: int, fits: int, random: np.random.Generator) -> list[GaussianMixture]:
    """Fits to as many galaxies each, drawn with replacement: their mean is steadier than one fit.

    Their differences are the error of the population (bootstrap; Efron 1979).
    """
    n = len(draws.code)
    return [fit(draws.of(random.integers(0, n, n)), k, random) for _ in range(fits)]


def mean_of(mixtures: list[GaussianMixture]) -> GaussianMixture:
    """The mean of several densities."""
    weight = np.concatenate([mixture.weight for mixture in mixtures]) / len(mixtures)
    mean, scale_tril = (np.concatenate([getattr(part, name) for part in mixtures]) for name in ("mean", "scale_tril"))
    return GaussianMixture(weight, mean, scale_tril)


def held_out(draws: Draws, k: int, folds: int, random: np.random.Generator) -> np.ndarray:
    """ln evidence (n,) of each galaxy under the population of the others, over that under the prior [nats]."""
    fold = random.permutation(len(draws.code)) % folds
    gain = np.empty(len(fold))
    for number in range(folds):
        left_out = fold == number
        gain[left_out] = draws.of(left_out).log_likelihood(fit(draws.of(~left_out), k, random))
    return gain
