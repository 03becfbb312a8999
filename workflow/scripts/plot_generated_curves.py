r"""Draw generated rotation curves beside as many true ones, of the test split, that no training has seen.

Reads:  generated curves, true curves and split (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_generated_curves.py \
        --curves results/curves.h5 --split results/split.h5 --generated results/full/seed1/generated/normal.h5 \
        --style workflow/styles/paper.mplstyle --pdf generated_curves.pdf --png generated_curves.png
"""

import numpy as np

from rotcurves import commandline, comparison, figures

SINGLE_CURVES = 12


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    comparison.add_flags(parser)
    return parser.parse_args(argv)


def plot(radius, true, generated, left_out):
    """Bands of the true and of the generated velocities (n, radius) [km/s], and the first curves of each."""
    positive = min(true.min(), generated.min()) > 0.0

    def draw(axes, velocity):
        single = axes.plot(radius, velocity[:SINGLE_CURVES].T, color=figures.BLUE, linewidth=0.4)
        single[0].set_label(f"{len(single)} single curves")
        if positive:
            axes.set_yscale("log")
        else:
            axes.axhline(0.0, color=figures.BLACK, linewidth=0.4)
        axes.plot(radius, velocity.min(0), color=figures.VERMILLION, linestyle=(0, (1, 1)), label="lowest of all")

    missing = f" ({left_out:,} not finite, left out)" if left_out else ""
    figure, panels = comparison.side_by_side(radius, true, generated, missing, draw)
    panels[0].set_ylabel(figures.VELOCITY)
    return figure


def main(argv=None):
    args = parse_args(argv)
    curves = comparison.read(args, usable=np.isfinite)
    with figures.styled(args.style):
        figures.save(plot(*curves), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
