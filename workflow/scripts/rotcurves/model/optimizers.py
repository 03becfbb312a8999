"""Adam, and SOAP for small networks that must fit closely.

Not built on torch.optim.Optimizer, which loads torch's compiler, a second of every training's start.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam


class Optimizer:
    """Moves parameters against their gradients; `learning_rate` may change from step to step.

    `state` holds a dictionary of numbers and tensors for each parameter, empty before the first step.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float):
        self.parameters, self.learning_rate = list(parameters), lr
        self.state = [{} for _ in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Move the parameters once."""
        raise NotImplementedError

    def state_dict(self) -> dict:
        """All that a step depends on besides parameters, gradients and settings."""
        return {"state": self.state}

    def load_state_dict(self, state: dict) -> None:
        """Go on from a state, moved to where the parameters are."""

        def moved(value, device):
            if isinstance(value, list):
                return [moved(part, device) for part in value]
            return value.to(device) if isinstance(value, Tensor) else value

        self.state = [
            {name: moved(value, parameter.device) for name, value in own.items()}
            for parameter, own in zip(self.parameters, state["state"], strict=True)
        ]


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1), as torch computes it for all parameters at once."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, betas=(0.9, 0.999), epsilon: float = 1e-8):
        super().__init__(parameters, lr)
        self.betas, self.epsilon = betas, epsilon
        self.state = [
            {"momentum": torch.zeros_like(p), "square": torch.zeros_like(p), "step": torch.zeros((), device=p.device)}
            for p in self.parameters
        ]

    @torch.no_grad()
    def step(self) -> None:
        adam(
            self.parameters,
            [parameter.grad for parameter in self.parameters],
            *([own[name] for own in self.state] for name in ("momentum", "square")),
            [],
            [own["step"] for own in self.state],
            lr=self.learning_rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=0.0,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
            fused=True,
        )


class SOAP(Optimizer):
    """Adam in the eigenbasis of Shampoo's two Gram matrices (Vyas et al. 2025, arXiv:2409.11321).

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


OPTIMIZERS = {"adam": Adam, "soap": SOAP}
