"""Compare test curves with other test curves, the reference of every metric, and with curves of linear generators.

The generators are principal components of log v of the training curves: as many as a model has latents with
independent normals (`pca_normal`), and 6 with a Gaussian mixture (`pca6_mixture`).

Reads:  true curves and split (HDF5).
Writes: the metrics of the test curves themselves (`reference`) and of both generators (CSV); parameters of, and
        distances [km/s] to, the physical curves nearest to the test curves (HDF5).
"""

import logging

from rotcurves.evaluation import baselines, physics, samples
from rotcurves.evaluation.summary import BASELINE, REFERENCE, write_metrics
from rotcurves.evaluation.two_sample import two_sample_metrics
from rotcurves.runtime import commandline
from rotcurves.runtime.threads import limit_threads
from rotcurves.storage.curves import read_attributes

log = logging.getLogger(__name__)


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.settings("train_vae", "latent_dimension")
    parser.writes(metrics="table of metrics (CSV)", physical_fits="nearest physical curves (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    n, seed = args.evaluation_curves, args.seed
    radius, index, velocity, [chosen, others] = samples.read_test_curves(args.curves, args.split, n, 2, seed, "train")
    settings = read_attributes(args.curves, *physics.SETTINGS)
    log.info("fitting the baselines")
    generated = baselines.generate_all(velocity["train"], args.latent_dimension, n, seed)
    measured, fits = [], {}
    for name, curves in {REFERENCE: velocity["test"][others], **generated}.items():
        log.info("measuring %s", name)
        physical, *fits[name] = physics.physical_metrics(curves, radius, settings)
        results = two_sample_metrics(curves, velocity["test"][chosen], radius, seed, args.threads)
        measured.append(({"model": BASELINE, "sampler": name}, results | physical))
    write_metrics(args.metrics, *measured)
    samples.write_physical_fits(args.physical_fits, index["test"][others], *fits[REFERENCE], settings)


if __name__ == "__main__":
    commandline.run(main)
