"""The density of the latent codes: what every sampler is made into, drawn from and plotted."""

from dataclasses import dataclass

import numpy as np

from rotcurves import streams

# Least width of a density that is plotted: a latent that never changes has none.
NARROWEST = 1e-9


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
        std = np.maximum(np.sqrt((self.scale_tril[:, axis] ** 2).sum(1)), NARROWEST)
        z = (x[:, None] - mean) / std
        return (np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * std)) @ self.weight
