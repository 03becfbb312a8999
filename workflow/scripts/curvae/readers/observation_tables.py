"""Tables of observed points that others have made: text, or what astropy reads."""

import warnings
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from curvae.readers.user_curves import ROWS_READ, as_number, factor, numbers, reading_text
from curvae.runtime.errors import UserError

TEXT = (".csv", ".ecsv", ".txt", ".dat")
ASTROPY = {
    **dict.fromkeys((".fits", ".fit"), "fits"),
    **dict.fromkeys((".vot", ".xml", ".votable"), "votable"),
}
# Mass models of SPARC (Lelli et al. 2016), as published: ten columns between blanks, behind a header or without one.
SPARC = ("galaxy", "distance", "radius", "velocity", "error", "gas", "disc", "bulge", "disc_light", "bulge_light")
SPARC_FILES = (".mrt", ".txt", ".dat")
WANTED = {"radius": "kpc", "velocity": "km/s", "error": "km/s"}


def read_survey(path: str | Path, columns: Mapping[str, str], units: Mapping[str, str]) -> tuple[list[str], np.ndarray]:
    """Names of the galaxies (n,), and radii [kpc], velocities and errors [km/s] (3, n) of points, in their order.

    `columns` are the names of the columns galaxy, radius, velocity and error in the file, `units` the units of the
    last three where the file itself has none. Raises UserError, naming the file and what is wrong.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    if ending not in (*TEXT, *ASTROPY, *SPARC_FILES):
        raise UserError(f"{path}: unknown kind of table, expected one of: {', '.join([*TEXT, *ASTROPY])}, .mrt (SPARC)")
    if ending in SPARC_FILES and (found := sparc_table(path, columns)):
        names, values = found
    elif ending == ".mrt":
        raise UserError(f"{path}: holds no mass models of SPARC, expected {len(SPARC)} columns between blanks")
    else:
        names, values, own_units = _text(path, columns) if ending in TEXT else _astropy(path, columns)
        for i, (name, wanted) in enumerate(WANTED.items()):
            values[i] *= factor(path, columns[name], own_units[i] or units[name], wanted)
    names = [" ".join(name.split()) for name in names]
    if not names:
        raise UserError(f"{path}: holds no rows")
    if "" in names:
        raise UserError(f"{path}: row {names.index('') + 1} has no name of a galaxy")
    return names, values


def sparc_table(path: Path, columns: Mapping[str, str]) -> tuple[list[str], np.ndarray] | None:
    """Points of the mass models of SPARC; None if the file is no such table, or names the columns itself."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = {line: cells for line, text in enumerate(lines, 1) if (cells := text.split())}
    first = next((line for line, row in rows.items() if _of_sparc(row)), None)
    if first is None or any(set(columns.values()) <= set(row) for line, row in rows.items() if line < first):
        return None
    rows = {line: row for line, row in rows.items() if line >= first}
    for line, row in rows.items():
        if not _of_sparc(row):
            raise UserError(f"{path}: line {line}: expected a name and {len(SPARC) - 1} numbers, as in line {first}")
    values = np.array([row[1:] for row in rows.values()], dtype=np.float64).T
    return [row[0] for row in rows.values()], values[[SPARC.index(name) - 1 for name in WANTED]]


def _of_sparc(row: Sequence[str]) -> bool:
    return len(row) == len(SPARC) and all(as_number(cell) is not None for cell in row[1:])


def _places(path: Path, there: Sequence[str], columns: Mapping[str, str]) -> list[int]:
    """Where the columns are in a table of these columns; case matters only where it has to."""
    places = []
    for name, column in columns.items():
        found = [i for i, one in enumerate(there) if one == column]
        found = found or [i for i, one in enumerate(there) if one.casefold() == column.casefold()]
        if len(found) > 1:
            raise UserError(f"{path}: has several columns '{column}'")
        if not found:
            some = ", ".join(there[:12])
            raise UserError(f"{path}: has no column '{column}' (import_observations.{name}_column); it has: {some}")
        places += found
    return places


def _text(path: Path, columns: Mapping[str, str]) -> tuple[list[str], np.ndarray, list[str]]:
    """Names (n,), values (3, n) and their units (3,) of a table as text."""
    with reading_text(path, list(columns.values())) as table:
        galaxy, *places = _places(path, table.names, columns)
        left, names, values = table.lines(), [], [np.empty((0, len(WANTED)))]
        while piece := list(islice(left, ROWS_READ)):
            values.append(numbers(path, piece, table.names, places))
            names += [row[galaxy] for _, row in piece]
        return names, np.concatenate(values).T, [table.units[i] for i in places]


def _astropy(path: Path, columns: Mapping[str, str]) -> tuple[list[str], np.ndarray, list[str]]:
    """The same of the first table of a FITS file or a VOTable."""
    from astropy.table import Table

    kind = ASTROPY[path.suffix.lower()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is unusual in a table and read all the same
            table = Table.read(path, format=kind, **({"table_id": 0} if kind == "votable" else {}))
    except Exception as error:  # astropy raises whatever its readers do
        raise UserError(f"{path}: holds no readable table") from error
    galaxy, *found = (table.columns[i] for i in _places(path, table.colnames, columns))
    for column in found:
        if column.dtype.kind not in "fiu":
            raise UserError(f"{path}: column '{column.name}' must hold numbers")
    for column in (galaxy, *found):
        if column.ndim != 1:
            raise UserError(f"{path}: column '{column.name}' must hold one value a row, not {column.shape[1:]}")
    masked = np.ma.getmaskarray(np.ma.asarray(galaxy))
    names = ["" if nothing else str(name) for name, nothing in zip(galaxy, masked, strict=True)]
    values = np.array([np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan) for column in found])
    return names, values, [str(column.unit or "") for column in found]
