"""Compare generated curves with as many curves of the test split, and with training curves.

Reads:  true curves, split and generated curves (HDF5); of the true ones, the test curves, and the training curves
        to see whether they are copied.
Writes: the metrics (CSV).
"""

from rotcurves.evaluation import neighbours, samples
from rotcurves.evaluation.summary import write_metrics
from rotcurves.evaluation.two_sample import log_velocity, two_sample_metrics
from rotcurves.runtime import commandline
from rotcurves.runtime.threads import limit_threads


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)", generated="generated curves (HDF5)")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    radius, _, velocity, [chosen, _] = samples.read_test_curves(
        args.curves, args.split, args.evaluation_curves, args.seed
    )
    generated, identity = samples.read_generated(args.generated, len(chosen), radius, args.curves)
    test = velocity[chosen[: len(generated)]]
    train = samples.read_training_curves(args.curves, args.split)
    results = two_sample_metrics(generated, test, radius, args.seed)
    results |= neighbours.neighbour_metrics(*map(log_velocity, (generated, test, train)))
    write_metrics(args.metrics, (identity, results))


if __name__ == "__main__":
    commandline.run(main)
