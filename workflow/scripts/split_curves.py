r"""Divide the curves at random into training, validation and test curves.

Reads:  the curves (HDF5), for their number.
Writes: the indices of each part, in increasing order; every curve is in exactly one part (HDF5).

Example:

    python workflow/scripts/split_curves.py \
        --curves results/curves.h5 --validation 40 --test 40 --seed 2 --split split.h5
"""

from rotcurves import commandline, files, streams
from rotcurves.commandline import Parser, count, seed
from rotcurves.errors import UserError
from rotcurves.progress import progress


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--curves", "file of curves to read (HDF5)")
    parser.flag("--validation", "number of validation curves", type=count)
    parser.flag("--test", "number of test curves; the rest is for training", type=count)
    parser.flag("--seed", "seed of the division", type=seed)
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
    sizes = {"validation": args.validation, "test": args.test, "train": curves - args.validation - args.test}
    with files.create(args.split) as writer:
        parts = [writer.numbers(name, size, "i8") for name, size in sizes.items()]
        filled = [0] * len(parts)
        drawing = streams.partition(sizes.values(), args.seed)
        for _, drawn in progress(drawing, curves, "dividing", "curves"):
            for i, index in enumerate(drawn):
                parts[i][filled[i] : filled[i] + len(index)] = index
                filled[i] += len(index)


if __name__ == "__main__":
    commandline.run(main)
