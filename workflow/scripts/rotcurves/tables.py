"""Tables of numbers, as CSV: written whole, the same bytes for the same numbers."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rotcurves.errors import UserError
from rotcurves.replacing import replacing

# Columns of every table of metrics.
METRIC = ("metric", "value", "standard_error")


def write(path: str | Path, columns: Iterable[str], rows: Iterable[Mapping]) -> None:
    """Write rows under the named columns; numbers with 7 digits, empty where a row has no value."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows({key: text(value) for key, value in row.items()} for row in rows)


def text(value) -> str:
    """A value as it stands in a table."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:.7g}"


def read(path: str | Path, *columns: str) -> list[dict[str, str]]:
    """Rows of a table that has the named columns, values as text. Raises UserError, naming the file, if it has not."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file, strict=True)
            missing = set(columns) - set(table.fieldnames or ())
            if missing:
                raise UserError(f"{path}: holds no column '{min(missing)}'; is it the right kind of table?")
            rows = list(table)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a table (CSV)") from error
    if not rows:
        raise UserError(f"{path}: holds no rows")
    if any(None in row or None in row.values() for row in rows):
        raise UserError(f"{path}: has rows with more or fewer values than its {len(table.fieldnames)} columns")
    return rows


@contextmanager
def numbers_of(path: str | Path) -> Iterator[None]:
    """In this block, a value of the table that is no number is a UserError that names the file."""
    try:
        yield
    except ValueError as error:
        raise UserError(f"{path}: holds a value that is no number") from error
