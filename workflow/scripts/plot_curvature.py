"""Draw the curvature of generated rotation curves beside that of as many true ones, of the test split.

Curvature is the second difference of ln v along ln R: smooth for every physical curve, while errors of a decoder
that change from radius to radius make it jagged.

Reads:  generated curves, true curves and split (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np

from rotcurves.figures import comparison, style
from rotcurves.galaxies.observables import curvature
from rotcurves.runtime import commandline

SINGLE_CURVES = 3


def plot(radius, true, generated, left_out):
    """Bands of the curvatures (n, radius) of true and of generated curves, and the first ones of each."""

    def draw(axes, curved):
        lines = axes.plot(radius, curved[:SINGLE_CURVES].T, color=style.BLUE, linewidth=0.8)
        axes.axhline(0.0, color=style.BLACK, linewidth=0.4)
        lines[0].set_label("single curves, others in each panel")

    missing = f" ({left_out:,} not positive, left out)" if left_out else ""
    figure, panels = comparison.side_by_side(radius, true, generated, missing, draw)
    drawn, span = panels[0].get_ylim(), np.ptp(true)
    shown = np.clip(drawn, true.min() - span, true.max() + span)
    if not np.array_equal(drawn, shown):  # else the true curves would look like straight lines
        note = f"off the axis: down to ${drawn[0]:.3g}$, up to ${drawn[1]:.3g}$"
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        panels[1].text(0.98, 0.04, note, ha="right", transform=panels[1].transAxes, fontsize="small", bbox=box)
    panels[0].set(ylabel=r"curvature $\mathrm{d}^2 \ln v_\mathrm{c} / \mathrm{d} (\ln R)^2$", ylim=shown)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    comparison.add_flags(parser)
    args = parser.parse_args(argv)
    radius, true, generated, left_out = comparison.read(args, usable=lambda v: np.isfinite(v) & (v > 0))
    curvatures = [curvature(np.log(velocity), radius) for velocity in (true, generated)]
    style.save_figure(args, plot, radius[1:-1], *curvatures, left_out)


if __name__ == "__main__":
    commandline.run(main)
