"""Densities of the latent code, to draw new codes from. Every one of them is a Gaussian mixture.

`normal`      independent normals with mean and standard deviation of the posterior means (the original)
`multinormal` one normal with mean and covariance of the aggregate posterior
`prior`       the standard normal prior of the autoencoder
`mixture`     as many normals as a held-out part of the aggregate posterior asks for
"""

import numpy as np
from threadpoolctl import threadpool_limits

from rotcurves import streams
from rotcurves.density import GaussianMixture

# Draws that a mixture is fitted to and tested on, and the numbers of components that are tried.
MIXTURE_DRAWS = 50_000
MIXTURE_COMPONENTS = (1, 3, 10, 30, 100)


def one_normal(mean: np.ndarray, covariance: np.ndarray) -> GaussianMixture:
    """A single normal as a mixture of one."""
    return GaussianMixture(np.ones(1), mean[None], np.linalg.cholesky(covariance)[None])


def normal(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """Independent normals with the mean and standard deviation of the posterior means (n, d)."""
    return GaussianMixture(np.ones(1), mean.mean(0)[None], np.diag(mean.std(0))[None])


def multinormal(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """One normal with the mean and covariance of the aggregate posterior.

    The covariance of the posterior means (n, d) plus the mean of the posterior covariances L L^T.
    """
    within = np.einsum("nij,nkj->ik", scale_tril, scale_tril) / len(mean)
    return one_normal(mean.mean(0), np.cov(mean.T, bias=True).reshape(within.shape) + within)


def prior(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """The standard normal prior, whatever the codes are."""
    d = mean.shape[1]
    return one_normal(np.zeros(d), np.eye(d))


def mixture(mean: np.ndarray, scale_tril: np.ndarray, seed: int) -> GaussianMixture:
    """Gaussian mixture fitted to draws from the posteriors of random curves.

    A fifth of the curves is held out; more components are tried as long as they make its codes likelier.
    """
    from sklearn.mixture import GaussianMixture as Fit  # takes a second to import: only where it is used

    threadpool_limits(1)  # it has just brought threads of its own

    random = streams.generator(seed, streams.Stream.DENSITY_FIT)
    curves = random.permutation(len(mean))
    held_out, fitted = np.split(curves, [max(1, len(mean) // 5)])
    held_out, fitted = (
        mean[chosen] + np.einsum("nij,nj->ni", scale_tril[chosen], random.standard_normal((len(chosen), mean.shape[1])))
        for chosen in (np.resize(part, MIXTURE_DRAWS) for part in (held_out, fitted))
    )
    best, likelihood = None, -np.inf
    for components in MIXTURE_COMPONENTS:
        density = Fit(components, random_state=seed).fit(fitted)
        if density.score(held_out) <= likelihood:
            break
        best, likelihood = density, density.score(held_out)
    return GaussianMixture(best.weights_, best.means_, np.linalg.cholesky(best.covariances_))


SAMPLERS = {"normal": normal, "multinormal": multinormal, "prior": prior, "mixture": mixture}
