"""Draw validation curves beside their reconstructions, and the residuals of all of them by radius.

Left, the curves and what the model makes of them, each decoded from a draw from its posterior; right, single curves
decoded from their posterior means, and the residuals of all of these.

Reads:  the validation curves and their reconstructions (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline

SINGLE_CURVES, MANY_CURVES = 6, 400


def plot(radius, velocity, reconstruction, drawn, total):
    """Many curves and their decoded draws; some and their reconstructions, residuals of all (n, radius) [km/s]."""
    figure = Figure(figsize=(style.DOUBLE, 4.2), layout="constrained")
    left, right = figure.subfigures(1, 2)
    many = left.subplots(2, 1, sharex=True, sharey=True)
    for axes, curves, name in zip(many, (velocity, drawn), ("validation curves", "decoded draws"), strict=True):
        axes.plot(radius, curves[:MANY_CURVES].T, color=style.BLUE, linewidth=0.2)
        axes.set(xlim=(0.0, radius[-1]), ylabel=style.VELOCITY)
        axes.set_title(f"{min(len(curves), MANY_CURVES)} {name}")
    axes.set(xlabel=style.RADIUS, ylim=(min(0.0, axes.get_ylim()[0]), 1.1 * velocity[:MANY_CURVES].max()))
    upper, lower = right.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    from_slow_to_fast = np.argsort(velocity.max(1))
    ranks = (np.arange(SINGLE_CURVES) + 0.5) / SINGLE_CURVES * len(velocity)
    for i, curve in enumerate(from_slow_to_fast[np.unique(ranks.astype(int))]):
        name = "_" if i else ""  # matplotlib leaves names that start so out of the legend
        upper.plot(radius, velocity[curve], color=style.tint(style.GREY, 0.5), linewidth=3, label=name + "true")
        upper.plot(radius, reconstruction[curve], **style.LINES[1], label=name + "reconstructed")
    upper.set_ylim(bottom=min(0.0, upper.dataLim.y0))
    upper.set_ylabel(style.VELOCITY)
    upper.legend(loc="upper left")
    drawing.bands(lower, radius, reconstruction - velocity, style.BLUE)
    lower.axhline(0.0, color=style.BLACK, linewidth=0.5, linestyle="dotted")
    lower.legend(
        title=style.sample_size(len(velocity), total, "validation curves"),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        borderaxespad=0.2,
        ncols=3,
    )
    drawing.over_radius(lower, radius)
    lower.set(xlabel=style.RADIUS, ylabel="reconstructed $-$ true\n[km s$^{-1}$]")
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(reconstructions="reconstructed curves (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    curves = dict.fromkeys(("velocity", "reconstruction", "reconstruction_of_draw"), ("curve", "radius"))
    (*curves, radius), total = figure_files.read(args.reconstructions, **curves, radius=("radius",))
    figure_files.save_figure(args, plot, radius, *curves, total)


if __name__ == "__main__":
    commandline.run(main)
