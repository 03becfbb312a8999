"""Draw galaxies from their scaling relations.

Reads:  nothing.
Writes: log10 disc mass, halo mass, scale length and concentration of every galaxy, and core radius if haloes have cores
        (HDF5).
"""

import math

from curvae.galaxies import scaling
from curvae.runtime import commandline, streams
from curvae.runtime.progress import progress
from curvae.storage import hdf5
from curvae.storage.curves import parameters_dataset


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.settings("sample_parameters")
    parser.settings("general", "hubble_constant", "seed")
    parser.writes(parameters="parameters of the galaxies (HDF5)")
    args = parser.parse_args(argv)
    relations = {
        name: scaling.Relation(
            zero_point=getattr(args, f"{name}_zero_point"),
            slope=getattr(args, f"{name}_slope"),
            scatter=getattr(args, f"{name}_scatter"),
            pivot=pivot,
        )
        for name, pivot in {
            "scale_length": args.log_disc_mass_pivot,
            "halo_mass": args.log_disc_mass_pivot,
            "concentration": args.concentration_pivot - math.log10(args.hubble_constant / 100.0),
        }.items()
    }
    mass_range = args.log_disc_mass_min, args.log_disc_mass_max
    cores = (args.log_core_radius_min, args.log_core_radius_max) if args.halo_profile == "core_nfw" else None
    with hdf5.create(args.parameters) as writer:
        writer.attributes(**{name: getattr(args, name) for name in scaling.SETTINGS})
        writer.axis("curve", args.galaxies)
        dataset = parameters_dataset(writer, *scaling.parameter_columns(5 if cores else 4))
        blocks = streams.blocks(args.galaxies, args.seed, streams.Stream.PARAMETERS)
        for rows, random in progress(blocks, args.galaxies, "drawing", "galaxies"):
            n = rows.stop - rows.start
            dataset[rows] = scaling.draw_parameters(random, n, mass_range, **relations, log_core_radius_range=cores)


if __name__ == "__main__":
    commandline.run(main)
