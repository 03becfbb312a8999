"""A trained decoder and a density of its codes, as a prior over curves at any radii within the model's own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from curvae.densities.em import coefficients
from curvae.densities.mixtures import GaussianMixture
from curvae.galaxies.interpolation import unit_splines
from curvae.model.files import load
from curvae.model.network import VAE
from curvae.runtime.rows import pieces
from curvae.storage import hdf5

CODES_AT_ONCE = 8192  # codes decoded, or looked up, at once


@dataclass(frozen=True)
class Operator:
    """What makes curves u = constant + x matrix of coefficients x (n, k) at some radii; v = exp(u) if logarithmic."""

    constant: np.ndarray  # (m,) float32
    matrix: np.ndarray  # (k, m) float32
    logarithmic: bool

    def velocity(self, x: np.ndarray) -> np.ndarray:
        """Velocities (n, m) float32 [km/s] of coefficients (n, k)."""
        u = self.constant + x @ self.matrix
        return np.exp(u, out=u) if self.logarithmic else u


def load_generator(model: str | Path, generated: str | Path) -> "Generator":
    """A generator of a model file, and of the density in a file of curves generated from it (see `load`)."""
    found = load(model)
    return Generator(found, read_density(generated, found.architecture.latent_dimension))


def read_density(path: str | Path, d: int) -> GaussianMixture:
    """The density of d latents that the curves of a file were generated from. Raises UserError, naming the file."""
    n = "component"
    shapes = {"weight": (n,), "component_mean": (n, d), "component_scale_tril": (n, d, d)}
    with hdf5.reading(path, **shapes) as source:
        values = [source[name][...] for name in shapes]
    hdf5.check_finite(path, *values)
    return GaussianMixture(*values)


class Generator:
    """Curves of a decoder, whose codes have the density of a sampler."""

    def __init__(self, model: VAE, density: GaussianMixture):
        self.model, self.density = model, density
        self.radius = model.radius.numpy()
        self._spline = unit_splines(self.radius)
        covariance = density.scale_tril @ density.scale_tril.mT
        self._origin = density.weight @ density.mean
        # The log density of a component is linear in 1, z_i and z_i z_j, i <= j.
        terms = coefficients(density.weight, density.mean - self._origin, covariance)
        k, d = density.mean.shape
        self._upper = np.triu_indices(d)
        products = terms[:, 1 + d :].reshape(k, d, d) * (2.0 - np.eye(d))
        self._terms = np.concatenate([terms[:, : 1 + d], products[:, *self._upper]], 1).astype(np.float32)

    def draw(self, n: int, random: np.random.Generator) -> np.ndarray:
        """n codes (n, d) of the density."""
        component = random.choice(len(self.density.weight), n, p=self.density.weight)
        noise = random.standard_normal((n, self.density.mean.shape[1]))
        return self.density.mean[component] + np.einsum("nij,nj->ni", self.density.scale_tril[component], noise)

    def log_density(self, code: np.ndarray) -> np.ndarray:
        """Log density (n,) [nats] of codes (n, d)."""
        log_density, (i, j) = np.empty(len(code)), self._upper
        for rows in pieces(len(code), CODES_AT_ONCE):
            # In single precision and in place, where nearly all the time goes.
            z = (code[rows] - self._origin).T.astype(np.float32)
            terms = self._terms @ np.concatenate([np.ones_like(z[:1]), z, z[i] * z[j]])
            highest = terms.max(0)
            terms -= highest
            log_density[rows] = highest + np.log(np.exp(terms, out=terms).sum(0))
        return log_density

    @torch.no_grad()
    def coefficients(self, code: np.ndarray) -> np.ndarray:
        """Decoded coefficients (n, k) float32 of codes (n, d)."""
        pieces = np.array_split(code.astype(np.float32), max(1, -(-len(code) // CODES_AT_ONCE)))
        return np.concatenate([self.model.decoder(torch.as_tensor(piece)).numpy() for piece in pieces])

    def at(self, radius: np.ndarray) -> Operator:
        """Curves at radii (m,) [kpc] within the model's: a cubic in (ln R, u) through the model's radii."""
        weights = self._spline(np.log(radius))
        constant, matrix = weights @ self.model.mean.numpy(), self.model.synthesis.numpy() @ weights.T
        return Operator(constant.astype(np.float32), matrix.astype(np.float32), self.model.architecture.logarithmic)
