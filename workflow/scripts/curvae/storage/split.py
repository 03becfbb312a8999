"""The curves of the parts of a split: training, validation, test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.storage.hdf5 import check_finite, reading, take


class Part:
    """The curves of one part of a split, in two open files, read piece by piece."""

    def __init__(self, velocity: h5py.Dataset, index: h5py.Dataset):
        self.index = index  # (n,): the rows of these curves among all
        self._velocity = velocity

    def __len__(self):
        return len(self.index)

    def rows(self, rows: slice = slice(None)) -> np.ndarray:
        """The rows of some of these curves among all. Raises UserError, naming the file, if they are no such."""
        index = self.index[rows].astype(np.int64)
        if index[0] < 0 or index[-1] >= len(self._velocity) or (np.diff(index) <= 0).any():
            path, part = self.index.file.filename, self.index.name.strip("/")
            raise UserError(f"{path}: '{part}' must be increasing row numbers below {len(self._velocity)}")
        return index

    def velocity(self, rows: slice = slice(None)) -> np.ndarray:
        """Velocities (n, m) [km/s] of some of these curves.

        Raises UserError, naming the file, if there are none such or they are not finite numbers.
        """
        v = take(self._velocity, self.rows(rows))
        check_finite(self._velocity.file.filename, v)
        return v


@contextmanager
def reading_split(curves: str | Path, split: str | Path, *parts: str) -> Iterator[tuple[np.ndarray, dict[str, Part]]]:
    """Yield the radii (m,) [kpc] and the named parts of a split, not yet read (see `reading` for the errors raised)."""
    with (
        reading(curves, velocity=("curve", "radius"), radius=("radius",)) as source,
        reading(split, train=(None,), validation=(None,), test=(None,)) as indices,
    ):
        velocity = source["velocity"]
        divided = sum(len(indices[part]) for part in ("train", "validation", "test"))
        if divided != len(velocity):
            raise UserError(f"{split}: divides {divided} curves, but {curves} holds {len(velocity)} curves")
        yield source["radius"][...], {part: Part(velocity, indices[part]) for part in parts}


def read_split(curves: str | Path, split: str | Path, *parts: str) -> tuple[np.ndarray, dict, dict]:
    """Read the curves of some parts of a split whole.

    Returns the radii (m,) [kpc], and for each part's name its indices (n,) and its velocities (n, m)
    [km/s]. Raises UserError if a file is not what it should be or a velocity is not a finite number.
    """
    with reading_split(curves, split, *parts) as (radius, read):
        index = {name: part.rows() for name, part in read.items()}
        return radius, index, {name: part.velocity() for name, part in read.items()}
