"""Draw whether the posteriors of mock galaxies are calibrated: ranks of the true values, and coverage of all intervals.

Reads:  ranks of the true parameters and velocities of mock galaxies among the draws (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from rotcurves.figures import style
from rotcurves.runtime import commandline
from rotcurves.storage import hdf5

BINS, LEVELS = 10, np.linspace(0.0, 1.0, 101)


def covered(rank):
    """Share of ranks (n, ...) in the central interval of each of LEVELS."""
    return (np.abs(rank.ravel()[:, None] - 0.5) <= 0.5 * LEVELS).mean(0)


def plot(parameters, velocity, names):
    """Histograms of the ranks (n, p) of named parameters; coverage of these and of velocities (n, m), less nominal."""
    n, p = parameters.shape
    figure = Figure(figsize=(style.DOUBLE, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    low, high = stats.binom.ppf([0.025, 0.975], n, 1.0 / BINS) / n * BINS
    left.axhspan(low, high, color=style.tint(style.GREY, 0.25), linewidth=0, label="95 % if calibrated")
    for rank, name, look in zip(parameters.T, names, style.many_lines(p), strict=True):
        heights, edges = np.histogram(rank, BINS, range=(0.0, 1.0), density=True)
        left.stairs(heights, edges, label=name, color=look["color"], linestyle=look["linestyle"])
        right.plot(LEVELS, covered(rank) - LEVELS, color=look["color"], linestyle=look["linestyle"])
    band = stats.norm.ppf(0.975) * np.sqrt(LEVELS * (1.0 - LEVELS) / n)
    right.fill_between(LEVELS, -band, band, color=style.tint(style.GREY, 0.25), linewidth=0)
    right.plot(LEVELS, covered(velocity) - LEVELS, color=style.BLACK, linewidth=2.0, label="velocity, all radii")
    left.set(xlabel="rank of the true value among the draws", ylabel="density of galaxies", ylim=(0.0, None))
    right.set(xlabel="central interval", ylabel="galaxies in it, less nominal", xlim=(0.0, 1.0))
    (lines, words), (more_lines, more_words) = (axes.get_legend_handles_labels() for axes in (left, right))
    title = style.sample_size(n, n, "mock galaxies")
    figure.legend(lines + more_lines, words + more_words, title=title, loc="outside upper center", ncols=3)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(ranks="ranks of the true values (HDF5)")
    style.add_flags(parser)
    args = parser.parse_args(argv)
    shapes = {"parameters": ("galaxy", "parameter"), "velocity": ("galaxy", "radius")}
    (parameters, velocity), _ = style.read(args.ranks, **shapes)
    with hdf5.reading(args.ranks) as source:
        names = hdf5.texts(args.ranks, source, "parameter", parameters.shape[1])
    style.save_figure(args, plot, parameters, velocity, names)


if __name__ == "__main__":
    commandline.run(main)
