"""Draw the posteriors of training curves in latent space: draws from them, and their means.

Reads:  the latent codes of the training curves (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

from matplotlib.lines import Line2D

from curvae.figures import figure_files, style
from curvae.figures.corner import contour_handles, corner_plot
from curvae.runtime import commandline
from curvae.storage import hdf5

MOST_CURVES, MOST_DRAWS, MOST_LATENTS = 2000, 40_000, 6


def plot(samples, mean, total):
    """Corner plot of the draws (n, draw, latent), with the means (n, latent) of the same posteriors over them."""
    shown = style.shown_latents(mean, MOST_LATENTS)
    left_out = style.not_shown(shown, mean.shape[1], "latents")
    samples, mean = samples[:, :, shown], mean[:, shown]
    n, draws, d = samples.shape
    figure, panels = corner_plot(samples.reshape(-1, d), style.latent_labels(shown), style.BLUE)
    dots = {"color": style.VERMILLION, "marker": ".", "markeredgewidth": 0, "linestyle": "none"}
    outline = {"histtype": "step", "color": style.VERMILLION}
    size = min(1.5, 5.0 / d)
    for i, row in enumerate(panels):
        heights = row[i].hist(mean[:, i], 40, range=row[i].get_xlim(), density=True, **outline)[0]
        row[i].set_ylim(top=max(row[i].get_ylim()[1], 1.1 * heights.max()))
        for j, axes in enumerate(row[:i]):
            axes.plot(mean[:, j], mean[:, i], **dots, markersize=size, rasterized=True, scalex=False, scaley=False)
    names = [f"posterior draws, {share}" for share in ("68 %", "95 %")]
    figure.legend(
        [*contour_handles(style.BLUE), Line2D([], [], **dots, markersize=5)],
        [*names, "posterior means"],
        title=f"{style.sample_size(n, total, 'training curves')}\n{draws:,} draws of each{left_out}",
        loc="upper right",
        alignment="left",
    )
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(latents="latent codes (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    with hdf5.reading(args.latents, samples=(None, None, "latent"), mean=(None, "latent")) as source:
        total = len(source["samples"])
        n = min(total, MOST_CURVES)
        samples = figure_files.checked(args.latents, source["samples"][:n, : MOST_DRAWS // n])
        mean = figure_files.checked(args.latents, source["mean"][:n])
    figure_files.save_figure(args, plot, samples, mean, total)


if __name__ == "__main__":
    commandline.run(main)
