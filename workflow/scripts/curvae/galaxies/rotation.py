"""Circular velocities of a thin exponential disc in an NFW halo, with or without a core, as array code in float64."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.special import i0e, i1e, k0e, k1e

from curvae.runtime.rows import pieces

# What a rotation curve depends on beside its galaxy, in the order of the arguments of `rotation_curves`.
CONSTANTS = ("hubble_constant", "overdensity", "gravitational_constant")
# From here on the products of Bessel functions cancel worse than their asymptotic series is cut off.
ASYMPTOTIC_FROM = 20.0
ASYMPTOTIC_TERMS = 12
# Below this, ln(1+x) - x/(1+x) cancels worse than its Taylor series is cut off.
TAYLOR_BELOW = 0.02
TAYLOR_TERMS = 9
# Tables of profiles, in log2 of the argument: a cubic in each of CELLS cells an octave is as good as the profiles are.
LOWEST_OCTAVE, OCTAVES, CELLS, DEGREE = -20, 40, 256, 3
# Points computed at once: what is needed in between stays in the cache of a core.
POINTS = 12800


def _asymptotic_coefficients(terms: int) -> np.ndarray:
    """Coefficients c_k of I0 K0 - I1 K1 = (1/2y) sum_k c_k / (2y)^(2k), k = 1, 2, ...

    The difference of two asymptotic series (Abramowitz & Stegun 9.7.5 with nu = 0 and nu = 1).
    """
    coefficients = []
    for k in range(1, terms + 1):
        odd = [2 * j - 1 for j in range(1, k + 1)]
        binomial = math.prod(odd) / math.prod(2 * j for j in range(1, k + 1))
        nu_0 = math.prod(-(j**2) for j in odd)
        nu_1 = math.prod(4 - j**2 for j in odd)
        coefficients.append((-1) ** k * binomial * (nu_0 - nu_1))
    return np.array(coefficients)


_COEFFICIENTS = _asymptotic_coefficients(ASYMPTOTIC_TERMS)


def disc_profile(y: np.ndarray) -> np.ndarray:
    """y^2 [I0(y) K0(y) - I1(y) K1(y)], the dimensionless v^2 of a thin exponential disc.

    Freeman (1970), ApJ 160, 811, eq. 10, with y = R / (2 Rd) > 0. Exponentially scaled Bessel
    functions below y = 20 and the asymptotic series above: no overflow, relative error below 1e-12
    from y = 1e-5 on.
    """
    y = np.asarray(y, dtype=np.float64)
    inner = np.minimum(y, ASYMPTOTIC_FROM)
    bessel = inner**2 * (i0e(inner) * k0e(inner) - i1e(inner) * k1e(inner))
    outer = np.maximum(y, ASYMPTOTIC_FROM)
    inverse_square = 1.0 / (4.0 * outer**2)
    series = 0.5 * outer * inverse_square * np.polynomial.polynomial.polyval(inverse_square, _COEFFICIENTS)
    return np.where(y < ASYMPTOTIC_FROM, bessel, series)


def nfw_mass_profile(x: np.ndarray) -> np.ndarray:
    """f(x) = ln(1+x) - x/(1+x), the mass inside x scale radii of an NFW halo, in its own unit.

    Navarro, Frenk & White (1997), ApJ 490, 493. A Taylor series below x = 0.02 avoids the cancellation.
    """
    x = np.asarray(x, dtype=np.float64)
    small = np.minimum(x, TAYLOR_BELOW)
    order = np.arange(TAYLOR_TERMS)
    taylor = small**2 * np.polynomial.polynomial.polyval(small, (-1.0) ** order * (order + 1) / (order + 2))
    return np.where(x < TAYLOR_BELOW, taylor, np.log1p(x) - x / (1.0 + x))


@cache
def _table(profile: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Coefficients (DEGREE + 1, cell), highest first, of the polynomials through Chebyshev's points of each cell."""
    points = 0.5 - 0.5 * np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    cell = np.arange(OCTAVES * CELLS)[:, None]
    values = profile(np.exp2(LOWEST_OCTAVE + (cell + points) / CELLS))
    # Not a matrix product, whose last bits may depend on the number of threads.
    return np.einsum("kp,cp->kc", np.linalg.inv(np.vander(points)), values)


def tabulated(profile: Callable[[np.ndarray], np.ndarray], log2_argument: np.ndarray) -> np.ndarray:
    """`profile` at 2^log2_argument from a table that is made once: 40 times as fast as Bessel functions.

    `profile` is a smooth function of log2 of its argument. Relative error below 2e-12 for the two above, in any
    shape of array; beyond the table's 40 octaves around 1 it is `profile` itself that is evaluated.
    """
    log2_argument = np.asarray(log2_argument)
    position = (log2_argument - LOWEST_OCTAVE) * CELLS
    inside = (position >= 0) & (position < OCTAVES * CELLS)
    if not inside.all():
        values = np.empty_like(position)
        values[inside] = tabulated(profile, log2_argument[inside])
        values[~inside] = profile(np.exp2(log2_argument[~inside]))
        return values
    start = np.floor(position)
    cell, rest = start.astype(np.intp), position - start
    highest, *others = _table(profile)
    values = highest.take(cell, mode="clip")  # faster than a second check of the range
    for coefficient in others:
        values *= rest
        values += coefficient.take(cell, mode="clip")
    return values


def disc_velocity_squared(radius: np.ndarray, disc_mass: np.ndarray, scale_length: np.ndarray, gravity: float):
    """v^2 [km^2/s^2] of thin exponential discs: masses [Msun] and scale lengths [kpc] of shape (n, 1)."""
    log2_y = np.log2(radius) - np.log2(2.0 * scale_length)
    return 2.0 * gravity * disc_mass / scale_length * tabulated(disc_profile, log2_y)


def virial_radius(halo_mass: np.ndarray, hubble_constant: float, overdensity: float, gravity: float) -> np.ndarray:
    """Radius [kpc] within which the mean density is `overdensity` times the critical one at z = 0.

    `hubble_constant` in km/s/Mpc, `gravity` in kpc km^2/s^2/Msun, masses in Msun.
    """
    hubble_per_kpc = hubble_constant / 1000.0
    return np.cbrt(2.0 * gravity * halo_mass / (overdensity * hubble_per_kpc**2))


def halo_velocity_squared(
    radius: np.ndarray,
    halo_mass: np.ndarray,
    concentration: np.ndarray,
    hubble_constant: float,
    overdensity: float,
    gravity: float,
    core_radius: np.ndarray | None = None,
) -> np.ndarray:
    """v^2 [km^2/s^2] of NFW halos: virial masses [Msun] and concentrations of shape (n, 1).

    With core radii [kpc] (n, 1), the mass within R is tanh(R / core radius) times that of the NFW halo: coreNFW with
    n = 1, a fully formed core (Read, Agertz & Collins 2016, MNRAS 459, 2573).
    """
    r_vir = virial_radius(halo_mass, hubble_constant, overdensity, gravity)
    log2_x = np.log2(radius) + np.log2(concentration / r_vir)
    nfw = gravity * halo_mass / nfw_mass_profile(concentration) * tabulated(nfw_mass_profile, log2_x) / radius
    return nfw if core_radius is None else nfw * np.tanh(radius / core_radius)


def rotation_curves(
    parameters: np.ndarray, radius: np.ndarray, hubble_constant: float, overdensity: float, gravity: float
) -> np.ndarray:
    """Rotation curves of disc and halo added in quadrature.

    Parameters
    ----------
    parameters : (n, 4), log10 of disc mass [Msun], halo mass [Msun], scale length [kpc], concentration;
        or (n, 5), of core radius [kpc], too, of halos with cores.
    radius : (m,) [kpc], positive.
    hubble_constant : km/s/Mpc.  overdensity : in critical densities.  gravity : kpc km^2/s^2/Msun.

    Returns
    -------
    (n, m) float64 [km/s].
    """
    velocity = np.empty((len(parameters), len(radius)))
    for rows in pieces(len(parameters), max(1, POINTS // len(radius))):
        disc_mass, halo_mass, scale_length, concentration, *core_radius = (10.0 ** parameters[rows]).T[:, :, None]
        disc = disc_velocity_squared(radius, disc_mass, scale_length, gravity)
        virial = hubble_constant, overdensity, gravity
        halo = halo_velocity_squared(radius, halo_mass, concentration, *virial, *core_radius)
        np.sqrt(disc + halo, out=velocity[rows])
    return velocity
