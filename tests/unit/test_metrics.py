"""Metrics against Bayes accuracies, closed forms, other code and the forward model, and what they must not see."""

import numpy as np
import pytest
from scipy import stats
from threadpoolctl import threadpool_limits

from curvae.densities.samplers import used_latents
from curvae.evaluation import codes, estimates, physical_fits, two_sample
from curvae.evaluation.calibration import inference_metrics
from curvae.evaluation.neighbours import TrainingCurves
from curvae.evaluation.two_sample import boosting, extreme_share, log_velocity, network, two_sample_accuracy
from curvae.galaxies.observables import curvature
from curvae.galaxies.rotation import ForwardModel, rotation_curves
from curvae.galaxies.scaling import fit_line

N = 600
CLASSIFIERS = pytest.mark.parametrize("classifier", [boosting, lambda seed: network(seed, N)])


@pytest.fixture(scope="module")
def curves(galaxies, constants):
    """Two samples (300, 50) of physical curves."""
    return np.split(rotation_curves(galaxies[:600], *constants), 2)


def normals(seed, shift=0.0, n=N):
    """n standard normal rows of three features, the first one shifted."""
    return np.random.default_rng(seed).normal([shift, 0.0, 0.0], 1.0, (n, 3))


@CLASSIFIERS
@pytest.mark.parametrize("shift", [0.0, 2.0, 8.0])
def test_accuracy_is_the_best_that_there_is_for_two_normals(classifier, shift):
    accuracy, error = two_sample_accuracy(normals(1), normals(2, shift), classifier(1), seed=1)
    best = stats.norm.cdf(0.5 * shift)
    spread = np.sqrt(best * (1.0 - best) / (2 * N))
    assert accuracy < best + 3.0 * spread
    assert accuracy > best - 3.0 * spread - (0.05 if shift == 2.0 else 0.005)  # a classifier that learns is not perfect
    assert error == pytest.approx(np.sqrt(accuracy * (1.0 - accuracy) / (2 * N)))


@CLASSIFIERS
def test_accuracy_depends_neither_on_the_order_of_the_rows_nor_on_the_threads(classifier, monkeypatch):
    monkeypatch.setattr(two_sample, "TREES", 20)
    first, second = normals(1, n=100), normals(2, 0.5, n=100)
    accuracy = two_sample_accuracy(first, second, classifier(1), seed=1)
    order = np.argsort(first[:, 0])
    assert two_sample_accuracy(first[order], second[order[::-1]], classifier(1), seed=1) == accuracy
    with threadpool_limits(3):
        assert two_sample_accuracy(first, second, classifier(1), seed=1) == accuracy


def test_rows_grouped_by_component_are_no_better_than_others():
    # The rows of each sample in far groups, as a mixture draws them: unshuffled folds give an accuracy near 0.
    centre = np.repeat(100.0 * np.random.default_rng(4).standard_normal((5, 3)), N // 5, axis=0)
    accuracy, error = two_sample_accuracy(normals(1) + centre, normals(2) + centre, boosting(1), seed=1)
    assert accuracy == pytest.approx(0.5, abs=4.0 * error)


def test_curvature_sees_jaggedness_that_velocities_hide(curves, constants):
    true, other = (log_velocity(v[:150]) for v in curves)
    jagged = other + 1e-3 * np.random.default_rng(5).standard_normal(other.shape)
    accuracy, error = two_sample_accuracy(true, jagged, boosting(1), 1)
    assert accuracy < 0.5 + 3.5 * error
    for sample, least, most in ((jagged, 0.9, 1.0), (other, 0.0, 0.5 + 3.5 * error)):
        bent = (curvature(log_v, constants[0]) for log_v in (true, sample))
        assert least < two_sample_accuracy(*bent, boosting(1), 1)[0] <= most


def test_velocities_without_a_logarithm_are_distinguishable_at_once():
    velocity = np.full((4, 3), 100.0)
    velocity[1, 0], velocity[2, 1], velocity[3] = -3.0, np.nan, [0.0, np.inf, -np.inf]
    log_v = log_velocity(velocity)
    assert np.isfinite(log_v).all()
    lowest, highest = np.log(two_sample.SLOWEST), np.log(two_sample.FASTEST)
    assert (log_v[1, 0], log_v[2, 1], *log_v[3]) == pytest.approx((lowest, lowest, lowest, highest, lowest))
    assert two_sample.share_not_positive(velocity) == 0.75
    assert two_sample.share_not_positive(velocity[:1]) == 0.0


def test_kolmogorov_smirnov_distance_of_shifted_uniform_features():
    first, second = np.random.default_rng(6).random((2, 5000, 3))
    # 1.95 / sqrt(n/2): exceeded once in a thousand.
    assert two_sample.ks_mean(first, second) < 1.95 / np.sqrt(2500.0)
    assert two_sample.ks_mean(first, second + 0.3) == pytest.approx(0.3, abs=0.04)
    assert two_sample.ks_mean(first, second + 1.5) == 1.0


def test_the_highest_of_two_samples_are_shared_evenly_if_their_tails_are_equal():
    random = np.random.default_rng(21)
    first, second = random.standard_normal((2, 50_000))
    share, error = extreme_share(first, second)
    assert abs(share - 0.5) < 3.5 * error
    assert extreme_share(np.append(first, np.full(200, 9.0)), second)[0] == 1.0  # one in 250 too high
    assert extreme_share(np.minimum(first, 2.5), second)[0] == 0.0


def test_copies_of_training_curves_are_seen_and_missing_modes_too():
    random = np.random.default_rng(22)
    scales = np.geomspace(1.0, 1e-3, 50)
    draw = lambda n: random.standard_normal((n, 50)) * scales  # noqa: E731
    training, test, fresh = draw(5000), draw(1000), draw(1000)
    known = TrainingCurves(np.exp(training))
    for copied in (0.0, 0.1, 0.5):
        k = int(1000 * copied)
        metrics = known.metrics(np.exp(np.concatenate([training[:k], fresh[k:]])), np.exp(test))
        value, error = metrics["copying_probability"]
        assert abs(value - (0.5 + 0.5 * copied)) < 4.0 * error
        assert metrics["support_coverage"][0] > 0.9
    # Half of the modes: the others have nothing near.
    apart = np.where(np.arange(1000)[:, None] % 2, 20.0, 0.0) * (np.arange(50) == 0)
    full = known.metrics(np.exp(fresh + apart), np.exp(test + apart))["support_coverage"]
    half = known.metrics(np.exp(fresh), np.exp(test + apart))["support_coverage"]
    assert half[0] == pytest.approx(0.5 * full[0], abs=0.05)


def test_the_standard_error_of_a_median_is_that_of_many_samples():
    samples = np.random.default_rng(23).exponential(1.0, (300, 1000))
    medians, errors = zip(*map(estimates.median_and_error, samples), strict=True)
    assert np.mean(medians) == pytest.approx(np.log(2.0), abs=0.01)
    assert np.mean(errors) == pytest.approx(np.std(medians), rel=0.15)


def test_intervals_hold_the_truth_as_often_as_they_say_if_ranks_are_uniform():
    uniform = (np.arange(1000) + 0.5) / 1000.0
    parameters = np.stack([uniform, 0.25 + 0.5 * uniform], 1)
    metrics = inference_metrics(parameters, np.tile(uniform[:, None], 3), np.arange(1000) < 20, ("good", "wide"))
    error = lambda share: np.sqrt(share * (1.0 - share) / 1000.0)  # noqa: E731  (of galaxies, whatever the radii)
    for name in ("good", "velocity"):
        assert metrics[f"inference_interval_coverage_68_{name}"] == pytest.approx((0.68, error(0.68)))
        assert metrics[f"inference_interval_coverage_95_{name}"] == pytest.approx((0.95, error(0.95)))
        assert metrics[f"inference_rank_p_{name}"][0] > 0.99
    assert metrics["inference_interval_coverage_68_wide"] == (1.0, 0.0)
    assert metrics["inference_rank_p_wide"][0] < 1e-6
    assert metrics["inference_flagged"] == pytest.approx((0.02, error(0.02)))


def test_energy_distance_of_one_feature_is_that_of_scipy():
    first, second = normals(8, n=1500)[:, :1], 1.5 * normals(9, 0.3, n=N // 2)[:, :1]
    expected = stats.energy_distance(first[:, 0], second[:, 0])
    assert two_sample.energy_distance(first, second) == pytest.approx(expected, rel=1e-9)
    # More features are measured by their norm, so that a rotation is of no matter.
    rotation = np.linalg.qr(normals(10, n=3)).Q
    first, second = normals(8), normals(9, 0.3)
    expected = two_sample.energy_distance(first, second)
    assert two_sample.energy_distance(first @ rotation, second @ rotation) == pytest.approx(expected, rel=1e-9)


def test_reconstruction_errors_are_in_velocities_and_in_shares_of_them():
    velocity = np.array([[100.0, 200.0], [50.0, 100.0], [10.0, 10.0]])
    metrics = codes.reconstruction_metrics(velocity, velocity * [[1.01], [0.99], [1.0]])
    assert metrics["reconstruction_relative_rms"][0] == pytest.approx(0.01 * np.sqrt(2.0 / 3.0))
    assert metrics["reconstruction_rmse"][0] == pytest.approx(np.sqrt((1.0 + 4.0 + 0.25 + 1.0) / 6.0))
    assert metrics["reconstruction_median"][0] == pytest.approx(np.sqrt((0.25 + 1.0) / 2.0))


def test_r_squared_is_that_of_a_straight_line():
    random = np.random.default_rng(13)
    latents = random.standard_normal((500, 3))
    latents[:, 2] = 0.7  # never changes
    parameters = np.stack([-2.0 * latents[:, 0] + 5.0, latents[:, 0] + random.standard_normal(500)], 1)
    r2 = codes.correlation_squared(latents, parameters)
    assert r2[0, 0] == pytest.approx(1.0)
    assert r2[0, 1] == pytest.approx(stats.linregress(latents[:, 0], parameters[:, 1]).rvalue ** 2)
    assert r2[2].tolist() == [0.0, 0.0]
    assert r2[1].max() < 12.0 / 500.0


def test_active_units_are_those_whose_mean_moves():
    means = np.random.default_rng(14).standard_normal((1000, 4)) * [1.0, 0.2, 0.05, 0.0] + 3.0
    assert used_latents(means).tolist() == [0, 1]


def test_matrices_that_are_not_positive_definite_are_seen():
    good = np.array([[2.0, 0.9], [0.9, 0.5]])
    matrices = [good, [[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], [[np.nan, 0.0], [0.0, 1.0]], np.eye(2)]
    assert codes.not_positive_definite(np.array(matrices)).tolist() == [False, True, True, True, False]


def test_relations_are_those_that_the_galaxies_were_drawn_from(galaxies, config):
    settings = config | config["sample_parameters"]
    relations = physical_fits.relations_of(galaxies, settings)
    outside, error = relations.pop("relation_share_outside")
    assert (outside, error) == (0.0, 0.0)
    assert len(relations) == 9
    for name, (value, error) in relations.items():
        assert abs(value - config["sample_parameters"][name.removeprefix("relation_")]) < 3.5 * error, name
        assert error < 0.02
    # Galaxies beyond the range, and fits that failed, are left out.
    outliers = np.array([[5.0, 11.0, 3.0, 0.9], [12.5, 9.0, -2.0, 0.9], [np.nan] * 4])
    more = physical_fits.relations_of(np.concatenate([outliers, galaxies]), settings)
    assert more.pop("relation_share_outside")[0] == pytest.approx(3 / (len(galaxies) + 3))
    assert more == relations


def test_distances_of_undefined_curves_count_as_infinite():
    rmse = np.array([1.0, 2.0, 3.0, np.inf, np.inf, 0.5])
    metrics = physical_fits.distance_metrics(rmse)
    assert metrics == {"physical_distance_kms_median": (3.0, None), "physical_distance_kms_p90": (np.inf, None)}


def test_curves_are_measured_with_the_constants_and_masses_that_they_were_made_with(galaxies, config):
    # Another Hubble constant moves halos, and the pivot of the concentrations, which is in Msun/h.
    radius, p = np.geomspace(0.1, 50.0, 30), galaxies[galaxies[:, 0] > 10.0][:150]
    made = {"hubble_constant": 50.0, "overdensity": 100.0, "gravitational_constant": 4.3e-6}
    settings = {**config["sample_parameters"], **made}
    curves = rotation_curves(p, radius, ForwardModel.from_settings(settings))
    metrics, parameters, rmse = physical_fits.physical_metrics(curves, radius, settings)
    assert np.mean(np.abs(parameters - p).max(1) < 1e-6) > 0.9
    assert np.median(rmse) <= metrics["physical_distance_kms_median"][0] < 1e-6
    _, halo_mass, _, concentration = parameters.T
    line = fit_line(halo_mass, concentration, pivot=settings["concentration_pivot"] - np.log10(0.5))
    assert metrics["relation_concentration_zero_point"] == line.zero_point
