"""Generators without a network, as yardsticks: principal components of ln v, and a density of their coefficients."""

import numpy as np
from sklearn.mixture import GaussianMixture as MixtureFit

from rotcurves.density import GaussianMixture
from rotcurves.files import pieces
from rotcurves.metrics import log_velocity
from rotcurves.representation import Moments

MIXTURE_COEFFICIENTS, MIXTURE_COMPONENTS = 6, 20
MIXTURE_CURVES = 20_000  # that a mixture is fitted to, the first


def principal_components(velocity: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (m,) of ln v over curves (n, m) [km/s], and their k leading principal components (m, k)."""
    moments = Moments(velocity.shape[1])
    for rows in pieces(len(velocity)):
        moments.add(log_velocity(velocity[rows]))
    return moments.mean, np.linalg.eigh(moments.covariance)[1][:, : -k - 1 : -1]


def normal(coefficients: np.ndarray, seed: int) -> GaussianMixture:
    """Independent normals of the coefficients (n, k), as the original experiment draws its codes."""
    mean, std = coefficients.mean(0), coefficients.std(0)
    return GaussianMixture(np.ones(1), mean[None], np.diag(std)[None])


def mixture(coefficients: np.ndarray, seed: int) -> GaussianMixture:
    """Gaussian mixture of the coefficients (n, k)."""
    fit = MixtureFit(MIXTURE_COMPONENTS, random_state=seed).fit(coefficients[:MIXTURE_CURVES])
    return GaussianMixture(fit.weights_, fit.means_, np.linalg.cholesky(fit.covariances_))


def generate(velocity: np.ndarray, k: int, density, n: int, seed: int) -> np.ndarray:
    """n new curves (n, m) [km/s] from k principal components of training curves and a density of their coefficients."""
    mean, vectors = principal_components(velocity, k)
    coefficients = (log_velocity(velocity) - mean) @ vectors
    return np.exp(mean + density(coefficients, seed).sample(n, seed) @ vectors.T)


def generate_all(velocity: np.ndarray, latent_dimension: int, n: int, seed: int) -> dict[str, np.ndarray]:
    """n curves of each baseline by name, from training curves (n_train, m) [km/s]."""
    return {
        "pca_normal": generate(velocity, latent_dimension, normal, n, seed),
        "pca6_mixture": generate(velocity, MIXTURE_COEFFICIENTS, mixture, n, seed),
    }
