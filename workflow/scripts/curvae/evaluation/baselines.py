"""Generators without a network, as yardsticks: principal components of ln v, and a density of their scores."""

import numpy as np
from sklearn.decomposition import PCA

from curvae.densities.em import fit_mixtures
from curvae.densities.files import sample
from curvae.densities.mixtures import GaussianMixture
from curvae.densities.samplers import independent_normals
from curvae.evaluation.two_sample import log_velocity
from curvae.runtime import streams

MIXTURE_COMPONENTS = 5, 20


def generate(log_v: np.ndarray, k: int, density, n: int, seed: int) -> np.ndarray:
    """n new curves (n, m) [km/s] from k principal components of ln v of training curves, and a density of these.

    `density` makes a Gaussian mixture of the scores (n_train, k) and a seed.
    """
    components = PCA(min(k, log_v.shape[1]), svd_solver="covariance_eigh")
    scores = components.fit_transform(log_v)
    return np.exp(components.inverse_transform(sample(density(scores, seed), n, seed)))


def mixture_of_rows(scores: np.ndarray, seed: int) -> GaussianMixture:
    """Gaussian mixture of the last of MIXTURE_COMPONENTS normals fitted to the scores (n, k)."""
    random = streams.generator(seed, streams.Stream.DENSITY_FIT)
    *_, density = fit_mixtures(lambda size: random.choice(scores, size), MIXTURE_COMPONENTS)
    return density


# Number of principal components, and the density of their scores.
GENERATORS = {"pca4_gaussian": (4, lambda rows, seed: independent_normals(rows)), "pca6_mixture": (6, mixture_of_rows)}


def generate_all(velocity: np.ndarray, n: int, seed: int) -> dict[str, np.ndarray]:
    """n curves of each baseline by name, from training curves (n_train, m) [km/s]."""
    log_v = log_velocity(velocity)
    return {name: generate(log_v, k, density, n, seed) for name, (k, density) in GENERATORS.items()}
