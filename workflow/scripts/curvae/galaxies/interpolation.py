"""Rotation curves between their radii."""

import numpy as np
from scipy.interpolate import CubicSpline


def unit_splines(radius: np.ndarray) -> CubicSpline:
    """Cubics in ln R through unit vectors at radii (m,): at ln R they give what each velocity weighs there (n, m).

    Natural and clamped ends err by ten times as much as not-a-knot ones.
    """
    return CubicSpline(np.log(radius), np.eye(len(radius)), bc_type="not-a-knot")


def interpolate(radius: np.ndarray, velocity: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Curves (..., m) at other radii (n,): cubics in (ln R, v), not-a-knot, which take any sign of v."""
    return velocity @ unit_splines(radius)(np.log(at)).T
