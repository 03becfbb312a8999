"""SOAP, an optimiser for small networks that must fit closely."""

import torch

from rotcurves.optimizers import Optimizer


class SOAP(Optimizer):
    """Adam in the eigenbasis of Shampoo's two Gram matrices (Vyas et al. 2024, arXiv:2409.11321).

    For a weight matrix with gradient G, running means of G G^T and G^T G are kept; every `interval` steps
    their eigenvectors are followed by one power iteration and QR decomposition, and Adam's second moments
    are kept in that basis. Vectors (biases) get plain Adam.
    """

    def __init__(self, parameters, lr: float, beta: float = 0.95, interval: int = 10, epsilon: float = 1e-8):
        super().__init__(parameters, lr)
        self.beta, self.interval, self.epsilon = beta, interval, epsilon

    @torch.no_grad()
    def step(self) -> None:
        for parameter, state in zip(self.parameters, self.state, strict=True):
            self._update(parameter, parameter.grad, state)

    def _update(self, parameter, gradient, state) -> None:
        beta, matrix = self.beta, gradient.ndim == 2
        if not state:
            state.update(step=0, momentum=torch.zeros_like(gradient), square=torch.zeros_like(gradient))
            if matrix:
                state["gram"] = [gradient @ gradient.T, gradient.T @ gradient]
                state["basis"] = [_on_cpu(torch.linalg.eigh, gram)[1].flip(1) for gram in state["gram"]]
        state["step"] += 1
        state["momentum"].lerp_(gradient, 1.0 - beta)
        direction = state["momentum"]
        if matrix:
            left, right = state["basis"]
            gradient, direction = left.T @ gradient @ right, left.T @ direction @ right
        state["square"].mul_(beta).addcmul_(gradient, gradient, value=1.0 - beta)
        direction = direction / state["square"].sqrt().add_(self.epsilon)
        if matrix:
            direction = left @ direction @ right.T
            for gram, side in zip(state["gram"], (parameter.grad, parameter.grad.T), strict=True):
                gram.addmm_(side, side.T, beta=beta, alpha=1.0 - beta)
            if state["step"] % self.interval == 0:
                _follow_eigenvectors(state)
        correction = 1.0 - beta ** state["step"]
        parameter.add_(direction, alpha=-self.learning_rate * correction**-0.5)


def _follow_eigenvectors(state) -> None:
    """One power iteration and QR for each side, in order of falling eigenvalue."""
    for side, gram in enumerate(state["gram"]):
        basis = state["basis"][side]
        order = (basis * (gram @ basis)).sum(0).argsort(descending=True, stable=True)
        state["square"] = state["square"].index_select(side, order)
        state["basis"][side] = _on_cpu(torch.linalg.qr, gram @ basis[:, order])[0]


def _on_cpu(decomposition, matrix):
    """Decompose a small matrix on the CPU: quicker there, and some devices cannot."""
    return [part.to(matrix.device) for part in decomposition(matrix.cpu())]
