"""The physical curve nearest to a given one: least-squares fits of its parameters, all curves at once."""

import itertools
import math

import numpy as np
from scipy.special import i0e, i1e, k0e, k1e

from rotcurves.galaxies.rotation import (
    disc_velocity_squared,
    halo_velocity_squared,
    nfw_mass_profile,
    tabulated,
    virial_radius,
)
from rotcurves.runtime.progress import progress
from rotcurves.runtime.rows import pieces

LN10 = math.log(10.0)
# Starting points: log10 halo mass, scale length and concentration on a grid, each with the best disc mass.
GRID = (np.linspace(9.5, 14.5, 21), np.linspace(-1.2, 2.4, 19), np.linspace(0.2, 1.6, 8))
# Where the parameters must stay: far beyond any galaxy, near enough that nothing overflows.
LOWEST, HIGHEST = np.array([4.0, 6.0, -2.5, -1.0, -3.0]), np.array([15.0, 17.0, 4.0, 3.0, 4.0])
LONGEST_STEP = 0.5  # dex: about as far as a curve is nearly linear in its parameters
SHORTEST_STEP = 1e-7  # dex: a fit that moves less has ended
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-3, 1e-10, 1e10
MOST_STEPS = 100
ROWS = 512  # curves fitted at once: bounds the memory, changes no number
# A fit farther off than this share of the curve's own velocity may have ended beside the best one, the roles of
# disc and halo exchanged: it begins again from scale lengths [log10 kpc] in each of these ranges.
DOUBTFUL = 2e-4
SCALE_LENGTHS = ((-np.inf, -0.1), (-0.1, 0.7), (0.7, np.inf))
# With cores, first from the nearest curve without one, and a core of this share of the innermost radius, which just
# feels it; then from the grid with each of some core radii [log10 kpc].
SMALL_CORE, CORE_RADII = 0.3, (0.0, 1.0, 1.5)
LEAST_WEIGHED = (
    0.01  # of the mean velocity: slower points count no more than this one in the choice of a starting point
)


def within_limits(parameters: np.ndarray) -> np.ndarray:
    """Parameters (n, p), moved to where they must stay."""
    return np.clip(parameters, LOWEST[: parameters.shape[1]], HIGHEST[: parameters.shape[1]])


def disc_log_slope(y: np.ndarray) -> np.ndarray:
    """d ln g / d ln y of the disc profile g(y) = y^2 [I0 K0 - I1 K1] (`rotation.disc_profile`).

    By I0' = I1, K0' = -K1, I1' = I0 - I1/y, K1' = -K0 - K1/y (Abramowitz & Stegun 9.6.26-28). Error
    about 10 eps y^3, which a Jacobian can bear.
    """
    i0, i1, k0, k1 = i0e(y), i1e(y), k0e(y), k1e(y)
    return 2.0 + 2.0 * (y * (i1 * k0 - i0 * k1) + i1 * k1) / (i0 * k0 - i1 * k1)


def nfw_log_slope(x: np.ndarray) -> np.ndarray:
    """d ln f / d ln x of f(x) = ln(1+x) - x/(1+x) (`rotation.nfw_mass_profile`), where f' = x / (1+x)^2."""
    return (x / (1.0 + x)) ** 2 / nfw_mass_profile(x)


def core_log_slope(x: np.ndarray) -> np.ndarray:
    """d ln tanh(x) / d ln x, of the core of `rotation.halo_velocity_squared`."""
    tanh = np.tanh(x)
    return x * (1.0 / tanh - tanh)


def curves_and_jacobian(parameters, radius, hubble_constant, overdensity, gravity):
    """Rotation curves (n, m) [km/s] and their derivatives (n, m, p) [km/s/dex] by the p = 4 or 5 parameters (n, p).

    Arguments as in `rotation.rotation_curves`.
    """
    disc_mass, halo_mass, scale_length, concentration, *core_radius = (10.0**parameters).T[:, :, None]
    disc = disc_velocity_squared(radius, disc_mass, scale_length, gravity)
    virial = hubble_constant, overdensity, gravity
    halo = halo_velocity_squared(radius, halo_mass, concentration, *virial, *core_radius)
    velocity = np.sqrt(disc + halo)
    r_vir = virial_radius(halo_mass, hubble_constant, overdensity, gravity)
    disc_slope = tabulated(disc_log_slope, np.log2(radius) - np.log2(2.0 * scale_length))
    halo_slope = tabulated(nfw_log_slope, np.log2(radius) + np.log2(concentration / r_vir))
    by_log = (
        disc,
        halo * (1.0 - halo_slope / 3.0),  # the virial radius grows as the cube root of the mass
        -disc * (1.0 + disc_slope),
        halo * (halo_slope - nfw_log_slope(concentration)),
        *(-halo * core_log_slope(radius / each) for each in core_radius),
    )
    return velocity, np.stack(by_log, 2) * (0.5 * LN10 / velocity)[:, :, None]


def nearest_physical_curves(
    velocity: np.ndarray,
    radius: np.ndarray,
    hubble_constant: float,
    overdensity: float,
    gravity: float,
    cores: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters of the physical curves nearest to the given ones, and how far these are.

    Nearest in the root mean square over the radii of v - v_fit, all radii alike. Found by the
    Levenberg-Marquardt method (Marquardt 1963) from the nearest curve of a coarse grid.

    Parameters
    ----------
    velocity : (n, m) [km/s], of any sign. A curve that is not finite is infinitely far from any other.
    radius, hubble_constant, overdensity, gravity : as in `rotation.rotation_curves`.
    cores : whether haloes have cores, and so galaxies p = 5 parameters and not 4.

    Returns
    -------
    parameters (n, p), columns as in `scaling.NAMES`; NaN where a curve is not finite.
    rmse (n,) [km/s].
    """
    constants = (radius, hubble_constant, overdensity, gravity)
    parameters, rmse = np.full((len(velocity), 5 if cores else 4), np.nan), np.full(len(velocity), np.inf)
    finite = np.flatnonzero(np.isfinite(velocity).all(1))
    for piece in progress(pieces(len(finite), ROWS), len(finite), "fitting physical curves", "curves"):
        rows = finite[piece]
        v = velocity[rows].astype(np.float64)
        best = best_fits(v, grid_fits(v, *constants), *constants)
        if cores:
            small = np.full(len(v), np.log10(SMALL_CORE * radius[0]))
            grids = (grid_fits(v, *constants, core)[1:] for core in CORE_RADII)
            best = best_fits(v, [np.column_stack([best[0], small]), *itertools.chain(*grids)], *constants)
        parameters[rows], rmse[rows] = best
    return parameters, rmse


def best_fits(velocity, starts, *constants):
    """Parameters (n, p) and errors (n,) from the first of some starting points (n, p), where doubtful from the best."""
    best, error = levenberg_marquardt(velocity, starts[0], *constants)
    doubtful = np.flatnonzero(error > DOUBTFUL * np.sqrt(np.square(velocity).mean(1)))
    for start in starts[1:]:
        other, other_error = levenberg_marquardt(velocity[doubtful], start[doubtful], *constants)
        better = other_error < error[doubtful]
        best[doubtful[better]], error[doubtful[better]] = other[better], other_error[better]
    return best, error


def grid_fits(velocity, radius, hubble_constant, overdensity, gravity, *log_core_radius):
    """Starting points: parameters (n, p) of the best of the grid, then of the best with each range of scale lengths.

    v^2 is linear in the disc mass, so that this one is solved for (least squares in v^2, weighted to
    stand for those in v) and the grid has three dimensions only. Where haloes have cores, all have the one given.
    """
    nodes = np.stack([axis.ravel() for axis in np.meshgrid(*GRID, *log_core_radius, indexing="ij")], 1)
    nodes = nodes[nodes[:, 1].argsort(kind="stable")]  # so that those of a range of scale lengths are a slice
    halo_mass, scale_length, concentration, *core_radius = (10.0**nodes).T[:, :, None]
    disc = disc_velocity_squared(radius, 1.0, scale_length, gravity)  # of one solar mass
    virial = hubble_constant, overdensity, gravity
    halo = halo_velocity_squared(radius, halo_mass, concentration, *virial, *core_radius)
    size = np.sqrt(np.square(velocity).mean(1, keepdims=True))
    v = np.maximum(velocity, LEAST_WEIGHED * size)
    weight = 1.0 / v**2
    along, lacking = weight @ (disc**2).T, disc.sum(1) - weight @ (disc * halo).T
    disc_mass = np.maximum(lacking / along, 10.0 ** LOWEST[0])
    distance = disc_mass * (disc_mass * along - 2.0 * lacking) + weight @ (halo**2).T - 2.0 * halo.sum(1)
    starts = []
    for ends in ((-np.inf, np.inf), *SCALE_LENGTHS):
        first, last = np.searchsorted(nodes[:, 1], ends)
        chosen = first + distance[:, first:last].argmin(1)
        mass = np.log10(disc_mass[np.arange(len(v)), chosen])
        starts.append(np.column_stack([mass, nodes[chosen]]))
    return starts


def levenberg_marquardt(velocity: np.ndarray, start: np.ndarray, *constants) -> tuple[np.ndarray, np.ndarray]:
    """Levenberg-Marquardt from the starting parameters (n, p), each curve with a damping of its own.

    Returns the parameters (n, p) and the root mean square errors (n,) [km/s].
    """
    best = within_limits(start)
    model, jacobian = curves_and_jacobian(best, *constants)
    residual = velocity - model
    damping = np.full(len(best), FIRST_DAMPING)
    active = np.arange(len(best))
    for _ in range(MOST_STEPS):
        step = damped_step(jacobian[active], residual[active], damping[active])
        trial = within_limits(best[active] + step)
        model, trial_jacobian = curves_and_jacobian(trial, *constants)
        trial_residual = velocity[active] - model
        better = np.square(trial_residual).sum(1) < np.square(residual[active]).sum(1)
        rows = active[better]
        best[rows], residual[rows], jacobian[rows] = trial[better], trial_residual[better], trial_jacobian[better]
        damping[active] *= np.where(better, 0.2, 3.0)
        damping[active] = np.maximum(damping[active], LEAST_DAMPING)
        # A shorter step changes nothing, be it the end of a descent or the last of many refused ones.
        active = active[(np.abs(step).max(1) > SHORTEST_STEP)]
        if not len(active):
            break
    return best, np.sqrt(np.square(residual).mean(1))


def damped_step(jacobian: np.ndarray, residual: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Marquardt's steps (n, p), none longer than LONGEST_STEP in any parameter.

    Each parameter is scaled by the length of its column of the Jacobian (n, m, p), so that the damping
    (n,) means the same for all; a parameter that the curve does not feel at all stays where it is.
    """
    length = np.sqrt(np.square(jacobian).sum(1))
    length = np.where(length > 0.0, length, 1.0)
    scaled = jacobian / length[:, None]
    normal = scaled.mT @ scaled + damping[:, None, None] * np.eye(jacobian.shape[2])
    step = np.linalg.solve(normal, scaled.mT @ residual[:, :, None])[:, :, 0] / length
    return step * np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(step).max(1), 1e-300))[:, None]
