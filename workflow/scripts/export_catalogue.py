r"""Make a catalogue of generated galaxies, for TOPCAT, astropy, pandas or a spreadsheet.

A galaxy has the parameters of the physical curve nearest to its generated one and the distance to that, its
latent code, and velocities of the generated curve: at 2.2 disc scale lengths, the highest, and of the flat part.

Reads:  generated curves and the fits to them, which may be fewer (HDF5).
Writes: a row for each galaxy with a fit, as CSV and as FITS, where columns have units and descriptions.

Example:

    python workflow/scripts/export_catalogue.py \
        --generated results/full/seed1/generated/normal.h5 --physical-fits results/full/seed1/fits/normal.h5 \
        --catalogue-csv catalogue.csv --catalogue-fits catalogue.fits
"""

import numpy as np

from rotcurves import commandline, files
from rotcurves.catalogue import Column, flat_velocity, velocity_at, write_csv, write_fits
from rotcurves.errors import UserError
from rotcurves.relations import NAMES

# Without units: the FITS standard has none for a logarithm that all readers know.
PHYSICAL = (
    "log10 of the disc mass [Msun]",
    "log10 of the virial mass of the halo [Msun]",
    "log10 of the disc scale length [kpc]",
    "log10 of the halo concentration",
)


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--generated", "file of generated curves to read (HDF5)")
    parser.flag("--physical-fits", "file of the fits to them to read (HDF5)")
    parser.flag("--catalogue-csv", "table to write (CSV)")
    parser.flag("--catalogue-fits", "table to write (FITS)")
    return parser.parse_args(argv)


def columns(radius, velocity, code, parameters, rmse):
    """The columns of the catalogue of curves (n, m) [km/s], their codes (n, d) and their fits (n, 4), (n,) [km/s]."""
    galaxy = np.arange(len(velocity))
    found = [Column("curve", galaxy, "", "row in the file of generated curves, from 0")]
    found += [
        Column(name, values, "", f"{description}, nearest physical curve")
        for name, values, description in zip(NAMES, parameters.T, PHYSICAL, strict=True)
    ]
    found += [Column("rmse", rmse, "km/s", "root mean square distance to the nearest physical curve")]
    at = 2.2 * 10.0 ** parameters[:, NAMES.index("log_scale_length")]
    found += [
        Column("v_2_2", velocity_at(at, radius, velocity), "km/s", "at 2.2 disc scale lengths, if among the radii"),
        Column("v_max", velocity.max(1), "km/s", "highest velocity"),
        Column("r_max", radius[velocity.argmax(1)], "kpc", "radius of the highest velocity"),
        Column("v_flat", flat_velocity(velocity), "km/s", "of the flat outer part (Lelli et al. 2016), if any"),
    ]
    return found + [Column(f"z{i + 1}", z, "", "latent code") for i, z in enumerate(code.T)]


def main(argv=None):
    args = parse_args(argv)
    with files.reading(args.physical_fits, parameters=("curve", len(NAMES)), rmse=("curve",)) as fits:
        parameters, rmse = fits["parameters"][...], fits["rmse"][...]
    shapes = {"velocity": ("curve", "radius"), "radius": ("radius",), "code": ("curve", None)}
    with files.reading(args.generated, **shapes) as source:
        if len(source["velocity"]) < len(parameters):
            raise UserError(f"{args.physical_fits}: holds {len(parameters)} fits, but {args.generated} fewer curves")
        radius = source["radius"][...]
        velocity, code = (source[name][: len(parameters)].astype(np.float64) for name in ("velocity", "code"))
    files.check_finite(args.generated, radius, code)
    table = columns(radius, velocity, code, parameters, rmse)
    write_fits(args.catalogue_fits, table)
    write_csv(args.catalogue_csv, table)


if __name__ == "__main__":
    commandline.run(main)
