"""Our optimisers: Adam takes torch's steps, SOAP those of Adam in another basis; a state goes on where it stood."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from curvae.model.optimizers import OPTIMIZERS, SOAP, Adam

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
ROTATION = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)).Q
TARGET = torch.randn(6, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
# Curvatures over five orders of magnitude, along axes that are no coordinates.
CURVATURE = ROTATION @ torch.diag(torch.logspace(-4, 1, 6, dtype=torch.float64)) @ ROTATION.T
ZERO = torch.zeros(6, 6, dtype=torch.float64)


def minimise(optimizer, loss, *start, steps=60):
    """Where each step of an optimiser leads to."""
    these = [x.clone().requires_grad_() for x in start]
    stepper, path = optimizer(these, lr=0.01), []
    for _ in range(steps):
        stepper.zero_grad()
        loss(*these).backward()
        stepper.step()
        path.append([x.detach().clone() for x in these])
    return [torch.stack(steps) for steps in zip(*path, strict=True)], stepper


def quadratic(x):
    return ((x - TARGET) * (CURVATURE @ (x - TARGET))).sum()


def of_two(matrix, vector):
    """A loss of a weight matrix and a bias, in single precision as networks are."""
    return (matrix * vector - TARGET[:5, :3].float()).square().sum()


START = [torch.randn(shape, generator=torch.Generator().manual_seed(2)) for shape in ((5, 3), (3,))]


def test_adam_takes_the_steps_of_torch():
    (ours, _), (theirs, _) = (
        minimise(adam, of_two, *START, steps=20)
        for adam in (Adam, lambda these, lr: torch.optim.Adam(these, lr=lr, fused=True))
    )
    assert all(map(torch.equal, ours, theirs))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_goes_on_as_if_never_put_away(name):
    unbroken, _ = minimise(OPTIMIZERS[name], of_two, *START, steps=25)
    first, put_away = minimise(OPTIMIZERS[name], of_two, *START, steps=13)

    def taken_up(these, lr):
        optimizer = OPTIMIZERS[name](these, lr)
        optimizer.load_state_dict(put_away.state_dict())
        return optimizer

    second, _ = minimise(taken_up, of_two, *(path[-1] for path in first), steps=12)
    assert all(torch.equal(whole[13:], resumed) for whole, resumed in zip(unbroken, second, strict=True))


def test_no_step_loads_the_compiler_of_torch():
    program = """
import sys, torch
from curvae.model.optimizers import OPTIMIZERS
for optimizer in OPTIMIZERS.values():
    x = torch.ones(3, 3, requires_grad=True)
    optimizer = optimizer([x], lr=0.01)
    x.square().sum().backward()
    optimizer.step()
sys.exit("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS).returncode == 0


def test_soap_gives_vectors_adam():
    target = TARGET[:, 0]
    loss = lambda x: ((x - target) @ CURVATURE @ (x - target)) * 10.0  # noqa: E731
    adam = lambda these, lr: torch.optim.Adam(these, lr=lr, betas=(0.99, 0.99))  # noqa: E731
    ours, theirs = (minimise(optimizer, loss, ZERO[0])[0] for optimizer in (SOAP, adam))
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)


def test_soap_solves_a_rotated_problem_by_the_rotated_steps():
    ([path], _), ([turned], _) = (
        minimise(SOAP, loss, ZERO) for loss in (quadratic, lambda x: quadratic(ROTATION.T @ x))
    )
    # Up to rounding, which epsilon lets through in the first steps; Adam itself is off by 0.3.
    torch.testing.assert_close(turned, ROTATION @ path, rtol=0.0, atol=1e-3)


def test_soap_finds_slow_directions_sooner_than_adam():
    soap, adam = (quadratic(minimise(optimizer, quadratic, ZERO, steps=2000)[0][0][-1]) for optimizer in (SOAP, Adam))
    assert soap < 0.1 * adam < quadratic(ZERO)
