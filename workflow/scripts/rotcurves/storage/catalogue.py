"""Catalogues of galaxies: tables that the tools of observers read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rotcurves.storage.atomic import replacing
from rotcurves.storage.tables import write_table


@dataclass(frozen=True)
class Column:
    """A column of a catalogue: one number for each galaxy, NaN where there is none."""

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


def write_fits_catalogue(path: str | Path, columns: list[Column]) -> None:
    """Write a catalogue as a FITS binary table with units and descriptions (TCOMM, as TOPCAT reads them)."""
    from astropy.io import fits

    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(column.name, "K" if column.values.dtype.kind == "i" else "D", column.unit, array=column.values)
            for column in columns
        ],
        name="GALAXIES",
    )
    for number, column in enumerate(columns, 1):
        table.header.set(f"TCOMM{number}", column.description, after=f"TFORM{number}")
    with replacing(path) as temporary:
        table.writeto(temporary, overwrite=True)
