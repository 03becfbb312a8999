"""Read the curves of a file of the user's, check them, and bring them into the form of the curves that we simulate.

Reads:  HDF5 or NumPy (.npz) with `velocity` (curve, radius) [km/s], `radius` [kpc] and maybe `parameters` (curve,
        parameter); or a table (CSV, ECSV, FITS), where columns whose names are numbers are velocities at that radius.
Writes: circular velocities [km/s] over radius [kpc], with the parameters beside them (HDF5); where there are none,
        with what every curve has: highest velocity, its radius, slope of the outer part.
"""

import logging

import numpy as np

from curvae.galaxies import observables
from curvae.readers.user_tables import reading_curves, warn_of_units
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.runtime.progress import progress
from curvae.storage import hdf5
from curvae.storage.curves import parameters_dataset, velocity_dataset

log = logging.getLogger(__name__)

FEWEST_CURVES, FEWEST_RADII = 100, 3
LINEAR = "linear"  # the representation of velocities themselves, not of their logarithms


def check_file(path, source):
    """Raise UserError, naming the file, for too few curves, or radii that are too few, negative or not increasing."""
    radius = source.radius
    if len(radius) < FEWEST_RADII:
        raise UserError(f"{path}: has {len(radius)} radii, expected at least {FEWEST_RADII}")
    bad = ~(np.isfinite(radius) & (radius >= 0.0) & (np.diff(radius, prepend=-1.0) > 0.0))
    if bad.any():
        first = bad.argmax()
        raise UserError(f"{path}: radius {first + 1} is {radius[first]:g} kpc, expected increasing radii from zero on")
    if source.length < FEWEST_CURVES:
        raise UserError(f"{path}: holds {source.length} curves, expected at least {FEWEST_CURVES}")


def check_rows(path, source, rows, velocity, parameters, positive):
    """Raise UserError that names the first of some curves (n, m) and parameters (n, p) that is not usable."""
    at = [f"velocity at {radius:g} kpc" for radius in source.radius]
    centre = source.radius == 0.0
    for values, names, good, expected in (
        (velocity, at, np.isfinite(velocity), "a finite number"),
        (velocity, at, (velocity == 0.0) | ~centre, "zero"),
        (velocity, at, (velocity > 0.0) | centre | (not positive), "above zero (representation linear takes any)"),
        (parameters, source.names, np.isfinite(parameters), "a finite number"),
    ):
        if not good.all():
            row, column = np.argwhere(~good)[0]
            wrong = f"{names[column]} is {values[row, column]:g}, expected {expected}"
            raise UserError(f"{path}: curve {rows.start + row + 1} (counted from 1): {wrong}")


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__, targets="all", setting="curves=mine.npz")
    parser.reads(source="curves of the user")
    parser.settings("train_vae", "representation")
    parser.writes(curves="rotation curves (HDF5)")
    args = parser.parse_args(argv)
    path, positive = args.source, args.representation != LINEAR
    with reading_curves(path) as source, hdf5.create(args.curves) as writer:
        check_file(path, source)
        if source.radius[0] == 0.0:
            log.info("%s: the velocity at radius 0, which is zero, is left out", path)
        radius, hashes, medians = source.radius[source.radius > 0.0], np.empty(source.length, np.int64), []
        writer.axis("curve", source.length)
        velocity = velocity_dataset(writer, radius)
        described = (source.names, source.units, source.labels) if source.names else observables.SHAPE
        parameters = parameters_dataset(writer, *described)
        for rows, v, p in progress(source.pieces(), source.length, "reading", "curves"):
            check_rows(path, source, rows, v, p, positive)
            v = np.ascontiguousarray(v[:, source.radius > 0.0])
            velocity[rows], parameters[rows] = v, p if source.names else observables.shape(v, radius)
            hashes[rows] = [hash(row.tobytes()) for row in v]
            medians.append(np.median(v))
    warn_of_units(path, np.median(medians), radius[-1])
    if repeated := source.length - len(np.unique(hashes)):
        log.warning("warning: %s: %d curves are equal to others, so that test curves are not new", path, repeated)


if __name__ == "__main__":
    commandline.run(main)
