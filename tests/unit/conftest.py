"""Galaxies and constants of the default configuration, which several unit tests share."""

import numpy as np
import pytest

from curvae.galaxies.rotation import ForwardModel
from curvae.galaxies.scaling import draw_parameters, relations


@pytest.fixture(scope="session")
def galaxies(config):
    """Parameters (1000, 4) of galaxies drawn from the relations of the default configuration."""
    settings = config | config["sample_parameters"]
    return draw_parameters(np.random.default_rng(1), 1000, (9.0, 12.0), **relations(settings))


@pytest.fixture(scope="session")
def cored(galaxies):
    """Parameters (300, 5) of the first of these galaxies with cores of 0.01 to 30 kpc."""
    log_core_radius = np.random.default_rng(2).uniform(-2.0, 1.5, 300)
    return np.column_stack([galaxies[:300], log_core_radius])


@pytest.fixture(scope="session")
def radius(config):
    """Radii (50,) [kpc] of the default configuration."""
    settings = config["synthesize_curves"]
    return np.geomspace(settings["radius_min"], settings["radius_max"], settings["radii"])


@pytest.fixture(scope="session")
def forward_model(config):
    """Function from a halo profile, and what differs, to a forward model of the default configuration."""
    settings = config | config["sample_parameters"] | config["synthesize_curves"]
    return lambda halo_profile="nfw", **different: ForwardModel.from_settings(
        settings | {"halo_profile": halo_profile} | different
    )


@pytest.fixture(scope="session")
def constants(radius, forward_model):
    """Radii, and the forward model of haloes without cores."""
    return radius, forward_model()
