"""How the figures look: sizes, colours, line styles and labels.

Line widths, fonts and ticks are in a matplotlib style file.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.colors import to_rgb

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


def tint(color: str, strength: float) -> tuple[float, ...]:
    """A colour mixed with white, opaque: strength 1 is the colour, 0 is white."""
    return tuple(1.0 - strength * (1.0 - np.array(to_rgb(color))))


def many_lines(n: int) -> list[dict]:
    """Looks of n lines of one axes: those of LINES, with a marker on each from the seventh on, another from then."""
    markers = ("", "o", "s", "^", "v", "D")
    return [
        {**LINES[i % len(LINES)], "marker": markers[i // len(LINES) % len(markers)], "markersize": 2.5, "markevery": 4}
        for i in range(n)
    ]


def sample_size(shown: int, total: int, what: str) -> str:
    """`n = 400 curves`, or how many of them are shown."""
    return f"$n$ = {shown:,} {what}" if shown == total else f"$n$ = {shown:,} of {total:,} {what}"


def latent_labels(latents: Iterable[int]) -> list[str]:
    """Axis labels of latents, given by their indices: they are counted from one, and have no units."""
    return [f"latent $z_{{{i + 1}}}$" for i in latents]


def not_shown(shown: Sequence, total: int, what: str) -> str:
    """A line for a legend, about what is left out of a figure."""
    return f"\n{total - len(shown)} more {what} not shown" if total > len(shown) else ""


def shown_latents(mean: np.ndarray, most: int) -> np.ndarray:
    """Indices of the latents to draw, given by posterior means (n, d): of too many, those that vary most."""
    return np.sort(np.argsort(-mean.var(0), kind="stable")[:most])
