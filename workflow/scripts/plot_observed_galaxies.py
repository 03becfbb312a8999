"""Draw observed galaxies: their points, and the curves that the model infers from them.

Reads:  observed galaxies and their posteriors (HDF5), the first if there are many.
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

from matplotlib.figure import Figure

from curvae.figures import figure_files, style
from curvae.figures.observed import draw_galaxy, write_title
from curvae.inference.flags import read_reasons
from curvae.runtime import commandline
from curvae.storage.observations import read_observations
from curvae.storage.posteriors import read_draws, reading_posteriors_of

COLUMNS, MOST = 4, 12


def plot(galaxies, radius, velocity, added_error, flagged, total):
    """A panel for each galaxy: its points, and bands of curves (galaxy, draw, radius) [km/s] over radii [kpc].

    `added_error` (galaxy,) are fractions of the curves that the error model adds to the errors.
    """
    rows = -(-len(galaxies) // COLUMNS)
    figure = Figure(figsize=(style.DOUBLE, 0.6 + 1.25 * rows), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, sharex=True, squeeze=False)
    for axes in panels.flat[len(galaxies) :]:
        axes.remove()
    for axes, galaxy, curves, added, words in zip(panels.flat, galaxies, velocity, added_error, flagged, strict=False):
        draw_galaxy(axes, galaxy, radius, curves, added)
        write_title(axes, galaxy.name, words, fontsize="small")
    figure.supxlabel(style.RADIUS, fontsize="medium")
    figure.supylabel(style.VELOCITY, fontsize="medium")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    title = style.sample_size(len(galaxies), total, "galaxies")
    figure.legend(handles, labels, title=title, loc="outside upper center", ncols=6)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(observations="observed galaxies (HDF5)", posteriors="their posteriors (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    galaxies = read_observations(args.observations)
    with reading_posteriors_of(args.posteriors, galaxies, args.observations) as (_, file):
        velocity, radius = read_draws(args.posteriors, file, "velocity", slice(MOST)), file["radius"][...]
        added_error, flagged = file["added_error"][:MOST], read_reasons(args.posteriors, file, slice(MOST))
    figure_files.save_figure(args, plot, galaxies[:MOST], radius, velocity, added_error, flagged, len(galaxies))


if __name__ == "__main__":
    commandline.run(main)
