"""Draw the population behind the observed galaxies beside the prior: generated curves over all observed points.

Reads:  observed galaxies, and curves generated from the prior and from the population (HDF5), the first of them.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.curves import check_radii
from curvae.storage.observations import read_observations

POINTS = {"linestyle": "none", "marker": ".", "markeredgewidth": 0, "color": style.VERMILLION}
MOST_POINTS, SINGLE_CURVES = 2000, 20


def read_curves(path, rows=figure_files.MOST_ROWS):
    """Radii (m,) [kpc], velocities (n, m) [km/s] and sampler of generated curves."""
    (radius, velocity), _ = figure_files.read(path, rows, radius=("radius",), velocity=("curve", "radius"))
    with hdf5.reading(path) as file:
        return radius, velocity, hdf5.attributes(path, file, "sampler")["sampler"]


def plot(number, at, seen, radius, samples):
    """A panel for each named sample of velocities (n, m) [km/s] over radii (m,) [kpc], with the points of galaxies.

    The points of the number of galaxies are seen velocities (p,) [km/s] at their radii (p,) [kpc].
    """
    shown = np.random.default_rng(0).permutation(len(at))[:MOST_POINTS]
    figure = Figure(figsize=(style.DOUBLE, 3.0), layout="constrained")
    panels = figure.subplots(1, len(samples), sharex=True, sharey=True)
    for axes, (name, velocity) in zip(panels, samples.items(), strict=True):
        drawing.bands(axes, radius, velocity, style.BLUE)
        axes.plot(radius, velocity[:SINGLE_CURVES].T, color=style.BLUE, linewidth=0.25)
        axes.plot(at[shown], seen[shown], **POINTS, markersize=1.5, zorder=2.5)
        axes.plot([], [], **POINTS, markersize=4.0, label="observed points")
        drawing.over_radius(axes, radius)
        axes.set_title(f"{name}\n$n$ = {len(velocity):,}")
    positive = seen[seen > 0.0]
    drawing.logarithmic(panels[0])
    panels[0].set_ylim(0.5 * np.quantile(positive, 0.005), 2.0 * positive.max())
    panels[0].set_ylabel(style.VELOCITY)
    figure.supxlabel(style.RADIUS, fontsize="medium")
    handles, labels = panels[0].get_legend_handles_labels()
    title = style.sample_size(len(shown), len(at), f"points of {number:,} galaxies")
    figure.legend(handles, labels, title=title, loc="outside upper center", ncols=4)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__, targets="population")
    parser.reads(observations="observed galaxies (HDF5)", prior_curves="curves generated from the prior (HDF5)")
    parser.reads(generated="curves generated from the population (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    galaxies = read_observations(args.observations)
    radius, velocity, sampler = read_curves(args.prior_curves)
    own, generated, _ = read_curves(args.generated)
    check_radii(args.generated, own, radius, args.prior_curves)
    samples = {f"prior ({sampler})": velocity, "population": generated}
    if galaxies[0].truth:
        if len(galaxies[0].truth["velocity"]) != len(radius):
            raise UserError(f"{args.observations}: its true velocity is not at the radii of {args.prior_curves}")
        samples["observed mocks, without noise"] = np.array([galaxy.truth["velocity"] for galaxy in galaxies])
    at, seen = (np.concatenate([getattr(galaxy, name) for galaxy in galaxies]) for name in ("radius", "velocity"))
    figure_files.save_figure(args, plot, len(galaxies), at, seen, radius, samples)


if __name__ == "__main__":
    commandline.run(main)
