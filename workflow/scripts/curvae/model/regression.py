"""Parameters of galaxies from the codes of their curves: a polynomial, fitted by least squares."""

import math
from collections.abc import Iterable
from itertools import combinations_with_replacement

import torch
from torch import Tensor, nn

CUBIC, MOST_TERMS = 3, 1000
# Of the variance of a term, added to the normal equations: terms of a latent that never changes are no matter.
RIDGE = 1e-9


def monomials(d: int) -> list[tuple[int, ...]]:
    """The products of at most CUBIC of d latents, as the latents in each; of fewer, where these would be too many."""
    degree = max(k for k in range(1, CUBIC + 1) if k == 1 or math.comb(d + k, k) <= MOST_TERMS)
    return [term for k in range(degree + 1) for term in combinations_with_replacement(range(d), k)]


class Polynomial(nn.Module):
    """A polynomial from codes (n, d) to p numbers, and their root mean square errors on curves held out."""

    def __init__(self, d: int, p: int):
        super().__init__()
        self._terms = monomials(d)
        self.register_buffer("coefficients", torch.zeros(len(self._terms), p, dtype=torch.float64))
        self.register_buffer("error", torch.zeros(p, dtype=torch.float64))

    def _features(self, code: Tensor) -> Tensor:
        z = code.double()
        return torch.stack([z[:, list(term)].prod(1) for term in self._terms], 1)

    def forward(self, code: Tensor) -> Tensor:
        return self._features(code) @ self.coefficients

    def fit(self, pieces: Iterable[tuple[Tensor, Tensor]], held_out: tuple[Tensor, Tensor]) -> None:
        """Least squares over pairs of codes (n, d) and numbers (n, p), which arrive in pieces."""
        k, p = self.coefficients.shape
        normal, right = torch.zeros(k, k, dtype=torch.float64), torch.zeros(k, p, dtype=torch.float64)
        for code, numbers in pieces:
            features = self._features(code)
            normal += features.T @ features
            right += features.T @ numbers
        normal += torch.diag(RIDGE * torch.diagonal(normal).clamp(min=1e-12))
        self.coefficients.copy_(torch.linalg.solve(normal, right))
        code, numbers = held_out
        self.error.copy_((self(code) - numbers).square().mean(0).sqrt())
