"""Measure the posteriors of a model against the true ones in its decoder: what does a full covariance buy?

Reads:  curves and split (HDF5), of which some test curves alone, and the model.
Writes: medians over the curves: largest correlation of two latents in the encoder's posterior and in the true one, nats
        that the best diagonal posterior loses, divergence of the encoder's from the true one by its means and by its
        covariances; and shares of codes inside the 68 % and 95 % ellipsoids of the posteriors of their own decoded
        curves, without and with the decoder's noise (CSV).
"""

import torch
from scipy import stats

from rotcurves.evaluation import samples
from rotcurves.evaluation.codes import median_and_error
from rotcurves.evaluation.summary import write_metrics
from rotcurves.model import laplace
from rotcurves.model.files import load_for
from rotcurves.runtime import commandline
from rotcurves.runtime.threads import limit_threads

CURVES = 2000  # medians of these are known to some percent


def covariance_metrics(model, coefficients):
    """Medians over curves of coefficients (n, k), by name: (value, standard error)."""
    posterior = model.posterior(coefficients)
    mean, factor = posterior.mean.double(), posterior.scale_tril().double()
    mode, precision = laplace.true_posterior(model, coefficients, mean)
    of_means, of_covariances = laplace.divergence(mean, factor, mode, precision)
    found = {
        "posterior_correlation": laplace.largest_correlation(factor @ factor.mT),
        "posterior_correlation_true": laplace.largest_correlation(torch.linalg.inv(precision)),
        "posterior_lost_by_diagonal": laplace.lost_by_diagonal(precision),
        "posterior_divergence_means": of_means,
        "posterior_divergence_covariances": of_covariances,
    }
    return {name: median_and_error(values.numpy()) for name, values in found.items()}


def calibration_metrics(model, coefficients, seed):
    """Shares of codes inside the ellipsoids of the posterior of their own curve, by name: (value, standard error).

    Codes are drawn from the posteriors of curves of coefficients (n, k): as they are distributed in training.
    """
    generator = torch.Generator().manual_seed(seed)
    d, found = model.architecture.latent_dimension, {}
    posterior = model.posterior(coefficients)
    code = posterior.sample(torch.randn(len(coefficients), d, generator=generator))
    decoded = model.decoder(code)
    noise = model.sigma * torch.randn(decoded.shape, generator=generator)
    for name, curves in (("decoded", decoded), ("noisy", decoded + noise)):
        again = model.posterior(curves)
        squared = laplace.squared_distance(code.double(), again.mean.double(), again.scale_tril().double())
        for percent in (68, 95):
            inside = (squared < stats.chi2.ppf(percent / 100.0, d)).double().mean().item()
            error = (inside * (1.0 - inside) / len(code)) ** 0.5
            found[f"posterior_coverage{percent}_{name}"] = (inside, error)
    return found


@torch.no_grad()
def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="true curves (HDF5)", split="split (HDF5)", model="model")
    parser.settings("general", "evaluation_curves", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    n, seed = min(args.evaluation_curves, CURVES), args.seed
    radius, _, velocity, [chosen, _] = samples.read_test_curves(args.curves, args.split, n, seed)
    model = load_for(args.model, radius, args.curves)
    coefficients = model.coefficients(torch.as_tensor(velocity[chosen]))
    results = covariance_metrics(model, coefficients) | calibration_metrics(model, coefficients, seed)
    write_metrics(args.metrics, (model.identity, results))


if __name__ == "__main__":
    commandline.run(main)
