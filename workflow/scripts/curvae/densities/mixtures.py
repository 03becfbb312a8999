"""The density of the latent codes: what every sampler is made into, drawn from and plotted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from curvae.runtime import streams

# Least width of a density that is plotted: a latent that never changes has none.
NARROWEST = 1e-9


@dataclass(frozen=True)
class GaussianMixture:
    """Weights (k,), means (k, d) and lower Cholesky factors of the covariances (k, d, d)."""

    weight: np.ndarray
    mean: np.ndarray
    scale_tril: np.ndarray

    def blocks(self, n: int, seed: int) -> Iterator[tuple[slice, np.ndarray]]:
        """Draw n codes in random order, block by block: yield its rows and its codes (m, d)."""
        for rows, random in streams.blocks(n, seed, streams.Stream.GENERATED_CODES):
            size = rows.stop - rows.start
            uniform = random.random(streams.BLOCK)[:size]
            noise = random.standard_normal((size, self.mean.shape[1]))
            component = np.searchsorted(np.cumsum(self.weight)[:-1], uniform, side="right")
            yield rows, self.mean[component] + np.einsum("nij,nj->ni", self.scale_tril[component], noise)

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Draw n codes (n, d), in random order; row i is the same for every n > i."""
        return np.concatenate([codes for _, codes in self.blocks(n, seed)])

    def log_density(self, codes: np.ndarray) -> np.ndarray:
        """Log density (n,) [nats] at the codes (n, d)."""
        normal = np.linalg.inv(self.scale_tril)  # standardises: its rows, times code - mean, are independent
        constant = np.log(self.weight * np.abs(np.linalg.det(normal))) - 0.5 * codes.shape[1] * np.log(2.0 * np.pi)
        terms = np.empty((len(codes), len(self.weight)))
        for k, (matrix, mean) in enumerate(zip(normal, self.mean, strict=True)):
            terms[:, k] = constant[k] - 0.5 * np.square((codes - mean) @ matrix.T).sum(1)
        return logsumexp(terms, axis=1)

    def leading(self, d: int) -> "GaussianMixture":
        """The density of the first d coordinates."""
        return GaussianMixture(self.weight, self.mean[:, :d], self.scale_tril[:, :d, :d])

    def marginal(self, axis: int, x: np.ndarray) -> np.ndarray:
        """Density of one coordinate of the code, at the points x."""
        mean = self.mean[:, axis]
        std = np.maximum(np.sqrt((self.scale_tril[:, axis] ** 2).sum(1)), NARROWEST)
        z = (x[:, None] - mean) / std
        return (np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * std)) @ self.weight
