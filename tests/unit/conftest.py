"""What several unit tests share."""

import pytest

from rotcurves.relations import Relation


@pytest.fixture(scope="session")
def default_relations(config):
    """The scaling relations of the default configuration, by name, as `draw_parameters` takes them."""
    settings = config["sample_parameters"]
    return {
        name: Relation(*(settings[f"{name}_{part}"] for part in ("zero_point", "slope", "scatter")), pivot=pivot)
        for name, pivot in {"scale_length": 10.7, "halo_mass": 10.7, "concentration": 12.15}.items()
    }
