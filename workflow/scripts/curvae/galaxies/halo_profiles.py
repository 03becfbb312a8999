"""Halo profiles: the mass within a radius, and the parameters that a halo has beyond mass and concentration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval

# Below this the Taylor series of a mass is more accurate than its closed form.
TAYLOR_BELOW = {"nfw": 0.02, "burkert": 0.2}
TAYLOR_TERMS = {"nfw": 9, "burkert": 24}


class Parameter(NamedTuple):
    """A parameter of a galaxy: its name in files, its unit, and its label in figures (LaTeX)."""

    name: str
    unit: str
    label: str


@dataclass(frozen=True)
class Core:
    """A factor on the mass within R: `factor(R / core radius)`. Core radii are log-uniform, whatever the galaxy.

    `log_slope(x)` is d ln factor / d ln x. The settings of the range are {name}_min and {name}_max.
    """

    parameter: Parameter
    factor: Callable[[np.ndarray], np.ndarray]
    log_slope: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class HaloProfile:
    """A spherical halo.

    `mass(x)` is the mass within x scale radii, in any unit, and `log_slope(x)` is d ln mass / d ln x. The concentration
    is the virial radius over the scale radius. With `long_valleys` halo and disc are so much alike that fits
    converge slowly: each goes on to its end.
    """

    name: str
    mass: Callable[[np.ndarray], np.ndarray]
    log_slope: Callable[[np.ndarray], np.ndarray]
    core: Core | None = None
    long_valleys: bool = False


def nfw_mass(x: np.ndarray) -> np.ndarray:
    """ln(1+x) - x/(1+x): Navarro, Frenk & White (1997), ApJ 490, 493."""
    x = np.asarray(x, dtype=np.float64)
    small = np.minimum(x, TAYLOR_BELOW["nfw"])
    order = np.arange(TAYLOR_TERMS["nfw"])
    taylor = small**2 * polyval(small, (-1.0) ** order * (order + 1) / (order + 2))
    return np.where(x < TAYLOR_BELOW["nfw"], taylor, np.log1p(x) - x / (1.0 + x))


def nfw_log_slope(x: np.ndarray) -> np.ndarray:
    """d ln m / d ln x of `nfw_mass`, where m' = x / (1+x)^2."""
    return (x / (1.0 + x)) ** 2 / nfw_mass(x)


def core_log_slope(x: np.ndarray) -> np.ndarray:
    """d ln tanh(x) / d ln x."""
    tanh = np.tanh(x)
    return x * (1.0 / tanh - tanh)


def burkert_mass(x: np.ndarray) -> np.ndarray:
    """ln(1+x^2) + 2 ln(1+x) - 2 arctan(x), of the density 1 / ((1+x)(1+x^2)): Burkert (1995), ApJ 447, L25, eq. 2.

    The unit is pi times the central density and the cube of the scale radius.
    """
    x = np.asarray(x, dtype=np.float64)
    small = np.minimum(x, TAYLOR_BELOW["burkert"])
    order = np.arange(TAYLOR_TERMS["burkert"])
    # The derivative is 4 x^2 (1 - x) / (1 - x^4).
    taylor = 4.0 * small**3 * polyval(small, np.choose(order % 4, (1.0, -1.0, 0.0, 0.0)) / (order + 3))
    return np.where(x < TAYLOR_BELOW["burkert"], taylor, np.log1p(x**2) + 2.0 * (np.log1p(x) - np.arctan(x)))


def burkert_log_slope(x: np.ndarray) -> np.ndarray:
    """d ln m / d ln x of `burkert_mass`, where m' = 4 x^2 / ((1+x)(1+x^2))."""
    return 4.0 * x**3 / ((1.0 + x) * (1.0 + x**2)) / burkert_mass(x)


CORE_RADIUS = Parameter("log_core_radius", "log10 kpc", r"$\log_{10} r_\mathrm{c}/\mathrm{kpc}$")
PROFILES = {
    profile.name: profile
    for profile in (
        HaloProfile("nfw", nfw_mass, nfw_log_slope),
        # A fully formed core, coreNFW with n = 1: Read, Agertz & Collins (2016), MNRAS 459, 2573.
        HaloProfile("core_nfw", nfw_mass, nfw_log_slope, Core(CORE_RADIUS, np.tanh, core_log_slope)),
        HaloProfile("burkert", burkert_mass, burkert_log_slope, long_valleys=True),
    )
}
