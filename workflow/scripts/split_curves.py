"""Divide the curves at random into training, validation and test curves.

Reads:  the curves (HDF5), for their number.
Writes: the indices of each part, in increasing order; every curve is in exactly one part (HDF5).
"""

from rotcurves.runtime import commandline, streams
from rotcurves.runtime.errors import UserError
from rotcurves.runtime.progress import progress
from rotcurves.storage import hdf5


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves (HDF5)")
    parser.settings("split_curves")
    parser.settings("general", "seed")
    parser.writes(split="split (HDF5)")
    args = parser.parse_args(argv)
    with hdf5.reading(args.curves, velocity=(None, None)) as source:
        curves = len(source["velocity"])
    if args.validation + args.test >= curves:
        raise UserError(
            f"{args.curves}: holds {curves} curves, too few for {args.validation} validation and "
            f"{args.test} test curves and at least one training curve"
        )
    sizes = {"validation": args.validation, "test": args.test, "train": curves - args.validation - args.test}
    with hdf5.create(args.split) as writer:
        parts = [writer.numbers(name, size, "i8") for name, size in sizes.items()]
        filled = [0] * len(parts)
        drawing = streams.partition(sizes.values(), args.seed)
        for _, drawn in progress(drawing, curves, "dividing", "curves"):
            for i, index in enumerate(drawn):
                parts[i][filled[i] : filled[i] + len(index)] = index
                filled[i] += len(index)


if __name__ == "__main__":
    commandline.run(main)
