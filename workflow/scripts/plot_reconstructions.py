r"""Draw validation curves beside their reconstructions, and the residuals of all of them by radius.

Reads:  the validation curves and their reconstructions (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_reconstructions.py \
        --reconstructions results/full/seed1/reconstructions.h5 \
        --style workflow/styles/paper.mplstyle --pdf reconstructions.pdf --png reconstructions.png
"""

import numpy as np
from matplotlib.figure import Figure

from rotcurves import commandline, figures, files

SINGLE_CURVES = 6


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--reconstructions", "file of reconstructions to read (HDF5)")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def plot(radius, velocity, reconstruction, total):
    """Some curves from slow to fast, true and reconstructed; residuals of all (n, radius) [km/s] below."""
    figure = Figure(figsize=(figures.SINGLE, 3.9), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    from_slow_to_fast = np.argsort(velocity.max(1))
    ranks = (np.arange(SINGLE_CURVES) + 0.5) / SINGLE_CURVES * len(velocity)
    for i, curve in enumerate(from_slow_to_fast[np.unique(ranks.astype(int))]):
        name = "_" if i else ""  # matplotlib leaves names that start so out of the legend
        upper.plot(radius, velocity[curve], color=figures.tint(figures.GREY, 0.5), linewidth=3, label=name + "true")
        upper.plot(radius, reconstruction[curve], **figures.LINES[1], label=name + "reconstructed")
    upper.set_ylim(bottom=min(0.0, upper.dataLim.y0))
    upper.set_ylabel(figures.VELOCITY)
    upper.legend(loc="upper left")
    figures.bands(lower, radius, reconstruction - velocity, figures.BLUE)
    lower.axhline(0.0, color=figures.BLACK, linewidth=0.5, linestyle="dotted")
    lower.legend(
        title=figures.sample_size(len(velocity), total, "validation curves"),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        borderaxespad=0.2,
        ncols=3,
    )
    figures.over_radius(lower, radius)
    lower.set(xlabel=figures.RADIUS, ylabel="reconstructed $-$ true\n[km s$^{-1}$]")
    return figure


def main(argv=None):
    args = parse_args(argv)
    names = ("velocity", "reconstruction")
    with files.reading(args.reconstructions, radius=("radius",), **dict.fromkeys(names, ("curve", "radius"))) as source:
        total = len(source["velocity"])
        radius = source["radius"][...]
        curves = [figures.checked(args.reconstructions, source[name][: figures.MOST_ROWS]) for name in names]
    with figures.styled(args.style):
        figures.save(plot(radius, *curves, total), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
