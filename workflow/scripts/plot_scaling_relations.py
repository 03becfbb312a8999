"""Draw the scaling relations of generated galaxies, whose parameters are those of the nearest physical curves.

Reads:  fits to generated curves and to true ones, of the test split (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from rotcurves.figures import style
from rotcurves.galaxies.scaling import LABELS, NAMES, fit_line
from rotcurves.runtime import commandline
from rotcurves.runtime.errors import UserError
from rotcurves.storage import hdf5

DISC_MASS, HALO_MASS, SCALE_LENGTH, CONCENTRATION = range(len(NAMES))
RELATIONS = ((DISC_MASS, SCALE_LENGTH), (DISC_MASS, HALO_MASS), (HALO_MASS, CONCENTRATION))
FEWEST, MOST_BINS = 5, 12  # fits that lines can be drawn of, bins along a relation
DOTS = {"linestyle": "none", "marker": ".", "markeredgewidth": 0, "color": style.BLUE}
EDGE = {"color": style.VERMILLION, "linestyle": (0, (4, 1.5))}


def read_fits(path):
    """The parameters (n, 4) of a file of fits, how many fits in it have none, and the range of disc masses to fit."""
    with hdf5.reading(path, parameters=(None, len(NAMES))) as source:
        parameters = source["parameters"][: style.MOST_ROWS]
        mass_range = hdf5.attributes(path, source, "log_disc_mass_min", "log_disc_mass_max").values()
    fitted = np.isfinite(parameters).all(1)
    if fitted.sum() < FEWEST:
        raise UserError(f"{path}: holds {fitted.sum()} fits to draw, expected at least {FEWEST}")
    return parameters[fitted], np.sum(~fitted), tuple(mass_range)


def described(parameters, i, j, mass_range):
    """Slope and scatter of a relation of parameters (n, 4), as text: of the galaxies in a range of disc masses."""
    chosen = (parameters[:, DISC_MASS] >= mass_range[0]) & (parameters[:, DISC_MASS] <= mass_range[1])
    if chosen.sum() < FEWEST:
        return f"{chosen.sum()} galaxies in range"
    fitted = fit_line(parameters[chosen, i], parameters[chosen, j], pivot=0.0)
    return f"slope ${fitted.slope[0]:.3f} \\pm {fitted.slope[1]:.3f}$, scatter {fitted.scatter[0]:.3f}"


def plot(true, generated, without_fit, mass_range):
    """Running quantiles of each relation of the parameters (n, 4) of true and of generated galaxies."""
    figure = Figure(figsize=(style.DOUBLE, 3.2), layout="constrained")
    bins = int(np.clip(min(len(true), len(generated)) // 80, 2, MOST_BINS))
    limits = np.array([style.data_range(values) for values in true.T])
    outside = np.sum(((generated < limits[:, 0]) | (generated > limits[:, 1])).any(1))
    for axes, (i, j) in zip(figure.subplots(1, 3), RELATIONS, strict=True):
        x, (_, low, median, high, _) = style.running_quantiles(true[:, i], true[:, j], bins)
        axes.fill_between(x, low, high, color=style.tint(style.GREY, 0.4), linewidth=0, label="true: 68 % of galaxies")
        axes.plot(x, median, color=style.BLACK, linewidth=2.0, label="true: median")
        axes.plot(generated[:, i], generated[:, j], **DOTS, markersize=1.6, rasterized=True)
        x, (_, low, median, high, _) = style.running_quantiles(generated[:, i], generated[:, j], bins)
        axes.plot([], [], **DOTS, label="generated: single galaxies")
        axes.plot(x, low, **EDGE, label="generated: 68 %")
        axes.plot(x, high, **EDGE)
        axes.plot(x, median, color=style.VERMILLION, label="generated: median")
        numbers = [described(sample, i, j, mass_range) for sample in (true, generated)]
        axes.set_title(f"true: {numbers[0]}\ngenerated: {numbers[1]}", loc="left", fontsize="small")
        axes.set(xlabel=LABELS[i], ylabel=LABELS[j], xlim=limits[i], ylim=limits[j])
    size = f"{style.sample_size(len(true), len(true), 'true (test)')}, {len(generated):,} generated galaxies"
    notes = {"outside the axes": outside, "without a fit": without_fit}
    fitted = r"slope, scatter: ${:g} \leq \log_{{10}} M_\mathrm{{d}}/M_\odot \leq {:g}$".format(*mass_range)
    title = "; ".join([size, *(f"{count:,} generated {where}" for where, count in notes.items() if count), fitted])
    figure.legend(*axes.get_legend_handles_labels(), title=title, loc="outside lower center", ncols=5)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(physical_fits="fits to generated curves (HDF5)", reference="fits to test curves (HDF5)")
    style.add_flags(parser)
    args = parser.parse_args(argv)
    true, _, mass_range = read_fits(args.reference)
    generated, without_fit, _ = read_fits(args.physical_fits)
    style.save_figure(args, plot, true, generated, without_fit, mass_range)


if __name__ == "__main__":
    commandline.run(main)
