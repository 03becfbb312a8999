"""Metrics against the forward model, of simulated curves: nearest physical curves and scaling relations."""

import math

import numpy as np

from curvae.galaxies import rotation, scaling
from curvae.galaxies.fitting import nearest_physical_curves

# What a file of simulated curves says about their forward model, and about the relations that they were drawn from.
SETTINGS = (*rotation.CONSTANTS, *scaling.SETTINGS)


# Curves that are fitted, the first: relations are known well enough from them, and a fit takes half a millisecond.
FITTED = 2000


def inputs(settings: dict) -> dict:
    """What the relations of `relation_metrics` are in the simulation, from `settings` as there."""
    names = [f"{name}_{part}" for name in scaling.RELATIONS for part in ("slope", "zero_point", "scatter")]
    return {f"relation_{name}": (settings[name], None) for name in names}


def physical_metrics(
    velocity: np.ndarray, radius: np.ndarray, settings: dict, cores: bool
) -> tuple[dict, np.ndarray, np.ndarray]:
    """Metrics of the first FITTED curves (n, m) [km/s] over radii (m,) [kpc], by name: (value, standard error or None).

    `settings` has the values of SETTINGS by name, `cores` tells whether haloes have cores. Returns these, and the
    parameters (n, p) and distances (n,) [km/s] of the nearest physical curves.
    """
    constants = (settings[name] for name in rotation.CONSTANTS)
    parameters, rmse = nearest_physical_curves(velocity[:FITTED], radius, *constants, cores=cores)
    return distance_metrics(rmse) | relations_of(parameters, settings), parameters, rmse


def relations_of(parameters: np.ndarray, settings: dict, central: bool = False) -> dict:
    """Scaling relations of parameters (n, p), with the range and the pivots of `settings` (see `relation_metrics`)."""
    concentration_pivot = settings["concentration_pivot"] - math.log10(settings["hubble_constant"] / 100.0)  # Msun
    mass_range = tuple(settings[name] for name in scaling.MASS_RANGE)
    pivots = settings["log_disc_mass_pivot"], concentration_pivot
    return relation_metrics(parameters, mass_range, *pivots, central=central)


def relation_metrics(
    parameters: np.ndarray,
    log_disc_mass_range: tuple[float, float],
    log_disc_mass_pivot: float,
    concentration_pivot: float,
    central: bool = False,
) -> dict:
    """Scaling relations of parameters (n, p), columns as in `scaling.NAMES`; range and pivots in log10 Msun.

    Only of galaxies in the range of disc masses: a disc that hardly adds to its curve is fitted with any mass and
    size, and a few such outliers would rule the scatter. Selection by the abscissa biases no line. Curves that could
    not be fitted are left out too: `relation_share_outside` is the share of both. `central` as in `scaling.fit_line`.
    """
    low, high = log_disc_mass_range
    chosen = np.isfinite(parameters).all(1) & (parameters[:, 0] >= low) & (parameters[:, 0] <= high)
    outside = 1.0 - chosen.mean()
    metrics = {"relation_share_outside": (outside, np.sqrt(outside * (1.0 - outside) / len(chosen)))}
    for name, (i, j) in scaling.RELATIONS.items():
        pivot = concentration_pivot if name == "concentration" else log_disc_mass_pivot
        line = scaling.fit_line(parameters[chosen, i], parameters[chosen, j], pivot, central=central)
        metrics |= {f"relation_{name}_{part}": result for part, result in vars(line).items()}
    return metrics


def distance_metrics(rmse: np.ndarray) -> dict:
    """Distances (n,) to the nearest physical curve [km/s]: the median and the 90 % quantile."""
    # A quantile that interpolates would make undefined numbers of infinite distances.
    median, p90 = np.quantile(rmse, [0.5, 0.9], method="higher")
    return {"physical_distance_kms_median": (median, None), "physical_distance_kms_p90": (p90, None)}
