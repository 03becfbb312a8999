"""Work on many rows piece by piece: bounds the memory, changes no number."""

from collections.abc import Iterator

ROWS = 65536  # rows copied at once
COMPUTED_ROWS = 8192  # rows that a network or a formula takes at once: few, so that what it makes of them is small


def pieces(n: int, rows: int = ROWS, start: int = 0) -> Iterator[slice]:
    """Yield the slices that cover the rows from `start` to n in pieces."""
    for first in range(start, n, rows):
        yield slice(first, min(first + rows, n))
