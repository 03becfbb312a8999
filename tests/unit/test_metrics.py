"""Metrics against what is known of them: Bayes accuracies, closed forms, other code, and what they must not see."""

import numpy as np
import pytest
from scipy import stats

from rotcurves import metrics
from rotcurves.relations import draw_parameters
from rotcurves.velocity import rotation_curves

N = 600
JUDGES = [metrics.forest, metrics.perceptron]


@pytest.fixture(scope="module")
def parameters(default_relations):
    """Galaxies (4 N, 4) drawn from the relations of the default configuration."""
    return draw_parameters(np.random.default_rng(3), 4 * N, (9.0, 12.0), **default_relations)


@pytest.fixture(scope="module")
def radius():
    return np.geomspace(0.1, 50.0, 50)


@pytest.fixture(scope="module")
def curves(parameters, radius):
    """Two samples (N, 50) of physical curves."""
    return np.split(rotation_curves(parameters[: 2 * N], radius, 70.0, 200.0, 4.301e-6), 2)


def normals(seed, shift=0.0, n=N):
    """n standard normal rows of three features, the first one shifted."""
    return np.random.default_rng(seed).normal([shift, 0.0, 0.0], 1.0, (n, 3))


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0, 8.0])
def test_accuracy_is_the_best_that_there_is_for_two_normals(judge, shift):
    accuracy, error = metrics.two_sample_accuracy(normals(1), normals(2, shift), judge(1), seed=1)
    best = stats.norm.cdf(0.5 * shift)
    spread = np.sqrt(best * (1.0 - best) / (2 * N))
    assert accuracy < best + 3.0 * spread
    assert accuracy > best - 3.0 * spread - 0.05 * (0.0 < shift < 8.0)  # a judge that learns is not perfect
    assert error == pytest.approx(np.sqrt(accuracy * (1.0 - accuracy) / (2 * N)))


@pytest.mark.parametrize("judge", JUDGES)
def test_accuracy_does_not_depend_on_the_order_of_the_rows(judge):
    first, second = normals(1, n=100), normals(2, 0.5, n=100)
    accuracy = metrics.two_sample_accuracy(first, second, judge(1), seed=1)
    for order in (np.argsort(first[:, 0]), np.arange(100)[::-1]):
        assert metrics.two_sample_accuracy(first[order], second[order[::-1]], judge(1), seed=1) == accuracy


def test_rows_grouped_by_component_are_no_better_than_others():
    # The rows of each sample in far groups, as a mixture draws them: unshuffled folds give an accuracy near 0.
    centre = np.repeat(100.0 * np.random.default_rng(4).standard_normal((5, 3)), N // 5, axis=0)
    accuracy, error = metrics.two_sample_accuracy(normals(1) + centre, normals(2) + centre, metrics.forest(1), seed=1)
    assert accuracy == pytest.approx(0.5, abs=4.0 * error)


def test_accuracy_does_not_depend_on_the_threads():
    samples = normals(1, n=100), normals(2, 0.5, n=100)
    one, three = (metrics.two_sample_accuracy(*samples, metrics.forest(1, threads), 1) for threads in (1, 3))
    assert one == three


def test_curvature_sees_jaggedness_that_velocities_hide(curves, radius):
    true, other = (metrics.log_velocity(v[:300]) for v in curves)
    jagged = other + 1e-3 * np.random.default_rng(5).standard_normal(other.shape)
    judged = lambda *samples: metrics.two_sample_accuracy(*samples, metrics.forest(1), 1)  # noqa: E731
    bent = lambda log_v: metrics.curvature(log_v, radius)  # noqa: E731
    plain, error = judged(true, jagged)
    assert plain < 0.5 + 3.5 * error
    assert judged(bent(true), bent(jagged))[0] > 0.95
    assert judged(bent(true), bent(other))[0] < 0.5 + 3.5 * error


def test_curvature_is_the_second_derivative_along_log_radius(radius):
    x = np.log(radius)
    power_laws = np.outer([1.0, 2.0, -0.5], x)
    np.testing.assert_allclose(metrics.curvature(power_laws, radius), 0.0, atol=1e-9)
    np.testing.assert_allclose(metrics.curvature(1.5 * x[None] ** 2, radius), 3.0, rtol=1e-9)
    np.testing.assert_allclose(metrics.curvature(np.sin(x)[None], radius), -np.sin(x)[None, 1:-1], atol=2e-3)


def test_velocities_without_a_logarithm_are_told_apart_at_once():
    velocity = np.full((4, 3), 100.0)
    velocity[1, 0], velocity[2, 1], velocity[3] = -3.0, np.nan, [0.0, np.inf, -np.inf]
    log_v = metrics.log_velocity(velocity)
    assert np.isfinite(log_v).all()
    lowest, highest = np.log(metrics.SLOWEST), np.log(metrics.FASTEST)
    assert (log_v[1, 0], log_v[2, 1], *log_v[3]) == pytest.approx((lowest, lowest, lowest, highest, lowest))
    assert metrics.share_not_positive(velocity) == 0.75
    assert metrics.share_not_positive(velocity[:1]) == 0.0


def test_samples_with_negative_and_undefined_velocities_are_compared(curves, radius):
    true, generated = curves[0][:100], curves[1][:100].copy()
    generated[::2, :4] = -1.0
    generated[1, 7], generated[3, 0] = np.nan, np.inf
    results = metrics.two_sample_metrics(generated, true, radius, seed=1, threads=1)
    assert all(np.isfinite(value) for value, _ in results.values())
    assert results["share_not_positive"][0] == 0.52
    # Half of the curves give themselves away, and the rest is guessed.
    assert results["c2st_forest_log_v"][0] > 0.6


def test_kolmogorov_smirnov_distance_of_shifted_uniform_features():
    first, second = np.random.default_rng(6).random((2, 5000, 3))
    # 1.95 / sqrt(n/2): exceeded once in a thousand.
    assert metrics.ks_mean(first, second) < 1.95 / np.sqrt(2500.0)
    assert metrics.ks_mean(first, second + 0.3) == pytest.approx(0.3, abs=0.04)
    assert metrics.ks_mean(first, second + 1.5) == 1.0


def test_sliced_wasserstein_distance_of_a_shift_is_its_mean_projection():
    sample = normals(7)
    assert metrics.sliced_wasserstein(sample, sample[::-1], seed=1) == pytest.approx(0.0, abs=1e-12)
    assert metrics.sliced_wasserstein(sample[:, :1], sample[:, :1] + 2.0, seed=1) == pytest.approx(2.0)
    # A unit vector's component is uniform in three dimensions: its mean size is 1/2.
    spread = 1.0 / np.sqrt(12.0 * metrics.PROJECTIONS)
    shifted = metrics.sliced_wasserstein(sample, sample + np.array([2.0, 0.0, 0.0]), seed=1)
    assert shifted == pytest.approx(1.0, abs=8.0 * spread)


def test_energy_distance_of_one_feature_is_that_of_scipy():
    first, second = normals(8)[:, :1], 1.5 * normals(9, 0.3, n=N // 2)[:, :1]
    expected = stats.energy_distance(first[:, 0], second[:, 0])
    assert metrics.energy_distance(first, second) == pytest.approx(expected, rel=1e-9)
    # More features are measured by their norm, so that a rotation is of no matter.
    rotation = np.linalg.qr(normals(10, n=3)).Q
    first, second = normals(8), normals(9, 0.3)
    expected = metrics.energy_distance(first, second)
    assert metrics.energy_distance(first @ rotation, second @ rotation) == pytest.approx(expected, rel=1e-9)


def test_relations_are_those_that_the_galaxies_were_drawn_from(parameters, config):
    found = metrics.relation_metrics(parameters, (9.0, 12.0), 10.7, 12.15)
    settings = config["sample_parameters"]
    for name, (value, error) in found.items():
        assert abs(value - settings[name.removeprefix("relation_")]) < 3.5 * error, name
        assert error < 0.02


def test_relations_leave_out_galaxies_beyond_the_range_and_fits_that_failed(parameters):
    expected = metrics.relation_metrics(parameters, (9.0, 12.0), 10.7, 12.15)
    outliers = np.array([[5.0, 11.0, 3.0, 0.9], [12.5, 9.0, -2.0, 0.9], [np.nan] * 4])
    assert metrics.relation_metrics(np.concatenate([outliers, parameters]), (9.0, 12.0), 10.7, 12.15) == expected


def test_line_and_its_errors_are_those_of_scipy():
    random = np.random.default_rng(11)
    x, noise = random.uniform(0.0, 3.0, 300), random.standard_normal(300)
    y = 2.0 + 0.5 * x + 0.3 * noise
    found, expected = metrics.line(x, y, pivot=0.0), stats.linregress(x, y)
    np.testing.assert_allclose(found.slope, (expected.slope, expected.stderr))
    np.testing.assert_allclose(found.zero_point, (expected.intercept, expected.intercept_stderr))
    moved = metrics.line(x - 7.0, y, pivot=-5.0)
    np.testing.assert_allclose(moved.zero_point[0], expected.intercept + 2.0 * expected.slope)


def test_errors_of_a_line_are_the_spread_of_its_repetitions():
    random = np.random.default_rng(12)
    x = random.uniform(0.0, 3.0, 50)
    lines = [metrics.line(x, x + 0.4 * random.standard_normal(50), pivot=2.5) for _ in range(1000)]
    for part in ("slope", "zero_point", "scatter"):
        value, error = np.array([getattr(line, part) for line in lines]).T
        np.testing.assert_allclose(value.std(), error.mean(), rtol=0.1)


def test_distances_of_undefined_curves_count_as_infinite():
    rmse = np.array([1.0, 2.0, 3.0, np.inf, np.inf, 0.5])
    found = metrics.distance_metrics(rmse)
    assert found == {"physical_distance_median": (3.0, None), "physical_distance_p90": (np.inf, None)}


def test_reconstruction_errors_are_in_velocities_and_in_shares_of_them():
    velocity = np.array([[100.0, 200.0], [50.0, 100.0], [10.0, 10.0]])
    found = metrics.reconstruction_metrics(velocity, velocity * [[1.01], [0.99], [1.0]])
    assert found["reconstruction_relative_rms"][0] == pytest.approx(0.01 * np.sqrt(2.0 / 3.0))
    assert found["reconstruction_rmse"][0] == pytest.approx(np.sqrt((1.0 + 4.0 + 0.25 + 1.0) / 6.0))
    assert found["reconstruction_median"][0] == pytest.approx(np.sqrt((0.25 + 1.0) / 2.0))


def test_r_squared_is_that_of_a_straight_line():
    random = np.random.default_rng(13)
    codes = random.standard_normal((500, 3))
    codes[:, 2] = 0.7
    parameters = np.stack([-2.0 * codes[:, 0] + 5.0, codes[:, 0] + random.standard_normal(500)], 1)
    found = metrics.correlation_squared(codes, parameters)
    assert found[0, 0] == pytest.approx(1.0)
    assert found[0, 1] == pytest.approx(stats.linregress(codes[:, 0], parameters[:, 1]).rvalue ** 2)
    assert found[2].tolist() == [0.0, 0.0]
    assert found[1].max() < 12.0 / 500.0


def test_active_units_are_those_whose_mean_moves():
    means = np.random.default_rng(14).standard_normal((1000, 4)) * [1.0, 0.2, 0.05, 0.0] + 3.0
    assert metrics.active_units(means) == 2


def test_indefinite_matrices_are_found():
    good = np.array([[2.0, 0.9], [0.9, 0.5]])
    matrices = [good, [[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], [[np.nan, 0.0], [0.0, 1.0]], np.eye(2)]
    assert metrics.indefinite(np.array(matrices)).tolist() == [False, True, True, True, False]
