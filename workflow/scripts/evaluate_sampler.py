"""Compare generated curves with as many curves of the test split, and with the nearest physical curves.

Reads:  true curves, split and generated curves (HDF5); of the true ones, the test curves alone.
Writes: the metrics (CSV); parameters of, and distances [km/s] to, the physical curves nearest to the generated
        ones (HDF5).

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/full/seed1/metrics/normal.csv
"""

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


def read_generated(path, n, radius, curves):
    """The first n generated curves (n, m) [km/s] of a file, over the radii (m,) [kpc] of the true curves."""
    with files.reading(path, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        files.check_radii(path, source["radius"][...], radius, curves)
        if len(source["velocity"]) < n:
            raise UserError(f"{path}: holds {len(source['velocity'])} curves, but {n} are compared")
        return source["velocity"][:n]


def main(argv=None):
    args = parse_args(argv)
    radius, _, velocity, [chosen] = evaluation.read_test_curves(args, 1)
    generated = read_generated(args.generated, args.evaluation_curves, radius, args.curves)
    results, parameters, rmse = evaluation.measure(generated, velocity["test"][chosen], radius, args)
    tables.write(args.metrics, tables.METRIC, evaluation.rows(results))
    evaluation.write_fits(args.physical_fits, args.evaluation_curves, parameters, rmse)


if __name__ == "__main__":
    commandline.run(main)
