"""SOAP is Adam in another basis: plain Adam for vectors, blind to rotations for matrices, and it converges."""

import torch

from rotcurves.soap import SOAP

ROTATION = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)).Q
TARGET = torch.randn(6, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
# Curvatures over five orders of magnitude, along axes that are no coordinates.
CURVATURE = ROTATION @ torch.diag(torch.logspace(-4, 1, 6, dtype=torch.float64)) @ ROTATION.T


def minimise(optimizer, loss, start, steps=60):
    """Where each step of an optimiser leads to."""
    x = start.clone().requires_grad_()
    stepper, path = optimizer([x]), []
    for _ in range(steps):
        stepper.zero_grad()
        loss(x).backward()
        stepper.step()
        path.append(x.detach().clone())
    return torch.stack(path)


def quadratic(x):
    return ((x - TARGET) * (CURVATURE @ (x - TARGET))).sum()


def soap(parameters):
    return SOAP(parameters, lr=0.01)


def test_vectors_get_adam():
    target = TARGET[:, 0]
    loss = lambda x: ((x - target) @ CURVATURE @ (x - target)) * 10.0  # noqa: E731
    adam = lambda parameters: torch.optim.Adam(parameters, lr=0.01, betas=(0.95, 0.95))  # noqa: E731
    start = torch.zeros(6, dtype=torch.float64)
    torch.testing.assert_close(minimise(soap, loss, start), minimise(adam, loss, start), rtol=1e-5, atol=1e-7)


def test_a_rotated_problem_is_solved_by_the_rotated_steps():
    start = torch.zeros(6, 6, dtype=torch.float64)
    path = minimise(soap, quadratic, start)
    turned = minimise(soap, lambda x: quadratic(ROTATION.T @ x), ROTATION @ start)
    # Up to rounding, which epsilon lets through in the first steps; Adam itself is off by 0.3.
    torch.testing.assert_close(turned, ROTATION @ path, rtol=0.0, atol=1e-3)


def test_slow_directions_are_found_sooner_than_by_adam():
    start = torch.zeros(6, 6, dtype=torch.float64)
    soap_end, adam_end = (
        quadratic(minimise(optimizer, quadratic, start, steps=300)[-1])
        for optimizer in (soap, lambda parameters: torch.optim.Adam(parameters, lr=0.01))
    )
    assert soap_end < 0.1 * adam_end < quadratic(start)
