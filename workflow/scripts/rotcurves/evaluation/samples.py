"""Samples that are compared: test curves chosen at random, generated curves, the fits to them."""

from pathlib import Path

import numpy as np

from rotcurves.evaluation.summary import IDENTITY
from rotcurves.galaxies import scaling
from rotcurves.runtime import streams
from rotcurves.runtime.errors import UserError
from rotcurves.storage import hdf5
from rotcurves.storage.curves import check_radii, parameters_dataset
from rotcurves.storage.split import read_split


def read_test_curves(
    curves: str | Path, split: str | Path, size: int, samples: int, seed: int, *parts: str
) -> tuple[np.ndarray, dict, dict, np.ndarray]:
    """Read the test curves, and further parts of the split, and choose disjoint random samples of the test curves.

    Returns the radii (m,) [kpc], indices (n,) and velocities (n, m) [km/s] of each part by name, and the rows
    (samples, size) of the test part that make the samples; the first sample is the same however many are asked for.
    Raises UserError if there are too few test curves.
    """
    radius, index, velocity = read_split(curves, split, "test", *parts)
    test, needed = len(index["test"]), samples * size
    if test < needed:
        raise UserError(f"{split}: holds {test} test curves, but {needed} are compared; use smaller evaluation_curves")
    order = streams.generator(seed, streams.Stream.EVALUATION).permutation(test)
    return radius, index, velocity, order[:needed].reshape(samples, size)


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
