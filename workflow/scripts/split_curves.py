"""Divide the curves at random into training, validation and test curves.

Reads:  the curves (HDF5), for their number.
Writes: the indices of each part, in increasing order; every curve is in exactly one part (HDF5).
"""

from curvae.runtime import commandline, streams
from curvae.runtime.errors import UserError
from curvae.runtime.progress import progress
from curvae.storage import hdf5

# Share of all curves that a part takes, and most of them.
AUTOMATIC = {"validation": (0.1, 10_000), "test": (0.2, 20_000)}
# Training curves below which neither components nor the baselines can be made.
FEWEST = 50


def size(setting, part, curves):
    """Number of curves in a part of so many: a number, a share, or chosen by the number of curves."""
    if setting == "auto":
        share, most = AUTOMATIC[part]
        return min(int(share * curves), most)
    return int(setting * curves) if setting < 1 else setting


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves (HDF5)")
    parser.settings("split_curves")
    parser.settings("general", "seed")
    parser.writes(split="split (HDF5)")
    args = parser.parse_args(argv)
    with hdf5.reading(args.curves, velocity=(None, None)) as source:
        curves = len(source["velocity"])
    validation, test = (size(getattr(args, part), part, curves) for part in AUTOMATIC)
    if curves - validation - test < FEWEST:
        raise UserError(
            f"{args.curves}: holds {curves} curves, too few for {validation} validation, {test} test and at least "
            f"{FEWEST} training curves (split_curves)"
        )
    sizes = {"validation": validation, "test": test, "train": curves - validation - test}
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
