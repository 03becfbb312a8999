"""Corner plots: every column of a table against every other."""

from collections.abc import Sequence

import corner
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from curvae.figures import drawing, style
from curvae.runtime.intervals import PERCENTS

UNTICKED = 0.06  # share of an axis, at both ends, without ticks


def corner_plot(x: np.ndarray, labels: Sequence[str], color: str) -> tuple[Figure, np.ndarray]:
    """Corner plot of the columns of x (n, k), with smoothed regions that hold 68 % and 95 % of the rows.

    Returns the figure and its axes (k, k), of which those above the diagonal are empty.
    """
    k = x.shape[1]
    width = style.SINGLE if k <= 3 else style.DOUBLE
    figure = Figure(figsize=(width, width))
    panels = figure.subplots(k, k, squeeze=False)
    corner.corner(
        x,
        fig=figure,
        labels=labels,
        range=[drawing.data_range(column) for column in x.T],
        bins=40,
        smooth=1.0,
        levels=[percent / 100.0 for percent in PERCENTS],
        color=color,
        fill_contours=True,
        plot_density=False,
        max_n_ticks=3,
        data_kwargs={"ms": 1.0},
        hist_kwargs={"density": True},
        contour_kwargs={"linewidths": 0.5},
        contourf_kwargs={"colors": [(1.0, 1.0, 1.0, 0.0), style.tint(color, 0.2), style.tint(color, 0.5)]},
        label_kwargs={"fontsize": float(np.clip(56.0 / k, 5.0, 8.0))},
        labelpad=0.35 * k / width - 0.3,  # a label 0.35 inch away from its axes, whatever their size
    )
    for axes in panels.flat:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_locator(), MaxNLocator):
                axis.set_ticks(inner_ticks(*axis.get_view_interval()))
        axes.minorticks_off()
        axes.tick_params(labelsize=float(np.clip(56.0 / k, 5.0, 7.0)), labelrotation=0)
    figure.subplots_adjust(left=0.09, bottom=0.09, right=0.99, top=0.99)
    return figure, panels


def inner_ticks(low: float, high: float) -> np.ndarray:
    """Two ticks or more: not at an edge, nor in steps of 2.5, where labels meet those of a neighbour."""
    edge = UNTICKED * (high - low)
    for bins in (3, 4, 5, 6):
        ticks = MaxNLocator(bins, steps=(1, 2, 5, 10)).tick_values(low, high)
        ticks = ticks[(ticks > low + edge) & (ticks < high - edge)]
        if len(ticks) > 1:
            break
    return ticks


def contour_handles(color: str) -> list[Patch]:
    """What a legend shows for the contours that hold 68 % and 95 % of the points."""
    return [Patch(facecolor=style.tint(color, strength), edgecolor=color) for strength in (0.5, 0.2)]
