"""The posterior of the code of one observed galaxy, given all its points.

Tempered sequential Monte Carlo (Del Moral, Doucet & Jasra 2006) from draws from the prior, decoded once for all
galaxies; its moves are those of differential evolution (ter Braak 2006). Then importance sampling from
Student-t mixtures of what is known so far, which gives independent draws, the evidence, and a measure of its own trust.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from curvae.densities.em import fit_student_mixture
from curvae.inference.error_models import ErrorModel
from curvae.inference.generator import Generator
from curvae.inference.importance import ess, pareto_k, systematic, weights
from curvae.runtime.rows import COMPUTED_ROWS, pieces
from curvae.storage.observations import Galaxy

PRIOR_DRAWS = 2**14  # draws from the prior
PARTICLES = 500
BISECTIONS = 10  # to find the next power of the likelihood to 2 %
JUMP = 0.1  # share of moves by a whole difference, which lead from mode to mode
FIRST_DRAWS, DRAWS, ROUNDS = 1000, 2000, 8  # draws for each dimension, in the first round and in later ones
COMPONENTS, MORE_COMPONENTS = 6, 2  # of the Student-t mixture, and more of them with every round
ENOUGH, TRUSTED = 1500, 0.7  # effective draws, and Pareto k, that end the rounds
LARGEST_SHARE = 0.02  # of one draw, where a mixture is fitted again
# Weight of the particles in a later fit, while fewer than FEW draws are effective and afterwards.
FEW, PARTICLES_ALONE, PARTICLES_LATER = 200, 0.5, 0.2


@dataclass(frozen=True)
class Posterior:
    """Draws of the code (n, d) and of the parameters of the errors (n, 0 or 1), of equal weight; how good they are."""

    code: np.ndarray
    extra: np.ndarray
    log_evidence: float
    ess: float
    pareto_k: float


class PriorSample:
    """Draws from the prior, decoded: the start of every galaxy, and what is typical."""

    def __init__(self, generator: Generator, random: np.random.Generator, size: int | None = None):
        self.code = generator.density.sample(size or PRIOR_DRAWS, random)
        self.components = generator.decode_components(self.code)
        self._log_density = np.sort(generator.density.log_prob(self.code))

    def prior_density_rank(self, log_density: np.ndarray) -> np.ndarray:
        """Rank (n,), from 0 to 1, of log densities of codes among those of draws from the prior."""
        return np.searchsorted(self._log_density, log_density) / len(self._log_density)


class LogPosterior:
    """Prior and likelihood of points theta (n, d + 0 or 1): a code, and the parameters of the errors."""

    def __init__(self, galaxy: Galaxy, generator: Generator, errors: ErrorModel):
        self.galaxy, self.generator, self.errors = galaxy, generator, errors
        self.interpolator = generator.at(galaxy.radius)
        self.d = generator.d

    def log_likelihood(self, components: np.ndarray, extra: np.ndarray) -> np.ndarray:
        curve = self.interpolator.velocity(components)
        log_likelihood = self.errors.log_likelihood(curve, self.galaxy.velocity, self.galaxy.error, extra)
        return np.where(np.isfinite(log_likelihood), log_likelihood, -1e30)

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log prior (n,) and log likelihood (n,)."""
        code, extra = theta[:, : self.d], theta[:, self.d :]
        prior = self.generator.density.log_prob(code) + self.errors.log_prior(extra)
        return prior, self.log_likelihood(self.generator.decode_components(code), extra)


def infer(
    galaxy: Galaxy,
    generator: Generator,
    prior_sample: PriorSample,
    errors: ErrorModel,
    n: int,
    random: np.random.Generator,
) -> Posterior:
    """n draws from the posterior of a galaxy.

    Adaptive multiple importance sampling (Cornuet et al. 2012, Scand. J. Stat. 39, 798): each round draws from a
    Student-t mixture fitted to all draws before; all are kept, and weighted as draws from the mixture of all proposals.
    """
    target = LogPosterior(galaxy, generator, errors)
    particles = run_smc(target, prior_sample, random)
    points, share = particles, np.full(PARTICLES, 1.0 / PARTICLES)
    theta, log_target, log_proposal, proposals, sizes = np.empty((0, particles.shape[1])), [], [], [], []
    for attempt in range(ROUNDS):
        proposal = fit_student_mixture(points, share, COMPONENTS + MORE_COMPONENTS * attempt, random)
        new = proposal.sample((DRAWS if attempt else FIRST_DRAWS) * particles.shape[1], random)
        # Densities times numbers of draws, summed over all proposals: of old draws and of new ones.
        log_proposal = np.logaddexp(log_proposal, np.log(len(new)) + proposal.log_prob(theta))
        proposals.append(proposal)
        sizes.append(len(new))
        each = [np.log(m) + one.log_prob(new) for m, one in zip(sizes, proposals, strict=True)]
        theta = np.concatenate([theta, new])
        log_proposal = np.concatenate([log_proposal, logsumexp(each, axis=0)])
        log_target = np.concatenate([log_target, np.add(*target(new))])
        log_weight = log_target - log_proposal
        size, k = ess(log_weight), pareto_k(log_weight)
        if size > ENOUGH and k < TRUSTED:
            break
        # No draw alone rules the next fit, and the particles keep every mode in it.
        w = np.minimum(weights(log_weight), LARGEST_SHARE)
        kept, old = w > 1e-7, PARTICLES_ALONE if size < FEW else PARTICLES_LATER
        points = np.concatenate([particles, theta[kept]])
        share = np.concatenate([np.full(PARTICLES, old / PARTICLES), (1.0 - old) * w[kept] / w[kept].sum()])
    drawn = random.permutation(theta[systematic(log_weight, n, random)])
    return Posterior(drawn[:, : target.d], drawn[:, target.d :], float(logsumexp(log_weight)), size, k)


def run_smc(target: LogPosterior, prior_sample: PriorSample, random: np.random.Generator) -> np.ndarray:
    """Particles (PARTICLES, d + 0 or 1) of the posterior, from draws from the prior by way of flatter likelihoods."""
    extra = target.errors.draw(len(prior_sample.code), random)
    cut = pieces(len(extra), COMPUTED_ROWS)
    likelihood = np.concatenate([target.log_likelihood(prior_sample.components[rows], extra[rows]) for rows in cut])
    beta = next_beta(likelihood, 0.0, PARTICLES)
    chosen = systematic(beta * likelihood, PARTICLES, random)
    theta, likelihood = np.concatenate([prior_sample.code, extra], 1)[chosen], likelihood[chosen]
    prior, _ = target(theta)
    sweeps = theta.shape[1]  # the more dimensions, the longer the way of a particle
    while True:
        for _ in range(sweeps if beta < 1.0 else 2 * sweeps):
            differential_evolution_move(target, theta, prior, likelihood, beta, random)
        if beta == 1.0:
            return theta
        higher = next_beta(likelihood, beta, 0.5 * PARTICLES)
        chosen = systematic((higher - beta) * likelihood, PARTICLES, random)
        theta, prior, likelihood, beta = theta[chosen], prior[chosen], likelihood[chosen], higher


def next_beta(likelihood: np.ndarray, beta: float, size: float) -> float:
    """The next power of the likelihood, the highest that leaves an effective size, by bisection."""
    if ess((1.0 - beta) * likelihood) >= size:
        return 1.0
    low, high = np.log(1e-8), 0.0  # of the step, in units of what is left
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        enough = ess(np.exp(middle) * (1.0 - beta) * likelihood) >= size
        low, high = (middle, high) if enough else (low, middle)
    return beta + np.exp(low) * (1.0 - beta)


def differential_evolution_move(target, theta, prior, likelihood, beta, random) -> None:
    """Move each particle once, in place, along the difference of two others.

    All at once, which keeps their distribution only nearly: what is drawn afterwards is weighted.
    """
    n, dimensions = theta.shape
    first, second = random.integers(n, size=(2, n))
    length = 2.38 / np.sqrt(2.0 * dimensions) * np.exp(random.normal(0.0, 0.5, n))
    length = np.where(random.random(n) < JUMP, 1.0, length)[:, None]
    trial = theta + length * (theta[first] - theta[second])
    trial += 1e-6 * random.standard_normal(trial.shape)
    new_prior, new_likelihood = target(trial)
    gain = new_prior - prior + beta * (new_likelihood - likelihood)
    rows = np.log(random.random(n)) < gain
    theta[rows], prior[rows], likelihood[rows] = trial[rows], new_prior[rows], new_likelihood[rows]
