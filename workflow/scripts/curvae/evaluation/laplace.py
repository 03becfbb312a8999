"""The true posterior of a code in a given decoder, as a normal distribution at its mode, and how far an encoder is off.

For curves x = g(z) + sigma noise and a standard normal prior the precision at the mode z* is 1 + J^T J / sigma^2, J the
Jacobian of the decoder there (Laplace's approximation; exact for a linear decoder, and nearly so where sigma is small).
"""

import copy

import torch
from torch import Tensor, nn

from curvae.model.network import VAE

NEWTON_STEPS, LONGEST_MOVE = 12, 0.3  # of Gauss-Newton from the encoder's mean


def true_posterior(model: VAE, coefficients: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """Modes (n, d) and precisions (n, d, d), float64, of the codes of coefficients (n, k), sought from codes (n, d)."""
    decoder, x, z = copy.deepcopy(model.decoder).double(), coefficients.double(), start.double()
    variance, identity = model.sigma.double() ** 2, torch.eye(z.shape[1], dtype=torch.float64)
    for _ in range(NEWTON_STEPS):
        decoded, slope = decoded_and_slope(decoder, z)
        precision = slope.mT @ slope / variance + identity
        gradient = (slope.mT @ (x - decoded)[:, :, None])[:, :, 0] / variance - z
        z = z + torch.linalg.solve(precision, gradient).clamp(-LONGEST_MOVE, LONGEST_MOVE)
    _, slope = decoded_and_slope(decoder, z)
    return z, slope.mT @ slope / variance + identity


@torch.enable_grad()
def decoded_and_slope(decoder: nn.Module, code: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients (n, k) of codes (n, d), and their derivatives (n, k, d)."""
    code = code.detach().requires_grad_()
    decoded = decoder(code)
    rows = [torch.autograd.grad(column.sum(), code, retain_graph=True)[0] for column in decoded.T]
    return decoded.detach(), torch.stack(rows, 1)


def largest_correlation(covariance: Tensor) -> Tensor:
    """Largest absolute correlation (n,) between two latents, of covariances (n, d, d)."""
    width = torch.diagonal(covariance, dim1=1, dim2=2).sqrt()
    correlation = (covariance / width[:, :, None] / width[:, None, :]).abs()
    return torch.triu(correlation, diagonal=1).amax((1, 2))


def lost_by_diagonal(precision: Tensor) -> Tensor:
    """KL divergence (n,) [nats] of the best normal with a diagonal covariance from one of precision (n, d, d).

    The variances of the best one are the inverse of the precision's diagonal. A diagonal posterior loses at
    least this much of the bound on the likelihood in this decoder.
    """
    return 0.5 * (torch.diagonal(precision, dim1=1, dim2=2).log().sum(1) - torch.logdet(precision))


def divergence(mean: Tensor, scale_tril: Tensor, mode: Tensor, precision: Tensor) -> tuple[Tensor, Tensor]:
    """The two parts (n,) [nats] of KL(q | p), of the means and of the covariances, for normals q and p."""
    away = (mean - mode)[:, :, None]
    of_means = 0.5 * (away.mT @ precision @ away)[:, 0, 0]
    scaled = precision @ scale_tril @ scale_tril.mT
    trace = torch.diagonal(scaled, dim1=1, dim2=2).sum(1)
    log_det = torch.logdet(precision) + 2.0 * torch.diagonal(scale_tril, dim1=1, dim2=2).log().sum(1)
    return of_means, 0.5 * (trace - mode.shape[1] - log_det)


def squared_distance(code: Tensor, mean: Tensor, scale_tril: Tensor) -> Tensor:
    """Squared Mahalanobis distance (n,) of codes from means: chi squared of d degrees of freedom if calibrated."""
    whitened = torch.linalg.solve_triangular(scale_tril, (code - mean)[:, :, None], upper=False)
    return whitened.square().sum((1, 2))
