"""Bounds on the likelihood, against the exact one of a model whose decoder is a straight line."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from curvae.model.encoder_posterior import LIMIT
from curvae.model.likelihood import evidence_lower_bound, importance_weighted_bound, log_weights
from curvae.model.network import VAE, Architecture

K, D, SIGMA = 6, 2, 0.3


def linear_model(posterior, widen=1.0):
    """A model x = W z + b + SIGMA noise, W and b, whose encoder knows the exact posterior (but for its width).

    Tipping & Bishop (1999), eq. 7: precision 1 + W^T W / sigma^2, mean C W^T (x - b) / sigma^2.
    """
    random = np.random.default_rng(20)
    # Columns that are alike: the posterior is not diagonal.
    weight, bias = random.standard_normal((K, 1)) + random.standard_normal((K, D)), random.standard_normal(K)
    covariance = np.linalg.inv(np.eye(D) + weight.T @ weight / SIGMA**2)
    gain = covariance @ weight.T / SIGMA**2
    factor = widen * np.linalg.cholesky(covariance)
    widths = np.diag(factor) if posterior == "diagonal" else np.linalg.norm(factor, axis=1)
    shape = [*2.0 * np.log(widths), factor[1, 0] / factor[1, 1]][: D if posterior == "diagonal" else None]
    length = np.linalg.norm(shape)  # the encoder bounds the length of these outputs: undone here
    shape = np.array(shape) / np.sqrt(1.0 - (length / LIMIT) ** 2)
    model = VAE(Architecture(K, K, False, D, posterior, [], [], "relu", "none", SIGMA))
    with torch.no_grad():
        encoder, decoder = model.encoder.layers[0], model.decoder.layers[0]
        encoder.weight.zero_()
        encoder.weight[:D] = torch.as_tensor(gain)
        encoder.bias.copy_(torch.as_tensor(np.concatenate([-gain @ bias, shape])))
        decoder.weight.copy_(torch.as_tensor(weight))
        decoder.bias.copy_(torch.as_tensor(bias))
    return model, weight, bias


def bounds_and_truth(posterior, draws, widen=1.0, n=200):
    """ELBO, importance-weighted bound and exact ln p(x) (n,) [nats] of rows drawn from the model."""
    model, weight, bias = linear_model(posterior, widen)
    exact = stats.multivariate_normal(bias, weight @ weight.T + SIGMA**2 * np.eye(K))
    x = torch.as_tensor(exact.rvs(n, random_state=21)).float()
    with torch.no_grad():
        log_weight = log_weights(model, x, draws, torch.Generator().manual_seed(22))
    return evidence_lower_bound(log_weight), importance_weighted_bound(log_weight), exact.logpdf(x.double())


def test_both_bounds_are_the_exact_likelihood_where_the_posterior_is():
    *bounds, truth = bounds_and_truth("cholesky", 3)
    for bound in bounds:
        np.testing.assert_allclose(bound, truth, atol=1e-3)


@pytest.mark.parametrize("posterior", ["cholesky", "diagonal"])
def test_the_importance_weighted_bound_rises_to_the_exact_likelihood(posterior):
    bounds = {draws: bounds_and_truth(posterior, draws, widen=1.5) for draws in (1, 10, 1000)}
    for elbo, bound, _ in bounds.values():
        assert (bound >= elbo - 1e-12).all()
    torch.testing.assert_close(*bounds[1][:2])  # of one draw they are the same
    lower, truth = bounds[1000][0].mean().item(), bounds[1000][2].mean()
    rising = [lower, *(bounds[draws][1].mean().item() for draws in (10, 1000))]
    assert rising == sorted(rising)
    assert rising[0] < truth - 0.05
    assert rising[-1] == pytest.approx(truth, abs=0.01)


def test_the_evidence_lower_bound_lacks_the_divergence_from_the_exact_posterior():
    # KL(N(m, w^2 C) | N(m, C)) = d (w^2 - 1 - 2 ln w) / 2, whatever C.
    elbo, _, truth = bounds_and_truth("cholesky", 2000, widen=1.5)
    expected = 0.5 * D * (1.5**2 - 1.0 - 2.0 * math.log(1.5))
    assert (truth - elbo.numpy()).mean() == pytest.approx(expected, rel=0.02)
