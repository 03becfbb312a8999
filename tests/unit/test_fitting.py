"""Fits of physical curves: they find the parameters of exact curves, and the distance of curves that are near one."""

import numpy as np
import pytest

from curvae.galaxies import fitting
from curvae.galaxies.fitting import curves_and_jacobian, nearest_physical_curves
from curvae.galaxies.halo_profiles import PROFILES
from curvae.galaxies.rotation import disc_profile, rotation_curves


def off(parameters, galaxies):
    """Greatest error [dex] of the parameters of each galaxy."""
    return np.abs(parameters - galaxies).max(1)


def test_log_slopes_are_the_derivatives_of_their_profiles():
    x, h = np.geomspace(1e-3, 300.0, 200), 1e-5
    halos = [(each.mass, each.log_slope) for each in PROFILES.values()]
    cores = [(each.core.factor, each.core.log_slope) for each in PROFILES.values() if each.core]
    for profile, log_slope in ((disc_profile, fitting.disc_log_slope), *halos, *cores):
        numerical = np.log(profile(x * np.exp(h)) / profile(x * np.exp(-h))) / (2.0 * h)
        np.testing.assert_allclose(log_slope(x), numerical, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("profile", PROFILES)
def test_curves_are_the_physical_ones_and_the_jacobian_their_derivative(
    profile, galaxies, cored, radius, forward_model
):
    p, h, constants = (cored if PROFILES[profile].core else galaxies)[:100], 1e-5, (radius, forward_model(profile))
    velocity, jacobian = curves_and_jacobian(p, *constants)
    np.testing.assert_array_equal(velocity, rotation_curves(p, *constants))
    for i, step in enumerate(h * np.eye(p.shape[1])):
        numerical = (rotation_curves(p + step, *constants) - rotation_curves(p - step, *constants)) / (2.0 * h)
        np.testing.assert_allclose(jacobian[:, :, i], numerical, rtol=1e-6, atol=1e-6 * velocity.max())


@pytest.mark.parametrize(("profile", "share"), [("nfw", 0.99), ("burkert", 0.97)])
def test_exact_curves_give_their_own_parameters_back(profile, share, galaxies, radius, forward_model):
    constants = radius, forward_model(profile)
    parameters, rmse = nearest_physical_curves(rotation_curves(galaxies, *constants), *constants)
    recovered = off(parameters, galaxies) < 1e-6
    assert recovered.mean() >= share
    assert (rmse[recovered] < 1e-6).all()
    # Where they do not, another galaxy has the same curve, as good as.
    assert rmse.max() < 0.3


def test_exact_curves_with_cores_give_their_parameters_back_as_far_as_they_feel_them(cored, radius, forward_model):
    constants = radius, forward_model("core_nfw")
    parameters, rmse = nearest_physical_curves(rotation_curves(cored, *constants), *constants)
    assert np.mean(rmse < 1e-6) >= 0.98
    assert rmse.max() < 1.0
    felt = (rmse < 1e-6) & (cored[:, 4] > np.log10(0.2 * radius[0]))  # else any small core is as good
    assert np.mean(off(parameters, cored)[felt] < 1e-5) >= 0.99
    assert np.mean(off(parameters[:, :4], cored[:, :4]) < 1e-4) >= 0.95


def test_curves_without_cores_are_found_by_fits_with_cores(galaxies, constants, radius, forward_model):
    curves = rotation_curves(galaxies[:100], *constants)
    parameters, rmse = nearest_physical_curves(curves, radius, forward_model("core_nfw"))
    assert np.mean(rmse < 1e-6) >= 0.99
    assert (parameters[rmse < 1e-6, 4] < np.log10(radius[0])).all()


@pytest.mark.parametrize("velocity", [0.0, -5.0])
def test_a_curve_with_a_point_near_zero_is_fitted_all_the_same(velocity, galaxies, constants):
    galaxies = galaxies[:100]
    curves = rotation_curves(galaxies, *constants)
    curves[:, 0] = velocity
    # Without a least velocity that counts, the point would rule the choice of the starting point, 3 dex away.
    assert np.quantile(off(fitting.starting_points(curves, *constants)[0], galaxies), 0.9) < 1.5
    parameters, rmse = nearest_physical_curves(curves, *constants)
    _, reachable = fitting.levenberg_marquardt(curves, galaxies, *constants)
    assert np.mean(rmse <= reachable * (1.0 + 1e-6)) >= 0.98
    assert np.median(off(parameters, galaxies)) < 0.06


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


def test_the_error_is_that_of_the_parameters_beside_it_whatever_the_other_curves(galaxies, constants):
    velocity = 1.1 * rotation_curves(galaxies[:30], *constants) + 5.0 * np.sin(constants[0])
    parameters, rmse = nearest_physical_curves(velocity, *constants)
    residual = velocity - rotation_curves(parameters, *constants)
    np.testing.assert_allclose(rmse, np.sqrt(np.mean(residual**2, axis=1)), rtol=1e-10)
    alone, alone_rmse = nearest_physical_curves(velocity[7:8], *constants)
    np.testing.assert_allclose(alone, parameters[7:8], atol=1e-6)
    np.testing.assert_allclose(alone_rmse, rmse[7:8], rtol=1e-9)


def test_curves_that_no_galaxy_has_are_far_from_all(galaxies, constants):
    velocity = rotation_curves(galaxies[:5], *constants)
    velocity[1, 3], velocity[2, 0], velocity[3] = np.nan, -np.inf, -velocity[3]
    parameters, rmse = nearest_physical_curves(velocity, *constants)
    assert (np.isfinite(parameters).all(1) == [True, False, False, True, True]).all()
    assert (rmse[1:3] == np.inf).all()
    assert rmse[3] >= np.sqrt(np.mean(velocity[3] ** 2))
    np.testing.assert_allclose(parameters[[0, 4]], galaxies[[0, 4]], atol=1e-6)
    parameters, rmse = nearest_physical_curves(velocity[:0], *constants)  # none is no trouble
    assert (parameters.shape, rmse.shape) == ((0, 4), (0,))
