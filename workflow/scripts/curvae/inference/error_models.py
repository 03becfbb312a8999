"""Models of the errors of observed velocities: what their own errors leave out, as warps, streams and asymmetries."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

NONE, SCATTER = "none", "scatter"  # the third kind is a floor
LOG_SCATTER, WIDTH = float(np.log(0.02)), 0.75  # prior of a free fractional scatter: lognormal
LARGEST = 20.0  # ln of a fraction far beyond its prior, whose square single precision still holds


@dataclass(frozen=True)
class ErrorModel:
    """Velocities are normal about the curve with their own errors and, in quadrature, a fraction of the curve.

    The fraction is `floor`, or with `scatter` a parameter of the galaxy. Of the curve, not of the observed velocity:
    points that scatter down would seem the better ones, and all curves come out too slow. The logarithm of a free
    fraction is normal with mean `log_scatter` and standard deviation `scatter_width`.
    """

    kind: str
    floor: float = 0.0
    log_scatter: float = LOG_SCATTER
    scatter_width: float = WIDTH

    @property
    def parameters(self) -> int:
        """Numbers that it adds to the code: the logarithm of the scatter, or none."""
        return int(self.kind == SCATTER)

    def draw(self, n: int, random: np.random.Generator) -> np.ndarray:
        """Its parameters (n, 0 or 1), from their prior."""
        return self.log_scatter + self.scatter_width * random.standard_normal((n, self.parameters))

    def highest_fraction(self, share: float) -> float:
        """The fraction that a share of draws from the prior of a free one exceeds."""
        return float(np.exp(self.log_scatter - self.scatter_width * ndtri(share)))

    def log_prior(self, extra: np.ndarray) -> np.ndarray:
        """Log density (n,) of its parameters (n, 0 or 1)."""
        squares = np.square((extra - self.log_scatter) / self.scatter_width)
        return -0.5 * (squares + np.log(2.0 * np.pi * self.scatter_width**2)).sum(1)

    def log_likelihood(
        self, curve: np.ndarray, velocity: np.ndarray, error: np.ndarray, extra: np.ndarray
    ) -> np.ndarray:
        """ln p (n,) of velocities (m,) with errors (m,) [km/s], given curves (n, m) and its parameters (n, 0 or 1)."""
        # In single precision and in place, where nearly all the time goes.
        variance = self.variance(curve, error, extra)
        terms = np.square(curve - velocity.astype(np.float32))
        terms /= variance
        terms += np.log(2.0 * np.pi * variance)
        return -0.5 * (terms @ np.ones(len(velocity), np.float32)).astype(np.float64)

    def variance(self, curve: np.ndarray, error: np.ndarray, extra: np.ndarray) -> np.ndarray:
        """Variances (1 or n, m) float32 [km2/s2] of velocities with errors (m,) about curves (n, m)."""
        fraction = self.fraction(extra).astype(np.float32)
        return np.square(error, dtype=np.float32)[None] + np.square(fraction * curve.astype(np.float32))

    def fraction(self, extra: np.ndarray) -> np.ndarray:
        """The fraction (n, 1) of the curve that is added, given its parameters (n, 0 or 1)."""
        if self.kind == SCATTER:
            return np.exp(np.minimum(extra, LARGEST))
        return np.full((len(extra), 1), 0.0 if self.kind == NONE else self.floor)
