"""Tables of numbers, as CSV: written whole, the same bytes for the same numbers."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path

from curvae.runtime.errors import UserError
from curvae.storage.atomic import replacing


def write_table(path: str | Path, columns: Iterable[str], rows: Iterable[Mapping]) -> None:
    """Write rows under the named columns; floating-point numbers with 7 digits, empty where a row has no value."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows({key: text(value) for key, value in row.items()} for row in rows)


def text(value) -> str:
    """A value as it stands in a table."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str | Integral) else f"{value:.7g}"


def read_table(path: str | Path, texts: Sequence[str] = (), numbers: Sequence[str] = ()) -> list[dict]:
    """Rows of a table that has the named columns, those of numbers as floats, NaN where there is none.

    Raises UserError, naming the file, if it has not.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file, strict=True)
            missing = {*texts, *numbers} - set(table.fieldnames or ())
            if missing:
                raise UserError(f"{path}: holds no column '{min(missing)}'; is it the right kind of table?")
            rows = list(table)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a table (CSV)") from error
    if not rows:
        raise UserError(f"{path}: holds no rows")
    if any(None in row or None in row.values() for row in rows):
        raise UserError(f"{path}: has rows with more or fewer values than its {len(table.fieldnames)} columns")
    try:
        return [{**row, **{name: float(row[name] or "nan") for name in numbers}} for row in rows]
    except ValueError as error:
        raise UserError(f"{path}: holds a value that is not a number") from error
