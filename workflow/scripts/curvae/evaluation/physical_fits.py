"""Metrics against the forward model, of simulated curves: nearest physical curves and scaling relations."""

from collections.abc import Mapping

import numpy as np

from curvae.galaxies import scaling
from curvae.galaxies.fitting import nearest_physical_curves
from curvae.galaxies.rotation import ForwardModel

# What a file of simulated curves says about their forward model, and about the relations that they were drawn from.
SETTINGS = tuple(dict.fromkeys((*ForwardModel.__dataclass_fields__, *scaling.SETTINGS)))
# Only so many curves are fitted, the first: the relations are then known well enough, and a fit takes half a
# millisecond.
FITTED = 2000


def inputs(settings: Mapping) -> dict:
    """What the relations of `relations_of` are in the simulation, from `settings` as there."""
    names = [f"{name}_{part}" for name in scaling.RELATIONS for part in ("slope", "zero_point", "scatter")]
    return {f"relation_{name}": (settings[name], None) for name in names}


def physical_metrics(
    velocity: np.ndarray, radius: np.ndarray, settings: Mapping
) -> tuple[dict, np.ndarray, np.ndarray]:
    """Metrics of the first FITTED curves (n, m) [km/s] over radii (m,) [kpc], by name: (value, standard error or None).

    `settings` has the values of SETTINGS by name. Returns these, and the parameters (n, p) and distances (n,) [km/s] of
    the nearest physical curves.
    """
    parameters, rmse = nearest_physical_curves(velocity[:FITTED], radius, ForwardModel.from_settings(settings))
    return distance_metrics(rmse) | relations_of(parameters, settings), parameters, rmse


def relations_of(parameters: np.ndarray, settings: Mapping, central: bool = False) -> dict:
    """Scaling relations of parameters (n, p), with the range of disc masses and the pivots of `settings`.

    Only galaxies in the range of disc masses count: a disc that hardly adds to its curve is fitted with any mass and
    size, and a few such outliers would rule the scatter. Selection by the abscissa biases no line. Curves that could
    not be fitted are left out, too; `relation_share_outside` is the share of both. `central` as in `scaling.fit_line`.
    """
    low, high = (settings[name] for name in scaling.MASS_RANGE)
    chosen = np.isfinite(parameters).all(1) & (parameters[:, 0] >= low) & (parameters[:, 0] <= high)
    outside = 1.0 - chosen.mean()
    measured = {}
    for name, relation in scaling.relations(settings).items():
        x, y = (parameters[chosen, column] for column in scaling.RELATIONS[name])
        line = scaling.fit_line(x, y, relation.pivot, central=central)
        measured |= {f"relation_{name}_{part}": result for part, result in vars(line).items()}
    return {"relation_share_outside": (outside, np.sqrt(outside * (1.0 - outside) / len(chosen))), **measured}


def distance_metrics(rmse: np.ndarray) -> dict:
    """Distances (n,) to the nearest physical curve [km/s]: the median and the 90 % quantile."""
    # A quantile that interpolates would make undefined numbers of infinite distances.
    median, p90 = np.quantile(rmse, [0.5, 0.9], method="higher")
    return {"physical_distance_kms_median": (median, None), "physical_distance_kms_p90": (p90, None)}
