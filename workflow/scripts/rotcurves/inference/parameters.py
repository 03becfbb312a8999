"""Parameters of inferred curves: from the code, made exact by the forward model where there is one."""

from collections.abc import Sequence

import numpy as np
import torch

from rotcurves.galaxies.fitting import curves_and_jacobian, damped_step, within_limits
from rotcurves.model.network import VAE
from rotcurves.runtime.rows import pieces

GAUSS_NEWTON_STEPS, DAMPING = 6, 1e-5  # at most: the cubic of the code is off by some hundredths of a dex
SHORT_STEP = 3e-3  # dex: one so short was the last
LEAST_WITHIN = 0.2  # share of the draws of a galaxy that the prior may be of
CURVES_AT_ONCE = 2048  # curves at once: bounds the memory


def parameters_of(
    model: VAE, code: np.ndarray, velocity: np.ndarray, constants: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (n, p) of codes (n, d), and how far their physical curves are from the decoded ones, relative (n,).

    `velocity` (n, m) [km/s] are the decoded curves at the model's radii, `constants` those of the forward model;
    without them the parameters are those of the regression in the model, and no distance is known: NaN.
    """
    parameters = model.to_parameters(torch.as_tensor(code)).numpy()
    if constants is None:
        return parameters, np.full(len(code), np.nan)
    radius, distance = model.radius.numpy(), np.empty(len(code))
    parameters = within_limits(parameters)
    for rows in pieces(len(code), CURVES_AT_ONCE):
        left = np.arange(rows.start, rows.stop)
        for _ in range(GAUSS_NEWTON_STEPS):
            target = velocity[left].astype(np.float64)
            curve, jacobian = curves_and_jacobian(parameters[left], radius, *constants)
            moved = within_limits(parameters[left] + damped_step(jacobian, target - curve, np.full(len(left), DAMPING)))
            step = moved - parameters[left]
            parameters[left] = moved
            # Where the step is short, its curve is known without another.
            off = target - curve - (jacobian @ step[:, :, None])[:, :, 0]
            distance[left] = np.sqrt(np.square(off).mean(1) / np.square(target).mean(1))
            left = left[np.abs(step).max(1) > SHORT_STEP]
            if not len(left):
                break
    return parameters, distance


def within_prior(
    log_disc_mass: np.ndarray, limits: Sequence[float], random: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Indices (n,) of draws, with others in place of those whose disc masses (n,) were not simulated; their share.

    The simulated masses end sharply, a density of codes does not. Where hardly a draw lies within, all are kept: such a
    galaxy is not one of the prior, and is flagged.
    """
    within = (log_disc_mass >= limits[0]) & (log_disc_mass <= limits[1])
    outside = float(1.0 - within.mean())
    if 1.0 - outside < LEAST_WITHIN:
        return np.arange(len(within)), outside
    return np.where(within, np.arange(len(within)), random.choice(np.flatnonzero(within), len(within))), outside
