"""Generators without a network, as yardsticks: principal components of ln v, and a density of their coefficients."""

import numpy as np
from sklearn.decomposition import PCA

from rotcurves.evaluation.two_sample import log_velocity
from rotcurves.runtime import streams
from rotcurves.sampling.em import fit_mixture
from rotcurves.sampling.mixture import GaussianMixture
from rotcurves.sampling.samplers import independent_normals

MIXTURE_COEFFICIENTS, MIXTURE_COMPONENTS = 6, 20


def generate(velocity: np.ndarray, k: int, density, n: int, seed: int) -> np.ndarray:
    """n new curves (n, m) [km/s] from k principal components of training curves and a density of their coefficients.

    `density` makes a Gaussian mixture of the coefficients (n_train, k) and a seed.
    """
    components = PCA(k, svd_solver="covariance_eigh")
    coefficients = components.fit_transform(log_velocity(velocity))
    return np.exp(components.inverse_transform(density(coefficients, seed).sample(n, seed)))


def mixture_of_rows(coefficients: np.ndarray, seed: int) -> GaussianMixture:
    """Gaussian mixture of MIXTURE_COMPONENTS normals fitted to the coefficients (n, k)."""
    random = streams.generator(seed, streams.Stream.DENSITY_FIT)
    return fit_mixture(lambda size: random.choice(coefficients, size), MIXTURE_COMPONENTS)


def generate_all(velocity: np.ndarray, latent_dimension: int, n: int, seed: int) -> dict[str, np.ndarray]:
    """n curves of each baseline by name, from training curves (n_train, m) [km/s]."""
    return {
        "pca_normal": generate(velocity, latent_dimension, lambda rows, _: independent_normals(rows), n, seed),
        "pca6_mixture": generate(velocity, MIXTURE_COEFFICIENTS, mixture_of_rows, n, seed),
    }
