"""Catalogues of galaxies: numbers that observers give of a rotation curve, and tables that their tools read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rotcurves import tables
from rotcurves.replacing import replacing

# Points of a flat part differ from the mean of those outside them by no more than this share.
FLAT = 0.05


@dataclass(frozen=True)
class Column:
    """A column of a catalogue: one number for each galaxy, NaN where there is none."""

    name: str
    values: np.ndarray
    unit: str  # as the FITS standard writes it
    description: str


def velocity_at(at: np.ndarray, radius: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Velocity (n,) [km/s] of each curve (n, m) at a radius of its own (n,) [kpc]; NaN beyond the radii (m,).

    Linear in ln R between the radii.
    """
    x, grid = np.log(at), np.log(radius)
    found = np.array([np.interp(one, grid, curve) for one, curve in zip(x, velocity, strict=True)])
    return np.where((at >= radius[0]) & (at <= radius[-1]), found, np.nan)


def flat_velocity(velocity: np.ndarray) -> np.ndarray:
    """Velocity (n,) [km/s] of the flat outer part of each curve (n, m); NaN if three points do not make one.

    The mean of the two outermost points takes in the next one inwards as long as that is within 5 % of it
    (Lelli, McGaugh & Schombert 2016, ApJL 816, L14, section 2.2).
    """
    total, points = velocity[:, -2:].sum(1), np.full(len(velocity), 2)
    flat = np.ones(len(velocity), bool)
    for v in velocity[:, -3::-1].T:
        mean = total / points
        flat &= np.abs(v - mean) <= FLAT * mean
        total, points = total + np.where(flat, v, 0.0), points + flat
    return np.where(points > 2, total / points, np.nan)


def write_csv(path: str | Path, columns: list[Column]) -> None:
    """Write a catalogue as CSV, empty where there is no number."""
    names = [column.name for column in columns]
    rows = zip(*(column.values.tolist() for column in columns), strict=True)
    numbers = [[None if value != value else value for value in row] for row in rows]
    tables.write(path, names, (dict(zip(names, row, strict=True)) for row in numbers))


def write_fits(path: str | Path, columns: list[Column]) -> None:
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
