"""Tables of observed points that others have made, read by astropy."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rotcurves.runtime.errors import UserError
from rotcurves.storage.foreign import as_number, factor

KINDS = {
    **dict.fromkeys((".csv", ".txt", ".dat"), "ascii"),
    ".ecsv": "ascii.ecsv",
    **dict.fromkeys((".fits", ".fit"), "fits"),
    **dict.fromkeys((".vot", ".xml", ".votable"), "votable"),
}
# Mass models of SPARC (Lelli et al. 2016), as published: ten columns between blanks, behind a header or without one.
SPARC = ("galaxy", "distance", "radius", "velocity", "error", "gas", "disc", "bulge", "disc_light", "bulge_light")
WANTED = {"radius": "kpc", "velocity": "km/s", "error": "km/s"}


def read_survey(path: str | Path, columns: Mapping[str, str], units: Mapping[str, str]) -> tuple[list[str], np.ndarray]:
    """Names of the galaxies (n,), and radii [kpc], velocities and errors [km/s] (3, n) of points, in their order.

    `columns` are the names of the columns galaxy, radius, velocity and error in the file, `units` the units of the
    last three where the file itself has none. Raises UserError, naming the file and what is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    found = sparc_table(path)
    if found is None:
        return _named_columns(path, _table(path), columns, units)
    return found


def sparc_table(path: Path) -> tuple[list[str], np.ndarray] | None:
    """Points of the mass models of SPARC; None if the file is no such table."""
    if path.suffix.lower() not in (".mrt", ".dat", ".txt"):
        return None
    rows = [line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    rows = [row for row in rows if len(row) == len(SPARC) and all(as_number(cell) is not None for cell in row[1:])]
    if not rows:
        return None
    numbers = np.array([row[1:] for row in rows], dtype=np.float64).T
    return [row[0] for row in rows], numbers[[SPARC.index(name) - 1 for name in WANTED]]


def _table(path: Path):
    from astropy.table import Table

    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise UserError(f"{path}: unknown kind of table, expected one of: {', '.join([*KINDS, '.mrt of SPARC'])}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is unusual in a table and read all the same
            return Table.read(path, format=kind)
    except Exception as error:  # astropy raises whatever its readers do
        raise UserError(f"{path}: not a readable table") from error


def _named_columns(path: Path, table, columns, units) -> tuple[list[str], np.ndarray]:
    for name, column in columns.items():
        if column not in table.colnames:
            there = ", ".join(table.colnames[:12])
            raise UserError(f"{path}: has no column '{column}' (import_observations.{name}_column); it has: {there}")
    values = []
    for name, wanted in WANTED.items():
        column = table[columns[name]]
        if column.dtype.kind not in "fiu":
            raise UserError(f"{path}: column '{columns[name]}' must hold numbers")
        unit = str(column.unit) if column.unit else units[name]
        numbers = np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)
        values.append(numbers * factor(path, columns[name], unit, wanted))
    names = [str(name).strip() for name in table[columns["galaxy"]]]
    if not names:
        raise UserError(f"{path}: holds no rows")
    return names, np.array(values)
