"""HDF5 files whose axes have names and whose data sets have units, written and read safely.

xarray opens them with named coordinates (engine h5netcdf), since each axis has a dimension scale.
Data sets carry checksums, so that a damaged file is noticed when it is read.
Nothing in a file depends on when, where or by whom it was made.
"""

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.runtime.rows import ROWS, pieces
from curvae.storage.atomic import replacing

# Rows of one checksummed unit on disk; divides every number of rows written at once.
CHUNK_ROWS = 1024
# HDF5 1.10: the oldest format whose own structures are checksummed.
FORMAT = ("v110", "v110")
# Data sets that number curves.
INDICES = ("curve", "train", "validation", "test")
# What netCDF writes on a dimension that has no coordinate values, and what its readers look for.
NO_COORDINATE = "This is a netCDF dimension but not a netCDF variable. {:9d}"


class Writer:
    """A new HDF5 file whose axes have names: first the axes, then the data sets over them."""

    def __init__(self, file: h5py.File):
        self._file = file

    def attributes(self, **values) -> None:
        """Set attributes of the whole file."""
        set_attributes(self._file, **values)

    def axis(self, name: str, values, units: str | None = None) -> None:
        """Name an axis: by its length alone, or with a name or number for each point (sequence, array, data set)."""
        if isinstance(values, int):
            scale = self._file.create_dataset(name, shape=(values,), dtype="f4")
            scale.make_scale(NO_COORDINATE.format(values))
        elif isinstance(values[0], str):
            scale = self._file.create_dataset(name, data=list(values), dtype=h5py.string_dtype())
            scale.make_scale(name)
        else:
            scale = self.numbers(name, len(values), values.dtype)
            for rows in pieces(len(values)):
                scale[rows] = values[rows]
        if units:
            scale.attrs["units"] = units

    def counted(self, **lengths: int) -> None:
        """Name axes whose points are counted from 1, as in figures and tables: latents, components."""
        for name, length in lengths.items():
            self.axis(name, np.arange(1, length + 1))

    def numbers(self, name: str, length: int, dtype: str) -> h5py.Dataset:
        """Name an axis with a number for each of its points, to be filled in."""
        chunks = (min(length, ROWS),)
        scale = self._file.create_dataset(name, (length,), dtype, fletcher32=True, chunks=chunks)
        scale.make_scale(name)
        return scale

    def dataset(
        self, name: str, axes: Sequence[str], dtype: str, units: str, long_name: str, at_once: int = CHUNK_ROWS
    ) -> h5py.Dataset:
        """Create a data set over named axes, to be filled in pieces of `at_once` rows, or of multiples of them."""
        shape = tuple(len(self._file[axis]) for axis in axes)
        chunk = (min(shape[0], at_once), *shape[1:])
        dataset = self._file.create_dataset(name, shape, dtype, chunks=chunk, fletcher32=True)
        for dimension, axis in zip(dataset.dims, axes, strict=True):
            dimension.attach_scale(self._file[axis])
        dataset.attrs["units"] = units
        dataset.attrs["long_name"] = long_name
        return dataset


class Output(io.FileIO):
    """A new file that HDF5 writes to. HDF5 crashes when it cannot: a first `failure` is kept, later bytes are lost."""

    def __init__(self, path: str | Path):
        super().__init__(path, "w+")
        self.failure: OSError | None = None

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = self.failure or error

    def write(self, content) -> int:
        left = memoryview(content).cast("B")
        with self._keeping():
            while left and not self.failure:
                left = left[super().write(left) :]
        return len(content)

    def truncate(self, size: int) -> int:
        with self._keeping():
            super().truncate(size)
        return size


@contextmanager
def create(path: str | Path) -> Iterator[Writer]:
    """Yield a writer for a new file that appears under `path` when it is complete.

    Raises UserError, naming the file, if it cannot be written.
    """
    with replacing(path) as temporary, Output(temporary) as output:
        try:
            # Without a lock: network file systems may refuse one, and the name is known to this process alone.
            # Without a cache of chunks: each is written once, and whole.
            with h5py.File(output, "w", libver=FORMAT, rdcc_nbytes=0, locking=False) as file:
                yield Writer(file)
        except (OSError, RuntimeError):  # h5py raises both when it cannot read what it could not write
            if not output.failure:
                raise
        if output.failure:
            raise output.failure


@contextmanager
def reading(path: str | Path, **datasets: tuple[int | str | None, ...]) -> Iterator[h5py.File]:
    """Yield an open file that holds the named data sets, none empty, each of the shape given.

    A length of None is any, one with a name is the same wherever the name stands. Raises UserError, naming the
    file, if it is missing, no HDF5 file, damaged, or of another content.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    if not os.access(path, os.R_OK):
        raise UserError(f"{path}: no permission to read it")
    with _naming(path), h5py.File(path, "r", locking=False) as file:
        if file.get("/") is None:
            raise OSError("its root, where the attributes are, is damaged")
        check_datasets(path, file, **datasets)
        yield file


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Raise UserError, naming the file that is read in this block, for what HDF5 finds wrong with it."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:  # from the operating system: HDF5 gives none for what it finds in a file
            raise
        raise UserError(
            f"{path}: not a readable HDF5 file (damaged, cut short or of another kind); "
            "a damaged result is made again once it is removed"
        ) from error


def holds(owner: h5py.File | h5py.AttributeManager, name: str) -> bool:
    """Whether an open file has a data set, or its attributes have one, of that name."""
    try:
        return name in owner
    except RuntimeError as error:  # what h5py makes of damage
        raise OSError(str(error)) from error


def check_datasets(path: str | Path, file: h5py.File, **datasets: tuple[int | str | None, ...]) -> None:
    """Raise UserError, naming the open file, unless it holds the named data sets (see `reading`)."""
    lengths = {}
    for name, expected in datasets.items():
        _check_dataset(path, file, name, expected, lengths)


def _check_dataset(path: str | Path, file: h5py.File, name: str, expected: tuple, lengths: dict[str, int]) -> None:
    if not isinstance(file.get(name), h5py.Dataset):
        raise UserError(f"{path}: holds no data set '{name}'; is it the right kind of file?")
    shape, kind = file[name].shape, file[name].dtype.kind
    wanted = [lengths.get(e, e) for e in expected]
    if len(shape) != len(wanted) or any(isinstance(w, int) and w != s for w, s in zip(wanted, shape, strict=True)):
        words = " x ".join("any" if w is None else str(w) for w in wanted)
        raise UserError(f"{path}: '{name}' has shape {shape}, expected {words}")
    lengths.update({e: s for e, s in zip(expected, shape, strict=True) if isinstance(e, str)})
    if 0 in shape:
        raise UserError(f"{path}: '{name}' is empty")
    if kind not in ("iu" if name in INDICES else "fiu"):
        raise UserError(f"{path}: '{name}' must hold {'whole ' if name in INDICES else ''}numbers")
    if name == "radius":
        radius = file[name][...]
        if not (np.isfinite(radius) & (np.diff(radius, prepend=0.0) > 0.0)).all():
            raise UserError(f"{path}: 'radius' must be positive and increasing")


def set_attributes(owner: h5py.HLObject, **values) -> None:
    """Set attributes of a file or data set: texts with fixed lengths, since HDF5 keeps no checksum of any others."""
    texts = {name: np.char.encode(value) for name, value in values.items() if np.asarray(value).dtype.kind == "U"}
    owner.attrs.update(values | texts)


def attributes(path: str | Path, owner: h5py.HLObject, *names: str) -> dict:
    """The named attributes of a file or data set. Raises UserError, naming the file, if it lacks one."""
    try:
        values = {name: owner.attrs[name] for name in names if name in owner.attrs}
    except RuntimeError as error:  # what h5py makes of damage where a file has many attributes
        raise OSError(str(error)) from error
    missing = [name for name in names if name not in values]
    if missing:
        raise UserError(f"{path}: holds no attribute '{missing[0]}'; is it the right kind of file?")
    texts = {
        name: np.char.decode(value).tolist() for name, value in values.items() if np.asarray(value).dtype.kind == "S"
    }
    return values | texts


def texts(path: str | Path, file: h5py.File, axis: str, length: int | None = None) -> list[str]:
    """The names of the points of an axis. Raises UserError, naming the file, if it has none, or not as many."""
    dataset = file.get(axis)
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind != "O" or length not in (None, len(dataset)):
        raise UserError(f"{path}: holds no names along '{axis}'; is it the right kind of file?")
    return [name.decode() for name in dataset[...]]


def take(dataset: h5py.Dataset, index: np.ndarray) -> np.ndarray:
    """Rows of a data set in the order of `index`, read in pieces: HDF5 itself selects rows slowly.

    Nothing is read before the first or behind the last of them.
    Raises UserError if the index points outside the data set.
    """
    if len(index) and (index.min() < 0 or index.max() >= len(dataset)):
        raise UserError(f"{dataset.file.filename}: holds {len(dataset)} curves, but row {index.max()} is needed")
    taken = np.empty((len(index), *dataset.shape[1:]), dataset.dtype)
    order = np.argsort(index, kind="stable")
    in_order = index[order]
    lowest, highest = (in_order[0], in_order[-1]) if len(index) else (0, -1)
    for piece in pieces(highest + 1, start=lowest):
        first, last = np.searchsorted(in_order, (piece.start, piece.stop))
        if last > first:
            with _naming(dataset.file.filename):
                taken[order[first:last]] = dataset[piece][in_order[first:last] - piece.start]
    return taken


def check_finite(path: str | Path, *arrays: np.ndarray) -> None:
    """Raise UserError, naming the file, if values are infinite or not a number."""
    if not all(np.isfinite(values).all() for values in arrays):
        raise UserError(f"{path}: holds values that are not finite numbers")
