"""Make one file of the curves of all shards: a view (virtual data sets), nothing is copied.

Reads:  the files of curves, in the order of the galaxies (HDF5).
Writes: a file that shows them as one, as long as they lie where they did as seen from its own folder (HDF5).

Example:

    python workflow/scripts/gather_curves.py --parts results/curves/*.h5 --curves curves.h5
"""

from rotcurves import commandline, files
from rotcurves.commandline import Parser


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--parts", "files of curves to read (HDF5)", nargs="+")
    parser.flag("--curves", "file to write (HDF5)")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    files.gather(args.curves, args.parts)


if __name__ == "__main__":
    commandline.run(main)
