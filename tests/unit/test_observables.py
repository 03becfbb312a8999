"""Numbers that observers give of a rotation curve."""

import numpy as np

from curvae.galaxies.observables import curvature, flat_velocity, velocity_at

RADIUS = np.geomspace(0.1, 50.0, 50)


def test_the_velocity_at_a_radius_is_that_of_the_curve_and_none_beyond_the_radii():
    at = np.array([1.7, 20.0, 0.09, 0.1, 50.0, 51.0])
    velocity = velocity_at(at, RADIUS, np.stack([np.log(RADIUS), *[3.0 - np.log(RADIUS)] * 5]))
    inside = [np.log(1.7), 3.0 - np.log(20.0), 3.0 - np.log(0.1), 3.0 - np.log(50.0)]
    np.testing.assert_allclose(velocity, [*inside[:2], np.nan, *inside[2:], np.nan], rtol=1e-12)


def test_the_flat_velocity_is_the_mean_of_the_flat_part():
    curves = {
        (10.0, 50.0, 90.0, 100.0, 102.0, 100.0): 302.0 / 3.0,
        (200.0, 180.0, 160.0, 140.0, 120.0, 100.0): np.nan,  # falls
        (50.0, 50.0, 50.0, 106.0, 100.0, 100.0): np.nan,  # two points are no flat part
        # After the point that breaks the flat part no other counts, be it as high as the flat part.
        (104.0, 104.0, 50.0, 100.0, 100.0, 100.0): 100.0,
        # 5 % are flat, 6 % are not, up to the inmost point.
        (95.0, 100.0, 100.0, 100.0, 100.0, 100.0): 595.0 / 6.0,
        (94.0, 100.0, 100.0, 100.0, 100.0, 100.0): 100.0,
    }
    np.testing.assert_allclose(flat_velocity(np.array(list(curves))), list(curves.values()))


def test_curvature_is_the_second_derivative_along_log_radius():
    x = np.log(RADIUS)
    power_laws = np.outer([1.0, 2.0, -0.5], x)
    np.testing.assert_allclose(curvature(power_laws, RADIUS), 0.0, atol=1e-9)
    np.testing.assert_allclose(curvature(1.5 * x[None] ** 2, RADIUS), 3.0, rtol=1e-9)
    np.testing.assert_allclose(curvature(np.sin(x)[None], RADIUS), -np.sin(x)[None, 1:-1], atol=2e-3)
