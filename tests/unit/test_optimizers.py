"""Our optimisers: Adam takes torch's steps, a state goes on where it stood, and torch's compiler is not loaded."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rotcurves.optimizers import Adam
from rotcurves.soap import SOAP

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
TARGET = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))


def parameters():
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in ((5, 3), (3,))]


def steps(optimizer, these, number):
    for _ in range(number):
        optimizer.zero_grad()
        (these[0] * these[1] - TARGET).square().sum().backward()
        optimizer.step()


def test_adam_takes_the_steps_of_torch():
    ours, theirs = parameters(), parameters()
    steps(Adam(ours, lr=0.01), ours, 20)
    steps(torch.optim.Adam(theirs, lr=0.01, fused=True), theirs, 20)
    for our, their in zip(ours, theirs, strict=True):
        assert torch.equal(our, their)


@pytest.mark.parametrize("optimizer", [Adam, SOAP])
def test_a_state_goes_on_as_if_never_put_away(optimizer):
    unbroken, first, second = parameters(), parameters(), parameters()
    steps(optimizer(unbroken, lr=0.01), unbroken, 25)
    before, after = optimizer(first, lr=0.01), optimizer(second, lr=0.01)
    steps(before, first, 13)
    with torch.no_grad():
        for parameter, value in zip(second, first, strict=True):
            parameter.copy_(value)
    after.load_state_dict(before.state_dict())
    steps(after, second, 12)
    for whole, resumed in zip(unbroken, second, strict=True):
        assert torch.equal(whole, resumed)


@pytest.mark.parametrize("optimizer", ["optimizers.Adam", "soap.SOAP"])
def test_a_step_does_not_load_the_compiler_of_torch(optimizer):
    program = f"""
import sys, torch, rotcurves.optimizers, rotcurves.soap
x = torch.ones(3, 3, requires_grad=True)
optimizer = rotcurves.{optimizer}([x], lr=0.01)
optimizer.zero_grad()
x.square().sum().backward()
optimizer.step()
sys.exit("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS).returncode == 0
