"""Compute the rotation curves of a shard of the galaxies: thin exponential disc and NFW halo in quadrature.

Reads:  the galaxies' parameters (HDF5).
Writes: circular velocities [km/s] over radius [kpc], with the parameters beside them (HDF5). All files of all shards
        hold as many curves, give or take one, in the order of the galaxies.

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/curves/part0000.h5
"""

import hashlib
import itertools

import numpy as np

from rotcurves import commandline, files
from rotcurves.commandline import Parser, count, natural, positive
from rotcurves.errors import UserError
from rotcurves.progress import progress
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
    parser.flag("--shards", "number of jobs that share the galaxies", type=count)
    parser.flag("--shard", "which of them this is, from 0", type=natural)
    parser.flag("--curves", "files to write (HDF5)", nargs="+")
    return parser.parse_args(argv)


def write_curves(path, galaxies, start, stop, radius, *constants):
    """Write the curves of the galaxies from `start` to `stop`, and yield the rows of each piece that is done."""
    with files.create(path) as writer:
        writer.axis("curve", stop - start)
        velocity = files.velocity_dataset(writer, radius)
        parameters = files.parameters_dataset(writer)
        digest = hashlib.sha256()
        for rows in files.pieces(stop, rows=8192, start=start):
            here = slice(rows.start - start, rows.stop - start)
            parameters[here] = drawn = galaxies[rows]
            files.check_finite(galaxies.file.filename, drawn)
            velocity[here] = v = rotation_curves(drawn, radius, *constants).astype(velocity.dtype)
            digest.update(v)
            yield rows
        velocity.attrs["sha256"] = digest.hexdigest()


def main(argv=None):
    args = parse_args(argv)
    if args.shard >= args.shards:
        raise UserError(f"--shard: got {args.shard}, expected less than --shards ({args.shards})")
    radius = np.geomspace(args.radius_min, args.radius_max, args.radii)
    constants = args.hubble_constant, args.overdensity, args.gravitational_constant
    first, number = args.shard * len(args.curves), args.shards * len(args.curves)
    with files.reading(args.parameters, parameters=(None, len(NAMES))) as source:
        galaxies = source["parameters"]
        if len(galaxies) < number:
            raise UserError(f"{args.parameters}: holds {len(galaxies)} galaxies, too few for {number} files")
        ends = [len(galaxies) * i // number for i in range(number + 1)]
        written = (
            write_curves(path, galaxies, ends[i], ends[i + 1], radius, *constants)
            for i, path in enumerate(args.curves, first)
        )
        total = ends[first + len(args.curves)] - ends[first]
        for _ in progress(itertools.chain.from_iterable(written), total, "computing", "curves"):
            pass


if __name__ == "__main__":
    commandline.run(main)
