"""What an optimiser is, and Adam; SOAP has a module of its own.

Not built on torch.optim, which loads torch's compiler, a second of every training's start.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


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
    """Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1), by torch's kernel for all parameters at once."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, betas=(0.9, 0.999), epsilon: float = 1e-8):
        super().__init__(parameters, lr)
        self.betas, self.epsilon = betas, epsilon
        self.state = [
            {"momentum": torch.zeros_like(p), "square": torch.zeros_like(p), "step": torch.zeros((), device=p.device)}
            for p in self.parameters
        ]

    @torch.no_grad()
    def step(self) -> None:
        momentum, square, steps = ([own[name] for own in self.state] for name in ("momentum", "square", "step"))
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            self.parameters,
            [parameter.grad for parameter in self.parameters],
            momentum,
            square,
            [],
            steps,
            lr=self.learning_rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=0.0,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
        )
