"""Draw how well the population behind the observed galaxies stands up to them.

First, gain in evidence of galaxies held out, by number of normals. Then summaries of the observed points, and of those
that the population, the prior and a mixture of posterior means predict for the same survey.

Reads:  the evaluation of the population (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.densities import POPULATION
from curvae.evaluation.estimates import ks_distance
from curvae.figures import figure_files, style
from curvae.runtime import commandline

# Of the summaries, in their order in the file.
LABELS = (
    r"$\ln\,v$ of first point",
    r"$\ln\,v$ of last point",
    r"largest $\ln\,v$",
    r"slope $\Delta \ln v / \Delta \ln R$",
    r"curvature of $\ln v$",
)
LOOKS = {
    POPULATION: style.LINES[0],
    "prior": style.LINES[2] | {"color": style.GREY},
    "posterior_mean_mixture": style.LINES[1],
}
WORDS = {POPULATION: "population", "prior": "prior", "posterior_mean_mixture": "mixture of posterior means"}
BINS = 20


def shares(values):
    """Weights of values in a histogram: some may lie outside of it, or all."""
    return np.full(len(values), 1.0 / len(values))


def plot_gain(axes, sizes, gain):
    """Mean and standard error of gains (size, galaxy) [nats]."""
    error = gain.std(1) / np.sqrt(gain.shape[1])
    axes.errorbar(np.arange(len(sizes)), gain.mean(1), error, fmt="o", markersize=3.0, color=style.BLUE)
    axes.axhline(0.0, color=style.GREY, linewidth=0.6)
    axes.set_xticks(np.arange(len(sizes)), [f"{size:g}" for size in sizes])
    axes.set(xlabel="normals of a fit", ylabel="gain of held-out galaxies [nats]")
    axes.margins(0.15)


def plot(sizes, gain, observed, predicted):
    """Gains (size, galaxy), and a panel for each summary (n, 5) of the observed and of the predicted galaxies."""
    figure = Figure(figsize=(style.DOUBLE, 4.2), layout="constrained")
    first, *panels = figure.subplots(2, 3).flat
    plot_gain(first, sizes, gain)
    first.set_title(f"$n$ = {gain.shape[1]:,} galaxies")
    for i, (axes, label) in enumerate(zip(panels, LABELS, strict=True)):
        limits = np.quantile(np.concatenate([observed[:, i], predicted[POPULATION][:, i]]), (0.01, 0.99))
        edges = np.linspace(*limits, BINS + 1)
        seen = observed[:, i]
        axes.hist(seen, edges, weights=shares(seen), color=style.tint(style.SKY, 0.5), label="observed")
        distances = []
        for name, values in predicted.items():
            given = values[:, i]
            axes.hist(given, edges, weights=shares(given), histtype="step", label=WORDS[name], **LOOKS[name])
            distances.append(f"{ks_distance(seen, given):.3f}")
        axes.set_title("KS " + " / ".join(distances), fontsize="small")
        axes.set(xlabel=label, yticks=[])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__, targets="population")
    parser.reads(evaluation="evaluation of the population (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    shapes = {f"{name}_summaries": (None, len(LABELS)) for name in ("observed", *LOOKS)}
    gain = {"size": ("size",), "held_out_gain": ("size", "galaxy")}
    (sizes, gain, observed, *predicted), _ = figure_files.read(args.evaluation, **gain, **shapes)
    figure_files.save_figure(args, plot, sizes, gain, observed, dict(zip(LOOKS, predicted, strict=True)))


if __name__ == "__main__":
    commandline.run(main)
