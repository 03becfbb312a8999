"""Metrics of the posteriors of a model, beside the true ones in its decoder, and bounds on its likelihood.

Each is (value, standard error or None) by name.
"""

import numpy as np
import torch
from scipy import stats

from curvae.evaluation import laplace
from curvae.evaluation.estimates import median_and_error, share_and_error
from curvae.model.likelihood import evidence_lower_bound, importance_weighted_bound, log_weights
from curvae.model.network import VAE
from curvae.runtime.intervals import PERCENTS

BOUNDS = {"evidence_lower_bound": evidence_lower_bound, "importance_weighted_bound": importance_weighted_bound}


def likelihood_metrics(model: VAE, coefficients: torch.Tensor, draws: int, seed: int) -> dict:
    """Medians and 5 and 95 % quantiles of lower bounds on ln p of coefficients (n, k) [nats per curve].

    Not means, which a few rare galaxies rule.
    """
    weights = log_weights(model, coefficients, draws, torch.Generator().manual_seed(seed))
    metrics = {}
    for name, bound in BOUNDS.items():
        values = bound(weights).numpy()
        metrics[name] = median_and_error(values)
        metrics |= {f"{name}_q{percent:02d}": (np.quantile(values, percent / 100.0), None) for percent in (5, 95)}
    return metrics


def covariance_metrics(model: VAE, coefficients: torch.Tensor) -> dict:
    """What a full covariance buys: medians over curves of coefficients (n, k).

    The largest correlation of two latents in the encoder's posterior and in the true one, the nats that the best
    diagonal posterior loses, the divergence of the encoder's from the true one by its means and by its covariances.
    """
    posterior = model.posterior(coefficients)
    mean, factor = posterior.mean.double(), posterior.scale_tril().double()
    mode, precision = laplace.true_posterior(model, coefficients, mean)
    of_means, of_covariances = laplace.divergence(mean, factor, mode, precision)
    of_curves = {
        "posterior_correlation": laplace.largest_correlation(factor @ factor.mT),
        "posterior_correlation_true": laplace.largest_correlation(torch.linalg.inv(precision)),
        "kl_best_diagonal": laplace.lost_by_diagonal(precision),
        "kl_encoder_mean": of_means,
        "kl_encoder_covariance": of_covariances,
    }
    return {name: median_and_error(values.numpy()) for name, values in of_curves.items()}


def calibration_metrics(model: VAE, coefficients: torch.Tensor, seed: int) -> dict:
    """Shares of codes inside the ellipsoids that the encoder gives their own decoded curves.

    The codes are drawn from the posteriors of curves of coefficients (n, k), as they are distributed in training; the
    curves are without noise (`decoded`), as training curves are, and with the decoder's noise (`noisy`).
    """
    generator = torch.Generator().manual_seed(seed)
    d, metrics = model.architecture.latent_dimension, {}
    code = model.posterior(coefficients).sample(torch.randn(len(coefficients), d, generator=generator))
    decoded = model.decoder(code)
    noise = model.sigma * torch.randn(decoded.shape, generator=generator)
    for name, curves in (("decoded", decoded), ("noisy", decoded + noise)):
        encoded = model.posterior(curves)
        squared = laplace.squared_distance(code.double(), encoded.mean.double(), encoded.scale_tril().double())
        for percent in PERCENTS:
            inside = squared < stats.chi2.ppf(percent / 100.0, d)
            metrics[f"posterior_interval_coverage_{percent}_{name}"] = share_and_error(inside.numpy())
    return metrics
