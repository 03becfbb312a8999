"""Compare test curves with other test curves, the reference of every metric, and with curves of linear generators.

The generators are principal components of ln v of the training curves, and a density of their scores.

Reads:  true curves and split (HDF5).
Writes: the metrics of test curves, divided at random several times (`reference`), and of both generators (CSV); the
        curves of the first division and of both generators (HDF5).
"""

import logging

import numpy as np

from curvae.evaluation import baselines, samples
from curvae.evaluation.neighbours import TrainingCurves
from curvae.evaluation.summary import BASELINE, REFERENCE, write_metrics
from curvae.evaluation.two_sample import two_sample_metrics
from curvae.runtime import commandline
from curvae.runtime.threads import limit_threads

log = logging.getLogger(__name__)

DIVISIONS = 4  # of the test curves, at random


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)")
    parser.writes(**dict.fromkeys((REFERENCE, *baselines.GENERATORS), "its curves (HDF5)"))
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    seed = args.seed
    radius, _, test, [chosen, others] = samples.read_test_curves(args.curves, args.split, args.evaluation_curves, seed)
    train = samples.read_training_curves(args.curves, args.split)
    log.info("fitting the baselines")
    generated = baselines.generate_all(train, len(chosen), seed)
    training = TrainingCurves(train)

    def measure(sampler, curves, true, **draw):
        log.info("measuring %s", sampler)
        metrics = two_sample_metrics(curves, true, radius, seed) | training.metrics(curves, true)
        return {"model": BASELINE, "sampler": sampler, **draw}, metrics

    measured = [measure(name, curves, test[chosen]) for name, curves in generated.items()]
    for name, curves in {REFERENCE: test[others], **generated}.items():
        samples.write_baseline(getattr(args, name), name, radius, curves)
    for draw in range(1, DIVISIONS + 1):
        measured.append(measure(REFERENCE, test[others], test[chosen], seed=draw))
        chosen, others = samples.divided(np.concatenate([chosen, others]), seed, draw)
    write_metrics(args.metrics, *measured)


if __name__ == "__main__":
    commandline.run(main)
