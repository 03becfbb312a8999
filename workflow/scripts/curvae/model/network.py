"""The variational autoencoder of rotation curves: velocities in km/s in, velocities in km/s out.

Encoder and decoder are multilayer perceptrons on the coefficients of a fixed linear representation
(`representation.py`); the posterior over the code is one of `encoder_posterior.py`.
"""

import itertools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from curvae.model.encoder_posterior import POSTERIORS, WithAmplitude
from curvae.model.regression import Polynomial
from curvae.model.representation import Representation
from curvae.runtime.errors import UserError

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU, "gelu": nn.GELU, "tanh": nn.Tanh}
LEARNED = "learned"
PRINCIPAL = "principal"
# Values are warned of where more than WARN_SHARE of them exceed WARN_FACTOR times their threshold, which TAIL_SHARE of
# the curves held out exceed.
TAIL_SHARE, WARN_SHARE, WARN_FACTOR = 0.001, 0.01, 2.0


def warn_of_outliers(what: str, values: Tensor, threshold: Tensor) -> None:
    """Warn if too many of the values (n,) are far above their threshold."""
    beyond = int((values > WARN_FACTOR * threshold).sum())
    if beyond > WARN_SHARE * len(values):
        outside = f"{beyond} of {len(values)} {what} are outside the training range"
        warnings.warn(f"{outside}; results are extrapolated and not reliable", stacklevel=3)


@dataclass(frozen=True)
class Architecture:
    """All that is needed to rebuild the network, besides its weights."""

    radii: int
    coefficients: int
    logarithmic: bool
    latent_dimension: int
    posterior: str
    encoder_widths: Sequence[int]
    decoder_widths: Sequence[int]
    activation: str
    skip_connection: str
    decoder_sigma: float | str
    parameters: Sequence[str] = ()  # names of what is known of the galaxies of the curves
    amplitude: bool = False  # whether the last latent is the last coefficient, the amplitude of the curve, standardised


class Perceptron(nn.Module):
    """Fully connected layers of the given widths, input and output included.

    With a linear skip connection they learn by how much the output differs from the input times a fixed matrix.
    """

    def __init__(self, widths: Sequence[int], activation: str, skip: bool):
        super().__init__()
        layers = []
        for inputs, outputs in itertools.pairwise(widths):
            layers += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
        self.layers = nn.Sequential(*layers[:-1])
        self.register_buffer("skip", torch.zeros(widths[0], widths[-1]) if skip else None)

    def forward(self, x: Tensor) -> Tensor:
        output = self.layers(x)
        return output if self.skip is None else torch.addmm(output, x, self.skip)


class AmplitudeDecoder(Perceptron):
    """Layers from the latents of the shape to its coefficients; the last latent is the last coefficient, the amplitude.

    All coefficients are in units of `spread`. Curves of codes that differ in the last latent alone are multiples of
    each other, exactly.
    """

    def __init__(self, widths: Sequence[int], activation: str, skip: bool):
        super().__init__(widths, activation, skip)
        self.register_buffer("spread", torch.ones(widths[-1] + 1))

    def forward(self, code: Tensor) -> Tensor:
        return self.spread * torch.cat([super().forward(code[:, :-1]), code[:, -1:]], 1)


class VAE(nn.Module):
    """Variational autoencoder (Kingma & Welling 2014) with a normal decoder of one width sigma.

    sigma is in units of the coefficients; it is fixed, or learned: then training keeps it at its optimum,
    the root mean square of the residuals (sigma-VAE, Rybkin et al. 2021, eq. 8).
    """

    def __init__(self, architecture: Architecture, model: str = "", seed: int = 0):
        super().__init__()
        self.identity = {"model": model, "seed": seed}  # its name in the configuration, and its training seed
        a = self.architecture = architecture
        self._posterior = POSTERIORS[a.posterior]
        # The networks do not see the amplitude, which is the last latent and the last coefficient.
        d, k = a.latent_dimension - a.amplitude, a.coefficients - a.amplitude
        style = a.activation, a.skip_connection == PRINCIPAL
        self.encoder = Perceptron([k, *a.encoder_widths, self._posterior.outputs(d)], *style)
        self.decoder = (AmplitudeDecoder if a.amplitude else Perceptron)([d, *a.decoder_widths, k], *style)
        self.to_parameters = Polynomial(a.latent_dimension, len(a.parameters))
        # Thresholds of the mean squared residual and of the squared length of a code: see set_outlier_thresholds.
        self.register_buffer("limits", torch.full((2,), torch.finfo(torch.float32).max))
        sigma = 1.0 if a.decoder_sigma == LEARNED else a.decoder_sigma
        self.register_buffer("sigma", torch.tensor(sigma, dtype=torch.float32))
        for name, shape in {
            "radius": (a.radii,),
            "mean": (a.radii,),
            "analysis": (a.radii, a.coefficients),
            "synthesis": (a.coefficients, a.radii),
        }.items():
            self.register_buffer(name, torch.zeros(shape, dtype=torch.float64))

    def set_representation(self, radius, representation: Representation) -> None:
        """Fix the map between velocities and coefficients, and the radii [kpc] where it holds."""
        self.radius.copy_(torch.as_tensor(radius))
        for name in ("mean", "analysis", "synthesis"):
            getattr(self, name).copy_(torch.as_tensor(getattr(representation, name)))
        if self.architecture.amplitude:
            self.decoder.spread.copy_(torch.as_tensor(representation.spread))

    @torch.no_grad()
    def set_skip_connection(self, mean: np.ndarray, axes: np.ndarray) -> None:
        """Start from a linear code: posterior means (x - mean) axes of coefficients x, mean (k,), axes (k, d)."""
        d = axes.shape[1]
        self.encoder.skip[:, :d] = torch.as_tensor(axes)
        self.encoder.layers[-1].bias[:d] -= torch.as_tensor(mean @ axes)
        self.decoder.skip.copy_(torch.as_tensor(np.linalg.pinv(axes)))
        self.decoder.layers[-1].bias += torch.as_tensor(mean)

    def move_networks_to(self, device: str) -> None:
        """Move what is trained to a device; the representation stays, since some devices have no float64."""
        self.encoder.to(device)
        self.decoder.to(device)
        self.sigma = self.sigma.to(device)

    def coefficients(self, velocity: Tensor) -> Tensor:
        """Coefficients (n, k) float32 of velocities (n, m) [km/s]."""
        u = velocity.to(self.mean)
        u = torch.log(u) if self.architecture.logarithmic else u
        return ((u - self.mean) @ self.analysis).float()

    def velocity(self, coefficients: Tensor) -> Tensor:
        """Velocities (n, m) float64 [km/s] of coefficients (n, k)."""
        u = self.mean + coefficients.to(self.mean) @ self.synthesis
        return torch.exp(u) if self.architecture.logarithmic else u

    def posterior(self, coefficients: Tensor):
        """Posterior over the code of each row of coefficients (n, k)."""
        d = self.architecture.latent_dimension
        if not self.architecture.amplitude:
            return self._posterior(self.encoder(coefficients), d)
        spread = self.decoder.spread
        shape = self._posterior(self.encoder(coefficients[:, :-1] / spread[:-1]), d - 1)
        return WithAmplitude(shape, coefficients[:, -1:], spread[-1], self.sigma)

    def encode(self, velocity, radius=None):
        """Posterior over the code of each curve (n, m) [km/s], tensor or array: see `encoder_posterior.py`.

        Warns of curves unlike those of the training. Raises UserError if they are not whole curves over the model's
        radii, which `radius` (m,) [kpc] are compared with if given, of numbers that the representation takes.
        """
        velocity, m = torch.as_tensor(velocity), self.architecture.radii
        if velocity.ndim != 2 or velocity.shape[1] != m:
            raise UserError(f"curves of shape {tuple(velocity.shape)}, expected (n, {m}): {self._whole()}")
        if radius is not None:
            radius = torch.as_tensor(radius).to(self.radius)
            if radius.shape != self.radius.shape or not torch.allclose(radius, self.radius, rtol=1e-5, atol=0.0):
                raise UserError(f"the radii are not those of the model: {self._whole()}")
        good = velocity.isfinite() & ((velocity > 0.0) | (not self.architecture.logarithmic))
        if not good.all():
            (row, column), positive = (~good).nonzero()[0], " above zero" if self.architecture.logarithmic else ""
            wrong = f"curve {row} has the velocity {velocity[row, column]:g} at {self.radius[column]:g} kpc"
            raise UserError(f"{wrong}, expected finite numbers{positive}: {self._whole()}")
        coefficients = self.coefficients(velocity)
        posterior = self.posterior(coefficients)
        warn_of_outliers("curves", self.residual(coefficients, posterior.mean), self.limits[0])
        return posterior

    def _whole(self) -> str:
        m = self.architecture.radii
        return f"it encodes whole curves without noise at its {m} radii, `model.radius` (for others: docs/observed.md)"

    def decode(self, code) -> Tensor:
        """Curves (n, m) float64 [km/s] of codes (n, d), tensor or array.

        Warns of codes unlike those of the training. Raises UserError if they are of another shape or not finite.
        """
        code = self._code(code)
        warn_of_outliers("codes", code.square().sum(1), self.limits[1])
        return self.velocity(self.decoder(code))

    def parameters_of(self, code) -> Tensor:
        """What the galaxies of codes (n, d) have for `architecture.parameters` (n, p), to `to_parameters.error`."""
        return self.to_parameters(self._code(code))

    def _code(self, code) -> Tensor:
        code, d = torch.as_tensor(code).float(), self.architecture.latent_dimension
        if code.ndim != 2 or code.shape[1] != d or not code.isfinite().all():
            raise UserError(f"codes of shape {tuple(code.shape)}, expected finite numbers of shape (n, {d})")
        return code

    def residual(self, coefficients: Tensor, code: Tensor) -> Tensor:
        """Mean squared difference (n,) of coefficients (n, k) from those decoded from codes (n, d)."""
        return (coefficients - self.decoder(code)).square().mean(1)

    @torch.no_grad()
    def set_outlier_thresholds(self, coefficients: Tensor) -> None:
        """Set the thresholds to what TAIL_SHARE of the curves held out, coefficients (n, k), exceed."""
        code = self.posterior(coefficients).mean
        for i, values in enumerate((self.residual(coefficients, code), code.square().sum(1))):
            self.limits[i] = torch.quantile(values, 1.0 - TAIL_SHARE)

    def error_and_kl(self, coefficients: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Mean squared residual (n,) of each curve's coefficients, and its Kullback-Leibler divergence (n,) [nats].

        Coefficients x (n, k) are decoded from one code drawn from each posterior with `noise` (n, d).
        """
        posterior = self.posterior(coefficients)
        return self.residual(coefficients, posterior.sample(noise)), posterior.kl()

    def mean_error_and_kl(self, coefficients: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The means of `error_and_kl`, in the fewest operations: every step of a training takes them."""
        posterior = self.posterior(coefficients)
        squared_error = nn.functional.mse_loss(self.decoder(posterior.sample(noise)), coefficients)
        return squared_error, posterior.kl().mean()

    def reconstruction_loss(self, squared_error: Tensor) -> Tensor:
        """-ln N(x | decoder(code), sigma^2) per curve [nats], of a mean squared residual.

        With the Kullback-Leibler divergence it makes the negative evidence lower bound.
        """
        k = self.architecture.coefficients
        return k * (0.5 * squared_error / self.sigma**2 + torch.log(self.sigma) + 0.5 * math.log(2.0 * math.pi))
