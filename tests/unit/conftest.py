"""Galaxies and constants of the default configuration, which several unit tests share."""

import numpy as np
import pytest

from curvae.galaxies.scaling import Relation, draw_parameters


@pytest.fixture(scope="session")
def galaxies(config):
    """Parameters (1000, 4) of galaxies drawn from the relations of the default configuration."""
    settings = config["sample_parameters"]
    relations = {
        name: Relation(*(settings[f"{name}_{part}"] for part in ("zero_point", "slope", "scatter")), pivot=pivot)
        for name, pivot in {"scale_length": 10.7, "halo_mass": 10.7, "concentration": 12.15}.items()
    }
    return draw_parameters(np.random.default_rng(1), 1000, (9.0, 12.0), **relations)


@pytest.fixture(scope="session")
def cored(galaxies):
    """Parameters (300, 5) of the first of these galaxies with cores of 0.01 to 30 kpc."""
    log_core_radius = np.random.default_rng(2).uniform(-2.0, 1.5, 300)
    return np.column_stack([galaxies[:300], log_core_radius])


@pytest.fixture(scope="session")
def constants(config):
    """Radii [kpc], Hubble constant, overdensity and constant of gravity of the default configuration."""
    settings = config["synthesize_curves"]
    radius = np.geomspace(settings["radius_min"], settings["radius_max"], settings["radii"])
    return radius, config["hubble_constant"], settings["overdensity"], settings["gravitational_constant"]
