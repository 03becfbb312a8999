"""Draws from the scaling relations have the slopes, zero points and scatters asked for, and fits find them."""

import numpy as np
import pytest
from scipy import stats

from curvae.galaxies.scaling import PARAMETERS, Relation, draw_parameters, fit_line

N = 100_000
# Unlike each other, so that no two can be exchanged unnoticed.
RELATIONS = {
    "scale_length": Relation(zero_point=0.5, slope=0.3, scatter=0.4, pivot=10.7),
    "halo_mass": Relation(zero_point=12.0, slope=0.75, scatter=0.25, pivot=10.2),
    "concentration": Relation(zero_point=0.905, slope=-0.101, scatter=0.11, pivot=12.15),
}
FOUR_SIGMA = 2.0 * stats.norm.sf(4.0)


def test_draws_follow_their_relations_with_normal_and_independent_scatter_the_same_at_every_mass():
    parameters = draw_parameters(np.random.default_rng(3), N, (9.0, 12.0), **RELATIONS)
    drawn = dict(zip((each.name.removeprefix("log_") for each in PARAMETERS), parameters.T, strict=True))
    assert stats.kstest(drawn["disc_mass"], "uniform", args=(9.0, 3.0)).pvalue > FOUR_SIGMA
    residuals = []
    for name, relation in RELATIONS.items():
        x = drawn["halo_mass" if name == "concentration" else "disc_mass"] - relation.pivot
        fit = stats.linregress(x, drawn[name])
        assert fit.slope == pytest.approx(relation.slope, abs=4.0 * fit.stderr)
        assert fit.intercept == pytest.approx(relation.zero_point, abs=4.0 * fit.intercept_stderr)
        residual = drawn[name] - relation.zero_point - relation.slope * x
        assert stats.kstest(residual / relation.scatter, "norm").pvalue > FOUR_SIGMA
        assert abs(np.corrcoef(x, residual**2)[0, 1]) < 4.0 / np.sqrt(N)
        residuals.append(residual)
    assert np.abs(np.corrcoef(residuals)[np.triu_indices(3, 1)]).max() < 4.0 / np.sqrt(N)


def test_core_radii_are_log_uniform_whatever_the_galaxy_and_leave_its_other_parameters_as_they_are():
    without, cored = (
        draw_parameters(np.random.default_rng(3), N, (9.0, 12.0), **RELATIONS, log_core_radius_range=cores)
        for cores in (None, (-2.0, 1.5))
    )
    np.testing.assert_array_equal(cored[:, :4], without)
    assert stats.kstest(cored[:, 4], "uniform", args=(-2.0, 3.5)).pvalue > FOUR_SIGMA
    assert np.abs(np.corrcoef(cored.T)[4, :4]).max() < 4.0 / np.sqrt(N)


def test_a_fitted_line_and_its_errors_are_those_of_scipy():
    random = np.random.default_rng(11)
    x, noise = random.uniform(0.0, 3.0, 300), random.standard_normal(300)
    y = 2.0 + 0.5 * x + 0.3 * noise
    line, expected = fit_line(x, y, pivot=0.0), stats.linregress(x, y)
    np.testing.assert_allclose(line.slope, (expected.slope, expected.stderr))
    np.testing.assert_allclose(line.zero_point, (expected.intercept, expected.intercept_stderr))
    moved = fit_line(x - 7.0, y, pivot=-5.0)
    np.testing.assert_allclose(moved.zero_point[0], expected.intercept + 2.0 * expected.slope)


def test_a_few_outliers_rule_the_scatter_of_a_line_but_not_that_of_its_central_points():
    random = np.random.default_rng(13)
    x, y = random.uniform(0.0, 3.0, 2000), 0.25 * random.standard_normal(2000)
    y[:40] *= 8.0
    scatter = {central: fit_line(x, y, 1.5, central=central).scatter[0] for central in (False, True)}
    assert scatter[False] > 0.3
    assert scatter[True] == pytest.approx(0.25, abs=0.02)


def test_errors_of_a_line_are_the_spread_of_its_repetitions():
    random = np.random.default_rng(12)
    x = random.uniform(0.0, 3.0, 12)
    lines = [fit_line(x, x + 0.4 * random.standard_normal(12), pivot=2.5) for _ in range(2000)]
    for part in ("slope", "zero_point", "scatter"):
        value, error = np.array([getattr(line, part) for line in lines]).T
        np.testing.assert_allclose(value.std(), error.mean(), rtol=0.1)
    x = random.uniform(0.0, 3.0, 300)
    noise = 0.4 * random.standard_normal((2000, 300))
    scatters = np.array([fit_line(x, x + one, 2.5, central=True).scatter for one in noise])
    np.testing.assert_allclose(scatters.mean(0), (0.4, scatters[:, 0].std()), rtol=0.05)
    assert np.isnan([*vars(fit_line(x[:2], x[:2], pivot=0.0)).values()]).all()  # two points tell no scatter
