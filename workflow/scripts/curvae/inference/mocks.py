"""Galaxies seen as a survey sees them: few points at radii of their own, with errors."""

from dataclasses import dataclass

import numpy as np

LEAST_ERROR = 0.2  # km/s
FEWEST_POINTS, LEAST_SPAN = 4, 3.0  # points of a galaxy, and ratio of its last and first radius


@dataclass(frozen=True)
class Survey:
    """What a survey sees of a galaxy: lognormal distributions, each a median and a scatter in dex."""

    points: tuple[float, float]
    first_radius: tuple[float, float]  # kpc
    last_radius: tuple[float, float]  # kpc
    relative_error: tuple[float, float]  # of v, point by point

    def radii(self, radius: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Radii (n,) [kpc] of the points of one galaxy, at equal distances, within those of the models (m,)."""
        count, first, last = (
            median * 10.0 ** (scatter * random.standard_normal())
            for median, scatter in (self.points, self.first_radius, self.last_radius)
        )
        first = np.clip(first, radius[0], radius[-1] / LEAST_SPAN)
        last = np.clip(last, LEAST_SPAN * first, radius[-1])
        return np.linspace(first, last, max(FEWEST_POINTS, round(count)))

    def errors(self, velocity: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Standard errors (n,) [km/s] of true velocities (n,)."""
        median, scatter = self.relative_error
        return np.maximum(LEAST_ERROR, median * 10.0 ** (scatter * random.standard_normal(len(velocity))) * velocity)
