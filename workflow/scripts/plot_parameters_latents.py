"""Draw how the latent codes of the training curves relate to the physical parameters of the galaxies.

Reads:  the parameters of the curves, the latent codes of the training curves (HDF5), the first if very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.patches import Patch

from curvae.figures import figure_files, style
from curvae.figures.corner import contour_handles, corner_plot
from curvae.runtime import commandline
from curvae.storage import hdf5
from curvae.storage.curves import described

MOST = 6  # parameters, and latents, that are drawn


def plot(parameters, parameter_labels, mean, total):
    """Corner plot of the labelled parameters (n, p) and the posterior means (n, latent) of the same curves."""
    shown, p = style.shown_latents(mean, MOST), min(MOST, parameters.shape[1])
    left_out = style.not_shown(range(p), parameters.shape[1], "parameters")
    left_out += style.not_shown(shown, mean.shape[1], "latents")
    labels = [*parameter_labels[:p], *style.latent_labels(shown)]
    figure, panels = corner_plot(np.column_stack([parameters[:, :p], mean[:, shown]]), labels, style.BLUE)
    for axes in panels[p:, :p].flat:  # what the latents have learned of the parameters
        axes.set_facecolor(style.tint(style.ORANGE, 0.15))
    figure.legend(
        [*contour_handles(style.BLUE), Patch(color=style.tint(style.ORANGE, 0.15))],
        ["68 % of curves", "95 % of curves", "parameter and latent"],
        title=f"{style.sample_size(len(mean), total, 'training curves')}, posterior means{left_out}",
        loc="upper right",
        alignment="left",
    )
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves and parameters (HDF5)", latents="latent codes (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    (mean, index), total = figure_files.read(args.latents, mean=("curve", "latent"), curve=("curve",))
    with hdf5.reading(args.curves, parameters=(None, None)) as source:
        parameters = figure_files.checked(args.curves, hdf5.take(source["parameters"], index.astype(int)))
    _, _, labels = described(args.curves)
    figure_files.save_figure(args, plot, parameters, labels, mean, total)


if __name__ == "__main__":
    commandline.run(main)
