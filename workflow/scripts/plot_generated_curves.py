"""Draw generated rotation curves beside as many true ones, of the test split, that no training has seen.

Reads:  generated curves, true curves and split (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np

from rotcurves.figures import comparison, style
from rotcurves.runtime import commandline

SINGLE_CURVES = 12


def plot(radius, true, generated, left_out):
    """Bands of the true and of the generated velocities (n, radius) [km/s], and the first curves of each."""
    positive = min(true.min(), generated.min()) > 0.0

    def draw(axes, velocity):
        single = axes.plot(radius, velocity[:SINGLE_CURVES].T, color=style.BLUE, linewidth=0.4)
        single[0].set_label(f"{len(single)} single curves")
        if positive:
            axes.set_yscale("log")
        else:
            axes.axhline(0.0, color=style.BLACK, linewidth=0.4)
        axes.plot(radius, velocity.min(0), color=style.VERMILLION, linestyle=(0, (1, 1)), label="lowest of all")

    missing = f" ({left_out:,} not finite, left out)" if left_out else ""
    figure, panels = comparison.side_by_side(radius, true, generated, missing, draw)
    panels[0].set_ylabel(style.VELOCITY)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    comparison.add_flags(parser)
    args = parser.parse_args(argv)
    curves = comparison.read(args, usable=np.isfinite)
    style.save_figure(args, plot, *curves)


if __name__ == "__main__":
    commandline.run(main)
