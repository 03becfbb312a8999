"""Samples that are compared: test curves chosen at random, generated curves, the fits to them."""

from pathlib import Path

import numpy as np

from curvae.evaluation.summary import BASELINE, IDENTITY
from curvae.galaxies import scaling
from curvae.galaxies.halo_profiles import PROFILES
from curvae.runtime import streams
from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.curves import check_radii, parameters_dataset, velocity_dataset
from curvae.storage.split import read_split, reading_split

# Baselines are fitted to, and copies looked for in, the first training curves; their order is random.
MAX_TRAINING_CURVES = 500_000
MIN_CURVES = 10  # in a comparison


def read_test_curves(
    curves: str | Path, split: str | Path, size: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read the test curves and choose two disjoint random samples of them, each of `size` curves or half of them all.

    Returns the radii (m,) [kpc], the indices (n,) and velocities (n, m) [km/s] of the test curves, and the rows
    (2, size) of these that make the samples. Raises UserError if there are too few test curves.
    """
    radius, index, velocity = read_split(curves, split, "test")
    test = len(index["test"])
    if test < 2 * MIN_CURVES:
        raise UserError(f"{split}: holds {test} test curves, expected at least {2 * MIN_CURVES}")
    size = min(size, test // 2)
    order = streams.generator(seed, streams.Stream.EVALUATION).permutation(test)
    return radius, index["test"], velocity["test"], order[: 2 * size].reshape(2, size)


def read_training_curves(curves: str | Path, split: str | Path) -> np.ndarray:
    """Velocities (n, m) [km/s] of the training curves, of the first if there are very many."""
    with reading_split(curves, split, "train") as (_, parts):
        return parts["train"].velocity(slice(MAX_TRAINING_CURVES))


def divided(rows: np.ndarray, seed: int, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of some rows (n,), other random ones for each draw."""
    return np.array_split(streams.generator(seed, streams.Stream.EVALUATION, draw).permutation(rows), 2)


def read_generated(path: str | Path, most: int, radius: np.ndarray, curves: str | Path) -> tuple[np.ndarray, dict]:
    """Generated curves (n, m) [km/s] of a file, the first `most`, over the radii (m,) [kpc] of other curves.

    Returns them, and their model, training seed and sampler by name.
    """
    with hdf5.reading(path, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        check_radii(path, source["radius"][...], radius, curves)
        return source["velocity"][:most], hdf5.attributes(path, source, *IDENTITY)


def write_baseline(path: str | Path, name: str, radius: np.ndarray, velocity: np.ndarray) -> None:
    """Write the curves (n, m) [km/s] of a baseline, in the form of those that models generate."""
    with hdf5.create(path) as writer:
        writer.attributes(model=BASELINE, seed="", sampler=name)
        writer.axis("curve", len(velocity))
        velocity_dataset(writer, radius)[...] = velocity


def write_physical_fits(path: str | Path, parameters: np.ndarray, rmse: np.ndarray, **attributes) -> None:
    """Write parameters (n, p) and distances (n,) [km/s] of the physical curves nearest to n curves (HDF5).

    `attributes` of the file are those of the curves, and of the forward model.
    """
    about = scaling.parameters_of_galaxies(PROFILES[attributes["halo_profile"]])
    with hdf5.create(path) as writer:
        writer.attributes(**attributes)
        writer.axis("curve", len(rmse))
        parameters_dataset(writer, *zip(*about, strict=True))[...] = parameters
        distance = "root mean square distance to the nearest physical curve"
        writer.dataset("rmse", ("curve",), "f8", "km/s", distance)[...] = rmse
