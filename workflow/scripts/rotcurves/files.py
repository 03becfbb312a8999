"""Every file of the workflow: its names, shapes and units, how it is written whole and read safely.

All files are HDF5 that xarray opens with named coordinates (engine h5netcdf): each axis has a
dimension scale. Data sets carry checksums, so that a damaged file is noticed when it is read.
Nothing in a file depends on when, where or by whom it was made.
"""

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from rotcurves.errors import UserError
from rotcurves.relations import NAMES, UNITS

# Rows that are read, computed and written at once: bounds the memory, changes no number.
ROWS = 65536
# Rows of one checksummed unit on disk; divides every number of rows written at once.
CHUNK_ROWS = 1024
# HDF5 1.10: the oldest format whose own structures are checksummed.
FORMAT = ("v110", "v110")
# Disk full, quota or file size exceeded, disk gone: nothing to do with what is written.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
# What netCDF writes on a dimension that has no coordinate values, and what its readers look for.
NO_COORDINATE = "This is a netCDF dimension but not a netCDF variable. {:9d}"


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a new name beside `path` to write to; it becomes `path` when the block ends well.

    A file that exists under its own name is therefore whole. Raises UserError if the folder cannot be
    written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


class Writer:
    """A new HDF5 file whose axes have names: first the axes, then the data sets over them."""

    def __init__(self, file: h5py.File):
        self._file = file

    def has(self, name: str) -> bool:
        """Whether there is an axis or a data set of this name."""
        return name in self._file

    def axis(self, name: str, values: int | Sequence | np.ndarray, units: str | None = None) -> None:
        """Name an axis: by its length alone, or with a coordinate value for each of its points."""
        if isinstance(values, int):
            scale = self._file.create_dataset(name, shape=(values,), dtype="f4")
            scale.make_scale(NO_COORDINATE.format(values))
        elif isinstance(values[0], str):
            scale = self._file.create_dataset(name, data=list(values), dtype=h5py.string_dtype())
            scale.make_scale(name)
        else:
            scale = self._file.create_dataset(name, data=np.asarray(values), fletcher32=True, chunks=True)
            scale.make_scale(name)
        if units:
            scale.attrs["units"] = units

    def dataset(self, name: str, axes: Sequence[str], dtype: str, units: str, long_name: str) -> h5py.Dataset:
        """Create a data set over named axes, to be filled row by row."""
        shape = tuple(len(self._file[axis]) for axis in axes)
        chunk = (min(shape[0], CHUNK_ROWS), *shape[1:])
        dataset = self._file.create_dataset(name, shape, dtype, chunks=chunk, fletcher32=True)
        for dimension, axis in zip(dataset.dims, axes, strict=True):
            dimension.attach_scale(self._file[axis])
        dataset.attrs["units"] = units
        dataset.attrs["long_name"] = long_name
        return dataset


@contextmanager
def create(path: str | Path) -> Iterator[Writer]:
    """Yield a writer for a new file that appears under `path` only when it is complete.

    Raises UserError, naming the file, if it cannot be written.
    """
    with replacing(path) as temporary:
        try:
            # Without a cache of chunks: with one, HDF5 writes when it closes, and crashes if the disk is full then.
            with h5py.File(temporary, "w", libver=FORMAT, rdcc_nbytes=0) as file:
                yield Writer(file)
        except (OSError, RuntimeError) as error:  # h5py raises RuntimeError when it cannot close
            cause = error if isinstance(error, OSError) else error.__context__
            if not isinstance(cause, OSError) or cause.errno is None:
                raise
            raise UserError(f"{path}: cannot be written: {os.strerror(cause.errno)}") from error


@contextmanager
def reading(path: str | Path, **datasets: tuple[int | None, ...]) -> Iterator[h5py.File]:
    """Yield an open file that holds the named data sets, each of the shape given (None: any length).

    Raises UserError, naming the file, if it is missing, no HDF5 file, damaged, or of another content.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    if not os.access(path, os.R_OK):
        raise UserError(f"{path}: may not be read")
    try:
        with h5py.File(path, "r", locking=False) as file:
            for name, expected in datasets.items():
                _check_dataset(path, file, name, expected)
            yield file
    except OSError as error:
        if error.errno is not None:  # from the operating system: HDF5 gives none for what it finds in a file
            raise
        raise UserError(f"{path}: not a readable HDF5 file (damaged, cut short or of another kind)") from error


def _check_dataset(path: Path, file: h5py.File, name: str, expected: tuple[int | None, ...]) -> None:
    if not isinstance(file.get(name), h5py.Dataset):
        raise UserError(f"{path}: holds no data set '{name}'; is it the right kind of file?")
    shape = file[name].shape
    if len(shape) != len(expected) or any(e not in (None, s) for s, e in zip(shape, expected, strict=False)):
        wanted = " x ".join("any" if e is None else str(e) for e in expected)
        raise UserError(f"{path}: '{name}' has shape {shape}, expected {wanted}")


def read(path: str | Path, *names: str) -> list[np.ndarray]:
    """Read whole data sets from a file (see `reading` for the errors raised)."""
    with reading(path) as file:
        for name in names:
            if not isinstance(file.get(name), h5py.Dataset):
                raise UserError(f"{path}: holds no data set '{name}'; is it the right kind of file?")
        return [file[name][...] for name in names]


def pieces(n: int, rows: int = ROWS) -> Iterator[slice]:
    """Yield the slices that cover n rows in pieces."""
    for start in range(0, n, rows):
        yield slice(start, min(start + rows, n))


def take(dataset: h5py.Dataset, index: np.ndarray) -> np.ndarray:
    """Rows of a data set in the order of `index`, read in pieces: HDF5 itself selects rows slowly.

    Raises UserError if the index points outside the data set.
    """
    if len(index) and (index.min() < 0 or index.max() >= len(dataset)):
        raise UserError(f"{dataset.file.filename}: holds {len(dataset)} curves, but others are asked for")
    taken = np.empty((len(index), *dataset.shape[1:]), dataset.dtype)
    order = np.argsort(index, kind="stable")
    in_order = index[order]
    for piece in pieces(len(dataset)):
        first, last = np.searchsorted(in_order, (piece.start, piece.stop))
        if last > first:
            taken[order[first:last]] = dataset[piece][in_order[first:last] - piece.start]
    return taken


def read_split(curves: str | Path, split: str | Path, *parts: str) -> tuple[np.ndarray, dict, dict]:
    """Read the curves of some parts of a split.

    Returns the radii (m,) [kpc], and for each part's name its indices (n,) and its velocities (n, m)
    [km/s]. Raises UserError if a file is not what it should be or a velocity is not a positive number.
    """
    index = dict(zip(parts, read(split, *parts), strict=True))
    with reading(curves, velocity=(None, None), radius=(None,)) as source:
        radius = source["radius"][...]
        velocity = {part: take(source["velocity"], index[part]) for part in parts}
    for part, v in velocity.items():
        bad = ~(np.isfinite(v) & (v > 0)).all(1)
        if bad.any():
            raise UserError(f"{curves}: {bad.sum()} {part} curves hold velocities that are not positive numbers")
    return radius, index, velocity


def parameters_dataset(writer: Writer) -> h5py.Dataset:
    """The data set (curve, parameter) of log10 physical parameters, with their names and units."""
    writer.axis("parameter", NAMES)
    dataset = writer.dataset("parameters", ("curve", "parameter"), "f8", "dex", "log10 physical parameters")
    dataset.attrs["names"] = list(NAMES)
    dataset.attrs["parameter_units"] = list(UNITS)
    return dataset


def velocity_dataset(writer: Writer, radius: np.ndarray, name: str = "velocity") -> h5py.Dataset:
    """The data set (curve, radius) of circular velocities over the given radii [kpc]."""
    if not writer.has("radius"):
        writer.axis("radius", radius, "kpc")
    return writer.dataset(name, ("curve", "radius"), "f4", "km/s", "circular velocity")
