"""Fits of physical curves: they find the parameters of exact curves, and the distance of curves that are near one."""

import numpy as np
import pytest

from rotcurves.fitting import curves_and_jacobian, disc_log_slope, nearest_physical_curves, nfw_log_slope
from rotcurves.relations import draw_parameters
from rotcurves.velocity import disc_profile, nfw_mass_profile, rotation_curves


@pytest.fixture(scope="module")
def constants(config):
    """Radii [kpc], Hubble constant, overdensity and constant of gravity of the default configuration."""
    settings = config["synthesize_curves"]
    radius = np.geomspace(settings["radius_min"], settings["radius_max"], settings["radii"])
    return radius, config["hubble_constant"], settings["overdensity"], settings["gravitational_constant"]


@pytest.fixture(scope="module")
def galaxies(default_relations):
    """Parameters (1000, 4) of galaxies drawn from the relations of the default configuration."""
    return draw_parameters(np.random.default_rng(1), 1000, (9.0, 12.0), **default_relations)


@pytest.mark.parametrize(
    ("profile", "log_slope", "abscissa"),
    [(disc_profile, disc_log_slope, np.geomspace(1e-3, 300.0, 200)), (nfw_mass_profile, nfw_log_slope, [1e-3, 1, 50])],
)
def test_log_slopes_are_the_derivatives_of_their_profiles(profile, log_slope, abscissa):
    x, h = np.asarray(abscissa, dtype=float), 1e-5
    numerical = np.log(profile(x * np.exp(h)) / profile(x * np.exp(-h))) / (2.0 * h)
    np.testing.assert_allclose(log_slope(x), numerical, rtol=1e-7, atol=1e-8)


def test_curves_are_the_physical_ones_and_the_jacobian_their_derivative(galaxies, constants):
    p, h = galaxies[:100], 1e-5
    velocity, jacobian = curves_and_jacobian(p, *constants)
    np.testing.assert_array_equal(velocity, rotation_curves(p, *constants))
    for i, step in enumerate(h * np.eye(4)):
        numerical = (rotation_curves(p + step, *constants) - rotation_curves(p - step, *constants)) / (2.0 * h)
        np.testing.assert_allclose(jacobian[:, :, i], numerical, rtol=1e-6, atol=1e-6 * velocity.max())


def test_exact_curves_give_their_own_parameters_back(galaxies, constants):
    parameters, rmse = nearest_physical_curves(rotation_curves(galaxies, *constants), *constants)
    off = np.abs(parameters - galaxies).max(1)
    assert (off < 1e-6).mean() >= 0.99
    assert (rmse[off < 1e-6] < 1e-6).all()
    # Where they do not, another galaxy has the same curve, as good as.
    assert rmse.max() < 0.3


def test_single_precision_costs_no_more_than_itself(galaxies, constants):
    velocity = rotation_curves(galaxies, *constants).astype(np.float32)
    parameters, rmse = nearest_physical_curves(velocity, *constants)
    rounding = np.sqrt(np.mean((velocity - rotation_curves(galaxies, *constants)) ** 2, axis=1))
    fitted = np.abs(parameters - galaxies).max(1) < 1e-3
    assert fitted.mean() > 0.98
    assert (rmse <= rounding * (1.0 + 1e-6))[fitted].all()


@pytest.mark.parametrize("size", [0.01, 0.1])
def test_a_curve_is_as_far_as_it_was_moved_off_the_physical_ones(size, galaxies, constants):
    galaxies = galaxies[(galaxies[:, 0] > 10.0) & (galaxies[:, 2] < 0.6)][:100]
    velocity, jacobian = curves_and_jacobian(galaxies, *constants)
    away = np.random.default_rng(2).standard_normal(velocity.shape)
    orthonormal = np.linalg.qr(jacobian).Q
    away -= (orthonormal @ (orthonormal.mT @ away[:, :, None]))[:, :, 0]
    away /= np.sqrt(np.mean(away**2, axis=1, keepdims=True))
    parameters, rmse = nearest_physical_curves(velocity + size * away, *constants)
    np.testing.assert_allclose(rmse, size, rtol=0.01)
    assert np.median(np.abs(parameters - galaxies)) < 1e-3


def test_the_error_is_that_of_the_parameters_beside_it(galaxies, constants):
    velocity = 1.1 * rotation_curves(galaxies[:50], *constants) + 5.0 * np.sin(constants[0])
    parameters, rmse = nearest_physical_curves(velocity, *constants)
    residual = velocity - rotation_curves(parameters, *constants)
    np.testing.assert_allclose(rmse, np.sqrt(np.mean(residual**2, axis=1)), rtol=1e-10)


def test_a_fit_does_not_depend_on_the_other_curves(galaxies, constants):
    velocity = rotation_curves(galaxies[:30], *constants) + np.cos(constants[0])
    together, alone = (nearest_physical_curves(v, *constants) for v in (velocity, velocity[7:8]))
    np.testing.assert_allclose(together[0][7:8], alone[0], atol=1e-6)
    np.testing.assert_allclose(together[1][7:8], alone[1], rtol=1e-9)


def test_curves_that_no_galaxy_has_are_far_from_all(galaxies, constants):
    velocity = rotation_curves(galaxies[:5], *constants)
    velocity[1, 3], velocity[2, 0], velocity[3] = np.nan, -np.inf, -velocity[3]
    parameters, rmse = nearest_physical_curves(velocity, *constants)
    assert (np.isfinite(parameters).all(1) == [True, False, False, True, True]).all()
    assert (rmse[1:3] == np.inf).all()
    assert rmse[3] >= np.sqrt(np.mean(velocity[3] ** 2))
    np.testing.assert_allclose(parameters[[0, 4]], galaxies[[0, 4]], atol=1e-6)


def test_no_curves_are_no_trouble(constants):
    parameters, rmse = nearest_physical_curves(np.empty((0, 50)), *constants)
    assert parameters.shape == (0, 4)
    assert rmse.shape == (0,)
