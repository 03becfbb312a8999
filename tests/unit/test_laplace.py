"""The true posterior of a decoder, where it is known in closed form: of a linear one."""

import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from curvae.evaluation import laplace
from curvae.model.network import VAE, Architecture

K, D, SIGMA = 6, 3, 0.2


@pytest.fixture
def linear():
    """A model whose decoder is linear, curves of it (200, K), and the exact posterior: means, precision."""
    torch.manual_seed(3)
    model = VAE(Architecture(K, K, False, D, "cholesky", [4], [], "tanh", "none", SIGMA)).requires_grad_(False)
    matrix, offset = model.decoder.layers[0].weight.double(), model.decoder.layers[0].bias.double()
    x = model.decoder(torch.randn(200, D)) + SIGMA * torch.randn(200, K)
    precision = torch.eye(D) + matrix.T @ matrix / SIGMA**2
    mean = (x.double() - offset) @ matrix / SIGMA**2 @ torch.linalg.inv(precision)
    return model, x, mean, precision.expand(200, D, D)


def test_the_mode_and_precision_of_a_linear_decoder_are_those_of_its_normal_posterior(linear):
    model, x, mean, precision = linear
    approximation = laplace.true_posterior(model, x, torch.zeros(200, D))
    for ours, exact in zip(approximation, (mean, precision), strict=True):
        torch.testing.assert_close(ours, exact, rtol=1e-5, atol=1e-5)


def test_the_parts_of_the_divergence_add_up_to_it(linear):
    _, _, mode, precision = linear
    mean, factor = mode + 0.1 * torch.randn(200, D), torch.randn(200, D, D).double().tril()
    factor = factor + 2.0 * torch.eye(D)
    factor.diagonal(dim1=1, dim2=2).abs_()
    p = MultivariateNormal(mode, precision_matrix=precision)
    exact = kl_divergence(MultivariateNormal(mean, scale_tril=factor), p)
    of_means, of_covariances = laplace.divergence(mean, factor, mode, precision)
    torch.testing.assert_close(of_means + of_covariances, exact)
    torch.testing.assert_close(laplace.divergence(mode, factor, mode, precision)[0], torch.zeros(200).double())


def test_no_diagonal_posterior_loses_less_than_the_best(linear):
    _, _, mode, precision = linear
    lost = laplace.lost_by_diagonal(precision)
    p, width = MultivariateNormal(mode, precision_matrix=precision), torch.diagonal(precision, dim1=1, dim2=2) ** -0.5
    torch.testing.assert_close(kl_divergence(MultivariateNormal(mode, torch.diag_embed(width**2)), p), lost)
    for factor in (0.9, 1.1):
        other = MultivariateNormal(mode, torch.diag_embed((factor * width) ** 2))
        assert (kl_divergence(other, p) > lost).all()
    diagonal = torch.diag_embed(torch.rand(5, D).double() + 1.0)
    torch.testing.assert_close(laplace.lost_by_diagonal(diagonal), torch.zeros(5).double())


def test_codes_of_a_calibrated_posterior_have_the_distances_of_chi_squared():
    torch.manual_seed(4)
    factor = torch.randn(20_000, D, D).double().tril() + 2.0 * torch.eye(D)
    code = (factor @ torch.randn(20_000, D, 1).double())[:, :, 0]
    squared = laplace.squared_distance(code, torch.zeros(20_000, D).double(), factor)
    assert squared.mean().item() == pytest.approx(D, rel=0.05)
    assert squared.var().item() == pytest.approx(2.0 * D, rel=0.1)


def test_the_largest_correlation_is_found_with_its_size():
    covariance = torch.tensor([[[4.0, -1.8, 0.0], [-1.8, 1.0, 0.1], [0.0, 0.1, 1.0]]]).double()
    assert laplace.largest_correlation(covariance).item() == pytest.approx(0.9)
