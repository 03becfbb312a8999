"""Parts of figures: axes over the radius, bands, histograms, limits of axes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from curvae.figures.style import BLACK, tint
from curvae.runtime.intervals import QUANTILES


def over_radius(axes: Axes, radius: np.ndarray) -> None:
    """Give an axes a radius axis [kpc] over just these radii: logarithmic, unless they are at equal distances."""
    steps = np.diff(radius)
    axes.set_xscale("linear" if steps.max() < 1.1 * steps.min() else "log")
    axes.set_xlim(radius[0], radius[-1])
    axes.xaxis.set_major_formatter("{x:g}")


def from_zero_or_log(axes: Axes) -> None:
    """Let the axis of positive numbers that are drawn begin at zero, or be logarithmic if they differ by much."""
    low, high = axes.dataLim.y0, axes.dataLim.y1
    if high > 10.0 * low > 0.0:
        logarithmic(axes)
    else:
        axes.set_ylim(0.0, 1.08 * high)


def logarithmic(axes: Axes) -> None:
    """Make the axis of y logarithmic, with numbers as they are spoken: 20, 50, 100."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def bands(axes: Axes, radius: np.ndarray, values: np.ndarray, color: str) -> np.ndarray:
    """Median, 68 % and 95 % interval, at each radius, of values (n, radius).

    Returns the upper edge of the 68 % interval (radius,), which no axis should cut.
    """
    low95, low68, median, high68, high95 = np.quantile(values, QUANTILES, axis=0)
    axes.fill_between(radius, low95, high95, color=tint(color, 0.2), linewidth=0, label="95 % of curves")
    axes.fill_between(radius, low68, high68, color=tint(color, 0.45), linewidth=0, label="68 % of curves")
    axes.plot(radius, median, color=BLACK, linewidth=1.4, zorder=3, label="median")
    return high68


def running_quantiles(x: np.ndarray, y: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of y (n,) at QUANTILES in bins of equally many x (n,), n >= bins.

    Returns the median x of each bin (bins,), and the quantiles (interval, bins).
    """
    rows = np.array_split(np.argsort(x, kind="stable"), bins)
    return np.array([np.median(x[r]) for r in rows]), np.array([np.quantile(y[r], QUANTILES) for r in rows]).T


def data_range(values: np.ndarray) -> tuple[float, float]:
    """Axis limits: all values but one in a thousand on each side, and a margin."""
    low, high = np.quantile(values, (0.001, 0.999))
    margin = 0.12 * (high - low) or 0.5
    return low - margin, high + margin


def settled_range(values: np.ndarray) -> tuple[float, float]:
    """Axis limits of what falls from a great height: all values, or the lowest 80 % if the rest would hide them."""
    low, settled, high = np.quantile(values, (0.0, 0.8, 1.0))
    high = high if high - low < 10.0 * (settled - low) else settled
    margin = 0.08 * (high - low) or 0.5
    return low - margin, high + margin


def bin_number(values: np.ndarray, limits: tuple[float, float]) -> int:
    """Number of histogram bins between the limits (Freedman & Diaconis 1981), enough and few enough to be seen."""
    low, high = np.quantile(values, (0.25, 0.75))
    width = 2.0 * (high - low) / len(values) ** (1.0 / 3.0)
    span = limits[1] - limits[0]
    return int(max(8.0, span / max(width, span / 60.0)))


def histogram(axes: Axes, values: np.ndarray, limits: tuple[float, float], **look) -> np.ndarray:
    """Draw the histogram of values as a density, and return the heights of its bars."""
    bins = bin_number(values, limits)
    weights = np.full(len(values), bins / (limits[1] - limits[0]) / len(values))
    return axes.hist(values, bins, range=limits, weights=weights, **look)[0]
