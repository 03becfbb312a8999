"""Draw, along each latent dimension, the codes of the training curves and the densities that were fitted to them.

Reads:  the latent codes of the training curves and, for each sampler, a file of generated curves (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

from itertools import cycle

import numpy as np
from matplotlib.figure import Figure

from curvae.densities.files import read_density
from curvae.densities.samplers import used_latents
from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.storage import hdf5

MOST_CODES = 10_000  # of which the histogram of a density without a formula is made
WIDTH = 3.0  # at least so far from zero each panel goes: the codes of many curves are nearly standard normal


def read_marginals(path, d):
    """Name of a sampler, and the function (axis, x) -> density of one coordinate of its codes.

    Exact for a Gaussian mixture; of another density, a smooth histogram of the codes that were drawn from it.
    """
    density = read_density(path, d)
    with hdf5.reading(path, code=("curve", d)) as source:
        name = hdf5.attributes(path, source, "sampler")["sampler"]
        if hasattr(density, "marginal"):
            return name, density.marginal
        code = source["code"][:MOST_CODES]
    from scipy.stats import gaussian_kde  # takes longer to load than the figure to draw

    return name, lambda axis, x: gaussian_kde(code[:, axis])(x)


def plot(mean, marginals, total):
    """Histogram of the posterior means (n, latent), and the marginal of each named sampler, for each latent in use."""
    shown = used_latents(mean)
    shown = shown if len(shown) else np.arange(1)
    d = len(shown)
    columns = min(d, 4)
    rows = -(-d // columns)
    width = style.SINGLE if columns == 1 else style.DOUBLE
    figure = Figure(figsize=(width, 0.5 + rows * min(2.4, width / columns)), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flat
    for axes in panels[d:]:
        axes.remove()
    widths = np.linspace(2.0, 0.8, len(marginals))  # so that the first is seen under later ones that coincide with it
    for number, (axes, i, label) in enumerate(zip(panels, shown, style.latent_labels(shown), strict=False)):
        low, high = drawing.data_range(mean[:, i])
        limits = min(low, -WIDTH), max(high, WIDTH)
        drawing.histogram(
            axes,
            mean[:, i],
            (low, high),
            color=style.tint(style.GREY, 0.4),
            label=f"posterior means, {style.sample_size(len(mean), total, 'training curves')}",
        )
        x = np.linspace(*limits, 400)
        for (name, marginal), line, width in zip(marginals.items(), cycle(style.LINES), widths, strict=False):
            axes.plot(x, marginal(i, x), **line, linewidth=width, label=name)
        axes.set(xlabel=label, xlim=limits, ylim=(0, 1.1 * axes.dataLim.y1))
        axes.locator_params("x", nbins=5)
        if number % columns == 0:
            axes.set_ylabel("probability density")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=1 if columns == 1 else 6)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(latents="latent codes (HDF5)")
    parser.reads_all(generated="generated curves (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    (mean,), total = figure_files.read(args.latents, mean=("curve", "latent"))
    marginals = dict(read_marginals(path, mean.shape[1]) for path in args.generated)
    figure_files.save_figure(args, plot, mean, marginals, total)


if __name__ == "__main__":
    commandline.run(main)
