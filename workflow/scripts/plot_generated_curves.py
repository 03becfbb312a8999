"""Draw the curves that each sampler generates beside true ones, of the test split, that no training has seen.

From above: single curves over the radius; all curves over the logarithm of the radius; their curvature, the second
derivative of ln v along ln R: smooth for every physical curve, while errors of a decoder make it jagged.

Reads:  true curves, split and, for each sampler, generated curves (HDF5), the first if there are very many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.galaxies.observables import curvature
from curvae.runtime import commandline
from curvae.storage import hdf5
from curvae.storage.curves import check_radii
from curvae.storage.split import reading_split

SINGLE_CURVES, SINGLE_CURVATURES = 100, 3
TRUE = "true (test)"


def read_samples(args):
    """Radii (m,) [kpc], and by name the true velocities (n, m) [km/s] and those of each sampler."""
    with reading_split(args.curves, args.split, "test") as (radius, parts):
        samples = {TRUE: parts["test"].velocity(slice(figure_files.MOST_ROWS))}
    for path in args.generated:
        with hdf5.reading(path, velocity=("curve", len(radius)), radius=(len(radius),)) as source:
            check_radii(path, source["radius"][...], radius, args.curves)
            name = hdf5.attributes(path, source, "sampler")["sampler"]
            samples[name] = source["velocity"][: figure_files.MOST_ROWS]
    return radius, samples


def usable(velocity, which, what):
    """The curves (n, m) all of whose velocities are such, and a line that counts the others."""
    chosen = which(velocity).all(1)
    return velocity[chosen], "" if chosen.all() else f"\n{np.sum(~chosen):,} not {what}, left out"


def plot(radius, samples):
    """Three panels for the velocities (n, m) [km/s] of each named sample, true ones first, on axes shared by all."""
    figure = Figure(figsize=(style.DOUBLE, 5.6), layout="constrained")
    panels = figure.subplots(3, len(samples), sharex="row", sharey="row")
    for (single, spread, curved), (name, velocity) in zip(panels.T, samples.items(), strict=True):
        finite, left_out = usable(velocity.astype(np.float64), np.isfinite, "finite")
        single.set_title(f"{name}\n$n$ = {len(velocity):,}{left_out}")
        positive, left_out = usable(finite, lambda v: v > 0.0, "positive")
        curved.set_title(left_out.strip(), fontsize="small")
        single.plot(radius, finite[:SINGLE_CURVES].T, color=style.BLUE, linewidth=0.3)
        if len(finite):
            drawing.bands(spread, radius, finite, style.GREY)
            spread.plot(radius, finite.min(0), color=style.VERMILLION, linestyle=(0, (1, 1)), label="lowest of all")
        if len(positive):
            curvatures = curvature(np.log(positive), radius)
            drawing.bands(curved, radius[1:-1], curvatures, style.GREY)
            curved.plot(radius[1:-1], curvatures[:SINGLE_CURVATURES].T, color=style.BLUE, linewidth=0.6)
        for axes in (spread, curved):
            drawing.over_radius(axes, radius)
        if name == TRUE:  # whose limits hold for all, else they would be lost beside wild ones
            highest, limits = single.get_ylim()[1], curved.get_ylim()
    single.set(xlim=(0.0, radius[-1]), ylim=(min(0.0, max(single.get_ylim()[0], -0.3 * highest)), 1.2 * highest))
    curved.set_ylim(1.5 * limits[0], 1.5 * limits[1])
    if all(axes.dataLim.y0 > 0.0 for axes in panels[1]):
        drawing.logarithmic(spread)
    labels = f"{SINGLE_CURVES} single curves", "all curves", f"curvature, {SINGLE_CURVATURES} single curves"
    units = style.VELOCITY, style.VELOCITY, r"$\mathrm{d}^2 \ln v_\mathrm{c} / \mathrm{d} (\ln R)^2$"
    for axes, label, unit in zip(panels[:, 0], labels, units, strict=True):
        axes.set_ylabel(f"{label}\n{unit}")
    figure.supxlabel(style.RADIUS, fontsize="medium")
    figure.legend(*panels[1, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)")
    parser.reads_all(generated="generated curves (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    figure_files.save_figure(args, plot, *read_samples(args))


if __name__ == "__main__":
    commandline.run(main)
