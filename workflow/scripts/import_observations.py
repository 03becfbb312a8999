"""Read observed galaxies from one long table, a row for each point: galaxy, radius, velocity and its error.

Tables are text (CSV, ECSV), FITS or VOTable, or the mass models of SPARC as published.

Reads:  the table, and the curves of the models (HDF5), for their radii.
Writes: observed galaxies (HDF5). Points beyond the radii of the models are left out and counted.
"""

import logging

import numpy as np

from curvae.readers.user_tables import read_points, warn_of_units
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.observations import Galaxy, write_observations

log = logging.getLogger(__name__)

NAMED = 5  # galaxies that a line names


def check(path, rows, galaxy, values):
    """Raise UserError that names the first point whose radius, velocity or error is not usable."""
    radius, velocity, error = values
    for name, column, good, expected in (
        ("radius", radius, np.isfinite(radius) & (radius >= 0.0), "a finite number from zero on"),
        ("velocity", velocity, np.isfinite(velocity), "a finite number"),
        ("error", error, np.isfinite(error) & (error > 0.0), "a number above zero"),
    ):
        if not good.all():
            first = good.argmin()
            wrong = f"{name} is {column[first]:g}, expected {expected}"
            raise UserError(f"{path}: row {rows[first] + 1}, {galaxy}: {wrong}")
    distinct, counts = np.unique(radius, return_counts=True)
    if (counts > 1).any():
        repeated = distinct[counts > 1][0]
        raise UserError(f"{path}: {galaxy}: has several points at radius {repeated:g} kpc; average them before")


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__, targets="all", setting="observations=mine.csv")
    parser.reads(table="table of the user", curves="rotation curves (HDF5)")
    parser.settings("import_observations")
    parser.writes(observations="observed galaxies (HDF5)")
    args = parser.parse_args(argv)
    with hdf5.reading(args.curves, radius=("radius",)) as file:
        inner, outer = file["radius"][[0, -1]]
    columns = {name: getattr(args, f"{name}_column") for name in ("galaxy", "radius", "velocity", "error")}
    units = {"radius": args.radius_unit, "velocity": args.velocity_unit, "error": args.velocity_unit}
    names, points = read_points(args.table, columns, units)
    galaxies, without, rows_of = [], [], {}
    for row, name in enumerate(names):
        rows_of.setdefault(name, []).append(row)
    for name, rows in rows_of.items():
        values = points[:, rows]
        check(args.table, rows, name, values)
        within = (values[0] >= inner) & (values[0] <= outer)
        order = np.flatnonzero(within)[np.argsort(values[0][within], kind="stable")]
        if len(order):
            galaxies.append(Galaxy(*values[:, order], name, left_out=len(rows) - len(order)))
        else:
            without.append(name)
    radius, velocity, _ = points
    where = f"from {inner:g} to {outer:g} kpc"
    if not galaxies:
        its = f"its radii are {radius.min():g} to {radius.max():g} kpc"
        raise UserError(f"{args.table}: no point is {where}, the radii of the models: {its}")
    warn_of_units(args.table, np.median(np.abs(velocity)), radius.max())
    if without:
        some = ", ".join(without[:NAMED]) + (f" and {len(without) - NAMED} more" if len(without) > NAMED else "")
        log.warning("%s: without a point %s, left out: %s", args.table, where, some)
    if left_out := sum(galaxy.left_out for galaxy in galaxies):
        log.info("%s: %d points beyond %g to %g kpc are left out", args.table, left_out, inner, outer)
    write_observations(args.observations, galaxies)


if __name__ == "__main__":
    commandline.run(main)
