"""Draw whether the posteriors of mock galaxies are calibrated: ranks of the true values, and coverage of all intervals.

Below, the true parameters against the inferred ones.

Reads:  ranks of the true parameters and velocities of mock galaxies among the draws, the true parameters, and the
        inferred ones (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from rotcurves.figures import style
from rotcurves.runtime import commandline
from rotcurves.storage.curves import described

BINS, LEVELS = 10, np.linspace(0.0, 1.0, 101)
MOST = 10  # parameters that are drawn
FEWEST_COLUMNS, COLUMNS = 4, 5  # of their panels
MOST_GALAXIES = 300  # with error bars


def covered(rank):
    """Share of ranks (n, ...) in the central interval of each of LEVELS."""
    return (np.abs(rank.ravel()[:, None] - 0.5) <= 0.5 * LEVELS).mean(0)


def plot_ranks(figure, parameters, velocity, labels, title):
    """Histograms of the ranks (n, p) of parameters; coverage of these and of velocities (n, m), less nominal."""
    n, p = parameters.shape
    left, right = figure.subplots(1, 2)
    low, high = stats.binom.ppf([0.025, 0.975], n, 1.0 / BINS) / n * BINS
    left.axhspan(low, high, color=style.tint(style.GREY, 0.25), linewidth=0, label="95 % if calibrated")
    for rank, label, look in zip(parameters.T, labels, style.many_lines(p), strict=True):
        heights, edges = np.histogram(rank, BINS, range=(0.0, 1.0), density=True)
        left.stairs(heights, edges, color=look["color"], linestyle=look["linestyle"])
        right.plot(LEVELS, covered(rank) - LEVELS, label=label, **look | {"markevery": 8})
    band = stats.norm.ppf(0.975) * np.sqrt(LEVELS * (1.0 - LEVELS) / n)
    right.fill_between(LEVELS, -band, band, color=style.tint(style.GREY, 0.25), linewidth=0)
    right.plot(LEVELS, covered(velocity) - LEVELS, color=style.BLACK, linewidth=2.0, label="velocity, all radii")
    left.set(xlabel="rank of the true value among the draws", ylabel="density of galaxies", ylim=(0.0, None))
    right.set(xlabel="central interval", ylabel="galaxies in it, less nominal", xlim=(0.0, 1.0))
    (lines, words), (more_lines, more_words) = (axes.get_legend_handles_labels() for axes in (left, right))
    figure.legend(lines + more_lines, words + more_words, title=title, loc="outside upper center", ncols=4)


def plot_estimates(figure, true, median, low, high, labels):
    """Median and 68 % interval of each labelled parameter (n, p) over its true value, a panel each."""
    p = len(labels)
    rows = -(-p // COLUMNS)
    columns = max(-(-p // rows), FEWEST_COLUMNS)
    panels = figure.subplots(rows, columns, squeeze=False).flat
    for axes in panels[p:]:
        axes.remove()
    shown = slice(MOST_GALAXIES)
    for i, (axes, label) in enumerate(zip(panels, labels, strict=False)):
        limits = style.data_range(np.concatenate([true[shown, i], median[shown, i]]))
        bars = np.abs(np.stack([low[shown, i], high[shown, i]]) - median[shown, i])
        look = {"fmt": "o", "markersize": 1.5, "elinewidth": 0.4, "color": style.BLUE, "ecolor": style.SKY}
        axes.errorbar(true[shown, i], median[shown, i], bars, **look)
        axes.plot(limits, limits, color=style.BLACK, linewidth=0.6, linestyle="dashed")
        axes.set(xlim=limits, ylim=limits, box_aspect=1.0)
        axes.locator_params(nbins=4)
        axes.set_title(label, fontsize="medium" if columns == FEWEST_COLUMNS else "small")
    figure.supxlabel("true value", fontsize="medium")
    figure.supylabel("inferred: median and 68 %", fontsize="medium")


def plot(parameters, velocity, true, median, low, high, labels):
    """Calibration of labelled parameters (n, p) and velocities (n, m), given as ranks; the parameters themselves."""
    n, p = parameters.shape
    parameters, true, median, low, high = (values[:, :MOST] for values in (parameters, true, median, low, high))
    labels = labels[:MOST]
    rows = -(-len(labels) // COLUMNS)
    heights = 2.9 if len(labels) <= FEWEST_COLUMNS else 3.3, (2.1 if rows == 1 else 1.9) * rows
    figure = Figure(figsize=(style.DOUBLE, sum(heights)), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=heights)
    title = style.sample_size(n, n, "mock galaxies") + style.not_shown(labels, p, "parameters")
    plot_ranks(upper, parameters, velocity, labels, title)
    plot_estimates(lower, true, median, low, high, labels)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(ranks="ranks of the true values (HDF5)")
    style.add_flags(parser)
    args = parser.parse_args(argv)
    shapes = {"parameters": ("galaxy", "parameter"), "velocity": ("galaxy", "radius")}
    shapes |= dict.fromkeys(("true", "median", "low", "high"), ("galaxy", "parameter"))
    data, _ = style.read(args.ranks, **shapes)
    _, _, labels = described(args.ranks)
    style.save_figure(args, plot, *data, labels)


if __name__ == "__main__":
    commandline.run(main)
