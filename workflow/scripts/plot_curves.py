"""Draw the rotation curves of the data set: their spread at every radius, and some single curves.

Reads:  the curves and the parameters that they come from (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.storage.curves import described

SINGLE_CURVES = 30


def plot(radius, velocity, parameter, label, total):
    """Bands of the velocities (n, radius) [km/s], and the first curves in the colour of a labelled parameter (n,)."""
    figure = Figure(figsize=(style.SINGLE, 3.1), layout="constrained")
    axes = figure.add_subplot()
    drawing.bands(axes, radius, velocity, style.GREY)
    lines = LineCollection(
        [np.column_stack([radius, curve]) for curve in velocity[:SINGLE_CURVES]],
        array=parameter[:SINGLE_CURVES],
        cmap=ListedColormap(colormaps["cividis"].colors[:190]),  # its lightest end is lost on the bands
        linewidth=0.7,
    )
    axes.add_collection(lines)
    axes.autoscale_view()
    axes.set_ylim(bottom=0)
    drawing.over_radius(axes, radius)
    axes.set(xlabel=style.RADIUS, ylabel=style.VELOCITY)
    figure.legend(title=style.sample_size(len(velocity), total, "curves"), loc="outside upper center", ncols=3)
    figure.colorbar(lines, label=f"{label} of {len(velocity[:SINGLE_CURVES])} single curves", pad=0.02)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    shapes = {"velocity": ("curve", "radius"), "radius": ("radius",), "parameters": ("curve", None)}
    (velocity, radius, parameters), total = figure_files.read(args.curves, **shapes)
    _, _, labels = described(args.curves)
    figure_files.save_figure(args, plot, radius, velocity, parameters[:, 0], labels[0], total)


if __name__ == "__main__":
    commandline.run(main)
