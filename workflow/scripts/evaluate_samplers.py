"""Compare generated curves with as many curves of the test split, and with training curves.

Reads:  true curves, split and generated curves, one file for each sampler (HDF5); of the true ones, the test curves,
        and the training curves to see whether they are copied.
Writes: the metrics (CSV).
"""

from curvae.evaluation import samples
from curvae.evaluation.neighbours import TrainingCurves
from curvae.evaluation.summary import write_metrics
from curvae.evaluation.two_sample import two_sample_metrics
from curvae.runtime import commandline
from curvae.runtime.threads import limit_threads


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)")
    parser.reads_all(generated="generated curves (HDF5)")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    radius, _, velocity, [chosen, _] = samples.read_test_curves(
        args.curves, args.split, args.evaluation_curves, args.seed
    )
    training = TrainingCurves(samples.read_training_curves(args.curves, args.split))
    measured = []
    for path in args.generated:
        generated, identity = samples.read_generated(path, len(chosen), radius, args.curves)
        test = velocity[chosen[: len(generated)]]
        metrics = two_sample_metrics(generated, test, radius, args.seed) | training.metrics(generated, test)
        measured.append((identity, metrics))
    write_metrics(args.metrics, *measured)


if __name__ == "__main__":
    commandline.run(main)
