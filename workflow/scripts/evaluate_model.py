"""Measure a model on the test curves: reconstruction, likelihood, latent codes, posteriors beside the true ones.

Reads:  curves and split (HDF5), of which the test curves alone, and the model.
Writes: the metrics (CSV); the errors of reconstructions, each decoded from its posterior mean, by radius (HDF5).
"""

import numpy as np
import torch

from curvae.densities.samplers import used_latents
from curvae.evaluation import codes, posterior_metrics, samples, two_sample
from curvae.evaluation.summary import RECONSTRUCTIONS, write_metrics
from curvae.galaxies.observables import curvature
from curvae.model.files import load_for
from curvae.runtime import commandline
from curvae.runtime.intervals import ESTIMATES
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5
from curvae.storage.curves import described

MAX_POSTERIORS = 2000  # medians over these are known to some percent


def code_metrics(posterior, names, parameters):
    """Which latents are active, how well they predict the named parameters (n, p), whether covariances are valid."""
    mean, factor = posterior.mean.double().numpy(), posterior.scale_tril().double().numpy()
    metrics = {
        "active_units": (len(used_latents(mean)), None),
        "non_positive_definite_share": (codes.not_positive_definite(factor @ factor.mT).mean(), None),
    }
    for i, of_latent in enumerate(codes.correlation_squared(mean, parameters), 1):
        metrics |= {f"r2_latent{i}_{name}": (value, None) for name, value in zip(names, of_latent, strict=True)}
    return metrics


def write_errors(path, identity, radius, velocity, decoded):
    """Write the errors of decoded curves (n, m) [km/s] at each radius."""
    error, relative = decoded - velocity, codes.relative_error(decoded, velocity)
    quantiles = sorted(ESTIMATES.values())
    with hdf5.create(path) as writer:
        writer.attributes(**identity, curves=len(error))
        writer.axis("radius", radius, "kpc")
        writer.axis("quantile", np.array(quantiles))
        for name, axes, units, text, values in (
            ("rms_error", ("radius",), "km/s", "root mean square error", np.sqrt(np.mean(error**2, 0))),
            ("rms_relative_error", ("radius",), "1", "the same over v", np.sqrt(np.mean(relative**2, 0))),
            ("error_quantile", ("quantile", "radius"), "km/s", "decoded - true", np.quantile(error, quantiles, axis=0)),
        ):
            writer.dataset(name, axes, "f8", units, text)[...] = values


@torch.no_grad()
def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)", model="model")
    parser.settings("evaluate_model")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)", errors="errors by radius (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    n, seed = args.evaluation_curves, args.seed
    radius, index, velocity, [first, second] = samples.read_test_curves(args.curves, args.split, n, seed)
    model = load_for(args.model, radius, args.curves)
    with hdf5.reading(args.curves, parameters=(None, None)) as source:
        parameters = hdf5.take(source["parameters"], index)
        hdf5.check_finite(args.curves, parameters)
    names, _, _ = described(args.curves)
    velocity = torch.as_tensor(velocity)
    coefficients = model.coefficients(velocity)
    posterior = model.posterior(coefficients)
    true, decoded = velocity.double().numpy(), model.velocity(model.decoder(posterior.mean)).numpy()
    some = coefficients[first[:MAX_POSTERIORS]]
    metrics = {
        **codes.reconstruction_metrics(true, decoded),
        **code_metrics(posterior, names, parameters),
        **posterior_metrics.likelihood_metrics(model, some, args.importance_samples, seed),
        **posterior_metrics.covariance_metrics(model, some),
        **posterior_metrics.calibration_metrics(model, some, seed),
    }
    curved = (curvature(two_sample.log_velocity(v), radius) for v in (decoded[first], true[second]))
    accuracy = two_sample.two_sample_accuracy(*curved, two_sample.boosting(seed), seed)
    write_metrics(args.metrics, (model.identity, {**metrics, RECONSTRUCTIONS: accuracy}))
    write_errors(args.errors, model.identity, radius, true, decoded)


if __name__ == "__main__":
    commandline.run(main)
