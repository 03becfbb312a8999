"""Draw an atlas of the observed galaxies: a page each with points, inferred curves, residuals, and the parameters.

Reads:  observed galaxies and their posteriors (HDF5).
Writes: the atlas (PDF).
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator

from curvae.figures import drawing, figure_files, style
from curvae.figures.observed import ENLARGED, OBSERVED, draw_galaxy, enlarged_error, write_title
from curvae.galaxies.interpolation import interpolate
from curvae.inference.flags import read_reasons
from curvae.runtime import commandline
from curvae.runtime.progress import progress
from curvae.storage.curves import described
from curvae.storage.observations import read_observations
from curvae.storage.posteriors import POSTERIOR_SUMMARIES, read_draws, reading_posteriors_of

MOST, IN_COLUMN = 10, 5  # parameters that are drawn, one below the other
PRIOR, POSTERIOR = {"color": style.tint(style.GREY, 0.4), "fill": True}, {"color": style.BLUE}
PLAIN = "{x:g}"  # numbers at ticks


def draw_parameter(axes, draws, prior):
    """Histograms of posterior draws (n,) and prior draws (k,), each scaled to its highest bar."""
    for values, look in ((prior, PRIOR), (draws, POSTERIOR)):
        limits = values.min(), values.max() + 1e-9
        heights, edges = np.histogram(values, drawing.bin_number(values, limits), range=limits)
        axes.stairs(heights / heights.max(), edges, **look)
    axes.set(xlim=drawing.data_range(np.concatenate([prior, draws])), ylim=(0.0, 1.15), yticks=[])
    axes.locator_params(axis="x", nbins=5)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(PLAIN)


def plot(galaxy, radius, velocity, parameters, prior, labels, words, added_error, about):
    """The page of a galaxy: draws of its curve (n, m) [km/s] over radii (m,) and of its parameters (n, p)."""
    p = min(len(labels), MOST)
    columns = -(-p // IN_COLUMN)
    figure = Figure(figsize=(style.DOUBLE, 4.6))
    # Every page is laid out alike, with few ticks and plain numbers: they are what takes time.
    places = {"bottom": 0.1, "top": 0.84}
    left = figure.add_gridspec(2, 1, height_ratios=(3, 1), left=0.08, right=0.6, hspace=0.06, **places)
    right = figure.add_gridspec(-(-p // columns), columns, left=0.65, right=0.985, hspace=0.85, wspace=0.1, **places)
    upper, lower = left.subplots(sharex=True)
    draw_galaxy(upper, galaxy, radius, velocity, added_error)
    upper.set_ylabel(style.VELOCITY)
    write_title(upper, galaxy.name, words, y=1.0, pad=18.0)
    upper.text(0.0, 1.02, about, fontsize="small", transform=upper.transAxes)
    median = interpolate(radius, np.median(velocity, 0), galaxy.radius)
    residual = (galaxy.velocity - median) / galaxy.error
    if added_error:
        enlarged = enlarged_error(galaxy, radius, velocity, added_error) / galaxy.error
        lower.errorbar(galaxy.radius, residual, enlarged, **ENLARGED)
    lower.errorbar(galaxy.radius, residual, 1.0, **OBSERVED)
    upper.xaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
    for axes in (upper, lower):
        axes.yaxis.minorticks_off()
        axes.yaxis.set_major_formatter(PLAIN)
    lower.axhline(0.0, color=style.BLACK, linewidth=0.6)
    highest = 1.2 * (np.abs(residual).max() + 1.0)
    lower.set(xlabel=style.RADIUS, ylabel="residual / error", ylim=(-highest, highest))
    for i, axes in enumerate(right.subplots(squeeze=False).T.flat):
        if i >= p:
            axes.remove()
            continue
        draw_parameter(axes, parameters[:, i], prior[:, i])
        if galaxy.truth:
            axes.axvline(galaxy.truth["parameters"][i], **style.LINES[1])
        axes.set_xlabel(labels[i], labelpad=1.5, fontsize="medium" if columns == 1 else "x-small")
    handles, names = upper.get_legend_handles_labels()
    handles += [Patch(color=PRIOR["color"]), Line2D([], [], color=POSTERIOR["color"])]
    names += ["parameters: prior", "posterior"]
    place = {"loc": "upper right", "bbox_to_anchor": (0.985, 0.99), "borderaxespad": 0.0}
    figure.legend(handles, names, **place, ncols=4, columnspacing=1.2)
    return figure


def fit_in_words(points, left_out, chi2, added_error, chi2_with_added, fit_probability, **others):
    """How the median curve fits the points, in one line."""
    seen = f"{points:.0f} of {points + left_out:.0f} points" if left_out else f"{points:.0f} points"
    added = f", and {chi2_with_added:.3g} with {added_error:.1%} of v added to the errors" if added_error else ""
    return f"{seen}, \u03c7\u00b2 = {chi2:.3g}{added}; p = {fit_probability:.2g}"


def pages(args, galaxies):
    """What `plot` draws of each galaxy, read one after another."""
    _, _, labels = described(args.posteriors, axes=3)
    with reading_posteriors_of(args.posteriors, galaxies, args.observations) as (_, file):
        radius, prior = file["radius"][...], file["prior_parameters"][...].astype(np.float64)
        numbers = {name: file[name][...] for name in POSTERIOR_SUMMARIES}
        flagged = read_reasons(args.posteriors, file)
        for i in progress(range(len(galaxies)), len(galaxies), "drawing", "pages"):
            draws = (read_draws(args.posteriors, file, name, slice(i, i + 1))[0] for name in ("velocity", "parameters"))
            summaries = {name: values[i] for name, values in numbers.items()}
            words = flagged[i], summaries["added_error"], fit_in_words(**summaries)
            yield galaxies[i], radius, *(d.astype(np.float64) for d in draws), prior, labels, *words


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__, targets="atlas")
    parser.reads(observations="observed galaxies (HDF5)", posteriors="their posteriors (HDF5)")
    parser.reads(style="matplotlib style file")
    parser.writes(atlas="atlas (PDF)")
    args = parser.parse_args(argv)
    figure_files.save_pages(args, plot, pages(args, read_observations(args.observations)))


if __name__ == "__main__":
    commandline.run(main)
