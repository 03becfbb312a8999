"""Metrics of the posteriors of a model, beside the true ones in its decoder, and bounds on its likelihood.

Of each, by name, the value and its standard error, or None.
"""

import numpy as np
import torch
from scipy import stats

from curvae.evaluation import laplace
from curvae.evaluation.codes import median_and_error
from curvae.model.likelihood import evidence_lower_bound, importance_weighted_bound, log_weights
from curvae.model.network import VAE


def likelihood_metrics(model: VAE, coefficients: torch.Tensor, draws: int, seed: int) -> dict:
    """Medians and 5 and 95 % quantiles of lower bounds on ln p of coefficients (n, k) [nats per curve].

    Not means, which a few rare galaxies rule.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = log_weights(model, coefficients, draws, generator)
    found = {}
    for name, bound in (
        ("evidence_lower_bound", evidence_lower_bound(weights)),
        ("importance_weighted_bound", importance_weighted_bound(weights)),
    ):
        found[name] = median_and_error(bound.numpy())
        found |= {f"{name}_q{percent:02d}": (np.quantile(bound, percent / 100.0), None) for percent in (5, 95)}
    return found


def covariance_metrics(model: VAE, coefficients: torch.Tensor) -> dict:
    """What a full covariance buys: medians over curves of coefficients (n, k).

    The largest correlation of two latents in the encoder's posterior and in the true one, nats that the best diagonal
    posterior loses, divergence of the encoder's from the true one by its means and by its covariances.
    """
    posterior = model.posterior(coefficients)
    mean, factor = posterior.mean.double(), posterior.scale_tril().double()
    mode, precision = laplace.true_posterior(model, coefficients, mean)
    of_means, of_covariances = laplace.divergence(mean, factor, mode, precision)
    found = {
        "posterior_correlation": laplace.largest_correlation(factor @ factor.mT),
        "posterior_correlation_true": laplace.largest_correlation(torch.linalg.inv(precision)),
        "kl_best_diagonal": laplace.lost_by_diagonal(precision),
        "kl_encoder_mean": of_means,
        "kl_encoder_covariance": of_covariances,
    }
    return {name: median_and_error(values.numpy()) for name, values in found.items()}


def calibration_metrics(model: VAE, coefficients: torch.Tensor, seed: int) -> dict:
    """Shares of codes inside the 68 % and 95 % ellipsoids of the posteriors of their own decoded curves.

    These are without and with the decoder's noise. The codes are drawn from the posteriors of curves of coefficients
    (n, k): as they are distributed in training.
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
            found[f"posterior_interval_coverage_{percent}_{name}"] = (inside, error)
    return found
