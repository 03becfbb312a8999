"""Linear generators: curves of as many independent ways as they have principal components, no more and no fewer."""

from types import SimpleNamespace

import numpy as np
import pytest

from curvae.densities import em
from curvae.evaluation import baselines

RANK, RADII = 4, 12


@pytest.fixture(scope="module")
def velocity():
    """Velocities (500, RADII) [km/s] whose logarithms vary in RANK ways."""
    random = np.random.default_rng(1)
    return np.exp(5.0 + 0.3 * random.standard_normal((500, RANK)) @ random.standard_normal((RANK, RADII)))


def test_curves_that_vary_in_k_ways_are_made_of_k_principal_components_and_not_of_fewer(velocity):
    def themselves(coefficients, seed):
        return SimpleNamespace(sample=lambda n, seed: coefficients[:n])

    np.testing.assert_allclose(baselines.generate(np.log(velocity), RANK, themselves, 500, 1), velocity, rtol=1e-8)
    fewer = baselines.generate(np.log(velocity), RANK - 1, themselves, 500, 1)
    # What is lost is the last of the variances (Eckart & Young 1936).
    centred = np.log(velocity) - np.log(velocity).mean(0)
    lost = np.square(np.log(fewer) - np.log(velocity)).sum()
    assert lost == pytest.approx(np.linalg.svd(centred, compute_uv=False)[RANK - 1] ** 2, rel=1e-8)


def test_curves_of_the_baselines_vary_in_as_many_ways_as_their_names_say(monkeypatch):
    monkeypatch.setattr(em, "STEPS", 20)
    random = np.random.default_rng(2)
    velocity = np.exp(5.0 + 0.3 * random.standard_normal((500, RADII)) @ random.standard_normal((RADII, RADII)))
    generated = baselines.generate_all(velocity, n=200, seed=1)
    for name, rank in {"pca4_gaussian": RANK, "pca6_mixture": 6}.items():
        assert generated[name].shape == (200, RADII)
        log_v = np.log(generated[name])
        assert np.linalg.matrix_rank(log_v - np.log(velocity).mean(0), tol=1e-6) == rank
