"""Bounds on the likelihood of curves under a model, from draws of its posteriors."""

import math

import torch
from torch import Tensor

from curvae.model.network import VAE
from curvae.runtime.progress import progress


def log_weights(model: VAE, coefficients: Tensor, draws: int, generator: torch.Generator) -> Tensor:
    """ln p(x | z) + ln p(z) - ln q(z | x) [nats] of codes z drawn from the posteriors q of the curves x.

    Curves are given by their coefficients (n, k) in the model's representation, and densities are those
    of the coefficients. Returns (n, draws) float64.
    """
    posterior = model.posterior(coefficients)
    n, d = posterior.mean.shape
    k, sigma = coefficients.shape[1], model.sigma.double()
    log_det = torch.diagonal(posterior.scale_tril(), dim1=1, dim2=2).double().log().sum(1)
    # The factors 2 pi of p(z) and q(z | x) cancel.
    constant = log_det - k * (torch.log(sigma) + 0.5 * math.log(2.0 * math.pi))
    weights = torch.empty(n, draws, dtype=torch.float64)
    for draw in progress(range(draws), draws, "drawing codes for the bounds", "draws"):
        noise = torch.randn(n, d, generator=generator)
        code = posterior.sample(noise)
        residual = (coefficients - model.decoder(code)).double() / sigma
        squares = noise.double().square().sum(1) - code.double().square().sum(1) - residual.square().sum(1)
        weights[:, draw] = constant + 0.5 * squares
    return weights


def evidence_lower_bound(log_weight: Tensor) -> Tensor:
    """Evidence lower bound (n,) [nats] (Kingma & Welling 2014) of log weights (n, draws)."""
    return log_weight.mean(1)


def importance_weighted_bound(log_weight: Tensor) -> Tensor:
    """Importance-weighted bound (n,) [nats] with as many samples as draws (Burda et al. 2016, eq. 8).

    Between the evidence lower bound and ln p(x), which it tends to with the number of draws.
    """
    return torch.logsumexp(log_weight, 1) - math.log(log_weight.shape[1])
