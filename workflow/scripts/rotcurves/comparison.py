"""Figures of generated curves beside as many true ones, of the test split: what they read, how they are laid out."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotcurves import figures, files
from rotcurves.commandline import Parser


def add_flags(parser: Parser) -> None:
    """The flags of a script that draws such a figure."""
    parser.flag("--generated", "file of generated curves to read (HDF5)")
    parser.flag("--curves", "file of true curves to read (HDF5)")
    parser.flag("--split", "file of the split to read (HDF5)")
    figures.add_flags(parser)


def read(args, usable: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Read generated curves and as many test curves, the first if there are very many.

    `usable` tells which velocities (n, m) [km/s] can be drawn. Returns the radii (m,) [kpc], the true and the
    generated velocities (n, m), and the number of generated curves left out.
    """
    with files.reading(args.generated, velocity=("curve", "radius"), radius=("radius",)) as source:
        radius = source["radius"][...]
        generated = source["velocity"][: figures.MOST_ROWS]
    kept = usable(generated).all(1)
    generated = figures.checked(args.generated, generated[kept])
    with files.reading(args.split, test=(None,)) as source:
        test = source["test"][: len(generated)]
    with files.reading(args.curves, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        files.check_radii(args.curves, source["radius"][...], radius, args.generated)
        true = figures.checked(args.curves, files.take(source["velocity"], test))
    return radius, true, generated[: len(true)], np.sum(~kept)


def side_by_side(
    radius: np.ndarray, true: np.ndarray, generated: np.ndarray, left_out: str, draw: Callable[[Axes, np.ndarray], None]
) -> tuple[Figure, np.ndarray]:
    """Bands of true and of generated values (n, m) on the same axes; `draw` adds to each panel. Figure and panels."""
    figure = Figure(figsize=(figures.DOUBLE, 3.0), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, values, name in zip(panels, (true, generated), ("true (test)", f"generated{left_out}"), strict=True):
        figures.bands(axes, radius, values, figures.GREY)
        draw(axes, values)
        figures.over_radius(axes, radius)
        axes.set_xlabel(figures.RADIUS)
        axes.set_title(f"{name}, {figures.sample_size(len(values), len(values), 'curves')}")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure, panels
