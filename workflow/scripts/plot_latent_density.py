r"""Draw, along each latent dimension, the codes of the training curves and the densities that were fitted to them.

Reads:  the latent codes of the training curves and, for each sampler, a file of generated curves (HDF5);
        the name of a sampler is the name of its file.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_latent_density.py \
        --latents results/full/seed1/latents.h5 --generated results/full/seed1/generated/*.h5 \
        --style workflow/styles/paper.mplstyle --pdf latent_density.pdf --png latent_density.png
"""

from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from rotcurves import commandline, figures, files
from rotcurves.density import GaussianMixture


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--latents", "file of codes to read (HDF5)")
    parser.flag("--generated", "files of generated curves to read (HDF5)", nargs="+")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def read_density(path, d):
    """The density of d latent dimensions from which the curves of a file were generated."""
    n = "component"
    shapes = {"weight": (n,), "component_mean": (n, d), "component_scale_tril": (n, d, d)}
    with files.reading(path, **shapes) as source:
        return GaussianMixture(*(figures.checked(path, source[name][...]) for name in shapes))


def plot(mean, densities, total):
    """Histogram of the posterior means (n, latent), and the marginal of each named density, for each dimension."""
    d = mean.shape[1]
    columns = min(d, 4)
    rows = -(-d // columns)
    width = figures.SINGLE if columns == 1 else figures.DOUBLE
    figure = Figure(figsize=(width, 0.5 + rows * min(2.4, width / columns)), layout="constrained")
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).flat
    for axes in panels[d:]:
        axes.remove()
    widths = np.linspace(2.0, 0.8, len(densities))  # so that the first is seen under later ones that coincide with it
    highest = 0.0
    for i, (axes, label) in enumerate(zip(panels, figures.latent_labels(d), strict=False)):
        limits = figures.data_range(mean[:, i])
        heights = figures.histogram(
            axes,
            mean[:, i],
            limits,
            color=figures.tint(figures.GREY, 0.4),
            label=f"posterior means, {figures.sample_size(len(mean), total, 'training curves')}",
        )
        x = np.linspace(*limits, 400)
        for (name, density), line, width in zip(densities.items(), cycle(figures.LINES), widths, strict=False):
            axes.plot(x, density.marginal(i, x), **line, linewidth=width, label=name)
        highest = max(highest, heights.max())
        axes.set(xlabel=label, xlim=limits, ylim=(0, 1.2 * highest))
        axes.locator_params("x", nbins=5)
        if i % columns == 0:
            axes.set_ylabel("probability density")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=1 if columns == 1 else 6)
    return figure


def main(argv=None):
    args = parse_args(argv)
    with files.reading(args.latents, mean=("curve", "latent"), scale_tril=("curve", "latent", "latent")) as source:
        total = len(source["mean"])
        mean = figures.checked(args.latents, source["mean"][: figures.MOST_ROWS])
    densities = {Path(path).stem: read_density(path, mean.shape[1]) for path in args.generated}
    with figures.styled(args.style):
        figures.save(plot(mean, densities, total), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
