r"""Draw how the latent codes of the training curves relate to the physical parameters of the galaxies.

Reads:  the parameters of the curves, the latent codes of the training curves (HDF5), the first if very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_parameters_latents.py \
        --curves results/curves.h5 --latents results/full/seed1/latents.h5 \
        --style workflow/styles/paper.mplstyle --pdf parameters_latents.pdf --png parameters_latents.png
"""

import numpy as np
from matplotlib.patches import Patch

from rotcurves import commandline, figures, files
from rotcurves.relations import NAMES, SYMBOLS


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--curves", "file of curves, with their parameters, to read (HDF5)")
    parser.flag("--latents", "file of codes to read (HDF5)")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def plot(parameters, mean, total):
    """Corner plot of the parameters (n, 4) and the posterior means (n, latent) of the same curves."""
    d, p = mean.shape[1], parameters.shape[1]
    labels = [*SYMBOLS, *figures.latent_labels(d)]
    figure, panels = figures.corner_plot(np.column_stack([parameters, mean]), labels, figures.BLUE)
    for axes in panels[p:, :p].flat:  # what the latents have learned of the parameters
        axes.set_facecolor(figures.tint(figures.ORANGE, 0.15))
    figure.legend(
        [*figures.contour_handles(figures.BLUE), Patch(color=figures.tint(figures.ORANGE, 0.15))],
        ["68 % of curves", "95 % of curves", "parameter and latent"],
        title=f"{figures.sample_size(len(mean), total, 'training curves')}, posterior means",
        loc="upper right",
        alignment="left",
    )
    return figure


def main(argv=None):
    args = parse_args(argv)
    with files.reading(
        args.latents, mean=("curve", "latent"), scale_tril=("curve", "latent", "latent"), curve=("curve",)
    ) as source:
        total = len(source["mean"])
        mean = figures.checked(args.latents, source["mean"][: figures.MOST_ROWS])
        index = source["curve"][: figures.MOST_ROWS]
    with files.reading(args.curves, parameters=(None, len(NAMES))) as source:
        parameters = figures.checked(args.curves, files.take(source["parameters"], index))
    with figures.styled(args.style):
        figures.save(plot(parameters, mean, total), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
