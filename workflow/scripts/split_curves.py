"""Divide the curves at random into training, validation and test curves.

Reads:  the curves (HDF5), for their number.
Writes: the indices of each part, in increasing order; every curve is in exactly one part (HDF5).
"""

import numpy as np

from rotcurves import commandline, files, streams
from rotcurves.commandline import Parser, count, seed
from rotcurves.errors import UserError


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--curves", "file of curves to read (HDF5)")
    parser.flag("--validation", "number of validation curves", type=count)
    parser.flag("--test", "number of test curves; the rest is for training", type=count)
    parser.flag("--seed", "seed of the permutation", type=seed)
    parser.flag("--split", "file to write (HDF5)")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    with files.reading(args.curves, velocity=(None, None)) as source:
        curves = len(source["velocity"])
    if args.validation + args.test >= curves:
        raise UserError(
            f"{args.curves}: holds {curves} curves, too few for {args.validation} validation and "
            f"{args.test} test curves and at least one training curve"
        )
    order = streams.generator(args.seed, streams.Stream.SPLIT).permutation(curves)
    ends = (args.validation, args.validation + args.test)
    with files.create(args.split) as writer:
        for name, part in zip(("validation", "test", "train"), np.split(order, ends), strict=True):
            writer.axis(name, np.sort(part))


if __name__ == "__main__":
    commandline.run(main)
