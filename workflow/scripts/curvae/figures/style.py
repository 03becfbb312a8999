"""What the figures have in common: sizes, colours, labels, bands, histograms, how they are saved.

Line widths, fonts and ticks are in a matplotlib style file. Nothing here needs a display or pyplot.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from matplotlib import rc_params_from_file, style
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from curvae.runtime.commandline import Parser
from curvae.runtime.errors import UserError
from curvae.runtime.intervals import QUANTILES
from curvae.storage import hdf5
from curvae.storage.atomic import replacing

# Widths of one and of two columns of a journal [inch].
SINGLE, DOUBLE = 3.5, 7.1
# Colours told apart by readers of any colour vision (Okabe & Ito 2008), and by their grey in print.
BLACK, GREY, BLUE, SKY, VERMILLION, ORANGE, GREEN = (
    ("#000000", "#777777", "#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#009E73")
)  # fmt: skip
# Lines of one axes: colour and dashes both differ.
LINES = tuple(
    {"color": color, "linestyle": dashes}
    for color, dashes in (
        (BLUE, "solid"),
        (VERMILLION, (0, (5, 1.5))),
        (BLACK, (0, (1, 1))),
        (GREEN, (0, (6, 1.5, 1, 1.5))),
        (ORANGE, (0, (3, 1, 1, 1, 1, 1))),
        (SKY, (0, (9, 2))),
    )
)
RADIUS = r"radius $R$ [kpc]"
VELOCITY = r"circular velocity $v_\mathrm{c}$ [km s$^{-1}$]"
# Rows shown of a larger data set, the first: by then bands and contours no longer change to the eye.
MOST_ROWS = 10_000

UNDATED = {"CreationDate": None}


def add_flags(parser: Parser) -> None:
    """The flags that every figure script has."""
    parser.reads(style="matplotlib style file")
    parser.writes(pdf="figure as vectors (PDF)", png="figure as a bitmap (PNG)")


def save_figure(args, plot: Callable[..., Figure], *data) -> None:
    """Draw `plot(*data)` in the style `args.style` alone and write it, as vectors and as a bitmap: both or none.

    The files hold no date, so equal figures are equal bytes.
    """
    with styled(args.style), replacing(args.pdf) as vectors, replacing(args.png) as bitmap:
        figure = laid_out(plot(*data))
        figure.savefig(vectors, format="pdf", metadata=UNDATED)
        figure.savefig(bitmap, format="png", metadata={"Software": None})


def save_pages(args, plot: Callable[..., Figure], pages: Iterable[tuple]) -> None:
    """Write `plot(*data)` for the data of each page, one after another, into the document `args.atlas` (PDF)."""
    with styled(args.style), replacing(args.atlas) as path, PdfPages(path, metadata=UNDATED) as document:
        for data in pages:
            document.savefig(laid_out(plot(*data)))


def laid_out(figure: Figure) -> Figure:
    """The figure with all at its final place: where a layout engine is left, each file costs two drawings."""
    if engine := figure.get_layout_engine():
        for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) if not axis.get_label_text()):
            axis.set_label_coords(0.0, 0.0)  # or the place of no label is sought again and again
        FigureCanvasPdf(figure)  # its letters are as wide at any resolution
        engine.execute(figure)
        figure.set_layout_engine(None)
    return figure


@contextmanager
def styled(path: str | Path) -> Iterator[None]:
    """What is drawn within has the look of a style file alone. Raises UserError if it is none."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every glyph that it embeds
    try:
        settings = rc_params_from_file(path, fail_on_error=True, use_default_template=False)
    except (OSError, ValueError):
        settings = None
    if not settings:  # matplotlib only warns of lines that it does not understand
        raise UserError(f"{path}: not a readable matplotlib style file")
    with style.context(settings, after_reset=True):
        yield


def read(path: str | Path, rows: int = MOST_ROWS, **datasets) -> tuple[list[np.ndarray], int]:
    """Read data sets to draw, the first rows of each (see `hdf5.reading`), and how many rows the first one has.

    Raises UserError, naming the file, if there are none or some values are not finite.
    """
    with hdf5.reading(path, **datasets) as source:
        total = len(source[next(iter(datasets))])
        return [checked(path, source[name][:rows]) for name in datasets], total


def checked(path: str | Path, values: np.ndarray) -> np.ndarray:
    """The same values as float64. Raises UserError, naming their file, if there are none or some are not finite."""
    if values.size == 0:
        raise UserError(f"{path}: holds no rows to draw")
    hdf5.check_finite(path, values)
    return values.astype(np.float64)


def sample_size(shown: int, total: int, what: str) -> str:
    """`n = 400 curves`, or how many of them are shown."""
    return f"$n$ = {shown:,} {what}" if shown == total else f"$n$ = {shown:,} of {total:,} {what}"


def tint(color: str, strength: float) -> tuple[float, ...]:
    """A colour mixed with white, opaque: strength 1 is the colour, 0 is white."""
    return tuple(1.0 - strength * (1.0 - np.array(to_rgb(color))))


def shown_latents(mean: np.ndarray, most: int) -> np.ndarray:
    """Indices of the latents to draw, given by posterior means (n, d): of too many, those that vary most."""
    return np.sort(np.argsort(-mean.var(0), kind="stable")[:most])


def latent_labels(latents: Iterable[int]) -> list[str]:
    """Axis labels of latents, given by their indices: they are counted from one, and have no units."""
    return [f"latent $z_{{{i + 1}}}$" for i in latents]


def not_shown(shown: Sequence, total: int, what: str) -> str:
    """A line for a legend, about what is left out of a figure."""
    return f"\n{total - len(shown)} more {what} not shown" if total > len(shown) else ""


def over_radius(axes: Axes, radius: np.ndarray) -> None:
    """Give an axes a radius axis [kpc] over just these radii: logarithmic, unless they are at equal distances."""
    steps = np.diff(radius)
    axes.set_xscale("linear" if steps.max() < 1.1 * steps.min() else "log")
    axes.set_xlim(radius[0], radius[-1])
    axes.xaxis.set_major_formatter("{x:g}")


def from_zero_or_log(axes: Axes) -> None:
    """Let the axis of positive numbers that are drawn begin at zero, or be logarithmic if they differ by much."""
    low, high = axes.dataLim.y0, axes.dataLim.y1
    if high > 10.0 * low > 0.0:
        logarithmic(axes)
    else:
        axes.set_ylim(0.0, 1.08 * high)


def logarithmic(axes: Axes) -> None:
    """Make the axis of y logarithmic, with numbers as they are spoken: 20, 50, 100."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def bands(axes: Axes, radius: np.ndarray, values: np.ndarray, color: str) -> np.ndarray:
    """Median, 68 % and 95 % interval, at each radius, of values (n, radius).

    Returns the upper edge of the 68 % interval (radius,), which no axis should cut.
    """
    low95, low68, median, high68, high95 = np.quantile(values, QUANTILES, axis=0)
    axes.fill_between(radius, low95, high95, color=tint(color, 0.2), linewidth=0, label="95 % of curves")
    axes.fill_between(radius, low68, high68, color=tint(color, 0.45), linewidth=0, label="68 % of curves")
    axes.plot(radius, median, color=BLACK, linewidth=1.4, zorder=3, label="median")
    return high68


def running_quantiles(x: np.ndarray, y: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of y (n,) at QUANTILES in bins of equally many x (n,), n >= bins.

    Returns the median x of each bin (bins,), and the quantiles (interval, bins).
    """
    rows = np.array_split(np.argsort(x, kind="stable"), bins)
    return np.array([np.median(x[r]) for r in rows]), np.array([np.quantile(y[r], QUANTILES) for r in rows]).T


def many_lines(n: int) -> list[dict]:
    """Looks of n lines of one axes: those of LINES, with a marker on each from the seventh on, another from then."""
    markers = ("", "o", "s", "^", "v", "D")
    return [
        {**LINES[i % len(LINES)], "marker": markers[i // len(LINES) % len(markers)], "markersize": 2.5, "markevery": 4}
        for i in range(n)
    ]


def data_range(values: np.ndarray) -> tuple[float, float]:
    """Axis limits: all values but one in a thousand on each side, and a margin."""
    low, high = np.quantile(values, (0.001, 0.999))
    margin = 0.12 * (high - low) or 0.5
    return low - margin, high + margin


def settled_range(values: np.ndarray) -> tuple[float, float]:
    """Axis limits of what falls from a great height: all values, or the lowest 80 % if the rest would hide them."""
    low, settled, high = np.quantile(values, (0.0, 0.8, 1.0))
    high = high if high - low < 10.0 * (settled - low) else settled
    margin = 0.08 * (high - low) or 0.5
    return low - margin, high + margin


def bin_number(values: np.ndarray, limits: tuple[float, float]) -> int:
    """Number of histogram bins between the limits (Freedman & Diaconis 1981), enough and few enough to be seen."""
    low, high = np.quantile(values, (0.25, 0.75))
    width = 2.0 * (high - low) / len(values) ** (1.0 / 3.0)
    span = limits[1] - limits[0]
    return int(max(8.0, span / max(width, span / 60.0)))


def histogram(axes: Axes, values: np.ndarray, limits: tuple[float, float], **look) -> np.ndarray:
    """Draw the histogram of values as a density, and return the heights of its bars."""
    bins = bin_number(values, limits)
    weights = np.full(len(values), bins / (limits[1] - limits[0]) / len(values))
    return axes.hist(values, bins, range=limits, weights=weights, **look)[0]
