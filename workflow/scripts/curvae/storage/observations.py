"""Observed galaxies: points at radii of their own, all in one file, galaxy after galaxy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.storage.hdf5 import Writer, check_finite, create, reading, texts

POINT_UNITS = {"radius": "kpc", "velocity": "km/s", "error": "km/s"}
TRUTH = {"velocity": "true_radius", "parameters": "true_parameter"}  # of a mock, and the axis that it has


@dataclass(frozen=True)
class Galaxy:
    """An observed galaxy: radii (m,) [kpc], velocities (m,) and their errors (m,) [km/s]."""

    radius: np.ndarray
    velocity: np.ndarray
    error: np.ndarray
    name: str = ""
    left_out: int = 0  # points of its table that lie beyond the radii of the models
    truth: dict = field(default_factory=dict)  # of a mock: `velocity` (radius,) at the models' radii, `parameters` (p,)


def write_observations(path: str | Path, galaxies: Sequence[Galaxy], **attributes) -> None:
    """Write galaxies (HDF5), with what is true of them where they are mocks."""
    with create(path) as writer:
        writer.attributes(**attributes)
        writer.axis("galaxy", [galaxy.name for galaxy in galaxies])
        points = np.array([len(galaxy.radius) for galaxy in galaxies])
        writer.axis("point", int(points.sum()))
        left_out = [galaxy.left_out for galaxy in galaxies]
        for name, values, text in (
            ("points", points, "points of the galaxy, which follow each other"),
            ("left_out", left_out, "points beyond the radii of the models"),
        ):
            writer.dataset(name, ("galaxy",), "i8", "1", text)[...] = values
        for name, unit in POINT_UNITS.items():
            values = np.concatenate([getattr(galaxy, name) for galaxy in galaxies])
            writer.dataset(f"observed_{name}", ("point",), "f8", unit, f"observed {name}")[...] = values
        if galaxies[0].truth:
            _write_truth(writer, [galaxy.truth for galaxy in galaxies])


def _write_truth(writer: Writer, truths: Sequence[dict]) -> None:
    for name, axis in TRUTH.items():
        values = np.array([truth[name] for truth in truths])
        writer.axis(axis, values.shape[1])
        unit = "km/s" if name == "velocity" else "mixed"
        writer.dataset(f"true_{name}", ("galaxy", axis), "f8", unit, f"true {name} of the mock galaxy")[...] = values


def read_observations(path: str | Path) -> list[Galaxy]:
    """The galaxies of a file. Raises UserError, naming it, if it is no such file."""
    shapes = {f"observed_{name}": ("point",) for name in POINT_UNITS}
    with reading(path, points=("galaxy",), left_out=("galaxy",), **shapes) as file:
        names = texts(path, file, "galaxy", len(file["points"]))
        points, left_out = file["points"][...], file["left_out"][...]
        values = [file[f"observed_{name}"][...] for name in POINT_UNITS]
        check_finite(path, *values)
        if points.sum() != len(values[0]):
            raise UserError(f"{path}: the numbers of points of its galaxies do not add up to its points")
        truth = {
            name: file[f"true_{name}"][...] for name in TRUTH if isinstance(file.get(f"true_{name}"), h5py.Dataset)
        }
        if len(truth) == 1 or any(x.dtype.kind != "f" or x.ndim != 2 or len(x) != len(names) for x in truth.values()):
            raise UserError(f"{path}: what is true of its galaxies is not numbers of {len(names)} galaxies")
        check_finite(path, *truth.values())
    ends = np.cumsum(points)
    return [
        Galaxy(
            *(value[ends[i] - points[i] : ends[i]] for value in values),
            names[i],
            int(left_out[i]),
            {name: known[i] for name, known in truth.items()},
        )
        for i in range(len(names))
    ]
