"""Measure how well a model knows the test curves: reconstruction, likelihood, codes.

Reads:  curves and split (HDF5), of which the test curves alone, and the model.
Writes: the metrics (CSV); the errors of reconstructions, each decoded from its posterior mean, by radius (HDF5).

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/full/seed1/metrics/model.csv
"""

import numpy as np
import torch

from rotcurves import bounds, commandline, evaluation, files, metrics, tables
from rotcurves.commandline import count
from rotcurves.relations import NAMES
from rotcurves.threads import limit_threads
from rotcurves.vae import load_for

QUANTILES = (0.16, 0.5, 0.84)


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    evaluation.add_sample_flags(parser)
    parser.flag("--model", "model file to read")
    parser.flag("--importance-samples", "codes per curve of the importance-weighted bound", type=count)
    parser.flag("--metrics", "table of metrics to write (CSV)")
    parser.flag("--errors", "file of errors by radius to write (HDF5)")
    return parser.parse_args(argv)


def likelihood_metrics(model, velocity, draws, seed):
    """Mean lower bounds on ln p of curves (n, m) [nats per curve]: the higher the better."""
    generator = torch.Generator().manual_seed(seed)
    weights = bounds.log_weights(model, model.coefficients(velocity), draws, generator)
    found = {
        "evidence_lower_bound": bounds.evidence_lower_bound(weights),
        "importance_weighted_bound": bounds.importance_weighted_bound(weights),
    }
    return {name: (x.mean().item(), x.std().item() / len(x) ** 0.5) for name, x in found.items()}


def code_metrics(posterior, parameters):
    """Which latents are in use, what they know of the parameters (n, 4), and whether covariances are valid."""
    mean, factor = posterior.mean.double().numpy(), posterior.scale_tril().double().numpy()
    explained = metrics.correlation_squared(mean, parameters)
    return {
        "active_units": (metrics.active_units(mean), None),
        "indefinite_covariances": (metrics.indefinite(factor @ factor.mT).mean(), None),
        **{
            f"r2_latent{i + 1}_{name}": (explained[i, j], None)
            for i in range(mean.shape[1])
            for j, name in enumerate(NAMES)
        },
    }


def write_errors(path, radius, velocity, decoded):
    """Write the errors of decoded curves (n, m) [km/s] at each radius."""
    error = decoded - velocity
    with files.create(path) as writer:
        writer.axis("radius", radius, "kpc")
        writer.axis("quantile", np.array(QUANTILES))
        for name, axes, units, text, values in (
            ("rms_error", ("radius",), "km/s", "root mean square error", np.sqrt(np.mean(error**2, 0))),
            ("rms_relative_error", ("radius",), "1", "the same over v", np.sqrt(np.mean((error / velocity) ** 2, 0))),
            ("error_quantile", ("quantile", "radius"), "km/s", "decoded - true", np.quantile(error, QUANTILES, axis=0)),
        ):
            errors = writer.dataset(name, axes, "f8", units, text)
            errors[...], errors.attrs["curves"] = values, len(error)


@torch.no_grad()
def main(argv=None):
    args = parse_args(argv)
    limit_threads(args.threads)
    radius, index, velocity, [first, second] = evaluation.read_test_curves(args, 2)
    model = load_for(args.model, radius, args.curves)
    with files.reading(args.curves, parameters=(None, len(NAMES))) as source:
        parameters = files.take(source["parameters"], index["test"])
        files.check_finite(args.curves, parameters)
    velocity = torch.as_tensor(velocity["test"])
    posterior = model.encode(velocity)
    true, decoded = velocity.double().numpy(), model.decode(posterior.mean).numpy()
    results = metrics.reconstruction_metrics(true, decoded)
    results |= likelihood_metrics(model, velocity, args.importance_samples, args.seed)
    results |= code_metrics(posterior, parameters)
    curved = (metrics.curvature(metrics.log_velocity(v), radius) for v in (decoded[first], true[second]))
    judge = metrics.forest(args.seed, args.threads)
    results["c2st_forest_curvature_reconstructions"] = metrics.two_sample_accuracy(*curved, judge, args.seed)
    tables.write(args.metrics, tables.METRIC, evaluation.rows(results))
    write_errors(args.errors, radius, true, decoded)


if __name__ == "__main__":
    commandline.run(main)
