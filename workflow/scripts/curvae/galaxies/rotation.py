"""Circular velocities of a thin exponential disc in a halo, as array code in float64."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import i0e, i1e, k0e, k1e

from curvae.galaxies.halo_profiles import PROFILES, HaloProfile
from curvae.runtime.rows import pieces

# From here on the asymptotic series is more accurate than the difference of products of Bessel functions.
ASYMPTOTIC_FROM = 20.0
ASYMPTOTIC_TERMS = 12
# Tables of profiles, in log2 of the argument: a cubic in each of CELLS cells an octave is as accurate as the profiles.
LOWEST_OCTAVE, OCTAVES, CELLS, DEGREE = -20, 40, 256, 3
# Points computed at once: their arrays stay in the cache of a core.
POINTS = 12800


@dataclass(frozen=True)
class ForwardModel:
    """What a rotation curve depends on beside its galaxy and the radii.

    Parameters
    ----------
    halo_profile : of all haloes.
    hubble_constant : km/s/Mpc.
    overdensity : mean density within the virial radius, in critical densities at z = 0.
    gravitational_constant : kpc km^2/s^2/Msun.
    log_disc_mass_min, log_disc_mass_max : range of the disc masses that are simulated, log10 Msun.
    """

    halo_profile: HaloProfile
    hubble_constant: float
    overdensity: float
    gravitational_constant: float
    log_disc_mass_min: float
    log_disc_mass_max: float

    @classmethod
    def from_settings(cls, settings: Mapping) -> "ForwardModel":
        """The forward model of settings, or of attributes of a file, which have the names of the fields."""
        halo_profile, *constants = (settings[name] for name in cls.__dataclass_fields__)
        return cls(PROFILES[halo_profile], *constants)

    @property
    def log_disc_mass_range(self) -> tuple[float, float]:
        return self.log_disc_mass_min, self.log_disc_mass_max

    def virial_radius(self, halo_mass: np.ndarray) -> np.ndarray:
        """Radius [kpc] of haloes [Msun] within which the mean density is `overdensity` times the critical one."""
        hubble_per_kpc = self.hubble_constant / 1000.0
        return np.cbrt(2.0 * self.gravitational_constant * halo_mass / (self.overdensity * hubble_per_kpc**2))


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


def disc_velocity_squared(radius, disc_mass, scale_length, gravitational_constant: float) -> np.ndarray:
    """v^2 [km^2/s^2] of thin exponential discs: masses [Msun] and scale lengths [kpc] of shape (n, 1)."""
    log2_y = np.log2(radius) - np.log2(2.0 * scale_length)
    return 2.0 * gravitational_constant * disc_mass / scale_length * tabulated(disc_profile, log2_y)


def halo_velocity_squared(
    radius, halo_mass, concentration, forward_model: ForwardModel, core_radius=None
) -> np.ndarray:
    """v^2 [km^2/s^2] of haloes: masses [Msun], concentrations and core radii [kpc], if any, of shape (n, 1)."""
    profile = forward_model.halo_profile
    log2_x = np.log2(radius) + np.log2(concentration / forward_model.virial_radius(halo_mass))
    scale = forward_model.gravitational_constant * halo_mass / profile.mass(concentration)
    halo = scale * tabulated(profile.mass, log2_x) / radius
    return halo if core_radius is None else halo * profile.core.factor(radius / core_radius)


def velocities_squared(parameters, radius, forward_model: ForwardModel) -> tuple[np.ndarray, np.ndarray]:
    """v^2 [km^2/s^2] of disc and halo, (n, m) each; arguments as of `rotation_curves`."""
    disc_mass, halo_mass, scale_length, concentration, *core_radius = (10.0**parameters).T[:, :, None]
    disc = disc_velocity_squared(radius, disc_mass, scale_length, forward_model.gravitational_constant)
    return disc, halo_velocity_squared(radius, halo_mass, concentration, forward_model, *core_radius)


def rotation_curves(parameters: np.ndarray, radius: np.ndarray, forward_model: ForwardModel) -> np.ndarray:
    """Rotation curves of disc and halo added in quadrature.

    Parameters
    ----------
    parameters : (n, p), log10 of disc mass [Msun], halo mass [Msun], scale length [kpc], concentration, and core radius
        [kpc] where haloes have cores.
    radius : (m,) [kpc], positive.

    Returns
    -------
    (n, m) float64 [km/s].
    """
    velocity = np.empty((len(parameters), len(radius)))
    for rows in pieces(len(parameters), max(1, POINTS // len(radius))):
        disc, halo = velocities_squared(parameters[rows], radius, forward_model)
        np.sqrt(disc + halo, out=velocity[rows])
    return velocity
