"""What figures read and how they are saved. Nothing here needs a display or pyplot."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from matplotlib import rc_params_from_file, style
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure

from curvae.runtime.commandline import Parser
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.atomic import replacing

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
