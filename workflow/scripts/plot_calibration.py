"""Draw whether the posteriors of mock galaxies are calibrated: ranks of the true values, and coverage of all intervals.

Below, the true parameters against the inferred ones. Models stand side by side, each over all its training seeds.

Reads:  ranks of the true parameters and velocities of mock galaxies among the draws, the true parameters, and the
        inferred ones, one file for each model and training seed (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure
from scipy import special

from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.runtime.intervals import ESTIMATES, QUANTILES
from curvae.storage.curves import described, read_attributes

BINS, LEVELS = 10, np.linspace(0.0, 1.0, 101)
MOST = 10  # parameters that are drawn
FEWEST_COLUMNS, COLUMNS = 4, 5  # of their panels
MOST_GALAXIES = 300  # with error bars
PARAMETERS = ("true", *ESTIMATES)
LIMITS_95 = QUANTILES[0], QUANTILES[-1]


def covered(rank):
    """Share of ranks (n, ...) in the central interval of each of LEVELS."""
    return (np.abs(rank.ravel()[:, None] - 0.5) <= 0.5 * LEVELS).mean(0)


def read_models(paths):
    """Ranks, and parameters by the names of PARAMETERS, {model: {name: (seed, galaxy, ...)}}; labels of the parameters.

    Raises UserError, naming the file, if it is not of as many galaxies, parameters and radii as the first.
    """
    models, shapes = {}, dict.fromkeys((*PARAMETERS, "parameters"), ("galaxy", "parameter"))
    shapes["velocity"] = ("galaxy", "radius")
    for path in paths:
        data, _ = figure_files.read(path, rows=None, **shapes)
        shapes = {name: values.shape for name, values in zip(shapes, data, strict=True)}
        models.setdefault(read_attributes(path, "model")["model"], []).append(data)
    stacked = {model: map(np.stack, zip(*seeds, strict=True)) for model, seeds in models.items()}
    return {model: dict(zip(shapes, data, strict=True)) for model, data in stacked.items()}, described(paths[0])[2]


def plot_ranks(histogram, coverage, parameters, velocity, labels):
    """Histograms of the ranks (seed, n, p) of parameters; coverage of these and of velocities, less nominal."""
    n = parameters.shape[1]  # galaxies, the same for each seed
    low, high = np.ceil(special.bdtrik(LIMITS_95, n, 1.0 / BINS)) / n * BINS  # quantiles of the binomial
    histogram.axhspan(low, high, color=style.tint(style.GREY, 0.25), linewidth=0, label="95 % if calibrated")
    for i, (label, look) in enumerate(zip(labels, style.many_lines(len(labels)), strict=True)):
        heights, edges = np.histogram(parameters[..., i], BINS, range=(0.0, 1.0), density=True)
        histogram.stairs(heights, edges, color=look["color"], linestyle=look["linestyle"])
        coverage.plot(LEVELS, covered(parameters[..., i]) - LEVELS, label=label, **look | {"markevery": 8})
    band = special.ndtri(LIMITS_95[1]) * np.sqrt(LEVELS * (1.0 - LEVELS) / n)
    coverage.fill_between(LEVELS, -band, band, color=style.tint(style.GREY, 0.25), linewidth=0)
    coverage.plot(LEVELS, covered(velocity) - LEVELS, color=style.BLACK, linewidth=2.0, label="velocity, all radii")
    histogram.set_xlabel("rank of the true value among the draws")
    coverage.set(xlabel="central interval", xlim=(0.0, 1.0))


def plot_estimates(panels, estimates, labels):
    """Median and 68 % interval of each labelled parameter over its true value, a panel each: median over the seeds."""
    true, median, low, high = (np.median(estimates[name], axis=0)[:MOST_GALAXIES] for name in PARAMETERS)
    for axes in panels[len(labels) :]:
        axes.remove()
    for i, (axes, label) in enumerate(zip(panels, labels, strict=False)):
        limits = drawing.data_range(np.concatenate([true[:, i], median[:, i]]))
        bars = np.abs(np.stack([low[:, i], high[:, i]]) - median[:, i])
        look = {"fmt": "o", "markersize": 1.5, "elinewidth": 0.4, "color": style.BLUE, "ecolor": style.SKY}
        axes.errorbar(true[:, i], median[:, i], bars, **look)
        axes.plot(limits, limits, color=style.BLACK, linewidth=0.6, linestyle="dashed")
        axes.set(xlim=limits, ylim=limits, box_aspect=1.0)
        axes.locator_params(nbins=4)
        axes.set_title(label, fontsize="small")


def plot(models, labels):
    """A column for each model: ranks and coverage; below a row for each, with true and inferred parameters."""
    p, (seeds, n, _) = len(labels), next(iter(models.values()))["parameters"].shape
    labels = labels[:MOST]
    rows = -(-len(labels) // COLUMNS)
    columns = max(-(-len(labels) // rows), FEWEST_COLUMNS)
    heights = [4.6, *(1.9 * rows for _ in models)]
    figure = Figure(figsize=(max(style.DOUBLE, 2.4 * len(models)), sum(heights)), layout="constrained")
    upper, *lower = figure.subfigures(len(heights), 1, height_ratios=heights)
    panels = upper.subplots(2, len(models), sharey="row", squeeze=False)
    for (model, data), below, (histogram, coverage) in zip(models.items(), lower, panels.T, strict=True):
        histogram.set_title(model)
        plot_ranks(histogram, coverage, data["parameters"][..., :MOST], data["velocity"], labels)
        plot_estimates(below.subplots(rows, columns, squeeze=False).flat, data, labels)
        below.supylabel(f"{model}\ninferred: median and 68 %", fontsize="medium")
    lower[-1].supxlabel("true value", fontsize="medium")
    panels[0, 0].set(ylabel="density of galaxies", ylim=(0.0, None))  # now that all is drawn
    panels[1, 0].set_ylabel("galaxies in it, less nominal")
    title = style.sample_size(n, n, "mock galaxies") + (f", {seeds} training seeds" if seeds > 1 else "")
    title += style.not_shown(labels, p, "parameters")
    (lines, words), (more_lines, more_words) = (axes.get_legend_handles_labels() for axes in panels[:, 0])
    upper.legend(lines + more_lines, words + more_words, title=title, loc="outside upper center", ncols=6)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(ranks="ranks of the true values (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    figure_files.save_figure(args, plot, *read_models(args.ranks))


if __name__ == "__main__":
    commandline.run(main)
