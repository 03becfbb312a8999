"""All that is inferred of one observed galaxy: draws from its posterior, how well they fit, how far to trust them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from curvae.galaxies.rotation import ForwardModel
from curvae.inference.error_models import ErrorModel
from curvae.inference.flags import limits_of, reasons
from curvae.inference.galaxy_posterior import PriorSample, infer
from curvae.inference.generator import Generator
from curvae.inference.parameters import parameters_of, within_prior
from curvae.runtime import streams
from curvae.storage.observations import Galaxy

PRIOR_DRAWS = 2000  # draws from the prior whose parameters are kept, and whose distances set the limits of flags


@dataclass(frozen=True)
class GalaxyPosterior:
    """n draws of equal weight: codes (n, d), curves at the model's radii (n, m) [km/s], parameters (n, p).

    `log_scatter` (n,) is ln of the extra fractional scatter, None where it is not free; `numbers` are those of
    `storage.posteriors.POSTERIOR_SUMMARIES` but for the counts of points; `flags` names what speaks against the galaxy.
    """

    code: np.ndarray
    velocity: np.ndarray
    parameters: np.ndarray
    log_scatter: np.ndarray | None
    numbers: dict[str, float]
    flags: str


class GalaxyInference:
    """Infers galaxies under one prior; what they share is made once.

    Parameters
    ----------
    generator : the decoder, and the density of its codes as the prior.
    errors : the model of the errors of velocities.
    forward_model : None for curves without one, whose parameters are those of the model's regression, with its error.
    seed : of all draws.
    """

    def __init__(
        self,
        generator: Generator,
        errors: ErrorModel,
        forward_model: ForwardModel | None,
        seed: int,
    ):
        self.generator, self.errors, self.forward_model, self.seed = generator, errors, forward_model, seed
        random = streams.generator(seed, streams.Stream.INFERENCE)
        self.prior_sample = PriorSample(generator, random)
        self._curves = generator.at(generator.radius)
        first = slice(PRIOR_DRAWS)
        decoded = self.prior_sample.code[first], self.prior_sample.components[first]
        _, self.prior_parameters, distance = self._parameters(*decoded, random)
        self.limits = limits_of(distance, errors)

    def _parameters(
        self, code: np.ndarray, components: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Curves (n, m) [km/s], parameters (n, p) and relative distances to physical curves (n,) of decoded codes."""
        velocity = self._curves.velocity(components)
        parameters, distance = parameters_of(self.generator.model, code, velocity, self.forward_model)
        if self.forward_model is None:
            error = self.generator.model.to_parameters.error.numpy()
            parameters = parameters + error * random.standard_normal(parameters.shape)
        return velocity, parameters, distance

    def infer(self, galaxy: Galaxy, n: int, number: int) -> GalaxyPosterior:
        """n draws from the posterior of a galaxy, the `number`-th of its survey, from 1."""
        random = streams.generator(self.seed, streams.Stream.INFERENCE, number)
        posterior = infer(galaxy, self.generator, self.prior_sample, self.errors, n, random)
        components = self.generator.decode_components(posterior.code)
        velocity, parameters, distance = self._parameters(posterior.code, components, random)
        kept, outside = np.arange(n), 0.0
        if self.forward_model is not None:
            kept, outside = within_prior(parameters[:, 0], self.forward_model.log_disc_mass_range, random)
        code, extra = posterior.code[kept], posterior.extra[kept]
        density = self.generator.density.log_prob(code)
        numbers = {
            "log_evidence": posterior.log_evidence,
            "ess": posterior.ess,
            "pareto_k": posterior.pareto_k,
            **self._fit(galaxy, components[kept], extra),
            "prior_density_rank": float(np.median(self.prior_sample.prior_density_rank(density))),
            "physical_distance_relative": float(np.median(distance[kept])),
            "outside": outside,
        }
        scatter = extra[:, 0] if self.errors.parameters else None
        (flags,) = reasons({name: [number] for name, number in numbers.items()}, self.limits)
        return GalaxyPosterior(code, velocity[kept], parameters[kept], scatter, numbers, flags)

    def _fit(self, galaxy: Galaxy, components: np.ndarray, extra: np.ndarray) -> dict[str, float]:
        """How well the median of the curves fits the points, with their own errors and with what is added to them."""
        curves = self.generator.at(galaxy.radius).velocity(components)
        curve, extra = np.median(curves, 0, keepdims=True), np.median(extra, 0, keepdims=True)
        squares = np.square(galaxy.velocity - curve)
        chi2 = float((squares / np.square(galaxy.error)).sum())
        with_added = float((squares / self.errors.variance(curve, galaxy.error, extra)).sum())
        return {
            "chi2": chi2,
            "chi2_with_added": with_added,
            "fit_probability": float(chdtrc(len(galaxy.radius), with_added)),
            "added_error": self.errors.fraction(extra).item(),
        }
