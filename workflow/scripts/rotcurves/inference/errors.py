"""Models of the errors of observed velocities: what their own errors leave out, as warps, streams and asymmetries."""

from dataclasses import dataclass

import numpy as np

NONE, FLOOR, SCATTER = "none", "floor", "scatter"
LOG_SCATTER, WIDTH = np.log(0.03), 1.0  # prior of a free fractional scatter: lognormal


@dataclass(frozen=True)
class ErrorModel:
    """Velocities are normal about the curve with their own errors, and with more, in quadrature.

    `floor` adds a fraction of the observed velocity; `scatter` a fraction of the curve's, a parameter of the galaxy.
    """

    kind: str
    floor: float = 0.0

    @property
    def parameters(self) -> int:
        """Numbers that it adds to the code: the logarithm of the scatter, or none."""
        return int(self.kind == SCATTER)

    def draw(self, n: int, random: np.random.Generator) -> np.ndarray:
        """Its parameters (n, 0 or 1), from their prior."""
        return LOG_SCATTER + WIDTH * random.standard_normal((n, self.parameters))

    def log_prior(self, extra: np.ndarray) -> np.ndarray:
        """Log density (n,) of its parameters (n, 0 or 1)."""
        return -0.5 * (np.square((extra - LOG_SCATTER) / WIDTH) + np.log(2.0 * np.pi * WIDTH**2)).sum(1)

    def log_likelihood(
        self, curve: np.ndarray, velocity: np.ndarray, error: np.ndarray, extra: np.ndarray
    ) -> np.ndarray:
        """ln p (n,) of velocities (m,) with errors (m,) [km/s], given curves (n, m) and its parameters (n, 0 or 1)."""
        variance = self.variance(curve, velocity, error, extra)
        residual = curve - velocity.astype(np.float32)
        if len(variance) > 1:
            return -0.5 * (np.square(residual) / variance + np.log(2.0 * np.pi * variance)).sum(1)
        # One variance for all curves: in single precision, where nearly all the time goes.
        residual *= (1.0 / np.sqrt(variance)).astype(np.float32)
        squares = np.einsum("ij,ij->i", residual, residual).astype(np.float64)
        return -0.5 * (squares + np.log(2.0 * np.pi * variance).sum())

    def variance(self, curve: np.ndarray, velocity: np.ndarray, error: np.ndarray, extra: np.ndarray) -> np.ndarray:
        """Variances (1 or n, m) [km2/s2] of velocities (m,) about curves (n, m); arguments as in `log_likelihood`."""
        variance = np.square(error)[None]
        if self.kind == FLOOR:
            return variance + np.square(self.floor * velocity)
        if self.kind == SCATTER:
            return variance + np.exp(2.0 * extra) * np.square(curve, dtype=np.float64)
        return variance
