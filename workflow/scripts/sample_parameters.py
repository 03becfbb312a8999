"""Draw galaxies from their scaling relations.

Reads:  nothing.
Writes: log10 disc mass, halo mass, scale length and concentration of every galaxy, and core radius if haloes have cores
        (HDF5).
"""

from curvae.galaxies import scaling
from curvae.galaxies.halo_profiles import PROFILES
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
    settings, profile = vars(args), PROFILES[args.halo_profile]
    relations, mass_range = scaling.relations(settings), (args.log_disc_mass_min, args.log_disc_mass_max)
    cores = (args.log_core_radius_min, args.log_core_radius_max) if profile.core else None
    with hdf5.create(args.parameters) as writer:
        writer.attributes(**{name: settings[name] for name in scaling.SETTINGS})
        writer.axis("curve", args.galaxies)
        dataset = parameters_dataset(writer, *zip(*scaling.parameters_of_galaxies(profile), strict=True))
        blocks = streams.blocks(args.galaxies, args.seed, streams.Stream.PARAMETERS)
        for rows, random in progress(blocks, args.galaxies, "drawing", "galaxies"):
            n = rows.stop - rows.start
            dataset[rows] = scaling.draw_parameters(random, n, mass_range, **relations, log_core_radius_range=cores)


if __name__ == "__main__":
    commandline.run(main)
