"""Densities of the latent code, to draw new codes from. Every one of them is a Gaussian mixture.

`normal`      independent normals with mean and standard deviation of the posterior means (the original)
`multinormal` one normal with mean and covariance of the aggregate posterior
`prior`       the standard normal prior of the autoencoder
"""

from dataclasses import dataclass

import numpy as np

from rotcurves import streams


@dataclass(frozen=True)
class GaussianMixture:
    """Weights (k,), means (k, d) and lower Cholesky factors of the covariances (k, d, d)."""

    weight: np.ndarray
    mean: np.ndarray
    scale_tril: np.ndarray

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Draw n codes (n, d), in random order; row i is the same for every n > i."""
        codes = np.empty((n, self.mean.shape[1]))
        for rows, random in streams.blocks(n, seed, streams.Stream.GENERATED_CODES):
            size = rows.stop - rows.start
            uniform = random.random(streams.BLOCK)[:size]
            noise = random.standard_normal((size, codes.shape[1]))
            component = np.searchsorted(np.cumsum(self.weight)[:-1], uniform, side="right")
            codes[rows] = self.mean[component] + np.einsum("nij,nj->ni", self.scale_tril[component], noise)
        return codes

    def marginal(self, axis: int, x: np.ndarray) -> np.ndarray:
        """Density of one coordinate of the code, at the points x."""
        mean = self.mean[:, axis]
        std = np.sqrt((self.scale_tril[:, axis] ** 2).sum(1))
        z = (x[:, None] - mean) / std
        return (np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * std)) @ self.weight


def one_normal(mean: np.ndarray, covariance: np.ndarray) -> GaussianMixture:
    """A single normal as a mixture of one."""
    return GaussianMixture(np.ones(1), mean[None], np.linalg.cholesky(covariance)[None])


def normal(mean: np.ndarray, scale_tril: np.ndarray) -> GaussianMixture:
    """Independent normals with the mean and standard deviation of the posterior means (n, d)."""
    return one_normal(mean.mean(0), np.diag(mean.var(0)))


def multinormal(mean: np.ndarray, scale_tril: np.ndarray) -> GaussianMixture:
    """One normal with the mean and covariance of the aggregate posterior.

    The covariance of the posterior means (n, d) plus the mean of the posterior covariances L L^T.
    """
    within = np.einsum("nij,nkj->ik", scale_tril, scale_tril) / len(mean)
    return one_normal(mean.mean(0), np.cov(mean.T, bias=True) + within)


def prior(mean: np.ndarray, scale_tril: np.ndarray) -> GaussianMixture:
    """The standard normal prior, whatever the codes are."""
    d = mean.shape[1]
    return one_normal(np.zeros(d), np.eye(d))


SAMPLERS = {"normal": normal, "multinormal": multinormal, "prior": prior}
