r"""Draw the posteriors of training curves in latent space: draws from them, and their means.

Reads:  the latent codes of the training curves (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_posterior_draws.py \
        --latents results/full/seed1/latents.h5 \
        --style workflow/styles/paper.mplstyle --pdf posterior_draws.pdf --png posterior_draws.png
"""

from matplotlib.lines import Line2D

from rotcurves import commandline, figures, files

MOST_DRAWS = 200_000


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--latents", "file of codes to read (HDF5)")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def plot(samples, mean, total):
    """Corner plot of the draws (n, draw, latent), with the means (n, latent) of the same posteriors over them."""
    n, draws, d = samples.shape
    figure, panels = figures.corner_plot(samples.reshape(-1, d), figures.latent_labels(d), figures.BLUE)
    dots = {"color": figures.VERMILLION, "marker": ".", "markeredgewidth": 0, "linestyle": "none"}
    outline = {"histtype": "step", "color": figures.VERMILLION}
    size = min(1.5, 5.0 / d)
    for i, row in enumerate(panels):
        heights = row[i].hist(mean[:, i], 40, range=row[i].get_xlim(), density=True, **outline)[0]
        row[i].set_ylim(top=max(row[i].get_ylim()[1], 1.1 * heights.max()))
        for j, axes in enumerate(row[:i]):
            axes.plot(mean[:, j], mean[:, i], **dots, markersize=size, rasterized=True, scalex=False, scaley=False)
    names = [f"posterior draws, {share}" for share in ("68 %", "95 %")]
    figure.legend(
        [*figures.contour_handles(figures.BLUE), Line2D([], [], **dots, markersize=5)],
        [*names, "posterior means"],
        title=f"{figures.sample_size(n, total, 'training curves')}\n{draws:,} draws of each",
        loc="upper right",
        alignment="left",
    )
    return figure


def main(argv=None):
    args = parse_args(argv)
    with files.reading(args.latents, samples=(None, None, "latent"), mean=(None, "latent")) as source:
        total, draws, _ = source["samples"].shape
        n = min(total, max(1, MOST_DRAWS // draws))
        samples = figures.checked(args.latents, source["samples"][:n])
        mean = figures.checked(args.latents, source["mean"][:n])
    with figures.styled(args.style):
        figures.save(plot(samples, mean, total), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
