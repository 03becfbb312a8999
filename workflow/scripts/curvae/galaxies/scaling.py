"""Scaling relations between the masses and sizes of galaxies, and draws from them.

A galaxy is a row of four numbers, in the order of `PARAMETERS`, or of five where haloes have cores. Each relation is a
straight line in log10 with normal scatter in dex.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from curvae.galaxies.halo_profiles import HaloProfile, Parameter
from curvae.runtime.streams import BLOCK

PARAMETERS = (
    Parameter("log_disc_mass", "log10 Msun", r"$\log_{10} M_\mathrm{d}/M_\odot$"),
    Parameter("log_halo_mass", "log10 Msun", r"$\log_{10} M_\mathrm{h}/M_\odot$"),
    Parameter("log_scale_length", "log10 kpc", r"$\log_{10} R_\mathrm{d}/\mathrm{kpc}$"),
    Parameter("log_concentration", "log10", r"$\log_{10} c$"),
)
# Columns of the abscissa and of the ordinate of each relation, in PARAMETERS.
RELATIONS = {"scale_length": (0, 2), "halo_mass": (0, 1), "concentration": (1, 3)}
MASS_RANGE = ("log_disc_mass_min", "log_disc_mass_max")
# What a measurement of the relations needs: where disc masses lie, where zero points hold, and what to compare with.
SETTINGS = (
    *("halo_profile", *MASS_RANGE, "log_disc_mass_pivot", "concentration_pivot"),
    *(f"{name}_{part}" for name in RELATIONS for part in ("zero_point", "slope", "scatter")),
)
ONE_SIGMA = (0.15866, 0.84134)  # quantiles of a normal distribution at one standard deviation
# Relative efficiency of half their distance as an estimate of sigma: Var(standard deviation) / Var(half distance).
ONE_SIGMA_EFFICIENCY = 0.541


def parameters_of_galaxies(halo_profile: HaloProfile) -> tuple[Parameter, ...]:
    """The parameters of galaxies whose haloes have this profile."""
    return PARAMETERS + ((halo_profile.core.parameter,) if halo_profile.core else ())


@dataclass(frozen=True)
class Relation:
    """log10 y = zero_point + slope (log10 x - pivot), with normal scatter in dex."""

    zero_point: float
    slope: float
    scatter: float
    pivot: float

    def mean(self, log_x: np.ndarray) -> np.ndarray:
        """Mean log10 y at each log10 x."""
        return self.zero_point + self.slope * (log_x - self.pivot)


def relations(settings: Mapping) -> dict[str, Relation]:
    """The relations of settings, or of attributes of a file, by the names in RELATIONS.

    Concentrations follow halo masses in Msun/h (Dutton & Maccio 2014, MNRAS 441, 3359, eq. 8): their pivot is moved.
    """
    disc_mass = settings["log_disc_mass_pivot"]
    halo_mass = settings["concentration_pivot"] - math.log10(settings["hubble_constant"] / 100.0)
    return {
        name: Relation(*(settings[f"{name}_{part}"] for part in ("zero_point", "slope", "scatter")), pivot)
        for name, pivot in zip(RELATIONS, (disc_mass, disc_mass, halo_mass), strict=True)
    }


def draw_parameters(
    random: np.random.Generator,
    n: int,
    log_disc_mass_range: tuple[float, float],
    scale_length: Relation,
    halo_mass: Relation,
    concentration: Relation,
    log_core_radius_range: tuple[float, float] | None = None,
) -> np.ndarray:
    """Draw n galaxies: disc masses, and core radii if there is a range of them, log-uniform, the rest from relations.

    Scale length and halo mass follow the disc mass [Msun], the concentration follows the halo mass [Msun].

    Returns
    -------
    (n, 4) or, with cores, (n, 5) float64, columns as in `parameters_of_galaxies`.
    """
    log_disc_mass = random.uniform(*log_disc_mass_range, size=max(n, BLOCK))[:n]
    scatter = random.standard_normal((max(n, BLOCK), 3))[:n]
    log_scale_length = scale_length.mean(log_disc_mass) + scale_length.scatter * scatter[:, 0]
    log_halo_mass = halo_mass.mean(log_disc_mass) + halo_mass.scatter * scatter[:, 1]
    log_concentration = concentration.mean(log_halo_mass) + concentration.scatter * scatter[:, 2]
    galaxies = [log_disc_mass, log_halo_mass, log_scale_length, log_concentration]
    if log_core_radius_range:  # drawn last: the other numbers are the same with and without cores
        galaxies.append(random.uniform(*log_core_radius_range, size=max(n, BLOCK))[:n])
    return np.column_stack(galaxies)


@dataclass(frozen=True)
class Line:
    """A straight line y = zero_point + slope (x - pivot) with normal scatter; each as (value, standard error)."""

    slope: tuple[float, float]
    zero_point: tuple[float, float]
    scatter: tuple[float, float]


def fit_line(x: np.ndarray, y: np.ndarray, pivot: float, central: bool = False) -> Line:
    """Ordinary least squares of y (n,) on x (n,); all NaN for n < 3.

    The scatter is the standard deviation about the line or, with `central`, half of the range that holds the central
    68 % of the deviations: the same for many normal ones, and the tails do not rule it.
    """
    if len(x) < 3:
        return Line(*[(np.nan, np.nan)] * 3)
    n, away = len(x), x - x.mean()
    squares = np.sum(away**2)
    slope = np.sum(away * y) / squares
    zero_point = y.mean() + slope * (pivot - x.mean())
    deviation = y - zero_point - slope * (x - pivot)
    scatter = np.sqrt(np.sum(deviation**2) / (n - 2))
    if central:
        low, high = np.quantile(deviation, ONE_SIGMA, method="median_unbiased")
        spread, efficiency = (high - low) / 2.0 * np.sqrt(n / (n - 2)), ONE_SIGMA_EFFICIENCY
    else:
        spread, efficiency = scatter, 1.0
    return Line(
        (slope, scatter / np.sqrt(squares)),
        (zero_point, scatter * np.sqrt(1.0 / n + (pivot - x.mean()) ** 2 / squares)),
        (spread, spread / np.sqrt(2.0 * efficiency * (n - 2))),
    )
