"""Rotation curves and the parameters of their galaxies, as every file of curves holds them."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.storage.hdf5 import Writer, attributes, holds, reading, set_attributes


def parameters_dataset(
    writer: Writer, names: Sequence[str], units: Sequence[str], labels: Sequence[str]
) -> h5py.Dataset:
    """Create the data set (curve, parameter) of parameters of galaxies; `labels` are those of figures (LaTeX)."""
    writer.axis("parameter", list(names))
    logarithmic = all(unit.startswith("log10") for unit in units)
    dataset = writer.dataset(
        "parameters", ("curve", "parameter"), "f8", "dex" if logarithmic else "mixed", "parameters"
    )
    describe(dataset, names, units, labels)
    return dataset


def describe(dataset: h5py.Dataset, names: Sequence[str], units: Sequence[str], labels: Sequence[str]) -> None:
    """Say which parameters the last axis of a data set has."""
    set_attributes(dataset, parameter_names=names, parameter_units=units, parameter_labels=labels)


def described(path: str | Path, axes: int = 2) -> tuple[list[str], list[str], list[str]]:
    """Names, units and labels of the `parameters` in a file. Raises UserError if it does not have them."""
    with reading(path, parameters=(None,) * axes) as file:
        dataset = file["parameters"]
        texts = attributes(path, dataset, "parameter_names", "parameter_units", "parameter_labels").values()
        if any(len(text) != dataset.shape[-1] for text in texts):
            raise UserError(f"{path}: names, units or labels are not those of {dataset.shape[-1]} parameters")
    return tuple(map(list, texts))


def velocity_dataset(writer: Writer, radius: np.ndarray, name: str = "velocity") -> h5py.Dataset:
    """Create a data set (curve, radius) of circular velocities over radii [kpc], `velocity` before others."""
    if name == "velocity":
        writer.axis("radius", radius, "kpc")
    return writer.dataset(name, ("curve", "radius"), "f4", "km/s", "circular velocity")


def check_radii(path: str | Path, radius: np.ndarray, expected: np.ndarray, whose: str | Path) -> None:
    """Raise UserError, naming the file, if its radii (m,) are not the expected ones, those of another file."""
    if not np.array_equal(radius, expected):
        raise UserError(f"{path}: its radii are not those of {whose}")


def read_attribute(path: str | Path, name: str, otherwise):
    """An attribute of a file of curves, or another value where it has none."""
    with reading(path) as file:
        return attributes(path, file, name)[name] if holds(file.attrs, name) else otherwise


def read_attributes(path: str | Path, *names: str) -> dict:
    """Attributes of a file of curves: what they were computed with. Raises UserError, naming the file, without them."""
    with reading(path) as file:
        return attributes(path, file, *names)
