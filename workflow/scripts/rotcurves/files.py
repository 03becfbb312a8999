"""The HDF5 files of the workflow: their names, shapes and units, how they are written and read safely.

xarray opens them with named coordinates (engine h5netcdf), since each axis has a dimension scale.
Data sets carry checksums, so that a damaged file is noticed when it is read.
Nothing in a file depends on when, where or by whom it was made.
"""

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py
import numpy as np

from rotcurves import signals
from rotcurves.errors import UserError
from rotcurves.relations import NAMES, UNITS
from rotcurves.replacing import replacing

# Rows that are read, computed and written at once: bounds the memory, changes no number.
ROWS = 65536
# Rows of one checksummed unit on disk; divides every number of rows written at once.
CHUNK_ROWS = 1024
# HDF5 1.10: the oldest format whose own structures are checksummed.
FORMAT = ("v110", "v110")
# Data sets that number curves.
INDICES = ("curve", "train", "validation", "test")
# What netCDF writes on a dimension that has no coordinate values, and what its readers look for.
NO_COORDINATE = "This is a netCDF dimension but not a netCDF variable. {:9d}"


class Writer:
    """A new HDF5 file whose axes have names: first the axes, then the data sets over them.

    With `parts`, other files and the length of each, its data sets are views of theirs, one after the other.
    """

    def __init__(self, file: h5py.File, parts: Sequence[tuple[str, int]] = ()):
        self._file, self._parts = file, parts

    def has(self, name: str) -> bool:
        """Whether there is an axis or a data set of this name."""
        return name in self._file

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

    def numbers(self, name: str, length: int, dtype: str) -> h5py.Dataset:
        """Name an axis with a number for each of its points, to be filled in."""
        chunks = (min(length, ROWS),)
        scale = self._file.create_dataset(name, (length,), dtype, fletcher32=True, chunks=chunks)
        scale.make_scale(name)
        return scale

    def dataset(self, name: str, axes: Sequence[str], dtype: str, units: str, long_name: str) -> h5py.Dataset:
        """Create a data set over named axes, to be filled row by row, or as a view of the parts."""
        shape = tuple(len(self._file[axis]) for axis in axes)
        if self._parts:
            dataset = self._view(name, shape, dtype)
        else:
            chunk = (min(shape[0], CHUNK_ROWS), *shape[1:])
            dataset = self._file.create_dataset(name, shape, dtype, chunks=chunk, fletcher32=True)
        for dimension, axis in zip(dataset.dims, axes, strict=True):
            dimension.attach_scale(self._file[axis])
        dataset.attrs["units"] = units
        dataset.attrs["long_name"] = long_name
        return dataset

    def _view(self, name: str, shape: tuple[int, ...], dtype: str) -> h5py.Dataset:
        layout, start = h5py.VirtualLayout(shape, dtype), 0
        for part, rows in self._parts:
            layout[start : start + rows] = h5py.VirtualSource(part, name, (rows, *shape[1:]), dtype)
            start += rows
        layout.dcpl.set_obj_track_times(False)  # as h5py does for all other data sets
        return self._file.create_virtual_dataset(name, layout, fillvalue=np.nan)


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
def create(path: str | Path, parts: Sequence[tuple[str, int]] = ()) -> Iterator[Writer]:
    """Yield a writer, of data or of a view of `parts`, for a new file that appears under `path` when it is complete.

    Signals end the block where it asks for them (`signals.check`), as every `progress` does, and not within HDF5.
    Raises UserError, naming the file, if it cannot be written.
    """
    with signals.deferred(), replacing(path) as temporary, Output(temporary) as output:
        try:
            # Without a lock: network file systems may refuse one, and the name is known to this process alone.
            # Without a cache of chunks: each is written once, and whole.
            with h5py.File(output, "w", libver=FORMAT, rdcc_nbytes=0, locking=False) as file:
                yield Writer(file, parts)
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
        raise UserError(f"{path}: may not be read")
    with _naming(path), h5py.File(path, "r", locking=False) as file:
        lengths = {}
        for name, expected in datasets.items():
            _check_dataset(path, file, name, expected, lengths)
        for part, digest in _parts(path, file):
            with reading(part, velocity=(None, None)) as source:
                if source["velocity"].attrs.get("sha256", "") != digest:
                    raise UserError(f"{part}: not the file that {path} is a view of")
        yield file


def _parts(path: Path, file: h5py.File) -> list[tuple[Path, str]]:
    """The files that the curves of `file` are a view of, where HDF5 looks for them, and the SHA-256 of their curves."""
    velocity = file.get("velocity")
    if not isinstance(velocity, h5py.Dataset) or not velocity.is_virtual:
        return []
    names = [path.parent / source.file_name for source in velocity.virtual_sources()]
    return list(zip(names, velocity.attrs["parts"], strict=True))


def _damaged(path: Path) -> Path:
    """The file to blame when `path` cannot be read: itself, or one that it is a view of."""
    tried = path
    with suppress(OSError):
        with h5py.File(path, "r", locking=False) as file:
            parts = [part for part, _ in _parts(path, file)]
        for tried in parts:
            with h5py.File(tried, "r", locking=False) as file:
                for dataset in file.values():
                    for rows in pieces(len(dataset)):
                        dataset[rows]
        tried = path
    return tried


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Raise UserError, naming the file that is read in this block, for what HDF5 finds wrong with it."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:  # from the operating system: HDF5 gives none for what it finds in a file
            raise
        damaged = _damaged(Path(path))
        raise UserError(f"{damaged}: not a readable HDF5 file (damaged, cut short or of another kind)") from error


def _check_dataset(path: Path, file: h5py.File, name: str, expected: tuple, lengths: dict[str, int]) -> None:
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
        raise UserError(f"{path}: '{name}' is not of {'whole ' if name in INDICES else ''}numbers")
    if name == "radius":
        radius = file[name][...]
        if not (np.isfinite(radius) & (np.diff(radius, prepend=0.0) > 0.0)).all():
            raise UserError(f"{path}: 'radius' is not of positive numbers that increase")


def pieces(n: int, rows: int = ROWS, start: int = 0) -> Iterator[slice]:
    """Yield the slices that cover the rows from `start` to n in pieces."""
    for first in range(start, n, rows):
        yield slice(first, min(first + rows, n))


def take(dataset: h5py.Dataset, index: np.ndarray) -> np.ndarray:
    """Rows of a data set in the order of `index`, read in pieces: HDF5 itself selects rows slowly.

    Nothing is read before the first or behind the last of them.
    Raises UserError if the index points outside the data set.
    """
    if len(index) and (index.min() < 0 or index.max() >= len(dataset)):
        raise UserError(f"{dataset.file.filename}: holds {len(dataset)} curves, but others are asked for")
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


def check_radii(path: str | Path, radius: np.ndarray, expected: np.ndarray, whose: str | Path) -> None:
    """Raise UserError, naming the file, if its radii (m,) are not the expected ones, those of another file."""
    if not np.array_equal(radius, expected):
        raise UserError(f"{path}: its radii are not those of {whose}")


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


def gather(path: str | Path, parts: Sequence[str | Path]) -> None:
    """Make one file of the curves in `parts`, one after the other: a view, nothing is copied.

    It names them by their paths from its own folder, and what they hold by its SHA-256, so that its own bytes change
    with theirs. Raises UserError if one cannot be read or is over other radii than the first.
    """
    lengths, digests, radii = [], [], []
    for part in parts:
        shapes = {"velocity": ("curve", "radius"), "parameters": ("curve", len(NAMES)), "radius": ("radius",)}
        with reading(part, **shapes) as source:
            if "sha256" not in source["velocity"].attrs:
                raise UserError(f"{part}: holds curves without their checksum; is it of synthesize_curves?")
            lengths.append(len(source["velocity"]))
            digests.append(source["velocity"].attrs["sha256"])
            radii.append(source["radius"][...])
        check_radii(part, radii[-1], radii[0], parts[0])
    names = [os.path.relpath(part, Path(path).parent) for part in parts]
    with create(path, list(zip(names, lengths, strict=True))) as writer:
        writer.axis("curve", sum(lengths))
        parameters_dataset(writer)
        velocity_dataset(writer, radii[0]).attrs["parts"] = digests
