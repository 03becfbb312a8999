"""Posteriors of observed galaxies against distributions that are known, and what importance sampling says of itself."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch
from scipy import stats
from tests.reading import read

from curvae.densities import files
from curvae.densities.em import fit_student_mixture
from curvae.densities.mixtures import DEGREES_OF_FREEDOM, GaussianMixture, StudentMixture
from curvae.galaxies.fitting import DOUBTFUL, EXACT, levenberg_marquardt
from curvae.galaxies.interpolation import interpolate
from curvae.galaxies.rotation import rotation_curves
from curvae.inference import galaxy_posterior, importance
from curvae.inference.error_models import ErrorModel
from curvae.inference.flags import limits_of, reasons
from curvae.inference.galaxy_posterior import PriorSample, infer
from curvae.inference.generator import Generator
from curvae.inference.mocks import Survey
from curvae.inference.parameters import parameters_of, within_prior
from curvae.model.generation import write_generated
from curvae.model.network import VAE, Architecture
from curvae.storage.observations import Galaxy

M, K, D = 20, 6, 2
RADIUS = np.geomspace(0.5, 20.0, M)
NONE = ErrorModel("none")


def linear_generator(density):
    """A generator whose curves are linear in the code: v = 100 + code A, at the model's radii."""
    torch.manual_seed(3)
    model = VAE(Architecture(M, K, False, D, "diagonal", [], [], "relu", "none", 1.0)).requires_grad_(False)
    model.radius.copy_(torch.as_tensor(RADIUS))
    model.mean.fill_(100.0)
    # Cubics in ln R: a cubic spline makes no error.
    powers = np.log(RADIUS) ** np.arange(4)[:, None]
    model.synthesis[:4] = torch.as_tensor(10.0 * powers / np.abs(powers).max(1, keepdims=True))
    model.decoder.layers[0].bias.zero_()
    return Generator(model, density)


def one_normal(mean=(0.0, 0.0), factor=((1.0, 0.0), (0.0, 1.0))):
    return GaussianMixture(np.ones(1), np.array([mean]), np.array([factor]))


def two_normals(weight, mean, width):
    return GaussianMixture(np.array(weight), np.array(mean), np.tile(width * np.eye(2), (2, 1, 1)))


def observed(generator, n=8, error=2.0, seed=1):
    """A galaxy of n points with equal errors, and the matrix (n, d) and constant (n,) of its curve."""
    random = np.random.default_rng(seed)
    at = np.sort(random.uniform(0.6, 19.0, n))
    operator = generator.at(at)
    matrix = (generator.model.decoder.layers[0].weight.numpy().T @ operator.matrix).T
    velocity = operator.constant + matrix @ [0.5, -1.0] + error * random.standard_normal(n)
    return Galaxy(at, velocity, np.full(n, error)), matrix.astype(float), operator.constant.astype(float)


@pytest.mark.parametrize("factor", [((1.0, 0.0), (0.0, 1.0)), ((0.3, 0.0), (0.2, 2.0))])
def test_the_posterior_of_a_linear_decoder_is_its_normal_and_the_evidence_that_of_the_points(factor):
    generator = linear_generator(one_normal((0.2, -0.3), factor))
    galaxy, matrix, constant = observed(generator)
    prior = np.array(factor) @ np.array(factor).T
    precision = np.linalg.inv(prior) + matrix.T @ matrix / 4.0
    data = matrix.T @ (galaxy.velocity - constant) / 4.0
    mean = np.linalg.solve(precision, np.linalg.solve(prior, [0.2, -0.3]) + data)
    covariance = np.linalg.inv(precision)
    random = np.random.default_rng(5)
    found = infer(galaxy, generator, PriorSample(generator, random, 2**14), NONE, 4000, random)
    width = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.code.mean(0), mean, atol=0.08 * width.max())
    np.testing.assert_allclose(np.cov(found.code.T), covariance, atol=0.1 * np.outer(width, width).max())
    points = constant + matrix @ [0.2, -0.3]
    exact = stats.multivariate_normal.logpdf(galaxy.velocity, points, 4.0 * np.eye(8) + matrix @ prior @ matrix.T)
    assert found.log_evidence == pytest.approx(exact, abs=0.05)
    assert found.ess > 1500
    assert found.pareto_k < 0.7


def test_both_modes_of_a_posterior_are_found_with_their_weights():
    # Two narrow priors, far apart, that explain the one point equally well; one has four times the weight.
    density = GaussianMixture(
        np.array([0.8, 0.2]), np.array([[-3.0, 0.0], [3.0, 0.0]]), np.tile(0.05 * np.eye(2), (2, 1, 1))
    )
    generator = linear_generator(density)
    at = np.array([1.0, 2.0, 4.0])
    galaxy = Galaxy(at, np.full(3, 100.0), np.full(3, 1000.0))
    random = np.random.default_rng(6)
    found = infer(galaxy, generator, PriorSample(generator, random, 2**14), NONE, 4000, random)
    assert np.mean(found.code[:, 0] < 0.0) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(("kind", "extra"), [("floor", np.empty((2, 0))), ("scatter", np.full((2, 1), np.log(0.1)))])
def test_errors_that_are_a_fraction_of_the_curve_favour_neither_slower_nor_faster_curves(kind, extra):
    true, errors = np.full(100_000, 100.0), ErrorModel(kind, 0.1)
    velocity = true + 10.0 * np.random.default_rng(9).standard_normal(len(true))
    # The expected score at the truth is zero; the error of one point's is sqrt(1 / 0.1^2 + 2) by the fraction of v.
    likelihood = errors.log_likelihood(
        np.stack([1.001 * true, 0.999 * true]), velocity, np.full_like(true, 1e-3), extra
    )
    score = (likelihood[0] - likelihood[1]) / 0.002 / len(true)
    assert abs(score) < 4.0 * np.sqrt(102.0 / len(true))  # with a fraction of the observed velocity it is about -2


def test_a_free_scatter_is_found_and_a_floor_widens_the_posterior():
    generator = linear_generator(one_normal())
    galaxy, matrix, _ = observed(generator, n=60, error=0.5)
    noisy = Galaxy(galaxy.radius, galaxy.velocity + 5.0 * np.random.default_rng(7).standard_normal(60), galaxy.error)
    random = np.random.default_rng(8)
    prior_sample = PriorSample(generator, random, 2**14)
    scatter = infer(noisy, generator, prior_sample, ErrorModel("scatter"), 1000, random).extra[:, 0]
    assert np.exp(np.median(scatter)) == pytest.approx(0.05, rel=0.25)  # 5 of 100 km/s
    floor = infer(noisy, generator, prior_sample, ErrorModel("floor", 0.05), 4000, random)
    variance = 0.5**2 + np.square(0.05 * 100.0)
    exact = np.linalg.inv(np.eye(D) + matrix.T @ matrix / variance)
    np.testing.assert_allclose(np.cov(floor.code.T), exact, atol=0.1 * exact.max())


def test_the_density_and_the_draws_of_a_generator_are_those_of_its_mixture():
    density = GaussianMixture(
        np.array([0.3, 0.7]), np.array([[0.0, 1.0], [2.0, 0.0]]), np.tile(np.eye(2) * 0.5, (2, 1, 1))
    )
    generator, random = linear_generator(density), np.random.default_rng(9)
    code = generator.density.sample(20_000, random)
    np.testing.assert_allclose(generator.density.log_prob(code[:500]), density.log_prob(code[:500]), atol=1e-5)
    np.testing.assert_allclose(code.mean(0), [1.4, 0.3], atol=0.03)
    prior_sample = PriorSample(generator, random, 2**14)
    rank = prior_sample.prior_density_rank(density.log_prob(generator.density.sample(4000, random)))
    assert stats.kstest(rank, "uniform").pvalue > 1e-3
    assert prior_sample.prior_density_rank(generator.density.log_prob(np.array([[9.0, 9.0]])))[0] == 0.0


def test_curves_between_the_radii_are_interpolated_to_a_part_in_twenty_thousand():
    radius = np.geomspace(0.1, 50.0, 50)
    curve = lambda r: 200.0 * np.sqrt(np.log1p(r / 5.0) / (r / 5.0) - 1.0 / (1.0 + r / 5.0))  # noqa: E731
    at = np.geomspace(0.1, 50.0, 1001)
    np.testing.assert_allclose(interpolate(radius, curve(radius), at), curve(at), rtol=5e-5)


def test_effective_size_and_the_tail_of_weights_are_those_of_distributions_that_are_known():
    random = np.random.default_rng(10)
    assert importance.ess(np.zeros(100)) == pytest.approx(100.0)
    assert importance.ess(np.array([0.0, -1e3])) == pytest.approx(1.0)
    for k in (0.3, 0.9):  # weights with the tail of a generalised Pareto distribution of shape k
        found = [
            importance.pareto_k(np.log(stats.genpareto.rvs(k, size=20_000, random_state=random))) for _ in range(10)
        ]
        assert np.mean(found) == pytest.approx(k, abs=0.1)
    chosen = importance.systematic(np.log([0.5, 0.25, 0.25]), 1000, random)
    np.testing.assert_allclose(np.bincount(chosen), [500, 250, 250], atol=1)


def test_a_student_mixture_has_the_density_of_what_it_draws():
    factor = np.array([[1.0, 0.0], [0.5, 0.8]])
    mixture = StudentMixture(np.ones(1), np.array([[1.0, -1.0]]), factor[None])
    x = mixture.sample(50_000, np.random.default_rng(11))
    exact = stats.multivariate_t([1.0, -1.0], factor @ factor.T, df=DEGREES_OF_FREEDOM)
    np.testing.assert_allclose(mixture.log_prob(x[:100]), exact.logpdf(x[:100]), rtol=1e-10)
    assert stats.kstest((x[:, 0] - 1.0), stats.t(DEGREES_OF_FREEDOM).cdf).pvalue > 1e-3
    again = fit_student_mixture(x, np.full(len(x), 1.0 / len(x)), 1, np.random.default_rng(12))
    np.testing.assert_allclose(again.mean[0], [1.0, -1.0], atol=0.05)


def test_the_next_power_of_the_likelihood_leaves_the_size_that_is_asked_for():
    likelihood = -(np.linspace(0.0, 40.0, 1000) ** 2)
    beta = galaxy_posterior.next_beta(likelihood, 0.0, 300)
    assert importance.ess(beta * likelihood) == pytest.approx(300, rel=0.01)
    assert galaxy_posterior.next_beta(0.001 * likelihood / 1600, 0.5, 300) == 1.0


def test_a_survey_sees_as_many_points_as_far_out_and_as_exactly_as_it_says():
    survey = Survey((14, 0.35), (0.63, 0.45), (11.3, 0.41), (0.043, 0.41))
    random = np.random.default_rng(13)
    radii = [survey.radii(np.geomspace(0.1, 50.0, 50), random) for _ in range(4000)]
    assert np.median([len(r) for r in radii]) == pytest.approx(14, abs=1)
    assert np.median([r[0] for r in radii]) == pytest.approx(0.63, rel=0.1)
    assert np.median([r[-1] for r in radii]) == pytest.approx(11.3, rel=0.1)
    assert all(r[0] >= 0.1 and r[-1] <= 50.0 + 1e-9 and r[-1] > 2.9 * r[0] for r in radii)
    error = survey.errors(np.full(20_000, 100.0), random)
    assert np.median(error) == pytest.approx(4.3, rel=0.03)
    assert np.diff(np.quantile(np.log10(error), [0.16, 0.84]))[0] == pytest.approx(0.82, abs=0.03)


def test_a_galaxy_is_flagged_for_each_reason_and_not_for_a_distance_that_is_not_known():
    good = {
        "ess": 5000.0,
        "pareto_k": 0.2,
        "prior_density_rank": 0.4,
        "outside": 0.1,
        "physical_distance_relative": 1e-5,
    }
    good |= {"fit_probability": 0.3, "added_error": 0.02}
    changes = {
        "sampling": {"ess": 10.0, "pareto_k": 0.9},
        "atypical": {"prior_density_rank": 0.001},
        "edge": {"outside": 0.95},
        "unphysical": {"physical_distance_relative": 0.01},
        "misfit": {"fit_probability": 1e-6},
        "large_residuals": {"added_error": 0.3},
        "": {"physical_distance_relative": np.nan},
        "atypical large_residuals": {"prior_density_rank": 0.001, "added_error": 0.3},
    }
    limits = limits_of(np.linspace(0.0, 1e-3, 101), ErrorModel("scatter"))
    rows = [good | change for change in changes.values()]
    assert reasons({name: [row[name] for row in rows] for name in good}, limits) == list(changes)


def test_limits_are_what_a_small_share_of_the_prior_exceeds_whatever_the_model():
    errors, random = ErrorModel("scatter"), np.random.default_rng(14)
    for scale in (1e-5, 1e-2):
        distance = scale * random.lognormal(size=10_000)
        limits = limits_of(distance, errors)
        assert np.mean(distance > limits["physical_distance_relative"]) == pytest.approx(0.02, abs=1e-3)
    drawn = np.exp(errors.draw(100_000, random))
    assert np.mean(drawn > limits["added_error"]) == pytest.approx(0.005, abs=1e-3)
    unknown = limits_of(np.full(10, np.nan), NONE)
    assert unknown["physical_distance_relative"] == unknown["added_error"] == np.inf


def test_no_draw_keeps_a_disc_mass_that_was_not_simulated_unless_nearly_all_have():
    random = np.random.default_rng(1)
    mass = 9.0 + 0.1 * random.standard_normal(100_000)  # about the edge, which half of the draws are beyond
    rows, outside = within_prior(mass, (9.0, 12.0), random)
    kept = mass[rows]
    assert outside == pytest.approx(np.mean(mass < 9.0))
    assert kept.min() >= 9.0
    halved = stats.halfnorm(9.0, 0.1)
    assert abs(kept.mean() - halved.mean()) < 5 * halved.std() / np.sqrt(0.5 * len(mass))
    assert abs(kept.std() / halved.std() - 1.0) < 0.02
    assert np.array_equal(within_prior(mass - 0.5, (9.0, 12.0), random)[0], np.arange(len(mass)))


@pytest.mark.parametrize("profile", ["nfw", "core_nfw"])
def test_parameters_are_those_of_the_nearest_physical_curve_though_the_regression_is_half_a_dex_off(
    profile, galaxies, radius, forward_model
):
    random, galaxy, constants = np.random.default_rng(21), galaxies[0], (radius, forward_model(profile))
    if profile == "core_nfw":
        galaxy = np.array([9.5, 11.3, 0.4, 0.9, 0.8])  # a core of 6 kpc, where disc and halo are told apart by little
    truth = galaxy + 0.2 * random.standard_normal((300, len(galaxy)))
    wiggles = np.sin(np.log(radius) + random.uniform(0.0, 2.0 * np.pi, (300, 1)))
    velocity = rotation_curves(truth, *constants) * (1.0 + 1e-3 * wiggles)
    _, nearest = levenberg_marquardt(velocity, truth, *constants, until=EXACT)
    model = SimpleNamespace(radius=torch.as_tensor(radius), to_parameters=lambda code: code)
    start = truth + 0.5 * random.standard_normal(truth.shape)
    parameters, distance = parameters_of(model, start, velocity, constants[1])
    size = np.sqrt(np.square(velocity).mean(1))
    off = np.sqrt(np.square(rotation_curves(parameters, *constants) - velocity).mean(1))
    np.testing.assert_allclose(distance, off / size, rtol=1e-6)
    assert np.mean(off > np.maximum(1.5 * nearest, DOUBTFUL * size)) <= 0.02


def test_parameters_of_few_draws_and_of_repeated_ones_are_those_of_their_curves(cored, radius, forward_model):
    constants = radius, forward_model("core_nfw")
    velocity = rotation_curves(cored[:2], *constants)
    model = SimpleNamespace(radius=torch.as_tensor(radius), to_parameters=lambda code: code)
    for rows in ([0], [1, 0, 1, 0, 0], []):
        parameters, distance = parameters_of(model, cored[rows] + 0.01, velocity[rows], constants[1])
        np.testing.assert_allclose(parameters[:, :2], cored[rows][:, :2], atol=0.02)
        assert (distance < 1e-4).all()


@dataclass(frozen=True)
class Logistic:
    """Independent logistic distributions of the latents: no mixture, as a flow is none."""

    width: np.ndarray
    DATASETS: ClassVar = {"width": ("latent",)}

    def arrays(self):
        return (self.width,)

    def sample(self, n, random):
        return random.logistic(scale=self.width, size=(n, D))

    def log_prob(self, code):
        return stats.logistic.logpdf(code, scale=self.width).sum(1)


def test_a_density_that_is_no_mixture_is_written_drawn_from_and_a_prior(tmp_path, monkeypatch):
    monkeypatch.setitem(files.KINDS, "logistic", Logistic)
    model = linear_generator(one_normal()).model
    model.identity = {"model": "linear", "seed": 1}
    path = tmp_path / "generated.h5"
    write_generated(path, model, Logistic(np.array([0.5, 1.0])), "logistic", 5000, seed=1)
    generator = Generator(model, files.read_density(path, D))
    np.testing.assert_allclose(read(path, "code")[0].std(0), [0.907, 1.814], rtol=0.06)  # pi / sqrt(3) widths
    galaxy, matrix, constant = observed(generator)
    random = np.random.default_rng(7)
    posterior = infer(galaxy, generator, PriorSample(generator, random), NONE, 4000, random)
    code = generator.density.sample(400_000, random)
    likelihood = stats.norm.logpdf(galaxy.velocity, constant + code @ matrix.T, galaxy.error).sum(1)
    weight = np.exp(likelihood - likelihood.max())
    mean = weight @ code / weight.sum()
    np.testing.assert_allclose(posterior.code.mean(0), mean, atol=0.08 * posterior.code.std(0).max())
    assert posterior.log_evidence == pytest.approx(np.log(weight.mean()) + likelihood.max(), abs=0.1)
