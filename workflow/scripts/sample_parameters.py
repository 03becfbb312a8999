"""Draw galaxies from their scaling relations.

Reads:  nothing.
Writes: log10 disc mass, halo mass, scale length and concentration of every galaxy (HDF5).

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/parameters.h5
"""

import math

from rotcurves import commandline, files, streams
from rotcurves.commandline import Parser, count, finite, nonnegative, positive, seed
from rotcurves.progress import progress
from rotcurves.relations import Relation, draw_parameters


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--galaxies", "number of galaxies", type=count)
    parser.flag("--log-disc-mass-min", "lowest log10 disc mass [Msun]", type=finite)
    parser.flag("--log-disc-mass-max", "highest log10 disc mass [Msun]", type=finite)
    parser.flag("--log-disc-mass-pivot", "where zero points hold [Msun]", type=finite)
    for relation, unit in (("scale-length", "kpc"), ("halo-mass", "Msun"), ("concentration", "none")):
        parser.flag(f"--{relation}-zero-point", f"log10, unit: {unit}", type=finite)
        parser.flag(f"--{relation}-slope", "dex per dex", type=finite)
        parser.flag(f"--{relation}-scatter", "dex", type=nonnegative)
    parser.flag("--concentration-pivot", "log10 halo mass [Msun/h]", type=finite)
    parser.flag("--hubble-constant", "km/s/Mpc", type=positive)
    parser.flag("--seed", "seed of the draws", type=seed)
    parser.flag("--parameters", "file to write (HDF5)")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    relations = {
        name: Relation(
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
    with files.create(args.parameters) as writer:
        writer.axis("curve", args.galaxies)
        dataset = files.parameters_dataset(writer)
        blocks = streams.blocks(args.galaxies, args.seed, streams.Stream.PARAMETERS)
        for rows, random in progress(blocks, args.galaxies, "drawing", "galaxies"):
            dataset[rows] = draw_parameters(
                random,
                rows.stop - rows.start,
                (args.log_disc_mass_min, args.log_disc_mass_max),
                **relations,
            )


if __name__ == "__main__":
    commandline.run(main)
