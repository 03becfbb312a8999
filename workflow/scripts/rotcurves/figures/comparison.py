"""Figures of generated curves beside as many true ones, of the test split: what they read, how they are laid out."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rotcurves.figures import style
from rotcurves.runtime.commandline import Parser
from rotcurves.storage import hdf5
from rotcurves.storage.curves import check_radii


def add_flags(parser: Parser) -> None:
    """The flags of a script that draws such a figure."""
    parser.reads(generated="generated curves (HDF5)", curves="true curves (HDF5)", split="split (HDF5)")
    style.add_flags(parser)


def read(args, usable: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Read generated curves and as many test curves, the first if there are very many.

    `usable` tells which velocities (n, m) [km/s] can be drawn. Returns the radii (m,) [kpc], the true and the
    generated velocities (n, m), and the number of generated curves left out.
    """
    with hdf5.reading(args.generated, velocity=("curve", "radius"), radius=("radius",)) as source:
        radius = source["radius"][...]
        generated = source["velocity"][: style.MOST_ROWS]
    kept = usable(generated).all(1)
    generated = style.checked(args.generated, generated[kept])
    with hdf5.reading(args.split, test=(None,)) as source:
        test = source["test"][: len(generated)]
    with hdf5.reading(args.curves, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        check_radii(args.curves, source["radius"][...], radius, args.generated)
        true = style.checked(args.curves, hdf5.take(source["velocity"], test))
    return radius, true, generated[: len(true)], np.sum(~kept)


def side_by_side(
    radius: np.ndarray, true: np.ndarray, generated: np.ndarray, left_out: str, draw: Callable[[Axes, np.ndarray], None]
) -> tuple[Figure, np.ndarray]:
    """Bands of true and of generated values (n, m) on the same axes; `draw` adds to each panel. Figure and panels."""
    figure = Figure(figsize=(style.DOUBLE, 3.0), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, values, name in zip(panels, (true, generated), ("true (test)", f"generated{left_out}"), strict=True):
        style.bands(axes, radius, values, style.GREY)
        draw(axes, values)
        style.over_radius(axes, radius)
        axes.set_xlabel(style.RADIUS)
        axes.set_title(f"{name}, {style.sample_size(len(values), len(values), 'curves')}")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure, panels
