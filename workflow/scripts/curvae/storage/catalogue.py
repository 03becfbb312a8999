"""Catalogues of galaxies: tables that the tools of observers read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from curvae.storage.atomic import replacing
from curvae.storage.tables import write_table


@dataclass(frozen=True)
class Column:
    """A column of a catalogue: one number for each galaxy, NaN where there is none, or one text."""

    name: str
    values: np.ndarray
    unit: str  # as the FITS standard writes it
    description: str


def write_csv_catalogue(path: str | Path, columns: list[Column]) -> None:
    """Write a catalogue as CSV, empty where there is no number."""
    names = [column.name for column in columns]
    rows = zip(*(column.values.tolist() for column in columns), strict=True)
    numbers = [[None if value != value else value for value in row] for row in rows]
    write_table(path, names, (dict(zip(names, row, strict=True)) for row in numbers))


def write_ecsv_catalogue(path: str | Path, columns: list[Column]) -> None:
    """Write a catalogue as an ECSV table with units and descriptions."""
    from astropy.table import Table

    table = Table({column.name: column.values for column in columns})
    for column in columns:
        table[column.name].unit, table[column.name].description = column.unit or None, column.description
    with replacing(path) as temporary:
        table.write(temporary, format="ascii.ecsv", overwrite=True)


def fits_format(values: np.ndarray) -> str:
    """The format of a FITS column of these values."""
    return {"i": "K", "f": "D"}.get(values.dtype.kind) or f"{max(1, values.dtype.itemsize // 4)}A"


def write_fits_catalogue(path: str | Path, columns: list[Column]) -> None:
    """Write a catalogue as a FITS binary table with units and descriptions (TCOMM, as TOPCAT reads them)."""
    from astropy.io import fits

    table = fits.BinTableHDU.from_columns(
        [fits.Column(column.name, fits_format(column.values), column.unit, array=column.values) for column in columns],
        name="GALAXIES",
    )
    for number, column in enumerate(columns, 1):
        table.header.set(f"TCOMM{number}", column.description, after=f"TFORM{number}")
    with replacing(path) as temporary:
        table.writeto(temporary, overwrite=True)
