"""Compute the rotation curves of the galaxies: thin exponential disc and halo, added in quadrature.

Reads:  the galaxies' parameters (HDF5).
Writes: circular velocities [km/s] over radius [kpc], with the parameters beside them (HDF5).
"""

import numpy as np

from curvae.galaxies.rotation import ForwardModel, rotation_curves
from curvae.galaxies.scaling import MASS_RANGE, parameters_of_galaxies
from curvae.runtime import commandline
from curvae.runtime.progress import progress
from curvae.runtime.rows import pieces
from curvae.storage import hdf5
from curvae.storage.curves import described, parameters_dataset, read_attributes, velocity_dataset

ROWS = 8192  # curves computed and written at once


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(parameters="parameters of the galaxies (HDF5)")
    parser.settings("synthesize_curves")
    parser.settings("general", "hubble_constant")
    parser.writes(curves="rotation curves (HDF5)")
    args = parser.parse_args(argv)
    radius = np.geomspace(args.radius_min, args.radius_max, args.radii)
    constants = {name: getattr(args, name) for name in ("hubble_constant", "overdensity", "gravitational_constant")}
    drawn_from = read_attributes(args.parameters, "halo_profile", *MASS_RANGE)
    forward_model = ForwardModel.from_settings(constants | drawn_from)
    columns = len(parameters_of_galaxies(forward_model.halo_profile))
    with hdf5.reading(args.parameters, parameters=("curve", columns)) as source, hdf5.create(args.curves) as writer:
        galaxies = source["parameters"]
        writer.attributes(**source.attrs, **constants, degrees_of_freedom=columns)
        writer.axis("curve", len(galaxies))
        velocity = velocity_dataset(writer, radius)
        parameters = parameters_dataset(writer, *described(args.parameters))
        for rows in progress(pieces(len(galaxies), ROWS), len(galaxies), "computing", "curves"):
            parameters[rows] = drawn = galaxies[rows]
            hdf5.check_finite(args.parameters, drawn)
            velocity[rows] = rotation_curves(drawn, radius, forward_model)


if __name__ == "__main__":
    commandline.run(main)
