"""Draw the curvature of generated rotation curves beside that of as many true ones, of the test split.

Curvature is the second difference of ln v along ln R: smooth for every physical curve, while errors of a decoder
that change from radius to radius make it jagged.

Reads:  generated curves, true curves and split (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from rotcurves import commandline, figures, files
from rotcurves.errors import UserError
from rotcurves.velocity import curvature

SINGLE_CURVES = 3


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--generated", "file of generated curves to read (HDF5)")
    parser.flag("--curves", "file of true curves to read (HDF5)")
    parser.flag("--split", "file of the split to read (HDF5)")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def plot(radius, true, generated, left_out):
    """Bands of the curvatures (n, radius) of true and of generated curves, and the first ones of each."""
    figure = Figure(figsize=(figures.DOUBLE, 3.0), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    names = ("true (test)", f"generated ({left_out:,} not positive, left out)" if left_out else "generated")
    for axes, curved, name in zip(panels, (true, generated), names, strict=True):
        n = len(curved)
        figures.bands(axes, radius, curved, figures.GREY)
        for i, (curve, line) in enumerate(zip(curved[:SINGLE_CURVES], figures.LINES, strict=False)):
            axes.plot(radius, curve, **line, label=f"single curve {i + 1}")
        axes.axhline(0.0, color=figures.BLACK, linewidth=0.4)
        figures.over_radius(axes, radius)
        axes.set_xlabel(figures.RADIUS)
        axes.set_title(f"{name}, {figures.sample_size(n, n, 'curves')}")
    drawn, span = panels[0].get_ylim(), np.ptp(true)
    shown = np.clip(drawn, true.min() - span, true.max() + span)
    if not np.array_equal(drawn, shown):  # else the true curves would look like straight lines
        note = f"off the axis: down to ${drawn[0]:.3g}$, up to ${drawn[1]:.3g}$"
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        panels[1].text(0.98, 0.04, note, ha="right", transform=panels[1].transAxes, fontsize="small", bbox=box)
    panels[0].set(ylabel=r"curvature $\mathrm{d}^2 \ln v_\mathrm{c} / \mathrm{d} (\ln R)^2$", ylim=shown)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure


def main(argv=None):
    args = parse_args(argv)
    with files.reading(args.generated, velocity=(None, None), radius=(None,)) as source:
        radius = source["radius"][...]
        generated = source["velocity"][: figures.MOST_ROWS]
    positive = (np.isfinite(generated) & (generated > 0)).all(1)
    generated = figures.checked(args.generated, generated[positive])
    radii, _, velocity = files.read_split(args.curves, args.split, "test")
    if not np.array_equal(radii, radius):
        raise UserError(f"{args.curves}: its radii are not those of {args.generated}")
    true = figures.checked(args.curves, velocity["test"][: len(generated)])
    curvatures = [curvature(np.log(v), radius) for v in (true, generated[: len(true)])]
    with figures.styled(args.style):
        figures.save(plot(radius[1:-1], *curvatures, np.sum(~positive)), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
