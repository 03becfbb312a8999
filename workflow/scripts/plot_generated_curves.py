"""Draw generated rotation curves beside as many true ones, of the test split, that no training has seen.

Reads:  generated curves, true curves and split (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from rotcurves import commandline, figures, files
from rotcurves.errors import UserError

SINGLE_CURVES = 50


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--generated", "file of generated curves to read (HDF5)")
    parser.flag("--curves", "file of true curves to read (HDF5)")
    parser.flag("--split", "file of the split to read (HDF5)")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def plot(radius, true, generated, left_out):
    """Bands of the true and of the generated velocities (n, radius) [km/s], and the first curves of each."""
    figure = Figure(figsize=(figures.DOUBLE, 3.0), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    names = ("true (test)", f"generated ({left_out} not finite, left out)" if left_out else "generated")
    for axes, velocity, name in zip(panels, (true, generated), names, strict=True):
        n = len(velocity)
        figures.bands(axes, radius, velocity, figures.GREY)
        single = axes.plot(radius, velocity[:SINGLE_CURVES].T, color=figures.BLUE, linewidth=0.4)
        single[0].set_label(f"{len(single)} single curves")
        axes.plot(radius, velocity.min(0), color=figures.VERMILLION, linestyle=(0, (1, 1)), label="lowest of all")
        axes.axhline(0.0, color=figures.BLACK, linewidth=0.4)
        figures.over_radius(axes, radius)
        axes.set_xlabel(figures.RADIUS)
        axes.set_title(f"{name}, {figures.sample_size(n, n, 'curves')}")
    panels[0].set_ylabel(figures.VELOCITY)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def main(argv=None):
    args = parse_args(argv)
    with files.reading(args.generated, velocity=(None, None), radius=(None,)) as source:
        radius = source["radius"][...]
        generated = source["velocity"][: figures.MOST_ROWS]
    finite = np.isfinite(generated).all(1)
    generated = figures.checked(args.generated, generated[finite])
    with files.reading(args.split, test=(None,)) as source:
        test = source["test"][: len(generated)]
    with files.reading(args.curves, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        if not np.array_equal(source["radius"][...], radius):
            raise UserError(f"{args.curves}: its radii are not those of {args.generated}")
        true = figures.checked(args.curves, files.take(source["velocity"], test))
    with figures.styled(args.style):
        figures.save(plot(radius, true, generated[: len(true)], np.sum(~finite)), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
