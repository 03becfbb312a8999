"""Parameters of inferred curves: from the code, made exact by the forward model where there is one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy.spatial import cKDTree

from curvae.galaxies.fitting import better_fits, doubtful, starting_points
from curvae.galaxies.rotation import ForwardModel
from curvae.model.network import VAE
from curvae.storage.curves import read_attribute, read_attributes

# Where doubtful fits begin again: the best of a grid, and the fits of the nearest curves, compared at some radii.
GRID_STARTS, NEAREST_FITS, COMPARED = 6, 3, 10
LEAST_WITHIN = 0.2  # share of draws with simulated disc masses, below which all draws are kept


def read_forward_model(curves: str | Path) -> ForwardModel | None:
    """The forward model of a file of curves, None where they were not simulated."""
    if read_attribute(curves, "hubble_constant", None) is None:
        return None
    return ForwardModel.from_settings(read_attributes(curves, *ForwardModel.__dataclass_fields__))


def parameters_of(
    model: VAE, code: np.ndarray, velocity: np.ndarray, forward_model: ForwardModel | None
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (n, p) of codes (n, d), and how far their physical curves are from the decoded ones, relative (n,).

    `velocity` (n, m) [km/s] are the decoded curves at the model's radii. Without a forward model the parameters are
    those of the regression in the model, and no distance is known: NaN. A doubtful fit begins again from the grid, and
    from the fits of the curves that are most like its own: draws for one galaxy have much in common.
    """
    if forward_model is None:
        return model.to_parameters(torch.as_tensor(code)).numpy(), np.full(len(code), np.nan)
    # Draws from a posterior are repeated.
    code, first, place = np.unique(code, axis=0, return_index=True, return_inverse=True)
    v, constants = velocity[first].astype(np.float64), (model.radius.numpy(), forward_model)
    start = model.to_parameters(torch.as_tensor(code)).numpy()
    parameters, rmse = better_fits(v, start[None], start, np.full(len(v), np.inf), *constants)
    rows = doubtful(v, rmse)
    starts = starting_points(v[rows], *constants)[:GRID_STARTS]
    parameters[rows], rmse[rows] = better_fits(v[rows], starts, parameters[rows], rmse[rows], *constants)
    size = np.sqrt(np.square(v).mean(1))
    if len(v) > NEAREST_FITS:
        rows, shape = doubtful(v, rmse), (v / size[:, None])[:, :: max(1, v.shape[1] // COMPARED)]
        _, near = cKDTree(shape).query(shape[rows], range(2, NEAREST_FITS + 2))  # the first is the curve itself
        parameters[rows], rmse[rows] = better_fits(
            v[rows], parameters[near.T], parameters[rows], rmse[rows], *constants
        )
    return parameters[place], (rmse / size)[place]


def within_prior(
    log_disc_mass: np.ndarray, limits: Sequence[float], random: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Indices (n,) of draws, others in place of those whose disc masses (n,) were not simulated; the share of these.

    The simulated masses end sharply, a density of codes does not. Where few draws lie within, all are kept: such a
    galaxy is not one of the prior, and is flagged.
    """
    within = (log_disc_mass >= limits[0]) & (log_disc_mass <= limits[1])
    outside = float(1.0 - within.mean())
    if 1.0 - outside < LEAST_WITHIN:
        return np.arange(len(within)), outside
    return np.where(within, np.arange(len(within)), random.choice(np.flatnonzero(within), len(within))), outside
