"""Compare test curves with other test curves, the reference of every metric, and with curves of linear generators.

The generators are principal components of log v of the training curves: as many as a model has latents with
independent normals (`pca_normal`), and 6 with a Gaussian mixture (`pca6_mixture`).

Reads:  true curves and split (HDF5).
Writes: the metrics of test curves, divided at random several times (`reference`), and of both generators, and the
        relations that the simulation drew from (`simulation`) (CSV); parameters of, and distances [km/s] to, the
        physical curves nearest to the test curves (HDF5).
"""

import logging

import numpy as np

from rotcurves.evaluation import baselines, neighbours, physics, samples
from rotcurves.evaluation.summary import BASELINE, REFERENCE, SIMULATION, write_metrics
from rotcurves.evaluation.two_sample import log_velocity, two_sample_metrics
from rotcurves.runtime import commandline
from rotcurves.runtime.threads import limit_threads
from rotcurves.storage.curves import read_attributes

log = logging.getLogger(__name__)

REFERENCES = 4  # random divisions of the test curves


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.settings("train_vae", "latent_dimension")
    parser.writes(metrics="table of metrics (CSV)", physical_fits="nearest physical curves (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    n, seed = args.evaluation_curves, args.seed
    radius, index, test, [chosen, others] = samples.read_test_curves(args.curves, args.split, n, 2, seed)
    train = samples.read_training_curves(args.curves, args.split)
    settings = read_attributes(args.curves, *physics.SETTINGS)
    log.info("fitting the baselines")
    generated = baselines.generate_all(train, args.latent_dimension, n, seed)
    fitted, log_train = others[: physics.FITTED], log_velocity(train)
    physical, *fits = physics.physical_metrics(test[fitted], radius, settings)

    def measured(sampler, curves, true, **draw):
        log.info("measuring %s", sampler)
        results = two_sample_metrics(curves, true, radius, seed)
        results |= neighbours.neighbour_metrics(*map(log_velocity, (curves, true)), log_train)
        return {"model": BASELINE, "sampler": sampler, **draw}, results

    found = [({"model": BASELINE, "sampler": SIMULATION}, physics.inputs(settings))]
    for name, curves in generated.items():
        identity, results = measured(name, curves, test[chosen])
        found.append((identity, results | physics.physical_metrics(curves, radius, settings)[0]))
    found.append(({"model": BASELINE, "sampler": REFERENCE, "seed": 1}, physical))
    for draw in range(1, REFERENCES + 1):
        found.append(measured(REFERENCE, test[others], test[chosen], seed=draw))
        chosen, others = samples.divided(np.concatenate([chosen, others]), seed, draw)
    write_metrics(args.metrics, *found)
    samples.write_physical_fits(args.physical_fits, index[fitted], *fits, settings)


if __name__ == "__main__":
    commandline.run(main)
