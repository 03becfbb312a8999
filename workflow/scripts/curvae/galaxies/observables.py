"""Numbers that observers give of a rotation curve."""

import numpy as np

# What every curve has: names, units and labels of the columns of `shape`.
SHAPE = (
    ("v_max", "r_max", "outer_slope"),
    ("km/s", "kpc", ""),
    (r"$v_\mathrm{max}$ [km s$^{-1}$]", r"$R_\mathrm{max}$ [kpc]", "outer slope"),
)
# Points of a flat part differ from the mean of those outside them by no more than this share.
FLAT = 0.05


def velocity_at(at: np.ndarray, radius: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Velocity (n,) [km/s] of each curve (n, m) at a radius of its own (n,) [kpc]; NaN beyond the radii (m,).

    Linear in ln R between the radii.
    """
    x, grid = np.log(at), np.log(radius)
    within = np.array([np.interp(one, grid, curve) for one, curve in zip(x, velocity, strict=True)])
    return np.where((at >= radius[0]) & (at <= radius[-1]), within, np.nan)


def flat_velocity(velocity: np.ndarray) -> np.ndarray:
    """Velocity (n,) [km/s] of the flat outer part of each curve (n, m); NaN if three points do not make one.

    The mean of the two outermost points takes in the next one inwards as long as that is within 5 % of it
    (Lelli, McGaugh & Schombert 2016, ApJL 816, L14, section 2.2).
    """
    total, points = velocity[:, -2:].sum(1), np.full(len(velocity), 2)
    flat = np.ones(len(velocity), bool)
    for v in velocity[:, -3::-1].T:
        mean = total / points
        flat &= np.abs(v - mean) <= FLAT * mean
        total, points = total + np.where(flat, v, 0.0), points + flat
    return np.where(points > 2, total / points, np.nan)


def shape(velocity: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Numbers (n, 3) that every curve (n, m) [km/s] over radii (m,) [kpc] has, as in SHAPE.

    The highest velocity, its radius, and the change of v over the outer quarter of the radii, by ln R and over the
    mean of |v| there: for small changes d ln v / d ln R.
    """
    outer = velocity[:, 3 * (velocity.shape[1] - 1) // 4 :]
    change, mean = outer[:, -1] - outer[:, 0], np.abs(outer).mean(1)
    along = np.log(radius[-1] / radius[-outer.shape[1]])
    slope = np.divide(change, mean * along, out=np.zeros(len(velocity)), where=mean > 0.0)
    return np.stack([velocity.max(1), radius[velocity.argmax(1)], slope], 1)


def curvature(log_v: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Second divided differences (n, m - 2) of ln v along ln R: smooth for any physical curve."""
    x = np.log(radius)
    slope = np.diff(log_v, axis=1) / np.diff(x)
    return np.diff(slope, axis=1) / np.diff(0.5 * (x[1:] + x[:-1]))
