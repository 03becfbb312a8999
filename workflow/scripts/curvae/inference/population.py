"""The population behind a survey: a Gaussian mixture of codes that the posteriors of its galaxies ask for.

Extreme deconvolution (Bovy, Hogg & Roweis 2011, Ann. Appl. Stat. 5, 1657) by importance weights (Hogg, Myers & Bovy
2010, ApJ 725, 2166). Of each galaxy i there are draws z_ij of its posterior under a broad prior h, and its evidence
under it. A population p has the likelihood of the survey, over that of h,

    prod_i mean_j p(z_ij) / h(z_ij).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import logsumexp

from curvae.densities.em import components_of, features, responsibilities
from curvae.densities.mixtures import GaussianMixture
from curvae.inference.error_models import SCATTER, ErrorModel
from curvae.inference.generator import Generator
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.posteriors import LOG_SCATTER, read_draws, reading_posteriors

EM_STEPS = 150  # of expectation maximisation
STEPS_COMPARED, LEAST_GAIN = 10, 1e-4  # it ends when so many steps change the likelihood by less [nats a galaxy]
# Each covariance is regularised as if this many more galaxies of variance SEEN_VARIANCE had been seen, in units where
# the draws of all galaxies have unit covariance. Otherwise components collapse onto single galaxies.
PRIOR_GALAXIES, SEEN_VARIANCE = 5.0, 1e-2
NARROWEST = 0.15  # first width of a component
# Of importance sampling. A fit needs few draws of each galaxy, so these limits are looser than those of the flags.
LEAST_ESS, HIGHEST_K = 100, 1.0
# Draws of a galaxy in a fit: for each galaxy of the survey, and limits.
DRAWS_FOR_A_GALAXY, LEAST_DRAWS, MOST_DRAWS = 0.5, 64, 256
LEAST_SHARE = 1e-9  # of the variance of all codes, in any direction
FEWEST_GALAXIES, FOR_A_COMPONENT = 10, 42  # galaxies of a population; k components need 42 k^2 galaxies
OUTLIER_SHARE = 0.01  # of the prior in a population that is tested: one unusual galaxy costs at most 4.6 nats


@dataclass(frozen=True)
class Draws:
    """Draws (n, j, d) from the posteriors of n galaxies, and the log density (n, j) of their prior there.

    A draw is a code and, where the scatter of the observations is free, the logarithm of it.
    """

    code: np.ndarray
    log_prior: np.ndarray

    def of(self, galaxies: np.ndarray) -> "Draws":
        """The draws of some galaxies, given by their indices (m,)."""
        return Draws(self.code[galaxies], self.log_prior[galaxies])

    def first(self, j: int) -> "Draws":
        """The first j draws of each galaxy."""
        return Draws(self.code[:, :j], self.log_prior[:, :j])

    def log_likelihood(self, population: GaussianMixture) -> np.ndarray:
        """ln of the evidence (n,) of each galaxy under a population over that under the prior [nats]."""
        n, j, d = self.code.shape
        ratio = population.log_prob(self.code.reshape(-1, d)).reshape(n, j) - self.log_prior
        return logsumexp(ratio, axis=1) - np.log(j)


def fit(draws: Draws, k: int, random: np.random.Generator) -> GaussianMixture:
    """The mixture of k normals of highest likelihood, its covariances regularised; fewer where few galaxies ask for k.

    Starts at draws chosen at random. With few galaxies it takes few draws of each, or it would take single posteriors
    for structure of the population.
    """
    draws = draws.first(int(np.clip(DRAWS_FOR_A_GALAXY * len(draws.code), LEAST_DRAWS, MOST_DRAWS)))
    n, j, d = draws.code.shape
    codes = draws.code.reshape(-1, d).astype(np.float64)
    covariance = np.cov(codes.T).reshape(d, d)
    covariance += LEAST_SHARE * np.trace(covariance) * np.eye(d)
    origin, scale = codes.mean(0), np.linalg.cholesky(covariance)
    z = np.linalg.solve(scale, (codes - origin).T).T
    x = features(z).astype(np.float32)
    log_prior = draws.log_prior + np.log(np.diag(scale)).sum()
    width = max(k ** (-2.0 / d), NARROWEST) if k > 1 else 1.0
    parts = np.full(k, 1.0 / k), z[random.choice(len(z), k, replace=False)], np.tile(width * np.eye(d), (k, 1, 1))
    before = -np.inf
    for step in range(EM_STEPS):
        share, log_prob = responsibilities(x, *parts)
        ratio = log_prob.reshape(n, j) - log_prior
        likelihood = logsumexp(ratio, axis=1)
        weight = np.exp(ratio - likelihood[:, None]).reshape(-1, 1)
        moments = ((share * weight.astype(np.float32)).T @ x).astype(np.float64)
        parts = regularised(moments, d)
        if step % STEPS_COMPARED == 0:  # not one step: a component that goes takes some likelihood with it
            if abs(likelihood.mean() - before) < LEAST_GAIN:
                break
            before = likelihood.mean()
    return GaussianMixture.standardised(*parts, origin, scale)


def regularised(moments: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights (k,), means (k, d) and covariances (k, d, d) of mean features, each times the galaxies of a component."""
    galaxies = moments[:, 0]
    moments = moments[(galaxies > d + 1.0) | (galaxies == galaxies.max())]
    galaxies = moments[:, 0, None, None]
    weight, mean, covariance = components_of(moments, d)
    covariance = (galaxies * covariance + PRIOR_GALAXIES * SEEN_VARIANCE * np.eye(d)) / (galaxies + PRIOR_GALAXIES)
    return weight, mean, covariance


def bootstrap_fits(draws: Draws, k: int, fits: int, random: np.random.Generator) -> list[GaussianMixture]:
    """Fits to as many galaxies each, drawn with replacement: their mean is steadier than one fit.

    Their differences are the error of the population (bootstrap; Efron 1979).
    """
    n = len(draws.code)
    return [fit(draws.of(random.integers(0, n, n)), k, random) for _ in range(fits)]


def mean_of(mixtures: Sequence[GaussianMixture]) -> GaussianMixture:
    """The mean of several densities."""
    weight = np.concatenate([mixture.weight for mixture in mixtures]) / len(mixtures)
    mean, scale_tril = (np.concatenate([getattr(part, name) for part in mixtures]) for name in ("mean", "scale_tril"))
    return GaussianMixture(weight, mean, scale_tril)


def scatter_of(population: GaussianMixture) -> dict[str, float]:
    """What `ErrorModel` needs of a free scatter: mean and standard deviation of its logarithm, the last coordinate."""
    weight, mean = population.weight, population.mean[:, -1]
    middle = weight @ mean
    variance = weight @ (np.square(population.scale_tril[:, -1]).sum(1) + np.square(mean - middle))
    return {"log_scatter": float(middle), "scatter_width": float(np.sqrt(variance))}


def held_out(draws: Draws, k: int, folds: int, random: np.random.Generator, fits: int = 1) -> np.ndarray:
    """ln evidence (n,) of each galaxy under the population of the others, over that under the prior [nats].

    The population is one fit, or the mean of several to galaxies drawn with replacement. It includes OUTLIER_SHARE of
    the prior; otherwise one galaxy unlike all others would dominate the mean.
    """
    folds = min(folds, len(draws.code))
    fold = random.permutation(len(draws.code)) % folds
    gain = np.empty(len(fold))
    for number in range(folds):
        left_out = fold == number
        others = draws.of(~left_out)
        population = fit(others, k, random) if fits == 1 else mean_of(bootstrap_fits(others, k, fits, random))
        gain[left_out] = draws.of(left_out).log_likelihood(population)
    return np.logaddexp(np.log1p(-OUTLIER_SHARE) + gain, np.log(OUTLIER_SHARE))


def components_for(galaxies: int, most: int) -> int:
    """Number of components for so many galaxies: more would follow their noise."""
    return max(1, min(most, round((galaxies / FOR_A_COMPONENT) ** 0.5)))


def read_draws_of(path: str | Path, generator: Generator) -> tuple[Draws, np.ndarray, list[str]]:
    """The draws of each galaxy of a file of posteriors that was well sampled.

    `generator` has the prior of the codes. Returns which of all galaxies (n,) these are, too, and the names of all.
    Raises UserError, naming the file, if they are fewer than FEWEST_GALAXIES.
    """
    d = generator.d
    with reading_posteriors(path) as (names, file):
        usable = (file["ess"][...] >= LEAST_ESS) & (file["pareto_k"][...] <= HIGHEST_K)
        if usable.sum() < FEWEST_GALAXIES:
            raise UserError(f"{path}: holds {usable.sum()} well sampled galaxies, expected at least {FEWEST_GALAXIES}")
        if file["code"].shape[2] != d:
            raise UserError(f"{path}: its codes have {file['code'].shape[2]} latents, expected {d}")
        rows = [slice(i, i + 1) for i in np.flatnonzero(usable)]
        code = np.concatenate([read_draws(path, file, "code", row) for row in rows])
        extra = np.empty((*code.shape[:2], 0))
        if LOG_SCATTER in file:
            extra = np.concatenate([read_draws(path, file, LOG_SCATTER, row)[:, :, None] for row in rows])
    n, j, _ = code.shape
    log_prior = generator.density.log_prob(code.reshape(n * j, d).astype(np.float64))
    log_prior += ErrorModel(SCATTER).log_prior(extra.reshape(n * j, -1))
    return Draws(np.concatenate([code, extra], 2), log_prior.reshape(n, j)), usable, names


def write_fits(path: str | Path, fits: Sequence[GaussianMixture], left_out: Sequence[str], **attributes) -> None:
    """Write fits of a population (HDF5), and the names of the galaxies that they leave out."""
    whole = mean_of(fits)
    with hdf5.create(path) as writer:
        writer.attributes(**attributes, left_out=", ".join(left_out))
        d = whole.mean.shape[1]
        writer.counted(component=len(whole.weight), coordinate=d, noise=d)
        member = np.repeat(np.arange(1, len(fits) + 1), [len(fit.weight) for fit in fits])
        writer.dataset("fit", ("component",), "i8", "1", "fit that a component belongs to")[...] = member
        for name, axes, values in (
            ("weight", ("component",), whole.weight),
            ("component_mean", ("component", "coordinate"), whole.mean),
            ("component_scale_tril", ("component", "coordinate", "noise"), whole.scale_tril),
        ):
            writer.dataset(name, axes, "f8", "1", "density of codes and extra scatter: a mixture")[...] = values


def read_fits(path: str | Path, d: int) -> list[GaussianMixture]:
    """The fits of a population of d latents from its file. Raises UserError, naming the file."""
    n, c = "component", "coordinate"
    with hdf5.reading(path, fit=(n,), weight=(n,), component_mean=(n, c), component_scale_tril=(n, c, c)) as file:
        member, *values = (file[name][...] for name in ("fit", "weight", "component_mean", "component_scale_tril"))
    hdf5.check_finite(path, *values)
    if values[1].shape[1] not in (d, d + 1):
        raise UserError(f"{path}: its fits have {values[1].shape[1]} coordinates, expected {d} or {d + 1}")
    fits = [GaussianMixture(*(value[member == one] for value in values)) for one in np.unique(member)]
    return [GaussianMixture(fit.weight / fit.weight.sum(), fit.mean, fit.scale_tril) for fit in fits]
