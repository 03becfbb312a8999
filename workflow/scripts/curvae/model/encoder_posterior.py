"""Normal posteriors over the latent code: diagonal, and two ways to a valid full covariance.

Each is made from the raw outputs of an encoder and offers the same four things:

    mean             (n, d)
    sample(noise)    (n, d) mean + A noise, where A A^T is the covariance, noise standard normal
    kl()             (n,)   Kullback-Leibler divergence from the standard normal prior, nats
    scale_tril()     (n, d, d) lower Cholesky factor of the covariance

For a covariance C, KL = (tr C + |mean|^2 - d - ln det C) / 2 (Kingma & Welling 2014, appendix B, for
a diagonal C).
"""

import functools

import torch
from torch import Tensor
from torch.nn import functional

from curvae.model.exponential import Exponential, product

# Bound on the length of the vector of (log) covariance outputs. Far outside the training curves an encoder
# extrapolates to widths that float32 cannot hold; down to e^-25 it can, and `cap_log_variance` bounds them above.
LIMIT = 50.0


def bounded(raw: Tensor) -> Tensor:
    """The raw outputs (n, m), each row shortened smoothly to a length below LIMIT."""
    return raw * torch.rsqrt(1.0 + torch.linalg.vecdot(raw, raw) / LIMIT**2)[:, None]


def cap_log_variance(log_variance: Tensor) -> Tensor:
    """Log variances l with positive ones compressed to 1 - exp(-l), below one.

    An exact posterior is never wider than the prior, whose log variance is zero. An encoder that extrapolates to a rare
    galaxy may give a wider one, and one code drawn far away would outweigh an epoch of others.
    """
    return -functional.elu(-log_variance)


class Diagonal:
    """Independent normals: outputs are d means and d log variances."""

    @staticmethod
    def outputs(d: int) -> int:
        """Number of encoder outputs for a code of d dimensions."""
        return 2 * d

    def __init__(self, raw: Tensor, d: int):
        self.mean, self._log_variance = raw[:, :d], cap_log_variance(bounded(raw[:, d:]))
        self._width = torch.exp(0.5 * self._log_variance)

    def sample(self, noise: Tensor) -> Tensor:
        return torch.addcmul(self.mean, self._width, noise)

    def kl(self) -> Tensor:
        squares = torch.addcmul(self._width.square(), self.mean, self.mean)
        return 0.5 * (squares - 1.0 - self._log_variance).sum(1)

    def scale_tril(self) -> Tensor:
        return torch.diag_embed(self._width)


class Cholesky:
    """Full covariance L L^T with L = diag(s) U: s the widths, U lower triangular with rows of length one.

    Outputs are d means, d log s^2 and d(d-1)/2 numbers, which are free and of order one whatever the widths: with
    a one behind each row of them and shortened to length one they are the rows of U (Pinheiro & Bates 1996, section
    2.3, has angles in their place). With these at zero it is the diagonal posterior.
    """

    @staticmethod
    def outputs(d: int) -> int:
        """Number of encoder outputs for a code of d dimensions."""
        return 2 * d + d * (d - 1) // 2

    def __init__(self, raw: Tensor, d: int):
        covariance = bounded(raw[:, d:])
        self.mean, self._log_variance, self._below = raw[:, :d], cap_log_variance(covariance[:, :d]), covariance[:, d:]
        # Sums along rows as products: to fill a matrix costs more than the layers of a small network.
        self._rows, self._columns = (places.to(covariance) for places in strict_lower_basis(d))
        self._squared_lengths = 1.0 + self._below.square() @ self._rows
        self._width = torch.exp(0.5 * self._log_variance)

    def sample(self, noise: Tensor) -> Tensor:
        correlated = torch.addmm(noise, self._below * (noise @ self._columns.T), self._rows)
        return torch.addcmul(self.mean, self._width * self._squared_lengths.rsqrt(), correlated)

    def kl(self) -> Tensor:
        squares = torch.addcmul(self._width.square(), self.mean, self.mean)
        log_variance = self._log_variance - self._squared_lengths.log()  # ln det has the lengths of the rows
        return 0.5 * (squares - 1.0 - log_variance).sum(1)

    def scale_tril(self) -> Tensor:
        n, d = self.mean.shape
        unit = torch.eye(d, dtype=self.mean.dtype, device=self.mean.device).repeat(n, 1, 1)
        i, j = torch.tril_indices(d, d, -1)
        unit[:, i, j] = self._below
        return (self._width * self._squared_lengths.rsqrt())[:, :, None] * unit


@functools.cache
def strict_lower_basis(d: int) -> tuple[Tensor, Tensor]:
    """Matrices (d (d - 1) / 2, d) with a one in the row, and in the column, of each entry below the diagonal."""
    return tuple(torch.eye(d)[places] for places in torch.tril_indices(d, d, -1))


@functools.cache
def symmetric_basis(d: int) -> Tensor:
    """Matrix (d d, d (d + 1) / 2) that puts d diagonal entries and those below the diagonal, halved, into place."""
    i, j = torch.cat([torch.arange(d).expand(2, d), torch.tril_indices(d, d, -1)], 1)
    place, entry = torch.zeros(d, d, len(i)), torch.arange(len(i))
    place[i, j, entry] = place[j, i, entry] = 0.5
    return place.flatten(0, 1)


class Symmetric:
    """Full covariance exp(S) of a free symmetric matrix S, with the symmetric square root exp(S/2).

    What the original experiment wanted: outputs are d means, the d diagonal entries of S and its d(d-1)/2
    entries below the diagonal. ln det C = tr S, and C is positive definite for every S. With these
    entries at zero it is the diagonal posterior.
    """

    outputs = Cholesky.outputs

    def __init__(self, raw: Tensor, d: int):
        covariance = bounded(raw[:, d:])
        self.mean, self._diagonal = raw[:, :d], cap_log_variance(covariance[:, :d])
        # Matrices (d, d, n) from here on: with the curves last, a product is a few operations on long vectors.
        entries = torch.cat([self._diagonal, covariance[:, d:]], 1)
        self._half_log = (symmetric_basis(d).to(covariance) @ entries.T).view(d, d, -1)
        self._root = Exponential.apply(self._half_log)

    def sample(self, noise: Tensor) -> Tensor:
        return self.mean + (self._root * noise.T.contiguous()).sum(1).T

    def kl(self) -> Tensor:
        # d tr exp(S) = <exp(S), dS>: exact, where the derivative of the exponential loses all digits or overflows.
        root = self._root.detach()
        covariance = product(root, root)
        change = self._half_log - self._half_log.detach()  # zero, but for its gradient
        trace = torch.diagonal(covariance).sum(1) + 2.0 * (covariance * change).sum((0, 1))
        return 0.5 * (trace - self.mean.shape[1] + (self.mean**2 - self._diagonal).sum(1))

    def scale_tril(self) -> Tensor:
        # With S/2 = Q w Q^T the covariance is A^T A = R^T R, where A = exp(w) Q^T has the triangular factor R:
        # no need to form C, which would lose half the digits. Rows in falling order keep the small widths.
        w, q = torch.linalg.eigh(self._half_log.movedim(2, 0).double())
        upper = torch.linalg.qr((torch.exp(w)[:, :, None] * q.mT).flip(1), mode="r").R
        sign = torch.sign(torch.diagonal(upper, dim1=1, dim2=2))
        return (sign[:, :, None] * upper).mT.to(self.mean.dtype)


class WithAmplitude:
    """The posterior of the latents of the shape, and independent of it that of the amplitude, the last latent z.

    That of z is exact: the coefficient x (n, 1) is width z + sigma noise, where z and the noise are standard normal.
    """

    def __init__(self, shape, x: Tensor, width: Tensor, sigma: Tensor):
        total = width**2 + sigma**2
        variance, amplitude = sigma**2 / total, width * x / total
        self._shape, self._width = shape, variance.sqrt()
        self.mean = torch.cat([shape.mean, amplitude], 1)
        self._kl = 0.5 * (variance + amplitude[:, 0] ** 2 - 1.0 - variance.log())

    def sample(self, noise: Tensor) -> Tensor:
        amplitude = torch.addcmul(self.mean[:, -1:], self._width, noise[:, -1:])
        return torch.cat([self._shape.sample(noise[:, :-1]), amplitude], 1)

    def kl(self) -> Tensor:
        return self._shape.kl() + self._kl

    def scale_tril(self) -> Tensor:
        factor = functional.pad(self._shape.scale_tril(), (0, 1, 0, 1))
        factor[:, -1, -1] = self._width
        return factor


POSTERIORS = {"diagonal": Diagonal, "cholesky": Cholesky, "symmetric": Symmetric}
