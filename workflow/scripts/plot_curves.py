r"""Draw the rotation curves of the data set: their spread at every radius, and some single curves.

Reads:  the curves and the parameters that they come from (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_curves.py \
        --curves results/curves.h5 \
        --style workflow/styles/paper.mplstyle --pdf curves.pdf --png curves.png
"""

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from rotcurves import commandline, figures, files
from rotcurves.relations import NAMES, SYMBOLS

SINGLE_CURVES = 30


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--curves", "file of curves to read (HDF5)")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def plot(radius, velocity, log_disc_mass, total):
    """Bands of the velocities (n, radius) [km/s], and the first curves in the colour of their disc mass."""
    figure = Figure(figsize=(figures.SINGLE, 2.9), layout="constrained")
    axes = figure.add_subplot()
    figures.bands(axes, radius, velocity, figures.GREY)
    lines = LineCollection(
        [np.column_stack([radius, curve]) for curve in velocity[:SINGLE_CURVES]],
        array=log_disc_mass[:SINGLE_CURVES],
        cmap=ListedColormap(colormaps["cividis"].colors[:190]),  # its lightest end is lost on the bands
        linewidth=0.7,
    )
    axes.add_collection(lines)
    axes.autoscale_view()
    axes.set_ylim(bottom=0)
    figures.over_radius(axes, radius)
    axes.set(xlabel=figures.RADIUS, ylabel=figures.VELOCITY)
    axes.legend(loc="upper left", alignment="left", title=figures.sample_size(len(velocity), total, "curves"))
    figure.colorbar(lines, label=f"{SYMBOLS[0]} of {len(velocity[:SINGLE_CURVES])} single curves", pad=0.02)
    return figure


def main(argv=None):
    args = parse_args(argv)
    with files.reading(
        args.curves, velocity=("curve", "radius"), radius=("radius",), parameters=("curve", len(NAMES))
    ) as source:
        total = len(source["velocity"])
        radius = source["radius"][...]
        velocity = figures.checked(args.curves, source["velocity"][: figures.MOST_ROWS])
        parameters = figures.checked(args.curves, source["parameters"][: figures.MOST_ROWS])
    with figures.styled(args.style):
        figures.save(plot(radius, velocity, parameters[:, 0], total), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
