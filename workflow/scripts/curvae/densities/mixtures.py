"""Densities of codes, and mixtures of normals and of Student-t distributions.

Whatever has the methods of `Density` can be a sampler of codes and the prior of an inference.
"""

import functools
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from scipy.special import gammaln, logsumexp

from curvae.runtime.rows import COMPUTED_ROWS, pieces

DEGREES_OF_FREEDOM = 5.0  # of a Student-t mixture: heavier tails than any posterior of codes
NARROWEST = 1e-9  # least width of a density that is plotted: a latent that never changes has none


def quadratic_terms(weight: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """What the features of a code are multiplied by (k, 1 + d + d^2) in the log density of each weighted component."""
    k, d = mean.shape
    precision = np.linalg.inv(covariance)
    linear = np.einsum("kij,kj->ki", precision, mean)
    constant = np.log(weight) - 0.5 * ((linear * mean).sum(1) + np.linalg.slogdet(2.0 * np.pi * covariance)[1])
    return np.concatenate([constant[:, None], linear, -0.5 * precision.reshape(k, d * d)], 1)


class Density(Protocol):
    """A density of codes of d latents."""

    def sample(self, n: int, random: np.random.Generator) -> np.ndarray:
        """n independent codes (n, d). The first of a longer sample from the same generator are not these."""

    def log_prob(self, code: np.ndarray) -> np.ndarray:
        """Log density (n,) [nats] at codes (n, d)."""


@dataclass(frozen=True)
class Mixture:
    """Weights (k,), means (k, d) and lower Cholesky factors of the scale matrices (k, d, d)."""

    weight: np.ndarray
    mean: np.ndarray
    scale_tril: np.ndarray

    # The data sets and axes of these in a file.
    DATASETS: ClassVar = {
        "weight": ("component",),
        "component_mean": ("component", "latent"),
        "component_scale_tril": ("component", "latent", "noise"),
    }

    @classmethod
    def standardised(cls, weight, mean, covariance, origin, scale):
        """The mixture of points x = origin + scale z, from that of z: weights, means and covariances (k, d, d)."""
        return cls(weight, origin + mean @ scale.T, scale @ np.linalg.cholesky(covariance))

    def sample(self, n: int, random: np.random.Generator) -> np.ndarray:
        """n points (n, d), in random order."""
        component = random.choice(len(self.weight), n, p=self.weight)
        noise = self._noise(n, random)
        return self.mean[component] + np.einsum("nij,nj->ni", self.scale_tril[component], noise)

    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays of DATASETS, from which the class makes the same density again."""
        return self.weight, self.mean, self.scale_tril


@dataclass(frozen=True)
class GaussianMixture(Mixture):
    """Mixture of normals with covariances L L^T of the factors L; `precision` is that of its log density."""

    precision: type = np.float64

    def _noise(self, n: int, random: np.random.Generator) -> np.ndarray:
        return random.standard_normal((n, self.mean.shape[1]))

    @functools.cached_property
    def _terms(self) -> tuple[np.ndarray, np.ndarray]:
        """An origin (d,), and what 1, z_i and z_i z_j, i <= j, of codes relative to it are multiplied by (k, ...)."""
        origin, (k, d) = self.weight @ self.mean, self.mean.shape
        terms = quadratic_terms(self.weight, self.mean - origin, self.scale_tril @ self.scale_tril.mT)
        products = terms[:, 1 + d :].reshape(k, d, d) * (2.0 - np.eye(d))
        terms = np.concatenate([terms[:, : 1 + d], products[:, *np.triu_indices(d)]], 1)
        return origin, terms.astype(self.precision)

    def log_prob(self, code: np.ndarray) -> np.ndarray:
        """Log density (n,) [nats] at codes (n, d)."""
        log_density = np.empty(len(code))
        origin, terms = self._terms
        i, j = np.triu_indices(code.shape[1])
        for rows in pieces(len(code), COMPUTED_ROWS):
            z = (code[rows] - origin).T.astype(self.precision)
            # In place, where nearly all the time of an inference goes.
            of_components = terms @ np.concatenate([np.ones_like(z[:1]), z, z[i] * z[j]])
            highest = of_components.max(0)
            of_components -= highest
            log_density[rows] = highest + np.log(np.exp(of_components, out=of_components).sum(0))
        return log_density

    def leading(self, d: int) -> "GaussianMixture":
        """The density of the first d coordinates."""
        return GaussianMixture(self.weight, self.mean[:, :d], self.scale_tril[:, :d, :d])

    def marginal(self, axis: int, x: np.ndarray) -> np.ndarray:
        """Density of one coordinate of the code, at the points x."""
        mean = self.mean[:, axis]
        std = np.maximum(np.sqrt((self.scale_tril[:, axis] ** 2).sum(1)), NARROWEST)
        z = (x[:, None] - mean) / std
        return (np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * std)) @ self.weight


@dataclass(frozen=True)
class StudentMixture(Mixture):
    """Mixture of multivariate Student-t distributions of DEGREES_OF_FREEDOM."""

    def _noise(self, n: int, random: np.random.Generator) -> np.ndarray:
        noise = random.standard_normal((n, self.mean.shape[1]))
        return noise / np.sqrt(random.chisquare(DEGREES_OF_FREEDOM, n) / DEGREES_OF_FREEDOM)[:, None]

    def log_prob(self, code: np.ndarray) -> np.ndarray:
        """Log density (n,) at points (n, d)."""
        nu, d = DEGREES_OF_FREEDOM, code.shape[1]
        constant = gammaln(0.5 * (nu + d)) - gammaln(0.5 * nu) - 0.5 * d * np.log(nu * np.pi)
        terms = []
        for weight, mean, factor in zip(self.weight, self.mean, self.scale_tril, strict=True):
            squared = np.square(np.linalg.solve(factor, (code - mean).T)).sum(0)
            height = np.log(weight) + constant - np.log(np.diag(factor)).sum()
            terms.append(height - 0.5 * (nu + d) * np.log1p(squared / nu))
        return logsumexp(terms, axis=0)
