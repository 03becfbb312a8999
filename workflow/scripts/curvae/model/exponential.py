"""The exponential of many small symmetric matrices, with its gradient.

Matrices are (d, d, n): with the many last, a product is a few operations on long vectors. With torch.linalg.matrix_exp
a training step of the notebook preset takes four times as long, and its two trainings 1.02 to 1.10 of the time of the
original's; by hand they take 0.44.
"""

import torch
from torch import Tensor


def product(a: Tensor, b: Tensor) -> Tensor:
    """Products (d, d, n) of n small matrices a with n matrices b, both (d, d, n)."""
    total = a[:, 0, None] * b[0]
    for k in range(1, len(a)):
        total.addcmul_(a[:, k, None], b[k])
    return total


class Exponential(torch.autograd.Function):
    """exp(A) of n small symmetric matrices A (d, d, n), by scaling and squaring.

    What is squared is E = exp(A) - 1, as (1 + E)^2 - 1 = 2 E + E^2, so that no digits of a small A are lost
    (Higham 2008, Functions of Matrices, chapter 10), after the mean of its diagonal is taken off, so that none of
    a very negative A are. It starts as the Taylor polynomial of degree 4, which is made of two such squares.
    The gradient is symmetric, which halves its cost.
    """

    # Halvings of A: the polynomial is then exact to float32 rounding up to |A| = 8, where widths are e^16 apart, and
    # to 1 % for every A that `encoder_posterior.bounded` lets through, shorter than its LIMIT / sqrt(2). It is positive
    # definite for all.
    squarings = 7

    @staticmethod
    def forward(ctx, a):
        one = torch.eye(len(a), dtype=a.dtype, device=a.device)[:, :, None]
        center = torch.diagonal(a).mean(1)
        a = (a - center * one) * 0.5**Exponential.squarings
        once = square(a)
        e = a / 3.0 + once / 4.0 + square(once) / 24.0  # a + a^2 / 2 + a^3 / 6 + a^4 / 24
        squared = []
        for _ in range(Exponential.squarings):
            squared.append(e)
            e = square(e)
        scale = torch.exp(center)
        ctx.save_for_backward(scale, a, once, *squared)
        return scale * (e + one)

    @staticmethod
    def backward(ctx, gradient):
        scale, a, once, *squared = ctx.saved_tensors
        gradient = 0.5 * scale * gradient.contiguous()
        gradient = gradient + gradient.transpose(0, 1)
        for e in reversed(squared):
            gradient = square_gradient(e, gradient)
        of_once = gradient / 4.0 + square_gradient(once, gradient / 24.0)
        return 0.5**Exponential.squarings * (gradient / 3.0 + square_gradient(a, of_once))


def square(e: Tensor) -> Tensor:
    """(1 + E)^2 - 1 of matrices e (d, d, n)."""
    return product(e, e).add_(e, alpha=2.0)


def square_gradient(e: Tensor, gradient: Tensor) -> Tensor:
    """Gradient by symmetric matrices e (d, d, n), from the symmetric one by their squares."""
    half = product(e, gradient).add_(gradient)
    return half + half.transpose(0, 1)
