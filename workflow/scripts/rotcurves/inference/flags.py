"""When not to believe what was inferred of a galaxy."""

from collections.abc import Mapping

import numpy as np

EFFECTIVE_DRAWS, PARETO_K = 1000, 0.7  # effective draws, Pareto k
TYPICAL = 0.01  # rank of the prior density: below it lie curves unlike those that the model was trained on
PHYSICAL = 5e-4  # relative distance to the nearest physical curve
WELL_FITTED = 1e-3  # probability of a larger misfit


def reasons(numbers: Mapping[str, np.ndarray]) -> list[str]:
    """Words for each of n galaxies, empty where nothing speaks against it; `numbers` are those of `infer_galaxies`.

    Outside of what a model has seen a fit looks fine and is wrong: neither chi squared nor the sampling shows it, but
    how typical its code is of the prior, and how physical its decoded curves.
    """
    doubts = {
        "sampling": (numbers["effective_size"] < EFFECTIVE_DRAWS) | (numbers["pareto_k"] > PARETO_K),
        "atypical": numbers["typicality"] < TYPICAL,
        "unphysical": numbers["physical_distance"] > PHYSICAL,  # never where it is not known
        "misfit": numbers["misfit"] < WELL_FITTED,
    }
    return [" ".join(name for name, found in doubts.items() if found[i]) for i in range(len(numbers["typicality"]))]
