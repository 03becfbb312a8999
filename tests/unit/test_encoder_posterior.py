"""Each posterior is the normal distribution that its mean and scale_tril say, and its KL is exact."""

import pytest
import torch
from torch.distributions import MultivariateNormal

from curvae.model.encoder_posterior import LIMIT, POSTERIORS, bounded, cap_log_variance
from curvae.model.exponential import Exponential

NAMES, FULL = pytest.mark.parametrize("name", POSTERIORS), pytest.mark.parametrize("name", ["cholesky", "symmetric"])


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(2)


def raw_outputs(name, n, d, scale=1.0, dtype=torch.float64):
    return scale * torch.randn(n, POSTERIORS[name].outputs(d), dtype=dtype)


@NAMES
def test_kl_is_the_mean_log_ratio_of_posterior_and_prior(name):
    d = 3
    posterior = POSTERIORS[name](raw_outputs(name, 20, d), d)
    q = MultivariateNormal(posterior.mean, scale_tril=posterior.scale_tril())
    z = q.sample((40_000,))
    log_ratio = q.log_prob(z) - MultivariateNormal(torch.zeros(d).double(), torch.eye(d).double()).log_prob(z)
    error = log_ratio.std(0) / len(z) ** 0.5
    assert ((posterior.kl() - log_ratio.mean(0)).abs() < 4.0 * error).all()
    at_prior = POSTERIORS[name](torch.zeros(1, POSTERIORS[name].outputs(d), dtype=torch.float64), d)
    assert at_prior.kl().item() == pytest.approx(0.0, abs=1e-14)


def test_a_diagonal_posterior_is_hardly_wider_than_the_prior_and_as_narrow_as_the_encoder_says():
    raw = torch.cat([torch.zeros(5, 1), torch.tensor([[30.0], [1.0], [0.0], [-1.0], [-20.0]])], 1).double()
    log_variance = 2.0 * POSTERIORS["diagonal"](raw, 1).scale_tril().flatten().log()
    assert log_variance[0] == pytest.approx(1.0)
    assert (log_variance.diff() < 0.0).all()
    torch.testing.assert_close(log_variance[2:], bounded(raw[2:, 1:]).flatten(), rtol=1e-9, atol=1e-9)


def test_no_latent_of_a_full_posterior_is_much_wider_than_in_the_prior_either():
    factor = POSTERIORS["cholesky"](raw_outputs("cholesky", 500, 4, 1e3), 4).scale_tril()
    assert torch.diagonal(factor @ factor.mT, dim1=1, dim2=2).max() < 2.72


@NAMES
def test_samples_have_the_mean_and_covariance_of_scale_tril(name):
    d, n = 3, 100_000
    posterior = POSTERIORS[name](raw_outputs(name, 1, d).expand(n, -1), d)
    z = posterior.sample(torch.randn(n, d, dtype=torch.float64))
    factor = posterior.scale_tril()[0]
    covariance = factor @ factor.T
    variance = covariance.diagonal()
    assert ((z.mean(0) - posterior.mean[0]).abs() < 4.0 * (variance / n).sqrt()).all()
    error = ((torch.outer(variance, variance) + covariance**2) / n).sqrt()  # of an entry, Wishart
    assert ((torch.cov(z.T) - covariance).abs() < 4.0 * error).all()


@FULL
def test_without_off_diagonals_a_full_posterior_is_the_diagonal_one_and_with_them_it_correlates_the_code(name):
    d, n = 4, 50
    raw, noise = raw_outputs("diagonal", n, d), torch.randn(n, d, dtype=torch.float64)
    diagonal = POSTERIORS["diagonal"](raw, d)
    full = POSTERIORS[name](torch.cat([raw, torch.zeros(n, d * (d - 1) // 2)], 1), d)
    for ask in (lambda q: q.mean, lambda q: q.kl(), lambda q: q.sample(noise), lambda q: q.scale_tril()):
        torch.testing.assert_close(ask(full), ask(diagonal), rtol=1e-9, atol=1e-9)
    factor = POSTERIORS[name](torch.tensor([[0.0, 0.0, 0.0, 0.0, 0.5]]), 2).scale_tril()[0]
    assert (factor @ factor.T)[0, 1] > 0.4


@NAMES
@pytest.mark.parametrize("d", [1, 16])
@pytest.mark.parametrize("scale", [10.0, 1e3, 1e15])
def test_covariances_are_positive_definite_for_any_outputs_of_a_network(name, d, scale):
    raw = raw_outputs(name, 500, d, scale, torch.float32)
    factor = POSTERIORS[name](raw, d).scale_tril()
    assert torch.isfinite(factor).all()
    assert (factor.diagonal(dim1=1, dim2=2) > 0).all()
    assert (factor.triu(1) == 0).all()
    # The logarithm of the determinant is the sum of the outputs that stand for log variances, however wide the rest.
    log_determinant = 2.0 * factor.double().diagonal(dim1=1, dim2=2).log().sum(1)
    outputs = bounded(raw[:, d:].double())
    expected = cap_log_variance(outputs[:, :d]).sum(1)
    if name == "cholesky":  # and of the lengths of the rows
        lengths = torch.zeros(500, d, d).double()
        lengths[:, *torch.tril_indices(d, d, -1)] = outputs[:, d:]
        expected -= (1.0 + lengths.square().sum(2)).log().sum(1)
    torch.testing.assert_close(log_determinant, expected, rtol=1e-3, atol=0.05)


@NAMES
def test_kl_and_its_gradient_are_finite_and_single_precision_is_enough_for_them(name):
    for d, scale in ((4, 1.0), (4, 10.0), (16, 0.0), (16, 1e3)):
        raw, gradients = raw_outputs(name, 500, d, scale, torch.float32), []
        for dtype in (torch.float32, torch.float64):
            outputs = raw.to(dtype).clone().requires_grad_()
            kl = POSTERIORS[name](outputs, d).kl()
            kl.sum().backward()
            assert torch.isfinite(kl).all()
            assert torch.isfinite(outputs.grad).all()
            gradients.append(outputs.grad.double())
        single, double = gradients
        assert d > 4 or ((single - double).norm(dim=1) < 1e-3 * double.norm(dim=1)).all()


@NAMES
def test_samples_and_kl_have_the_gradients_of_finite_differences(name):
    raw, noise = raw_outputs(name, 3, 3).requires_grad_(), torch.randn(3, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda r: POSTERIORS[name](r, 3).sample(noise), raw)
    assert torch.autograd.gradcheck(lambda r: POSTERIORS[name](r, 3).kl(), raw)


def test_the_symmetric_posterior_is_made_of_the_logarithm_of_its_covariance():
    d, n = 3, 30
    raw = raw_outputs("symmetric", n, d)
    posterior = POSTERIORS["symmetric"](raw, d)
    factor = posterior.scale_tril()
    variance, axes = torch.linalg.eigh(factor @ factor.mT)
    logarithm = axes @ torch.diag_embed(variance.log()) @ axes.mT
    i, j = torch.tril_indices(d, d, -1)
    entries = bounded(raw[:, d:])
    torch.testing.assert_close(
        logarithm.diagonal(dim1=1, dim2=2), cap_log_variance(entries[:, :d]), rtol=1e-9, atol=1e-9
    )
    torch.testing.assert_close(logarithm[:, i, j], entries[:, d:], rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(entries, raw[:, d:], rtol=0.05, atol=0.0)  # the outputs, bent a little
    # The square root that its samples are made with is symmetric too, unlike a Cholesky factor.
    root = torch.stack([posterior.sample(e.expand(n, d)) - posterior.mean for e in torch.eye(d).double()], 2)
    torch.testing.assert_close(root, root.mT)


@pytest.mark.parametrize("d", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [1e-3, 0.3, 3.0, 8.0, LIMIT / 2**0.5])
def test_the_exponential_of_symmetric_matrices_is_exact_to_a_few_float32_roundings(d, size):
    for shift in (0.0, -25.0):
        a = torch.randn(300, d, d)
        a = a + a.mT
        a = size * a / torch.linalg.matrix_norm(a, 2)[:, None, None] + shift * torch.eye(d)
        exact = torch.linalg.matrix_exp(a.double())
        ours = Exponential.apply(a.movedim(0, 2)).movedim(2, 0).double()
        error = torch.linalg.matrix_norm(ours - exact, 2) / torch.linalg.matrix_norm(exact, 2)
        # Rounding A itself, by half a unit in the last place, makes an error of |A| eps / 2.
        rounding = (1.0 + size - shift) * torch.finfo(torch.float32).eps / 2.0
        assert (error < (10.0 * rounding if size <= 8.0 else 0.01)).all()
        torch.testing.assert_close(ours, ours.mT)
        assert (torch.linalg.eigvalsh(ours) > -10.0 * rounding * torch.linalg.matrix_norm(ours, 2)[:, None]).all()
