"""The physical curve nearest to a given one: least-squares fits of its parameters, all curves at once."""

import math
from dataclasses import replace

import numpy as np
from scipy.special import i0e, i1e, k0e, k1e

from curvae.galaxies.rotation import ForwardModel, disc_velocity_squared, tabulated, velocities_squared
from curvae.runtime.progress import progress
from curvae.runtime.rows import pieces

LN10 = math.log(10.0)
# Where the parameters must stay: far beyond any galaxy, near enough that nothing overflows.
LOWEST, HIGHEST = np.array([4.0, 6.0, -2.5, -1.0, -3.0]), np.array([15.0, 17.0, 4.0, 3.0, 4.0])
# Starting points: scale length of the disc, scale radius and core radius of the halo on a grid, each from so many dex
# below the innermost radius to so many above the outermost one.
NODES, BELOW, ABOVE = (21, 18, 12), (0.5, 0.3, 0.3), (0.7, 1.0, 0.3)
PARTS = (7, 3, 4)  # of the grid along each axis: the nearest curve of each part is a starting point
SMALL_CORE = 0.3  # core radius over the innermost radius, with which the best fit without a core begins again
LEAST_WEIGHED = 0.01  # of the mean velocity: slower points weigh as much as this one in the choice of starting points
# A fit farther off than this share of the curve's own velocity may be in a local minimum with disc and halo swapped: it
# begins again from other starting points.
DOUBTFUL = 2e-4
LONGEST_STEP = 0.5  # dex: about as far as a curve is nearly linear in its parameters
# A fit ends when its next step promises to lower the sum of squares by less than a share of it, or of the sum of v^2,
# or after so many steps. NEAR serves to choose among fits.
NEAR, EXACT = (1e-2, 1e-10, 15), (1e-9, 1e-24, 300)
FIRST_DAMPING, LEAST_DAMPING, MORE, LESS = 1e-4, 1e-16, 4.0, 0.2
ROWS, ROWS_ON_GRID = 1024, 32  # curves fitted at once: bounds the memory; small arrays stay in the cache


def within_limits(parameters: np.ndarray) -> np.ndarray:
    """Parameters (..., p), moved to where they must stay."""
    return np.clip(parameters, LOWEST[: parameters.shape[-1]], HIGHEST[: parameters.shape[-1]])


def disc_log_slope(y: np.ndarray) -> np.ndarray:
    """d ln g / d ln y of the disc profile g(y) = y^2 [I0 K0 - I1 K1] (`rotation.disc_profile`).

    By I0' = I1, K0' = -K1, I1' = I0 - I1/y, K1' = -K0 - K1/y (Abramowitz & Stegun 9.6.26-28). Error
    about 10 eps y^3, which a Jacobian can bear.
    """
    i0, i1, k0, k1 = i0e(y), i1e(y), k0e(y), k1e(y)
    return 2.0 + 2.0 * (y * (i1 * k0 - i0 * k1) + i1 * k1) / (i0 * k0 - i1 * k1)


def curves_and_jacobian(parameters, radius, forward_model: ForwardModel) -> tuple[np.ndarray, np.ndarray]:
    """Rotation curves (n, m) [km/s] and their derivatives (n, m, p) [km/s/dex] by the parameters (n, p).

    Arguments as in `rotation.rotation_curves`.
    """
    profile = forward_model.halo_profile
    disc, halo = velocities_squared(parameters, radius, forward_model)
    velocity = np.sqrt(disc + halo)
    _, halo_mass, scale_length, concentration, *core_radius = (10.0**parameters).T[:, :, None]
    r_vir = forward_model.virial_radius(halo_mass)
    disc_slope = tabulated(disc_log_slope, np.log2(radius) - np.log2(2.0 * scale_length))
    halo_slope = tabulated(profile.log_slope, np.log2(radius) + np.log2(concentration / r_vir))
    by_log = (
        disc,
        halo * (1.0 - halo_slope / 3.0),  # the virial radius grows as the cube root of the mass
        -disc * (1.0 + disc_slope),
        halo * (halo_slope - profile.log_slope(concentration)),
        *(-halo * profile.core.log_slope(radius / each) for each in core_radius),
    )
    return velocity, np.stack(by_log, 2) * (0.5 * LN10 / velocity)[:, :, None]


def nearest_physical_curves(
    velocity: np.ndarray, radius: np.ndarray, forward_model: ForwardModel
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters of the physical curves nearest to the given ones, and how far these are.

    The distance is the root mean square over the radii of v - v_fit, all radii alike. It is minimised by the
    Levenberg-Marquardt method (Marquardt 1963), from the nearest curves of a coarse grid.

    Parameters
    ----------
    velocity : (n, m) [km/s], of any sign. A curve that is not finite is infinitely far from any other.
    radius : (m,) [kpc].

    Returns
    -------
    parameters (n, p), columns as in `rotation.rotation_curves`; NaN where a curve is not finite.
    rmse (n,) [km/s].
    """
    cores, constants = forward_model.halo_profile.core is not None, (radius, forward_model)
    parameters, rmse = np.full((len(velocity), 5 if cores else 4), np.nan), np.full(len(velocity), np.inf)
    finite = np.flatnonzero(np.isfinite(velocity).all(1))
    for piece in progress(pieces(len(finite), ROWS), len(finite), "fitting physical curves", "curves"):
        rows = finite[piece]
        v = velocity[rows].astype(np.float64)
        starts = starting_points(v, *constants)
        if cores:
            profile = replace(forward_model.halo_profile, core=None)
            coreless, _ = nearest_physical_curves(v, radius, replace(forward_model, halo_profile=profile))
            starts = [np.column_stack([coreless, np.full(len(v), np.log10(SMALL_CORE * radius[0]))]), *starts]
        best = starts[0], np.full(len(v), np.inf)
        for start in starts:
            best = better_fits(v, start[None], *best, *constants)
        parameters[rows], rmse[rows] = levenberg_marquardt(v, best[0], *constants, EXACT)
    return parameters, rmse


def doubtful(velocity: np.ndarray, rmse: np.ndarray) -> np.ndarray:
    """Indices of the curves (n, m) whose fits, with errors (n,), may have ended beside the best one."""
    return np.flatnonzero(rmse > DOUBTFUL * np.sqrt(np.square(velocity).mean(1)))


def better_fits(
    velocity, starts, parameters, rmse, radius, forward_model: ForwardModel
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (n, p) and errors (n,): those given or, where doubtful, of better fits from `starts` (k, n, p)."""
    parameters, rmse, k = parameters.copy(), rmse.copy(), len(starts)
    until = EXACT if forward_model.halo_profile.long_valleys else NEAR
    again = doubtful(velocity, rmse)
    for rows in (again[piece] for piece in pieces(len(again), ROWS // k)):
        copies, begun = np.tile(velocity[rows], (k, 1)), np.concatenate(starts[:, rows])
        fits = levenberg_marquardt(copies, begun, radius, forward_model, until)
        others, errors = (fit.reshape(k, len(rows), -1) for fit in fits)
        for other, error in zip(others, errors[:, :, 0], strict=True):
            better = error < rmse[rows]
            parameters[rows[better]], rmse[rows[better]] = other[better], error[better]
    return parameters, rmse


def starting_points(velocity, radius, forward_model: ForwardModel) -> np.ndarray:
    """Starting points (k, n, p), the nearest first: of each part of a grid the curve that is nearest.

    v^2 is linear in the scales of disc and halo: they are solved for, neither negative, and the grid is one of
    radii only (variable projection, Golub & Pereyra 1973). Least squares in v^2 are weighted to approximate those in v.
    """
    profile, gravitational_constant = forward_model.halo_profile, forward_model.gravitational_constant
    first, last = np.log10(radius[[0, -1]])
    axes = [np.linspace(first - BELOW[k], last + ABOVE[k], NODES[k]) for k in range(3 if profile.core else 2)]
    scale_length, scale_radius, *core_radius = (10.0 ** axis[:, None] for axis in axes)
    disc = disc_velocity_squared(radius, 1.0, scale_length, gravitational_constant)
    halo = (profile.mass(radius / scale_radius) / radius)[:, None]
    halo = (halo * profile.core.factor(radius / core_radius[0]) if profile.core else halo).reshape(-1, len(radius))
    both = (disc[:, None] * halo).reshape(-1, len(radius))
    number = np.arange(len(both)).reshape([len(axis) for axis in axes])
    for k in range(len(axes)):  # in parts along each axis, which come first
        number = np.stack(np.split(number, PARTS[k], axis=number.ndim - len(axes) + k), k)
    number = number.reshape(np.prod(PARTS[: len(axes)]), -1)
    node = np.empty((len(velocity), len(number)), int)
    scale = np.empty((2, *node.shape))  # of disc and halo
    for rows in pieces(len(velocity), ROWS_ON_GRID):
        v = velocity[rows]
        weight = 1.0 / np.square(np.maximum(v, LEAST_WEIGHED * np.sqrt(np.square(v).mean(1, keepdims=True))))
        disc_norm, halo_norm = (np.sqrt(weight @ np.square(each).T) for each in (disc, halo))
        cosine = (weight @ both.T).reshape(len(v), len(disc), len(halo))
        cosine /= disc_norm[:, :, None] * halo_norm[:, None]
        on_disc, on_halo = (disc.sum(1) / disc_norm)[:, :, None], (halo.sum(1) / halo_norm)[:, None]
        sine = np.maximum(1.0 - np.square(cosine), 1e-12)
        a, b = np.maximum(on_disc - cosine * on_halo, 0.0), np.maximum(on_halo - cosine * on_disc, 0.0)
        a, b = np.where(b > 0.0, a / sine, on_disc), np.where(a > 0.0, b / sine, on_halo)
        gain = (a * on_disc + b * on_halo).reshape(len(v), -1)  # how much nearer than no galaxy
        n = np.arange(len(v))[:, None]
        best = number[np.arange(len(number)), gain[:, number].argmax(2)]
        node[rows] = best = best[n, (-gain[n, best]).argsort(1)]
        i, j = np.divmod(best, len(halo))
        scale[:, rows] = a[n, i, j] / disc_norm[n, i], b[n, i, j] / halo_norm[n, j]
    grid = [axis.ravel()[node] for axis in np.meshgrid(*axes, indexing="ij")]
    disc_mass, density = np.log10(np.maximum(scale, 1e-30))
    # The density of the halo gives c^3 / m(c), which grows with the concentration.
    overdensity, hubble_per_kpc = forward_model.overdensity, forward_model.hubble_constant / 1000.0
    log_virial = np.log10(0.5 * overdensity * hubble_per_kpc**2)  # G times the mass within 1 kpc
    concentration = np.linspace(LOWEST[3], HIGHEST[3], 401)
    contrast = 3.0 * concentration - np.log10(profile.mass(10.0**concentration))
    concentration = np.interp(density - log_virial - 3.0 * grid[1], contrast, concentration)
    halo_mass = log_virial - np.log10(gravitational_constant) + 3.0 * (grid[1] + concentration)
    return within_limits(np.stack([disc_mass, halo_mass, grid[0], concentration, *grid[2:]], 2)).swapaxes(0, 1)


def levenberg_marquardt(
    velocity, start, radius, forward_model: ForwardModel, until=NEAR
) -> tuple[np.ndarray, np.ndarray]:
    """Levenberg-Marquardt from the starting parameters (n, p), each curve with a damping of its own.

    Returns the parameters (n, p) and the root mean square errors (n,) [km/s].
    """
    best = within_limits(start)
    squares, slope, normal = normal_equations(velocity, best, radius, forward_model)
    whole = np.square(velocity).sum(1)
    damping, active = np.full(len(best), FIRST_DAMPING), np.arange(len(best))
    share, share_of_curve, steps = until
    for _ in range(steps):
        step, promised = damped_step(slope[active], normal[active], best[active], (damping * whole)[active])
        going = promised > (share * squares + share_of_curve * whole)[active]
        active, step, promised = active[going], step[going], promised[going]
        if not len(active):
            break
        trial = best[active] + step
        trial_squares, *trial_equations = normal_equations(velocity[active], trial, radius, forward_model)
        gain = (squares[active] - trial_squares) / promised
        better = gain > 0.0
        rows = active[better]
        best[rows], squares[rows] = trial[better], trial_squares[better]
        slope[rows], normal[rows] = (each[better] for each in trial_equations)
        # Less where the curve is as linear as promised, more where not (Nielsen 1999).
        factor = np.where(better, np.maximum(LESS, 1.0 - (2.0 * np.clip(gain, 0.0, 1.0) - 1.0) ** 3), MORE)
        damping[active] = np.maximum(factor * damping[active], LEAST_DAMPING)
    return best, np.sqrt(squares / velocity.shape[1])


def normal_equations(
    velocity, parameters, radius, forward_model: ForwardModel
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum of squares r.r (n,) of r = v - v_fit, and of the Jacobian J of v_fit J^T r (n, p) and J^T J (n, p, p)."""
    curve, jacobian = curves_and_jacobian(parameters, radius, forward_model)
    residual = velocity - curve
    slope = (jacobian.mT @ residual[:, :, None])[:, :, 0]
    return np.square(residual).sum(1), slope, jacobian.mT @ jacobian


def damped_step(slope, normal, parameters, damping) -> tuple[np.ndarray, np.ndarray]:
    """Steps (n, p) from parameters (n, p), and by how much (n,) each promises to lower the sum of squares.

    The damping (n,) [km^2/s^2/dex^2] is the same for all parameters: one that the curve hardly feels stays where it is
    (Marquardt's own scaling moves it far). So does one that is at its limit and would go beyond.
    """
    free = slope * (within_limits(parameters + np.sign(slope)) - parameters) > 0.0
    damped = normal * (free[:, :, None] & free[:, None]) + damping[:, None, None] * np.eye(slope.shape[1])
    step = np.linalg.solve(damped, (slope * free)[:, :, None])[:, :, 0]
    step *= np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(step).max(1), 1e-300))[:, None]
    step = within_limits(parameters + step) - parameters
    return step, (step * (2.0 * slope - (normal @ step[:, :, None])[:, :, 0])).sum(1)
