"""The densities that codes are drawn from: moments that they promise, likelihoods of scipy's normals, fits as good."""

import numpy as np
import pytest
from scipy import integrate, stats

from curvae.densities import em, samplers
from curvae.densities.em import fit_mixtures
from curvae.densities.files import sample
from curvae.densities.mixtures import GaussianMixture
from curvae.densities.samplers import SAMPLERS

N, D = 100_000, 3


def random_factors(random, n):
    """Lower triangular factors with a positive diagonal (n, D, D)."""
    return np.tril(random.standard_normal((n, D, D)), -1) + random.uniform(0.2, 1.0, (n, D))[:, :, None] * np.eye(D)


@pytest.fixture(scope="module")
def latents():
    """Correlated posterior means (n, D) off zero, and the Cholesky factors of their covariances."""
    random = np.random.default_rng(10)
    mean = random.standard_normal((400, D)) @ random_factors(random, 1)[0].T + [1.0, -2.0, 0.5]
    return mean, random_factors(random, 400)


@pytest.fixture(scope="module")
def mixture():
    random = np.random.default_rng(11)
    return GaussianMixture(np.array([0.2, 0.5, 0.3]), 3.0 * random.standard_normal((3, D)), random_factors(random, 3))


@pytest.fixture(scope="module")
def codes(mixture):
    return sample(mixture, N, 1)


def test_normal_prior_and_multinormal_are_one_normal_each_of_the_moments_they_promise(latents):
    means, factors = latents
    # One draw each of 2,000 rounds over the posteriors: the aggregate posterior itself.
    noise = np.random.default_rng(12).standard_normal((2000, *means.shape))
    draws = (means + np.einsum("nij,snj->sni", factors, noise)).reshape(-1, D)
    for name, mean, covariance in (
        ("diagonal_gaussian", means.mean(0), np.diag(means.var(0))),
        ("standard_normal", np.zeros(D), np.eye(D)),
        ("full_gaussian", draws.mean(0), np.cov(draws.T)),
    ):
        density = SAMPLERS[name](means, factors, seed=1)
        (factor,) = density.scale_tril
        error = 8.0 * covariance.max() / np.sqrt(len(draws)) if name == "full_gaussian" else 1e-12
        np.testing.assert_allclose(density.mean, [mean], atol=error)
        np.testing.assert_allclose(factor @ factor.T, covariance, atol=error)


def test_draws_have_the_moments_of_the_weighted_components_in_random_order(mixture, codes):
    mean = mixture.weight @ mixture.mean
    within = np.einsum("k,kij,klj->il", mixture.weight, mixture.scale_tril, mixture.scale_tril)
    between = np.cov(mixture.mean.T, aweights=mixture.weight, bias=True)
    variance = np.diag(within + between)
    np.testing.assert_allclose(codes.mean(0), mean, atol=4.0 * np.sqrt(variance.max() / N))
    np.testing.assert_allclose(np.cov(codes.T), within + between, atol=8.0 * variance.max() / np.sqrt(N))
    # Standard error of the correlation of neighbours; sorted by component it would be near one.
    assert abs(np.corrcoef(codes[:-1, 0], codes[1:, 0])[0, 1]) < 4.0 / np.sqrt(N)
    assert not np.isin(codes[:100], sample(mixture, 100, 2)).any()


def test_the_marginals_are_densities_and_those_of_the_draws(mixture, codes):
    x = np.linspace(-40.0, 40.0, 20_001)
    for axis in range(D):
        cumulative = integrate.cumulative_trapezoid(mixture.marginal(axis, x), x, initial=0.0)
        assert cumulative[-1] == pytest.approx(1.0)
        assert stats.kstest(codes[:, axis], lambda z, c=cumulative: np.interp(z, x, c)).pvalue > 1e-4


def test_log_prob_is_that_of_scipys_normals(mixture, codes):
    terms = [
        weight * stats.multivariate_normal(mean, factor @ factor.T).pdf(codes[:50])
        for weight, mean, factor in zip(mixture.weight, mixture.mean, mixture.scale_tril, strict=True)
    ]
    np.testing.assert_allclose(mixture.log_prob(codes[:50]), np.log(np.sum(terms, 0)), rtol=1e-10)


def test_a_latent_that_never_changes_is_drawn_as_it_is():
    mean = np.column_stack([np.random.default_rng(14).standard_normal(300), np.full(300, 0.25)])
    density = SAMPLERS["diagonal_gaussian"](mean, np.zeros((300, 2, 2)), seed=1)
    assert (sample(density, 50, 1)[:, 1] == 0.25).all()
    assert np.isfinite(density.marginal(1, np.linspace(-1.0, 1.0, 5))).all()


@pytest.mark.parametrize("name", SAMPLERS)
def test_codes_of_one_dimension_are_a_case_like_any_other(name, monkeypatch):
    monkeypatch.setattr(em, "STEPS", 10)
    monkeypatch.setattr(samplers, "MIXTURE_COMPONENTS", (1, 3))
    mean, factors = np.random.default_rng(13).standard_normal((300, 1)), np.full((300, 1, 1), 0.5)
    drawn = sample(SAMPLERS[name](mean, factors, seed=1), 100, 1)
    assert drawn.shape == (100, 1)
    assert np.isfinite(drawn).all()


def lost(mixture, density):
    """Log-likelihood [nats per code] that a density lacks on new codes of a mixture."""
    new = sample(mixture, 20_000, 3)
    return (mixture.log_prob(new) - density.log_prob(new)).mean()


def test_a_fit_reaches_the_likelihood_of_the_mixture_that_the_codes_are_from(mixture, codes, monkeypatch):
    monkeypatch.setattr(em, "STEPS", 400)
    random = np.random.default_rng(1)
    [fitted] = fit_mixtures(lambda n: random.choice(codes, n), [3])
    assert lost(mixture, fitted) < 0.003
    order, expected = np.argsort(fitted.weight), np.argsort(mixture.weight)
    for part, error in {"weight": 0.01, "mean": 0.05, "scale_tril": 0.05}.items():
        np.testing.assert_allclose(getattr(fitted, part)[order], getattr(mixture, part)[expected], atol=error)


def test_a_mixture_has_as_many_components_as_unseen_codes_ask_for(mixture, codes, monkeypatch):
    monkeypatch.setattr(em, "STEPS", 150)
    density = SAMPLERS["gaussian_mixture"](codes[:10_000], np.full((10_000, 1, 1), 1e-3) * np.eye(D), seed=1)
    assert lost(mixture, density) < 0.02
    assert 3 <= len(density.weight) < 100


def test_a_latent_that_no_curve_moves_keeps_its_prior_and_changes_nothing_for_the_others(monkeypatch):
    monkeypatch.setattr(em, "STEPS", 100)
    random = np.random.default_rng(5)
    mean = np.stack([random.choice([-2.0, 2.0], 3000), np.zeros(3000), 0.5 * random.standard_normal(3000)], 1)
    scale_tril = np.tile(np.diag([0.1, 1.0, 0.1]), (3000, 1, 1))
    density = samplers.gaussian_mixture(mean, scale_tril, 1)
    drawn = sample(density, 20_000, 1)
    assert stats.kstest(drawn[:, 1], "norm").pvalue > 1e-3
    np.testing.assert_allclose(np.cov(drawn.T)[1, [0, 2]], 0.0, atol=0.05)
    points = random.standard_normal((50, 3))
    apart = density.log_prob(points) - density.log_prob(points * [1.0, 0.0, 1.0])
    np.testing.assert_allclose(apart, -0.5 * points[:, 1] ** 2, atol=1e-9)
    nothing = samplers.gaussian_mixture(np.zeros((3000, 2)), np.tile(np.eye(2), (3000, 1, 1)), 1)
    np.testing.assert_array_equal(nothing.scale_tril, np.eye(2)[None])
