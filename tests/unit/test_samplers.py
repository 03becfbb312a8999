"""The densities that new codes are drawn from have the moments that they promise."""

import numpy as np
import pytest
from scipy import integrate, stats

from rotcurves.density import GaussianMixture
from rotcurves.samplers import SAMPLERS

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


def assert_moments(codes, mean, covariance):
    """Sample moments within four standard errors of those of a normal distribution."""
    variance = np.diag(covariance)
    assert (np.abs(codes.mean(0) - mean) < 4.0 * np.sqrt(variance / len(codes))).all()
    error = np.sqrt((np.outer(variance, variance) + covariance**2) / len(codes))
    assert (np.abs(np.cov(codes.T) - covariance) < 4.0 * error).all()


def test_normal_has_the_moments_of_the_posterior_means_without_their_correlation(latents):
    mean, _ = latents
    codes = SAMPLERS["normal"](*latents, seed=1).sample(N, seed=1)
    assert_moments(codes, mean.mean(0), np.diag(mean.var(0)))


def test_prior_is_standard_normal_whatever_the_codes(latents):
    assert_moments(SAMPLERS["prior"](*latents, seed=1).sample(N, seed=1), np.zeros(D), np.eye(D))


def test_multinormal_has_the_moments_of_draws_from_the_posteriors(latents):
    mean, factors = latents
    density = SAMPLERS["multinormal"](*latents, seed=1)
    covariance = density.scale_tril[0] @ density.scale_tril[0].T
    assert_moments(density.sample(N, seed=1), density.mean[0], covariance)
    # One draw each of 2,000 rounds over the posteriors: the aggregate posterior itself.
    noise = np.random.default_rng(12).standard_normal((2000, *mean.shape))
    draws = (mean + np.einsum("nij,snj->sni", factors, noise)).reshape(-1, D)
    np.testing.assert_allclose(draws.mean(0), density.mean[0], atol=4.0 / np.sqrt(len(draws)))
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=8.0 * covariance.max() / np.sqrt(len(draws)))


def test_a_mixture_draws_each_component_by_its_weight(mixture):
    codes = mixture.sample(N, seed=1)
    mean = mixture.weight @ mixture.mean
    within = np.einsum("k,kij,klj->il", mixture.weight, mixture.scale_tril, mixture.scale_tril)
    between = np.cov(mixture.mean.T, aweights=mixture.weight, bias=True)
    variance = np.diag(within + between)
    np.testing.assert_allclose(codes.mean(0), mean, atol=4.0 * np.sqrt(variance.max() / N))
    np.testing.assert_allclose(np.cov(codes.T), within + between, atol=8.0 * variance.max() / np.sqrt(N))


@pytest.mark.parametrize("axis", range(D))
def test_marginal_is_a_density_and_that_of_the_draws(mixture, axis):
    density = lambda x: mixture.marginal(axis, np.atleast_1d(x))[0]  # noqa: E731
    assert integrate.quad(density, -40.0, 40.0, limit=500, points=mixture.mean[:, axis])[0] == pytest.approx(1.0)
    x = np.linspace(-40.0, 40.0, 20_001)
    cumulative = integrate.cumulative_trapezoid(mixture.marginal(axis, x), x, initial=0.0)
    drawn = mixture.sample(N, seed=2)[:, axis]
    assert stats.kstest(drawn, lambda z: np.interp(z, x, cumulative)).pvalue > 1e-4


def test_log_density_is_that_of_scipys_normals(mixture):
    codes = mixture.sample(50, seed=4)
    terms = [
        weight * stats.multivariate_normal(mean, factor @ factor.T).pdf(codes)
        for weight, mean, factor in zip(mixture.weight, mixture.mean, mixture.scale_tril, strict=True)
    ]
    np.testing.assert_allclose(mixture.log_density(codes), np.log(np.sum(terms, 0)), rtol=1e-10)


def test_codes_come_in_random_order(mixture):
    first = mixture.sample(2000, seed=3)[:, 0]
    # Standard error of the correlation of neighbours; sorted by component it would be near one.
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 4.0 / np.sqrt(2000)


def test_a_latent_that_never_changes_is_drawn_as_it_is():
    mean = np.column_stack([np.random.default_rng(14).standard_normal(300), np.full(300, 0.25)])
    density = SAMPLERS["normal"](mean, np.zeros((300, 2, 2)), seed=1)
    assert (density.sample(50, seed=1)[:, 1] == 0.25).all()
    assert np.isfinite(density.marginal(1, np.linspace(-1.0, 1.0, 5))).all()


def test_other_seeds_draw_other_codes(mixture):
    assert not np.isin(mixture.sample(100, seed=1), mixture.sample(100, seed=2)).any()


@pytest.mark.parametrize("name", SAMPLERS)
def test_codes_of_one_dimension_are_a_case_like_any_other(name):
    random = np.random.default_rng(13)
    mean, factors = random.standard_normal((300, 1)), np.full((300, 1, 1), 0.5)
    codes = SAMPLERS[name](mean, factors, seed=1).sample(100, seed=1)
    assert codes.shape == (100, 1)
    assert np.isfinite(codes).all()


def test_the_mixture_finds_the_density_that_the_codes_are_from(mixture):
    codes = mixture.sample(20_000, seed=2)
    narrow = np.full((len(codes), 1, 1), 1e-3) * np.eye(D)
    fitted = SAMPLERS["mixture"](codes, narrow, seed=1)

    new = mixture.sample(20_000, seed=3)
    lost = (mixture.log_density(new) - fitted.log_density(new)).mean()
    assert lost < 0.01  # nats per code
