"""Adam, and SOAP for small networks that must fit closely.

Not built on torch.optim.Optimizer, which loads torch's compiler, a second of every training's start.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1), as torch computes it for all parameters at once.

    `learning_rate` may change from step to step; `state` holds a dictionary of numbers and tensors for each parameter.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, betas=(0.9, 0.999), epsilon: float = 1e-8):
        self.parameters, self.learning_rate = list(parameters), lr
        self.betas, self.epsilon = betas, epsilon
        self.state = [
            {"momentum": torch.zeros_like(p), "square": torch.zeros_like(p), "step": torch.zeros((), device=p.device)}
            for p in self.parameters
        ]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters once, against their gradients."""
        self._move(self.parameters, [parameter.grad for parameter in self.parameters])

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

    def _move(self, moved: list[Tensor], gradients: list[Tensor]) -> None:
        """Move tensors, one for each parameter, against gradients of their shapes."""
        adam(
            moved,
            gradients,
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


class SOAP(Adam):
    """Adam in the eigenbasis of Shampoo's two Gram matrices (Vyas et al. 2025, arXiv:2409.11321).

    For a weight matrix with gradient G, running means of G G^T and G^T G are kept; every `interval` steps
    their eigenvectors are followed by one power iteration and QR decomposition. Adam's moments are kept in that
    basis. Vectors (biases) get plain Adam. All running means forget by `beta` a step: 0.95 in the paper, and with
    0.99 our networks need a sixth fewer steps.
    """

    def __init__(self, parameters, lr: float, beta: float = 0.99, interval: int = 10, epsilon: float = 1e-8):
        super().__init__(parameters, lr, (beta, beta), epsilon)
        self.interval = interval

    @torch.no_grad()
    def step(self) -> None:
        moved, gradients = [], []
        for parameter, state in zip(self.parameters, self.state, strict=True):
            gradient, matrix = parameter.grad, parameter.ndim == 2
            if matrix and "basis" not in state:
                state["gram"] = [gradient @ gradient.T, gradient.T @ gradient]
                state["basis"] = [_on_cpu(torch.linalg.eigh, gram)[1].flip(1) for gram in state["gram"]]
            moved.append(torch.zeros_like(parameter) if matrix else parameter)
            gradients.append(state["basis"][0].T @ gradient @ state["basis"][1] if matrix else gradient)
        self._move(moved, gradients)
        due = int(self.state[0]["step"]) % self.interval == 0
        for parameter, state, move in zip(self.parameters, self.state, moved, strict=True):
            if parameter.ndim == 2:
                left, right = state["basis"]
                parameter.addmm_(left @ move, right.T)
                for gram, side in zip(state["gram"], (parameter.grad, parameter.grad.T), strict=True):
                    gram.addmm_(side, side.T, beta=self.betas[0], alpha=1.0 - self.betas[0])
                if due:
                    _follow_eigenvectors(state)


def _follow_eigenvectors(state) -> None:
    """One power iteration and QR for each side, in order of falling eigenvalue; the moments follow."""
    for side, (gram, basis) in enumerate(zip(state["gram"], state["basis"], strict=True)):
        order = (basis * (gram @ basis)).sum(0).argsort(descending=True, stable=True)
        state["basis"][side] = new = _on_cpu(torch.linalg.qr, gram @ basis[:, order])[0]
        state["square"] = state["square"].index_select(side, order)
        turn = new.T @ basis
        state["momentum"] = turn @ state["momentum"] if side == 0 else state["momentum"] @ turn.T


def _on_cpu(decomposition, matrix):
    """Decompose a small matrix on the CPU: quicker there, and some devices cannot."""
    return [part.to(matrix.device) for part in decomposition(matrix.cpu())]


OPTIMIZERS = {"adam": Adam, "soap": SOAP}
