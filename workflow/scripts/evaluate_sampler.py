"""Compare generated curves with as many curves of the test split, and with the nearest physical curves.

Reads:  true curves, split and generated curves (HDF5); of the true ones, the test curves alone.
Writes: the metrics (CSV); parameters of, and distances [km/s] to, the physical curves nearest to the generated
        ones (HDF5).

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/full/seed1/metrics/normal.csv
"""

import numpy as np

from rotcurves import commandline, evaluation, files, tables
from rotcurves.errors import UserError


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    evaluation.add_sample_flags(parser)
    evaluation.add_physics_flags(parser)
    parser.flag("--generated", "file of generated curves to read (HDF5)")
    parser.flag("--metrics", "table of metrics to write (CSV)")
    parser.flag("--physical-fits", "file of fits to write (HDF5)")
    return parser.parse_args(argv)


def read_generated(path, radius, n):
    """The first n curves (n, m) [km/s] of a file over the given radii (m,) [kpc]."""
    with files.reading(path, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        if not np.array_equal(source["radius"][...], radius):
            raise UserError(f"{path}: its radii are not those of the true curves")
        if len(source["velocity"]) < n:
            raise UserError(f"{path}: holds {len(source['velocity'])} curves, but {n} are compared")
        return source["velocity"][:n]


def main(argv=None):
    args = parse_args(argv)
    radius, _, velocity, [chosen] = evaluation.read_test_curves(args, 1)
    generated = read_generated(args.generated, radius, args.evaluation_curves)
    results, parameters, rmse = evaluation.measure(generated, velocity["test"][chosen], radius, args)
    tables.write(args.metrics, tables.METRIC, evaluation.rows(results))
    evaluation.write_fits(args.physical_fits, args.evaluation_curves, parameters, rmse)


if __name__ == "__main__":
    commandline.run(main)
