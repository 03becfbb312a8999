"""Compare generated curves with as many curves of the test split, with training curves, and with the physical ones.

Reads:  true curves, split and generated curves (HDF5); of the true ones, the test curves, and the training curves
        to see whether they are copied.
Writes: the metrics (CSV); parameters of, and distances [km/s] to, the physical curves nearest to the generated
        ones (HDF5).
"""

from rotcurves.evaluation import neighbours, physics, samples
from rotcurves.evaluation.summary import write_metrics
from rotcurves.evaluation.two_sample import log_velocity, two_sample_metrics
from rotcurves.runtime import commandline
from rotcurves.runtime.threads import limit_threads
from rotcurves.storage.curves import read_attributes


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)", generated="generated curves (HDF5)")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)", physical_fits="nearest physical curves (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    n = args.evaluation_curves
    radius, _, velocity, [chosen] = samples.read_test_curves(args.curves, args.split, n, 1, args.seed)
    test, train = velocity[chosen], samples.read_training_curves(args.curves, args.split)
    generated, identity = samples.read_generated(args.generated, n, radius, args.curves)
    settings = read_attributes(args.curves, *physics.SETTINGS)
    physical, parameters, rmse = physics.physical_metrics(generated, radius, settings)
    results = two_sample_metrics(generated, test, radius, args.seed)
    results |= neighbours.neighbour_metrics(*map(log_velocity, (generated, test, train)))
    write_metrics(args.metrics, (identity, results | physical))
    samples.write_physical_fits(args.physical_fits, len(rmse), parameters, rmse, settings)


if __name__ == "__main__":
    commandline.run(main)
