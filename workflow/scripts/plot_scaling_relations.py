"""Draw the scaling relations of true and of generated galaxies: parameters are those of the nearest physical curves.

Reads:  fits to true curves, of the test split, and to those of each sampler (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.galaxies.scaling import PARAMETERS, RELATIONS, fit_line
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.curves import described

FEWEST, MOST_BINS = 5, 12  # fits that lines can be drawn of, bins along a relation
TRUE = "true (test)"
DOTS = {"linestyle": "none", "marker": ".", "markeredgewidth": 0, "color": style.tint(style.BLUE, 0.5)}
LOOKS = {"true": {"color": style.BLACK, "linewidth": 1.6}, "generated": {"color": style.VERMILLION, "linewidth": 0.9}}
DASHED = {"linestyle": (0, (4, 1.5))}


def read_fits(path):
    """The parameters (n, 4) of a file of fits that have relations, the range of disc masses to fit, and the sampler.

    Those of curves that could not be fitted are not numbers.
    """
    described(path)  # as many as have names
    with hdf5.reading(path, parameters=(None, None)) as source:
        parameters = source["parameters"][: figure_files.MOST_ROWS, : len(PARAMETERS)]
        *mass_range, sampler = hdf5.attributes(
            path, source, "log_disc_mass_min", "log_disc_mass_max", "sampler"
        ).values()
    fitted = np.isfinite(parameters).all(1).sum()
    if fitted < FEWEST:
        raise UserError(f"{path}: holds {fitted} fits to draw, expected at least {FEWEST}")
    return parameters, mass_range, sampler


def slope_and_scatter(parameters, i, j, mass_range):
    """Slope and scatter of a relation of parameters (n, 4), as text: of the galaxies in a range of disc masses."""
    chosen = (parameters[:, 0] >= mass_range[0]) & (parameters[:, 0] <= mass_range[1])
    if chosen.sum() < FEWEST:
        return f"{chosen.sum()} galaxies in range"
    fitted = fit_line(parameters[chosen, i], parameters[chosen, j], pivot=0.0)
    return f"slope ${fitted.slope[0]:.3f} \\pm {fitted.slope[1]:.3f}$\nscatter {fitted.scatter[0]:.3f} dex"


def draw_quantiles(axes, x, y, bins, name):
    """Median and 68 % of y (n,) along x (n,)."""
    x, (_, low, median, high, _) = drawing.running_quantiles(x, y, bins)
    axes.plot(x, median, **LOOKS[name], label=f"{name}: median")
    axes.plot(x, low, **LOOKS[name], **DASHED, label=f"{name}: 68 %")
    axes.plot(x, high, **LOOKS[name], **DASHED)


def plot(relations, mass_range):
    """Each relation of the parameters (n, 4) of named samples, the true one beside and below the others."""
    true = relations[TRUE][np.isfinite(relations[TRUE]).all(1)]
    limits = np.array([drawing.data_range(values) for values in true.T])
    bins = int(np.clip(min(map(len, relations.values())) // 80, 2, MOST_BINS))
    figure = Figure(figsize=(style.DOUBLE, 5.6), layout="constrained")
    panels = figure.subplots(len(RELATIONS), len(relations), sharex="row", sharey="row", squeeze=False)
    for column, (name, parameters) in zip(panels.T, relations.items(), strict=True):
        fitted = parameters[np.isfinite(parameters).all(1)]
        outside = np.sum(((fitted < limits[:, 0]) | (fitted > limits[:, 1])).any(1))
        notes = {"beyond the axes": outside, "without a fit": len(parameters) - len(fitted)}
        notes = [f"{count:,} {where}" for where, count in notes.items() if count]
        column[0].set_title("\n".join([f"{name}\n$n$ = {len(parameters):,}", *notes]))
        for axes, (i, j) in zip(column, RELATIONS.values(), strict=True):
            axes.plot(fitted[:, i], fitted[:, j], **DOTS, markersize=1.3, rasterized=True)
            axes.plot([], [], **DOTS, markersize=4.0, label="single galaxies")
            draw_quantiles(axes, true[:, i], true[:, j], bins, "true")
            if name != TRUE:
                draw_quantiles(axes, fitted[:, i], fitted[:, j], bins, "generated")
            text = slope_and_scatter(fitted, i, j, mass_range)
            axes.text(0.06, 0.94, text, transform=axes.transAxes, va="top", fontsize=5.5, linespacing=1.1)
            axes.set(xlim=limits[i], ylim=limits[j] + np.array([0.0, 0.25]) * np.ptp(limits[j]))
    for row, (i, j) in zip(panels, RELATIONS.values(), strict=True):
        row[0].set_ylabel(PARAMETERS[j].label)
        row[len(row) // 2].set_xlabel(PARAMETERS[i].label)
    note = r"slope and scatter of galaxies with ${:g} \leq \log_{{10}} M_\mathrm{{d}}/M_\odot \leq {:g}$".format(
        *mass_range
    )
    figure.legend(*panels[0, -1].get_legend_handles_labels(), title=note, loc="outside upper center", ncols=5)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(reference="fits to test curves (HDF5)")
    parser.reads_all(physical_fits="fits to generated curves (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    true, mass_range, _ = read_fits(args.reference)
    fits = map(read_fits, args.physical_fits)
    relations = {TRUE: true, **{sampler: parameters for parameters, _, sampler in fits}}
    figure_files.save_figure(args, plot, relations, mass_range)


if __name__ == "__main__":
    commandline.run(main)
