"""The population behind noisy galaxies, where everything is normal and known."""

import numpy as np
import pytest

from curvae.densities.files import sample
from curvae.densities.mixtures import GaussianMixture
from curvae.evaluation.population_metrics import SUMMARIES, observe, predictive_metrics, summaries
from curvae.inference import population
from curvae.inference.error_models import LOG_SCATTER, SCATTER, WIDTH, ErrorModel
from curvae.storage.observations import Galaxy

MEAN, SCATTER_OF_CODES, NOISE = np.array([0.5, -0.3]), np.array([0.3, 0.5]), 0.4
STANDARD_NORMAL = GaussianMixture(np.ones(1), np.zeros((1, 2)), np.eye(2)[None])


@pytest.fixture(scope="module")
def survey():
    """True codes of 300 galaxies, and draws from their posteriors: each code was seen once, with normal noise."""
    random = np.random.default_rng(1)
    true = MEAN + SCATTER_OF_CODES * random.standard_normal((300, 2))
    seen = true + NOISE * random.standard_normal(true.shape)
    variance = 1.0 / (1.0 + NOISE**-2)  # under the prior, a standard normal
    code = (variance * NOISE**-2 * seen)[:, None] + np.sqrt(variance) * random.standard_normal((300, 256, 2))
    log_prior = STANDARD_NORMAL.log_prob(code.reshape(-1, 2)).reshape(300, 256)
    return true, seen, population.Draws(code, log_prior)


def scatter(density):
    """Standard deviations of the coordinates."""
    return sample(density, 100_000, 1).std(0)


def test_the_scatter_of_the_population_is_that_without_noise(survey):
    true, seen, draws = survey
    found = scatter(population.fit(draws, 1, np.random.default_rng(2)))
    np.testing.assert_allclose(found, true.std(0), atol=0.06)
    assert (np.abs(found - true.std(0)) < 0.6 * np.abs(seen.std(0) - true.std(0))).all()


def test_the_bootstrap_tells_the_error_of_the_mean(survey):
    true, _, draws = survey
    fits = population.bootstrap_fits(draws, 1, 10, np.random.default_rng(3))
    errors = np.std([fit.mean[0] for fit in fits], axis=0)
    expected = np.sqrt(true.var(0) + NOISE**2) / np.sqrt(300)
    np.testing.assert_allclose(errors, expected, rtol=0.7)
    whole = population.mean_of(fits)
    np.testing.assert_allclose(whole.weight.sum(), 1.0)
    assert (np.abs(whole.weight @ whole.mean - MEAN) < 4.0 * expected).all()


def test_held_out_galaxies_gain_what_the_true_population_would_give_them(survey):
    _, seen, draws = survey
    gain = population.held_out(draws, 1, 5, np.random.default_rng(4))

    def log_evidence(mean, variance):
        variance = variance + NOISE**2
        return -0.5 * (np.square(seen - mean) / variance + np.log(variance)).sum(1)

    known = log_evidence(MEAN, SCATTER_OF_CODES**2) - log_evidence(0.0, 1.0)
    assert gain.mean() > 0.2
    assert abs(gain.mean() - known.mean()) < 0.05


def test_more_normals_are_not_better_for_one_normal_population(survey):
    *_, draws = survey
    gains = [population.held_out(draws, k, 5, np.random.default_rng(5)).mean() for k in (1, 4)]
    assert gains[0] > gains[1] - 0.02


def test_two_kinds_of_galaxies_are_found():
    random = np.random.default_rng(6)
    kind = random.random(500) < 0.3
    true = np.where(kind, 2.0, -1.0)[:, None] + 0.2 * random.standard_normal((500, 2))
    code = (true + 0.3 * random.standard_normal(true.shape))[:, None] + 0.3 * random.standard_normal((500, 64, 2))
    found = population.fit(population.Draws(code, np.zeros((500, 64))), 2, random)
    order = np.argsort(found.mean[:, 0])
    np.testing.assert_allclose(found.weight[order], [0.7, 0.3], atol=0.06)
    np.testing.assert_allclose(found.mean[order], [[-1.0, -1.0], [2.0, 2.0]], atol=0.1)


def test_a_few_galaxies_and_coordinates_that_hang_together_are_fitted():
    code = np.random.default_rng(7).standard_normal((3, 1, 1)) * np.ones((1, 1, 5))
    found = population.fit(population.Draws(code, np.zeros((3, 1))), 3, np.random.default_rng(8))
    assert np.isfinite(sample(found, 10, 1)).all()


def test_normals_are_added_with_the_galaxies():
    assert [population.components_for(n, 8) for n in (10, 90, 150, 500, 2000, 10_000)] == [1, 1, 2, 3, 7, 8]


def test_the_scatter_of_the_observations_is_summarised_as_its_error_model_wants_it():
    density = GaussianMixture(
        np.array([0.25, 0.75]), np.array([[0.0, -2.0], [0.0, -4.0]]), np.tile(np.eye(2), (2, 1, 1))
    )
    about = population.scatter_of(density)
    drawn = sample(density, 200_000, 1)[:, -1]
    np.testing.assert_allclose(list(about.values()), [drawn.mean(), drawn.std()], rtol=0.01)
    again = ErrorModel(SCATTER, **about).draw(200_000, np.random.default_rng(1))
    np.testing.assert_allclose([again.mean(), again.std()], [drawn.mean(), drawn.std()], rtol=0.01)


def test_without_a_population_the_scatter_has_the_prior_of_before():
    drawn = ErrorModel(SCATTER).draw(100_000, np.random.default_rng(1))
    np.testing.assert_allclose([drawn.mean(), drawn.std()], [LOG_SCATTER, WIDTH], atol=0.02)


def test_the_leading_coordinates_have_their_marginal_density():
    random = np.random.default_rng(9)
    lower = np.tril(random.standard_normal((2, 3, 3))) + 2.0 * np.eye(3)
    density = GaussianMixture(np.array([0.4, 0.6]), random.standard_normal((2, 3)), lower)
    whole, part = sample(density, 100_000, 1)[:, :2], sample(density.leading(2), 100_000, 2)
    np.testing.assert_allclose(whole.mean(0), part.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(whole.T), np.cov(part.T), rtol=0.03, atol=0.05)


def test_summaries_of_a_power_law_are_its_own():
    radius = np.array([1.0, 2.0, 4.0, 8.0])
    (found,) = summaries(radius, 100.0 * radius[None] ** 0.3)
    expected = {"first_velocity": np.log(100.0), "last_velocity": np.log(100.0 * 8.0**0.3), "slope": 0.3}
    expected |= {"largest_velocity": expected["last_velocity"], "curvature": 0.0}
    np.testing.assert_allclose(found, [expected[name] for name in SUMMARIES], atol=1e-10)


def test_galaxies_of_one_or_two_points_have_summaries():
    assert np.isfinite(summaries(np.array([1.0]), np.array([[-5.0]]))).all()
    assert np.isfinite(summaries(np.array([1.0, 2.0]), np.array([[50.0, 60.0]]))).all()


def test_a_survey_seen_again_by_its_own_population_is_consistent_with_it():
    random = np.random.default_rng(10)
    first, again, other = (
        random.standard_normal((150, 5)),
        random.standard_normal((900, 5)),
        random.normal(1, 1, (900, 5)),
    )
    same, different = (predictive_metrics(first, one, 1) for one in (again, other))
    assert same["population_predictive_accuracy"][0] < 0.58 < 0.7 < different["population_predictive_accuracy"][0]
    assert same["population_ks_p_slope"][0] > 0.01 > different["population_ks_p_slope"][0]


class FlatCurves:
    """In place of a generator: curves that have the velocity exp(z) everywhere."""

    d, radius = 1, np.array([1.0, 10.0])

    def decode_components(self, code):
        return code

    def at(self, radius):
        self.velocity = lambda x: np.exp(x) * np.ones(len(radius))
        return self


def test_galaxies_are_seen_with_radii_and_relative_errors_of_those_as_fast():
    slow = [Galaxy(np.array([1.0, 2.0, 3.0]), np.full(3, 50.0), np.full(3, 5.0)) for _ in range(10)]
    fast = [Galaxy(np.array([1.0, 9.0]), np.full(2, 200.0), np.full(2, 1.0)) for _ in range(10)]
    theta = np.log(np.repeat([50.0, 200.0], 2000))[:, None]
    found = observe(FlatCurves(), theta, slow + fast, ErrorModel("none"), np.random.default_rng(1))
    scatter = [found[rows, 0].std() for rows in (slice(2000), slice(2000, None))]
    np.testing.assert_allclose(scatter, [0.1, 0.005], rtol=0.1)
    extra = np.concatenate([theta, np.full((4000, 1), np.log(0.3))], 1)
    found = observe(FlatCurves(), extra, slow + fast, ErrorModel(SCATTER), np.random.default_rng(1))
    assert found[2000:, 0].std() > 0.25
