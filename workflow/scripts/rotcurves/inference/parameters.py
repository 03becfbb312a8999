"""Parameters of inferred curves: from the code, made exact by the forward model where there is one."""

from collections.abc import Sequence

import numpy as np
import torch

from rotcurves.galaxies.fitting import curves_and_jacobian, damped_step, within_limits
from rotcurves.model.network import VAE

GAUSS_NEWTON_STEPS, DAMPING = 3, 1e-4  # of Gauss-Newton: the cubic of the code is off by some hundredths of a dex
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
    for start in range(0, len(code), CURVES_AT_ONCE):
        rows = slice(start, start + CURVES_AT_ONCE)
        found, v = within_limits(parameters[rows]), velocity[rows].astype(np.float64)
        for _ in range(GAUSS_NEWTON_STEPS):
            curve, jacobian = curves_and_jacobian(found, radius, *constants)
            step = damped_step(jacobian, v - curve, np.full(len(v), DAMPING))
            found = within_limits(found + step)
        curve, _ = curves_and_jacobian(found, radius, *constants)
        parameters[rows] = found
        distance[rows] = np.sqrt(np.square(v - curve).mean(1) / np.square(v).mean(1))
    return parameters, distance
