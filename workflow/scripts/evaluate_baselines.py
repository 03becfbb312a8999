"""Compare test curves with other test curves, the floor of every metric, and with curves of linear generators.

The generators are principal components of log v of the training curves: as many as a model has latents with
independent normals (`pca_normal`), and 6 with a Gaussian mixture (`pca6_mixture`).

Reads:  true curves and split (HDF5).
Writes: the metrics of the test curves themselves (`truth`) and of both generators (CSV); parameters of, and
        distances [km/s] to, the physical curves nearest to the test curves (HDF5).

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/baselines/metrics.csv
"""

import logging

from threadpoolctl import threadpool_limits

from rotcurves import baselines, commandline, evaluation, tables
from rotcurves.commandline import count

log = logging.getLogger(__name__)


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    evaluation.add_sample_flags(parser)
    evaluation.add_physics_flags(parser)
    parser.flag("--latent-dimension", "components of `pca_normal`", type=count)
    parser.flag("--metrics", "table of metrics to write (CSV)")
    parser.flag("--physical-fits", "file of fits to write (HDF5)")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    radius, index, velocity, [chosen, others] = evaluation.read_test_curves(args, 2, "train")
    truth = velocity["test"][chosen]
    log.info("measuring truth")
    results, parameters, rmse = evaluation.measure(velocity["test"][others], truth, radius, args)
    rows = evaluation.rows(results, sampler="truth")
    log.info("fitting the baselines")
    with threadpool_limits(1):  # sums of matrix products depend on the number of threads
        generated = baselines.generate_all(velocity["train"], args.latent_dimension, args.evaluation_curves, args.seed)
    for name, curves in generated.items():
        log.info("measuring %s", name)
        rows += evaluation.rows(evaluation.measure(curves, truth, radius, args)[0], sampler=name)
    tables.write(args.metrics, ("sampler", *tables.METRIC), rows)
    evaluation.write_fits(args.physical_fits, index["test"][others], parameters, rmse)


if __name__ == "__main__":
    commandline.run(main)
