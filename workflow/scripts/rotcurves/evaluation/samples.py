"""Samples that are compared: test curves chosen at random, generated curves, the fits to them."""

from pathlib import Path

import numpy as np

from rotcurves.evaluation.summary import IDENTITY
from rotcurves.galaxies import scaling
from rotcurves.runtime import streams
from rotcurves.runtime.errors import UserError
from rotcurves.storage import hdf5
from rotcurves.storage.curves import check_radii, parameters_dataset
from rotcurves.storage.split import read_split, reading_split

# Training curves that baselines are fitted to, and in which copies are looked for, the first; their order is random.
MOST_TRAINING = 500_000


def read_test_curves(
    curves: str | Path, split: str | Path, size: int, samples: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read the test curves and choose disjoint random samples of them.

    Returns the radii (m,) [kpc], the indices (n,) and velocities (n, m) [km/s] of the test curves, and the rows
    (samples, size) of these that make the samples; the first sample is the same however many are asked for.
    Raises UserError if there are too few test curves.
    """
    radius, index, velocity = read_split(curves, split, "test")
    test, needed = len(index["test"]), samples * size
    if test < needed:
        raise UserError(f"{split}: holds {test} test curves, but {needed} are compared; use smaller evaluation_curves")
    order = streams.generator(seed, streams.Stream.EVALUATION).permutation(test)
    return radius, index["test"], velocity["test"], order[:needed].reshape(samples, size)


def read_training_curves(curves: str | Path, split: str | Path) -> np.ndarray:
    """Velocities (n, m) [km/s] of the training curves, of the first if there are very many."""
    with reading_split(curves, split, "train") as (_, parts):
        return parts["train"].velocity(slice(MOST_TRAINING))


def divided(rows: np.ndarray, seed: int, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of some rows (n,), other random ones for each draw."""
    return np.array_split(streams.generator(seed, streams.Stream.EVALUATION, draw).permutation(rows), 2)


def read_generated(path: str | Path, n: int, radius: np.ndarray, curves: str | Path) -> tuple[np.ndarray, dict]:
    """The first n generated curves (n, m) [km/s] of a file, over the radii (m,) [kpc] of other curves.

    Returns them, and their model, training seed and sampler by name. Raises UserError if there are fewer.
    """
    with hdf5.reading(path, velocity=(None, len(radius)), radius=(len(radius),)) as source:
        check_radii(path, source["radius"][...], radius, curves)
        if len(source["velocity"]) < n:
            raise UserError(f"{path}: holds {len(source['velocity'])} curves, but {n} are compared")
        return source["velocity"][:n], hdf5.attributes(path, source, *IDENTITY)


def write_physical_fits(
    path: str | Path, curve: int | np.ndarray, parameters: np.ndarray, rmse: np.ndarray, settings: dict
) -> None:
    """Write parameters (n, 4) and distances (n,) [km/s] of the physical curves nearest to n curves (HDF5).

    `settings`, of the forward model, become attributes of the file.
    """
    with hdf5.create(path) as writer:
        writer.attributes(**settings)
        writer.axis("curve", curve)
        parameters_dataset(writer, scaling.NAMES, scaling.UNITS, scaling.LABELS)[...] = parameters
        distance = "root mean square distance to the nearest physical curve"
        writer.dataset("rmse", ("curve",), "f8", "km/s", distance)[...] = rmse
