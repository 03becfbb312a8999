"""The fixed maps between curves and coefficients: what they lose, and what their coefficients look like."""

import numpy as np
import pytest

from curvae.model import representation
from curvae.model.representation import Moments

N, M = 500, 12
RADIUS = np.geomspace(0.1, 50.0, M)


@pytest.fixture(scope="module")
def v():
    """Rough velocities (N, M) [km/s] that vary in as many ways as there are radii."""
    random = np.random.default_rng(4)
    return np.exp(5.0 + 0.3 * random.standard_normal((N, M)) @ random.standard_normal((M, M)))


def moments_of(u):
    moments = Moments(u.shape[1])
    moments.add(u)
    return moments


def made(name, v, k=M):
    """The representation of a name, and the curves as it sees them."""
    u = v if name == "linear" else np.log(v)
    return representation.make(name, moments_of(u), RADIUS, k), u


def analyse(r, u):
    return (u - r.mean) @ r.analysis


def shape(u):
    """Curves with their first and second derivatives along ln R (log-spaced radii), each over its spread, weighted."""
    values = zip((representation.VALUE_WEIGHT, 1, 1), (u, np.diff(u), np.diff(u, n=2)), strict=True)
    return np.concatenate([weight * (x - x.mean(0)) / x.std(0) for weight, x in values], axis=1)


@pytest.mark.parametrize("name", ["components", "amplitude_and_shape", "log", "linear"])
def test_curves_come_back_from_as_many_coefficients_as_radii_and_coefficients_from_their_curve(name, v):
    for k in (1, 5, M):
        r, u = made(name, v, k)
        x = np.random.default_rng(5).standard_normal((20, r.analysis.shape[1]))
        np.testing.assert_allclose(analyse(r, r.mean + x @ r.synthesis), x, atol=1e-8)
    np.testing.assert_allclose(r.mean + analyse(r, u) @ r.synthesis, u, rtol=1e-8)


def test_no_other_k_numbers_keep_more_of_the_shape_than_the_components(v):
    u = np.log(v)
    # Eckart & Young 1936: the best approximation of rank k leaves the other singular values.
    left = np.cumsum(np.linalg.svd(shape(u), compute_uv=False)[::-1] ** 2)[::-1]
    for k in (1, 3, 8):
        x = analyse(*made("components", v, k))
        assert (x**2).mean() == pytest.approx(1.0)
        fitted = x @ np.linalg.lstsq(x, shape(u), rcond=None)[0]
        assert ((shape(u) - fitted) ** 2).sum() == pytest.approx(left[k], rel=1e-9)


def test_components_are_centred_uncorrelated_and_in_falling_order(v):
    x = analyse(*made("components", v))
    covariance = np.cov(x.T)
    variance = np.diag(covariance)
    np.testing.assert_allclose(x.mean(0), 0.0, atol=1e-8)
    np.testing.assert_allclose(covariance, np.diag(variance), atol=1e-8 * variance[0])
    assert (np.diff(variance) < 0).all()


def test_a_multiple_of_a_curve_has_its_shape_and_an_amplitude_that_differs_by_the_logarithm(v):
    r, u = made("amplitude_and_shape", v, 8)
    x, larger = analyse(r, u), analyse(r, u + np.log(1.7))
    np.testing.assert_allclose(larger[:, :-1], x[:, :-1], atol=1e-9)
    # In units of ln v: what the last coefficient adds to a curve, at all radii alike.
    np.testing.assert_allclose((larger - x)[:, -1:] * r.synthesis[-1], np.log(1.7), rtol=1e-9)
    np.testing.assert_allclose(r.spread, x.std(0), rtol=1e-6)
    # The rest is made of curves whose geometric mean is one.
    np.testing.assert_allclose(r.synthesis[:-1].sum(1), 0.0, atol=1e-9)


def test_an_error_of_the_amplitude_counts_as_much_as_one_of_the_shape_that_is_as_large(v, monkeypatch):
    # But for the derivatives, which an amplitude does not have: here they do not count.
    monkeypatch.setattr(representation, "SHAPE_WEIGHT", 1e6)
    change = np.random.default_rng(11).standard_normal((5, M))
    x = change @ made("amplitude_and_shape", v, M - 1)[0].analysis
    np.testing.assert_allclose(x[:, -1] ** 2 / (x**2).sum(1), M * change.mean(1) ** 2 / (change**2).sum(1), rtol=1e-6)


def test_log_is_standardised_at_each_radius_and_linear_over_all_velocities_together(v):
    log_v = np.log(v)
    np.testing.assert_allclose(analyse(*made("log", v)), (log_v - log_v.mean(0)) / log_v.std(0), atol=1e-10)
    np.testing.assert_allclose(analyse(*made("linear", v)), (v - v.mean()) / v.std(), atol=1e-10)


def test_components_are_no_more_than_the_ways_in_which_curves_vary():
    random = np.random.default_rng(6)
    flat = np.exp(random.standard_normal((N, 2)) @ random.standard_normal((2, M)))
    assert made("components", flat, 2)[0].analysis.shape == (M, 2)
    assert made("components", flat, 20)[0].analysis.shape == (M, 2)


def test_moments_do_not_depend_on_how_curves_are_cut_into_pieces():
    # Far from zero, where a sum of squares less the square of a sum would lose all digits.
    u = 1e6 + np.random.default_rng(7).standard_normal((N, 3)) * [1.0, 10.0, 0.1]
    for cuts in ([], [1], [499], [1, 2, 3, 400], list(range(1, N))):
        moments = Moments(3)
        for piece in np.split(u, cuts):
            moments.add(piece)
        np.testing.assert_allclose(moments.mean, u.mean(0), rtol=1e-14)
        np.testing.assert_allclose(moments.covariance, np.cov(u.T, bias=True), rtol=1e-8, atol=1e-9)


def test_curves_that_vary_in_fewer_ways_than_there_are_latents_have_axes_of_zero_beyond(v):
    r, u = made("linear", np.log(v[:, :1]) * np.linspace(1.0, 2.0, M))  # one way
    _, axes = representation.principal_axes(r, moments_of(u), 3)
    assert np.all(axes[:, 1:] == 0.0)
    assert (analyse(r, u) @ axes)[:, 0].std() == pytest.approx(1.0)
