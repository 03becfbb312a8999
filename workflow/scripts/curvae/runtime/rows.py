"""Work on many rows piece by piece: bounds the memory, changes no number."""

from collections.abc import Iterator

# Rows that are read, computed and written at once.
ROWS = 65536
ROWS_IN_CACHE = 8192  # where little is computed of each row, again and again


def pieces(n: int, rows: int = ROWS, start: int = 0) -> Iterator[slice]:
    """Yield the slices that cover the rows from `start` to n in pieces."""
    for first in range(start, n, rows):
        yield slice(first, min(first + rows, n))
