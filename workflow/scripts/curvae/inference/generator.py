"""A trained decoder and a density of its codes, as a prior over curves at any radii within the model's own."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from curvae.densities.files import read_density
from curvae.densities.mixtures import Density, GaussianMixture
from curvae.galaxies.interpolation import unit_splines
from curvae.model.files import load
from curvae.model.network import VAE
from curvae.runtime.rows import COMPUTED_ROWS, pieces


@dataclass(frozen=True)
class CurveInterpolator:
    """Curves u = constant + x matrix at some radii of decoded components x (n, k); v = exp(u) if logarithmic."""

    constant: np.ndarray  # (m,) float32
    matrix: np.ndarray  # (k, m) float32
    logarithmic: bool

    def velocity(self, x: np.ndarray) -> np.ndarray:
        """Velocities (n, m) float32 [km/s] of components (n, k)."""
        u = self.constant + x @ self.matrix
        return np.exp(u, out=u) if self.logarithmic else u


def load_generator(model: str | Path, generated: str | Path) -> "Generator":
    """A generator of a model file, and of the density in a file of curves generated from it (see `load`)."""
    vae = load(model)
    return Generator(vae, read_density(generated, vae.architecture.latent_dimension))


class Generator:
    """Curves of a decoder, whose codes have the density of a sampler."""

    def __init__(self, model: VAE, density: Density):
        self.model, self.radius, self.d = model, model.radius.numpy(), model.architecture.latent_dimension
        # Single precision is enough for a prior, whose evaluation takes most of the time of an inference.
        mixture = isinstance(density, GaussianMixture)
        self.density = replace(density, precision=np.float32) if mixture else density
        self._spline = unit_splines(self.radius)

    @torch.no_grad()
    def decode_components(self, code: np.ndarray) -> np.ndarray:
        """Decoded components of curves (n, k) float32 of codes (n, d)."""
        code = torch.as_tensor(code.astype(np.float32))
        return np.concatenate([self.model.decoder(code[rows]).numpy() for rows in pieces(len(code), COMPUTED_ROWS)])

    def at(self, radius: np.ndarray) -> CurveInterpolator:
        """Curves at radii (m,) [kpc] within the model's: a cubic in (ln R, u) through the model's radii."""
        weights = self._spline(np.log(radius))
        constant, matrix = weights @ self.model.mean.numpy(), self.model.synthesis.numpy() @ weights.T
        logarithmic = self.model.architecture.logarithmic
        return CurveInterpolator(constant.astype(np.float32), matrix.astype(np.float32), logarithmic)

    def curves(self, code: np.ndarray) -> np.ndarray:
        """Velocities (n, m) float32 [km/s] of codes (n, d) at the radii of the model."""
        return self.at(self.radius).velocity(self.decode_components(code))
