"""Compute the rotation curve of every galaxy: thin exponential disc and NFW halo in quadrature.

Reads:  the galaxies' parameters (HDF5).
Writes: circular velocities [km/s] over radius [kpc], with the parameters beside them (HDF5).
"""

import numpy as np

from rotcurves import commandline, files
from rotcurves.commandline import Parser, count, positive
from rotcurves.relations import NAMES
from rotcurves.velocity import rotation_curves


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--parameters", "file of parameters to read (HDF5)")
    parser.flag("--radius-min", "innermost radius [kpc]", type=positive)
    parser.flag("--radius-max", "outermost radius [kpc]", type=positive)
    parser.flag("--radii", "number of radii, log-spaced", type=count)
    parser.flag("--hubble-constant", "km/s/Mpc", type=positive)
    parser.flag("--overdensity", "virial overdensity [critical densities]", type=positive)
    parser.flag("--gravitational-constant", "kpc km^2/s^2/Msun", type=positive)
    parser.flag("--curves", "file to write (HDF5)")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    radius = np.geomspace(args.radius_min, args.radius_max, args.radii)
    with (
        files.reading(args.parameters, parameters=(None, len(NAMES))) as source,
        files.create(args.curves) as writer,
    ):
        galaxies = len(source["parameters"])
        writer.axis("curve", galaxies)
        velocity = files.velocity_dataset(writer, radius)
        parameters = files.parameters_dataset(writer)
        for rows in files.pieces(galaxies, rows=8192):
            parameters[rows] = source["parameters"][rows]
            velocity[rows] = rotation_curves(
                parameters[rows], radius, args.hubble_constant, args.overdensity, args.gravitational_constant
            )


if __name__ == "__main__":
    commandline.run(main)
