"""Make a catalogue of generated galaxies, for TOPCAT, astropy, pandas or a spreadsheet.

A galaxy has the parameters of the physical curve nearest to its generated one and the distance to that, its
latent code, and velocities of the generated curve: at 2.2 disc scale lengths, the highest, and of the flat part.

Reads:  generated curves and the fits to them, which may be fewer (HDF5).
Writes: a row for each galaxy with a fit, as CSV and as FITS, where columns have units and descriptions.
"""

import numpy as np

from curvae.galaxies.observables import flat_velocity, velocity_at
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.catalogue import Column, write_csv_catalogue, write_fits_catalogue
from curvae.storage.curves import described


def columns(radius, velocity, code, parameters, names, units, rmse):
    """The columns of the catalogue of curves (n, m) [km/s], their codes (n, d) and their fits (n, p), (n,) [km/s]."""
    galaxy = np.arange(len(velocity))
    table = [Column("curve", galaxy, "", "row in the file of generated curves, from 0")]
    # Without units: the FITS standard has none for a logarithm that all readers know.
    table += [
        Column(name, values, "", f"{unit}, of the nearest physical curve")
        for name, values, unit in zip(names, parameters.T, units, strict=True)
    ]
    table += [Column("rmse", rmse, "km/s", "root mean square distance to the nearest physical curve")]
    highest = velocity.argmax(1)
    at_edge = (highest == 0) | (highest == len(radius) - 1)
    at = 2.2 * 10.0 ** parameters[:, names.index("log_scale_length")]
    table += [
        Column("v_2_2", velocity_at(at, radius, velocity), "km/s", "at 2.2 disc scale lengths, if among the radii"),
        Column("v_max", velocity.max(1), "km/s", "highest velocity"),
        Column("r_max", radius[highest], "kpc", "radius of the highest velocity"),
        Column("r_max_at_edge", at_edge.astype(int), "", "1 if that is the first or last radius"),
        Column("v_flat", flat_velocity(velocity), "km/s", "of the flat outer part (Lelli et al. 2016), if any"),
    ]
    return table + [Column(f"z{i + 1}", z, "", "latent code") for i, z in enumerate(code.T)]


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(generated="generated curves (HDF5)", physical_fits="physical curves nearest to them (HDF5)")
    parser.writes(catalogue_csv="catalogue (CSV)", catalogue_fits="catalogue (FITS)")
    args = parser.parse_args(argv)
    names, units, _ = described(args.physical_fits)
    with hdf5.reading(args.physical_fits, parameters=("curve", None), rmse=("curve",)) as fits:
        parameters, rmse = fits["parameters"][...], fits["rmse"][...]
    shapes = {"velocity": ("curve", "radius"), "radius": ("radius",), "code": ("curve", None)}
    with hdf5.reading(args.generated, **shapes) as source:
        if len(source["velocity"]) < len(parameters):
            raise UserError(
                f"{args.physical_fits}: holds {len(parameters)} fits, more than the curves of {args.generated}"
            )
        radius = source["radius"][...]
        velocity, code = (source[name][: len(parameters)].astype(np.float64) for name in ("velocity", "code"))
    hdf5.check_finite(args.generated, radius, code)
    table = columns(radius, velocity, code, parameters, names, units, rmse)
    write_fits_catalogue(args.catalogue_fits, table)
    write_csv_catalogue(args.catalogue_csv, table)


if __name__ == "__main__":
    commandline.run(main)
