"""Draw the scaling relations of the population behind the observed galaxies, with the errors that its fits give.

Beside it stand a mixture of posterior means, whose scatter the noise inflates, and, for mocks, the observed galaxies
themselves, without noise.

Reads:  the evaluation of the population (HDF5) and its metrics (CSV).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.densities import POPULATION
from curvae.evaluation.summary import read_metrics
from curvae.figures import drawing, figure_files, style
from curvae.galaxies.scaling import PARAMETERS, RELATIONS
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage import hdf5

PARTS = {"slope": "slope", "zero_point": "zero point [dex]", "scatter": "scatter [dex]"}
WORDS = {
    "truth": "mocks, without noise",
    POPULATION: "population",
    "posterior_mean_mixture": "mixture of posterior means",
}
LOOKS = {"truth": style.LINES[2], POPULATION: style.LINES[0], "posterior_mean_mixture": style.LINES[1]}
BINS = 8


def read_samples(path):
    """Parameters (n, p) of galaxies by sample."""
    with hdf5.reading(path) as file:
        names = [f"{name}_parameters" for name in WORDS if f"{name}_parameters" in file]
    samples, _ = figure_files.read(path, **dict.fromkeys(names or [f"{POPULATION}_parameters"], (None, None)))
    if any(values.shape[1] < len(PARAMETERS) for values in samples):
        raise UserError(f"{path}: holds parameters that have no scaling relations")
    return {name.removesuffix("_parameters"): values for name, values in zip(names, samples, strict=True)}


def read_relations(path):
    """(value, error) of a relation's part by sample."""
    return {(row["metric"], row["sampler"]): (row["value"], row["standard_error"]) for row in read_metrics(path)}


def plot(samples, relations):
    """A row for each relation: the galaxies of each sample, and its slope, zero point and scatter with their errors."""
    figure = Figure(figsize=(style.DOUBLE, 6.0), layout="constrained")
    panels = figure.subplots(len(RELATIONS), 1 + len(PARTS), width_ratios=(2.2, 1, 1, 1))
    for (axes, *others), (relation, (i, j)) in zip(panels, RELATIONS.items(), strict=True):
        for name, parameters in samples.items():
            x, y = parameters[:, i], parameters[:, j]
            middle, (_, low, median, high, _) = drawing.running_quantiles(x, y, min(BINS, len(x)))
            axes.plot(middle, median, **LOOKS[name], linewidth=1.4, label=f"{WORDS[name]}: median and 68 %")
            axes.plot(middle, low, **LOOKS[name], linewidth=0.7)
            axes.plot(middle, high, **LOOKS[name], linewidth=0.7)
        axes.set(xlabel=PARAMETERS[i].label, ylabel=PARAMETERS[j].label)
        for at, (part, word) in zip(others, PARTS.items(), strict=True):
            for row, name in enumerate(samples):
                value, error = relations.get((f"population_relation_{relation}_{part}", name), (np.nan, np.nan))
                look = {"color": LOOKS[name]["color"], "fmt": "o", "markersize": 3.0}
                at.errorbar(value, -row, xerr=np.nan_to_num(error), **look)
            at.set(xlabel=word, yticks=[], ylim=(0.6 - len(samples), 0.6))
            at.locator_params(axis="x", nbins=3)
            at.margins(x=0.25)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(samples))
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__, targets="population")
    parser.reads(evaluation="evaluation of the population (HDF5)", metrics="its metrics (CSV)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    figure_files.save_figure(args, plot, read_samples(args.evaluation), read_relations(args.metrics))


if __name__ == "__main__":
    commandline.run(main)
