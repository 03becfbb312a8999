"""Densities of the latent code, to draw new codes from. Every one of them is a Gaussian mixture.

`diagonal_gaussian`      independent normals with mean and standard deviation of the posterior means (the original)
`full_gaussian` one normal with mean and covariance of the aggregate posterior
`standard_normal`       the standard normal prior of the autoencoder
`gaussian_mixture`     Gaussian mixture of the aggregate posterior, its size chosen by held-out log-likelihood
"""

import numpy as np

from curvae.densities.em import fit_mixtures
from curvae.densities.mixtures import GaussianMixture
from curvae.runtime import streams

# Numbers of components that are tried, and codes that choose between them.
MIXTURE_COMPONENTS = (1, 3, 10, 30, 100, 300)
HELD_OUT_CODES = 20_000
UNUSED = 0.01  # variance of the posterior means of a latent that no curve moves


def used_latents(mean: np.ndarray) -> np.ndarray:
    """Indices of the latents that curves move, given by their posterior means (n, d).

    Those whose means vary by more than UNUSED (Burda, Grosse & Salakhutdinov 2016, section 5.2).
    """
    return np.flatnonzero(mean.var(0) > UNUSED)


def one_normal(mean: np.ndarray, covariance: np.ndarray) -> GaussianMixture:
    """A single normal as a mixture of one."""
    return GaussianMixture(np.ones(1), mean[None], np.linalg.cholesky(covariance)[None])


def independent_normals(rows: np.ndarray) -> GaussianMixture:
    """Independent normals with the mean and standard deviation of rows (n, d)."""
    return GaussianMixture(np.ones(1), rows.mean(0)[None], np.diag(rows.std(0))[None])


def diagonal_gaussian(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """Independent normals with the mean and standard deviation of the posterior means (n, d)."""
    return independent_normals(mean)


def full_gaussian(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """One normal with the mean and covariance of the aggregate posterior.

    The covariance of the posterior means (n, d) plus the mean of the posterior covariances L L^T.
    """
    within = np.einsum("nij,nkj->ik", scale_tril, scale_tril) / len(mean)
    return one_normal(mean.mean(0), np.cov(mean.T, bias=True).reshape(within.shape) + within)


def standard_normal(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """The standard normal prior, whatever the codes are."""
    d = mean.shape[1]
    return one_normal(np.zeros(d), np.eye(d))


def gaussian_mixture(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """Gaussian mixture fitted to draws from the posteriors of random curves.

    A fifth of the curves is held out; the number of components grows as long as the log-likelihood of its codes does.
    Latents that no curve moves keep their prior, the standard normal.
    """
    used = used_latents(mean)
    if not len(used):
        return standard_normal(mean, scale_tril, seed)
    random = streams.generator(seed, streams.Stream.DENSITY_FIT)
    held_out, fitted = np.split(random.permutation(len(mean)), [max(1, len(mean) // 5)])

    def draw(n: int, curves: np.ndarray = fitted) -> np.ndarray:
        chosen = random.choice(curves, n)
        noise = np.einsum("nij,nj->ni", scale_tril[chosen], random.standard_normal((n, mean.shape[1])))
        return (mean[chosen] + noise)[:, used]

    unseen = draw(HELD_OUT_CODES, held_out)
    best, likelihood = None, -np.inf
    for density in fit_mixtures(draw, MIXTURE_COMPONENTS):
        new = density.log_prob(unseen).mean()
        if not new > likelihood:
            break
        best, likelihood = density, new
    return embedded(best, used, mean.shape[1])


def embedded(density: GaussianMixture, used: np.ndarray, d: int) -> GaussianMixture:
    """A mixture of the used latents as one of all d: the others are standard normal."""
    k = len(density.weight)
    mean, scale_tril = np.zeros((k, d)), np.tile(np.eye(d), (k, 1, 1))
    mean[:, used] = density.mean
    scale_tril[np.ix_(range(k), used, used)] = density.scale_tril
    return GaussianMixture(density.weight, mean, scale_tril)


SAMPLERS = {
    "diagonal_gaussian": diagonal_gaussian,
    "full_gaussian": full_gaussian,
    "standard_normal": standard_normal,
    "gaussian_mixture": gaussian_mixture,
}
