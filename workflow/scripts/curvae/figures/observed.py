"""What the figures of observed galaxies have in common: one galaxy, its points and the curves inferred from them."""

import numpy as np
from matplotlib.axes import Axes

from curvae.figures import drawing, style
from curvae.storage.observations import Galaxy

OBSERVED = {"fmt": "o", "markersize": 2.0, "linewidth": 0.6, "color": style.BLACK}
# Behind the published errors: with what the error model adds.
ENLARGED = {"fmt": "none", "linewidth": 1.4, "ecolor": style.tint(style.BLACK, 0.35), "zorder": 1.9}


def enlarged_error(galaxy: Galaxy, radius: np.ndarray, curves: np.ndarray, added_error: float) -> np.ndarray:
    """Errors (n,) [km/s] of the points, with the fraction of the median of curves (draw, m) that is added to them."""
    curve = np.interp(np.log(galaxy.radius), np.log(radius), np.median(curves, 0))
    return np.hypot(galaxy.error, added_error * curve)


def draw_galaxy(axes: Axes, galaxy: Galaxy, radius: np.ndarray, curves: np.ndarray, added_error: float) -> None:
    """Draw its points, bands of curves (draw, radius) [km/s] over radii [kpc], and the true curve of a mock.

    `added_error` is the fraction of the curve that the error model adds to the errors in quadrature.
    """
    highest = drawing.bands(axes, radius, curves.astype(np.float64), style.BLUE).max()
    if galaxy.truth:  # at the radii of the models
        axes.plot(radius, galaxy.truth["velocity"], **style.LINES[1], zorder=4, label="true")
        highest = max(highest, galaxy.truth["velocity"].max())
    if added_error:
        error = enlarged_error(galaxy, radius, curves, added_error)
        axes.errorbar(galaxy.radius, galaxy.velocity, error, **ENLARGED, label="with added error")
    axes.errorbar(galaxy.radius, galaxy.velocity, galaxy.error, **OBSERVED, label="observed")
    drawing.over_radius(axes, radius)
    axes.yaxis.set_major_formatter("{x:g}")
    lowest = (galaxy.velocity - galaxy.error).min()
    top = max(1.5 * galaxy.velocity.max(), 1.1 * highest, 1.5)  # may cut the wider band and an error
    axes.set_ylim(1.5 * min(lowest, 0.0), top)


def write_title(axes: Axes, name: str, words: str, **how) -> None:
    """Write a galaxy's name as it stands, coloured and with the words against it if there are any."""
    color = style.VERMILLION if words else style.BLACK
    axes.set_title(f"{name} ({words})" if words else name, color=color, loc="left", parse_math=False, **how)
