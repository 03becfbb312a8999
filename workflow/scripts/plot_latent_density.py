"""Draw, along each latent dimension, the codes of the training curves and the densities that were fitted to them.

Reads:  the latent codes of the training curves and, for each sampler, a file of generated curves (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

from itertools import cycle

import numpy as np
from matplotlib.figure import Figure

from curvae.densities.mixtures import GaussianMixture
from curvae.densities.samplers import used_latents
from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.storage import hdf5

WIDTH = 3.0  # at least so far from zero each panel goes: the codes of many curves are nearly standard normal


def read_density(path, d):
    """Name of the sampler, and density of d latent dimensions, from which the curves of a file were generated."""
    n = "component"
    shapes = {"weight": (n,), "component_mean": (n, d), "component_scale_tril": (n, d, d)}
    with hdf5.reading(path, **shapes) as source:
        density = GaussianMixture(*(figure_files.checked(path, source[name][...]) for name in shapes))
        return hdf5.attributes(path, source, "sampler")["sampler"], density


def plot(mean, densities, total):
    """Histogram of the posterior means (n, latent), and the marginal of each named density, for each latent in use."""
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
    widths = np.linspace(2.0, 0.8, len(densities))  # so that the first is seen under later ones that coincide with it
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
        for (name, density), line, width in zip(densities.items(), cycle(style.LINES), widths, strict=False):
            axes.plot(x, density.marginal(i, x), **line, linewidth=width, label=name)
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
    densities = dict(read_density(path, mean.shape[1]) for path in args.generated)
    figure_files.save_figure(args, plot, mean, densities, total)


if __name__ == "__main__":
    commandline.run(main)
