"""Draws from the scaling relations have the slopes, zero points and scatters that were asked for."""

import numpy as np
import pytest
from scipy import stats

from rotcurves.relations import NAMES, Relation, draw_parameters

N = 100_000
# Unlike each other, so that no two can be exchanged unnoticed.
RELATIONS = {
    "scale_length": Relation(zero_point=0.5, slope=0.3, scatter=0.4, pivot=10.7),
    "halo_mass": Relation(zero_point=12.0, slope=0.75, scatter=0.25, pivot=10.2),
    "concentration": Relation(zero_point=0.905, slope=-0.101, scatter=0.11, pivot=12.15),
}
FOLLOWS = {"scale_length": "disc_mass", "halo_mass": "disc_mass", "concentration": "halo_mass"}
FOUR_SIGMA = 2.0 * stats.norm.sf(4.0)


@pytest.fixture(scope="module")
def drawn():
    """Column of draws by the name of the quantity."""
    parameters = draw_parameters(np.random.default_rng(3), N, (9.0, 12.0), **RELATIONS)
    return dict(zip((name.removeprefix("log_") for name in NAMES), parameters.T, strict=True))


def residuals(drawn, name):
    relation = RELATIONS[name]
    x = drawn[FOLLOWS[name]] - relation.pivot
    return x, drawn[name] - relation.zero_point - relation.slope * x


@pytest.mark.parametrize("name", RELATIONS)
def test_regression_finds_slope_zero_point_and_scatter(drawn, name):
    relation = RELATIONS[name]
    fit = stats.linregress(drawn[FOLLOWS[name]] - relation.pivot, drawn[name])
    assert fit.slope == pytest.approx(relation.slope, abs=4.0 * fit.stderr)
    assert fit.intercept == pytest.approx(relation.zero_point, abs=4.0 * fit.intercept_stderr)
    scatter = np.std(residuals(drawn, name)[1])
    assert scatter == pytest.approx(relation.scatter, abs=4.0 * relation.scatter / np.sqrt(2 * N))


@pytest.mark.parametrize("name", RELATIONS)
def test_scatter_is_normal_and_the_same_at_every_mass(drawn, name):
    x, residual = residuals(drawn, name)
    assert stats.kstest(residual / RELATIONS[name].scatter, "norm").pvalue > FOUR_SIGMA
    assert abs(np.corrcoef(x, residual)[0, 1]) < 4.0 / np.sqrt(N)
    assert abs(np.corrcoef(x, residual**2)[0, 1]) < 4.0 / np.sqrt(N)


def test_scatters_of_the_relations_are_independent(drawn):
    correlation = np.corrcoef([residuals(drawn, name)[1] for name in RELATIONS])
    assert np.abs(correlation[np.triu_indices(3, 1)]).max() < 4.0 / np.sqrt(N)


def test_disc_masses_are_log_uniform(drawn):
    assert stats.kstest(drawn["disc_mass"], "uniform", args=(9.0, 3.0)).pvalue > FOUR_SIGMA


def test_without_scatter_galaxies_lie_on_their_relations():
    exact = {name: Relation(r.zero_point, r.slope, 0.0, r.pivot) for name, r in RELATIONS.items()}
    disc, halo, length, concentration = draw_parameters(np.random.default_rng(1), 50, (9.0, 12.0), **exact).T
    np.testing.assert_allclose(halo, 12.0 + 0.75 * (disc - 10.2))
    np.testing.assert_allclose(length, 0.5 + 0.3 * (disc - 10.7))
    np.testing.assert_allclose(concentration, 0.905 - 0.101 * (halo - 12.15))
