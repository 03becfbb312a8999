"""Files of curves that others have made: HDF5, NumPy's .npz, and tables as CSV, ECSV and FITS, read piece by piece.

HDF5 and .npz files hold `velocity` (curve, radius), `radius`, and if known `parameters` (curve, parameter), with names
in `parameter_names`. In a table, columns whose names are numbers are velocities at that radius, others are parameters.
"""

import csv
import logging
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.runtime.rows import pieces
from curvae.storage import hdf5

log = logging.getLogger(__name__)

ROWS_READ = 8192  # rows
# Where galaxies lie: what is far outside is likely in other units.
USUAL_VELOCITIES, USUAL_RADII = (3.0, 3000.0), (0.3, 3000.0)  # median [km/s], last [kpc]
EXPECTED = "expected 'velocity' (curve, radius) and 'radius'"


@dataclass(frozen=True)
class Curves:
    """Curves of a file, not yet read: `pieces()` yields rows, velocities (n, m) and parameters (n, p), both float64."""

    radius: np.ndarray  # (m,) [kpc]
    length: int
    pieces: Callable[[], Iterator[tuple[slice, np.ndarray, np.ndarray]]]
    names: Sequence[str] = ()  # of the parameters
    units: Sequence[str] = ()
    labels: Sequence[str] = field(default=())  # as figures write them (LaTeX)


def factor(path: str | Path, what: str, unit: str | None, wanted: str) -> float:
    """What a number in a unit, as astropy reads it, is multiplied by to be in the wanted one; 1 without a unit."""
    if not unit:
        return 1.0
    from astropy import units

    try:
        return float(units.Unit(unit).to(units.Unit(wanted)))
    except (ValueError, TypeError) as error:
        raise UserError(f"{path}: '{what}' is in '{unit}', expected {wanted}") from error


def warn_of_units(path: str | Path, velocity: float, radius: float) -> None:
    """Say so if the median velocity [km/s] or the last radius [kpc] is far from those of galaxies."""
    for what, value, (low, high), unit in (
        ("median velocity", velocity, USUAL_VELOCITIES, "km/s"),
        ("last radius", radius, USUAL_RADII, "kpc"),
    ):
        if not low < value < high:
            log.warning("warning: %s: the %s is %.3g %s; are these the units?", path, what, value, unit)


def arrays(path: Path, velocity, radius, parameters, names, units, labels, scales: tuple[float, float]) -> Curves:
    """Curves of arrays that are sliced as they are needed: velocity (n, m), radius (m,), parameters (n, p) or None."""
    for what, values in {"velocity": velocity, "radius": radius, "parameters": parameters}.items():
        if values is not None and values.dtype.kind not in "fiu":
            raise UserError(f"{path}: '{what}' must hold numbers")
    radius = np.asarray(radius[...], dtype=np.float64) * scales[1]
    if velocity.ndim != 2 or radius.ndim != 1 or velocity.shape[1] != len(radius):
        turned = velocity.ndim == 2 and radius.shape == velocity.shape[:1]
        hint = "; is it transposed?" if turned else ""
        shapes = f"'velocity' has shape {velocity.shape}, 'radius' {radius.shape}"
        raise UserError(f"{path}: {shapes}, expected (curve, radius) and (radius,){hint}")
    p = 0
    if parameters is not None:
        if parameters.ndim != 2 or len(parameters) != len(velocity):
            raise UserError(
                f"{path}: 'parameters' has shape {parameters.shape}, expected ({len(velocity)}, number of parameters)"
            )
        p = parameters.shape[1]
    names = names or [f"parameter_{i + 1}" for i in range(p)]
    units = units or [""] * p
    labels = labels or [plain(name) for name in names]
    if {len(names), len(units), len(labels)} != {p}:
        raise UserError(f"{path}: names, units or labels are not those of {p} parameters")

    def read():
        for rows in pieces(len(velocity), ROWS_READ):
            v = np.asarray(velocity[rows], dtype=np.float64) * scales[0]
            yield rows, v, np.zeros((len(v), 0)) if parameters is None else np.asarray(parameters[rows], np.float64)

    return Curves(radius, len(velocity), read, names, units, labels)


def plain(name: str) -> str:
    """A name as a figure's label: nothing in it is mathematics."""
    return name.replace("$", r"\$")


@contextmanager
def reading_hdf5(path: Path) -> Iterator[Curves]:
    """Curves of an HDF5 file with the data sets `velocity` and `radius`, and maybe `parameters`."""
    with hdf5.reading(path) as file:
        velocity, radius, parameters = (file.get(name) for name in ("velocity", "radius", "parameters"))
        for name, dataset in (("velocity", velocity), ("radius", radius)):
            if not isinstance(dataset, h5py.Dataset):
                raise UserError(f"{path}: holds no data set '{name}'; {EXPECTED}")
        scales = tuple(
            factor(path, name, dataset.attrs.get("units"), unit)
            for name, dataset, unit in (("velocity", velocity, "km/s"), ("radius", radius, "kpc"))
        )
        known = {} if parameters is None else parameters.attrs
        about = (words(known.get(f"parameter_{what}", ())) for what in ("names", "units", "labels"))
        yield arrays(path, velocity, radius, parameters, *about, scales)


def words(values) -> list[str]:
    """Texts that a file holds, as such or in bytes."""
    return [value.decode() if isinstance(value, bytes) else str(value) for value in np.atleast_1d(values).tolist()]


class Rows:
    """An array in a `.npz` file, whose rows are read in their order."""

    def __init__(self, file):
        version = np.lib.format.read_magic(file)
        heads = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        self.shape, self.by_column, self.dtype = heads[version](file)
        self.ndim, self._file = len(self.shape), file

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        row = self.dtype.itemsize * int(np.prod(self.shape[1:]))
        content = self._file.read(row * (rows.stop - rows.start))
        return np.frombuffer(content, self.dtype).reshape(-1, *self.shape[1:])


@contextmanager
def reading_npz(path: Path) -> Iterator[Curves]:
    """Curves of a file of `numpy.savez`, with arrays of the same names."""
    try:
        with path.open("rb") as content, np.load(content, allow_pickle=False) as file, ExitStack() as opened:
            missing = [name for name in ("velocity", "radius") if name not in file]
            if missing:
                raise UserError(f"{path}: holds no array '{missing[0]}'; {EXPECTED}")

            def rows(name):
                found = Rows(opened.enter_context(file.zip.open(f"{name}.npy")))
                return file[name] if found.by_column or found.dtype.hasobject else found

            names = (words(file[name]) if name in file else [] for name in ("parameter_names", "parameter_units"))
            parameters = rows("parameters") if "parameters" in file else None
            yield arrays(path, rows("velocity"), file["radius"], parameters, *names, [], (1.0, 1.0))
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError) as error:
        raise UserError(f"{path}: not a readable NumPy file (.npz)") from error


def columns(path: Path, names: Sequence[str], units: Sequence[str], usable: Sequence[bool]):
    """Which columns of a table are velocities and which are parameters, and the radii [kpc] and scales of the first."""
    radii = [as_number(name) for name in names]
    velocities = [i for i, radius in enumerate(radii) if radius is not None]
    if not velocities:
        raise UserError(f"{path}: has no column of velocities, expected names that are radii in kpc, such as 0.5")
    left_out = [i for i, radius in enumerate(radii) if radius is None and not (usable[i] and names[i].strip())]
    for i in left_out:
        what = f"'{names[i]}' holds no numbers" if names[i].strip() else "has no name"
        log.info("%s: column %d %s, left out", path, i + 1, what)
    parameters = [i for i, radius in enumerate(radii) if radius is None and i not in left_out]
    repeated = [names[i] for i in parameters if names.count(names[i]) > 1]
    if repeated:
        raise UserError(f"{path}: has several columns '{repeated[0]}'")
    scales = np.array([factor(path, names[i], units[i], "km/s") for i in velocities])
    return velocities, parameters, np.array([radii[i] for i in velocities]), scales


def mostly_numbers(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers, of which some may be damaged, or texts, of which some may look like numbers."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and 2 * sum(as_number(cell) is not None for cell in filled) >= len(filled)


def as_number(text: str) -> float | None:
    """The number that a text is, if it is one."""
    try:
        return float(text)
    except ValueError:
        return None


@contextmanager
def reading_fits(path: Path) -> Iterator[Curves]:
    """Curves of the first table of a FITS file."""
    from astropy.io import fits
    from astropy.utils.exceptions import AstropyUserWarning

    try:
        with warnings.catch_warnings(), fits.open(path, memmap=True) as file:
            warnings.simplefilter("ignore", AstropyUserWarning)
            warnings.filterwarnings("error", "File may have been truncated")
            tables = [unit for unit in file if isinstance(unit, fits.BinTableHDU | fits.TableHDU)]
            if not tables:
                raise UserError(f"{path}: holds no table")
            data, about = tables[0].data, tables[0].columns
            usable = [data[name].dtype.kind in "fiu" and data[name].ndim == 1 for name in about.names]
            names, units = list(about.names), [unit or "" for unit in about.units]
            velocities, parameters, radius, scales = columns(path, names, units, usable)
            bad = [names[i] for i in velocities if not usable[i]]
            if bad:
                raise UserError(f"{path}: column '{bad[0]}' must hold numbers")

            def read():
                for rows in pieces(len(data), ROWS_READ):
                    values = np.array([data[names[i]][rows] for i in velocities + parameters], np.float64).T
                    yield rows, values[:, : len(velocities)] * scales, values[:, len(velocities) :]

            yield table(radius, len(data), read, names, units, parameters)
    except (OSError, AstropyUserWarning) as error:
        if getattr(error, "errno", None) is not None:
            raise
        raise UserError(f"{path}: not a readable FITS file") from error


def table(radius, length, read, names, units, parameters) -> Curves:
    """Curves of a table, whose parameters are these of its columns."""
    chosen = [names[i] for i in parameters]
    return Curves(radius, length, read, chosen, [units[i] for i in parameters], [plain(name) for name in chosen])


@dataclass(frozen=True)
class TextTable:
    """A table as text, between commas, semicolons, tabs or blanks: names and units of its columns, its rows by line."""

    names: Sequence[str]
    units: Sequence[str]
    lines: Callable[[], Iterator[tuple[int, list[str]]]]


@contextmanager
def reading_text(path: Path, named: Sequence[str] = ()) -> Iterator[TextTable]:
    """A table as CSV, with units if it is an ECSV file; its header is a comment if the last one has all these names."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            comments, header = [], ""
            for header in file:
                if header.strip() and not header.startswith("#"):
                    break
                comments.append(header)
            if not header.strip() or header.startswith("#"):
                raise UserError(f"{path}: holds no table")
            delimiter = max(",;\t", key=header.count)
            delimiter = delimiter if delimiter in header else " "
            first = len(comments) + 1

            def cells(line):
                row = next(csv.reader([line.strip(" \r\n")], delimiter=delimiter, skipinitialspace=True))
                return [cell.strip() for cell in row]

            def lines():
                file.seek(0)
                rest = islice(file, first, None)
                rest = map(str.strip, rest) if delimiter == " " else rest  # a blank at the end is no further cell
                reader = csv.reader(rest, delimiter=delimiter, skipinitialspace=True)
                for row in reader:
                    if row and not row[0].startswith("#"):
                        yield first + reader.line_num, row

            names = cells(header)
            said = cells(comments[-1].lstrip("# ")) if comments and comments[-1].strip("# \r\n") else []
            if named and {name.casefold() for name in named} <= {name.casefold() for name in said}:
                names, first = said, first - 1
            declared = any("%ECSV" in line for line in comments)
            units = ecsv_units(path, comments, header) if declared else [""] * len(names)
            yield TextTable(names, units, lines)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a table (CSV)") from error


@contextmanager
def reading_csv(path: Path) -> Iterator[Curves]:
    """Curves of a table as text."""
    with reading_text(path) as text:
        names = text.names
        length = sum(1 for _ in text.lines())
        if not length:
            raise UserError(f"{path}: holds no rows")
        first = [row for _, row in islice(text.lines(), ROWS_READ)]
        usable = [  # a radius says itself what is in its column
            as_number(name) is not None or mostly_numbers([row[i] for row in first if i < len(row)])
            for i, name in enumerate(names)
        ]
        velocities, parameters, radius, scales = columns(path, names, text.units, usable)

        def read():
            left = text.lines()
            for rows in pieces(length, ROWS_READ):
                values = numbers(path, list(islice(left, ROWS_READ)), names, velocities + parameters)
                yield rows, values[:, : len(velocities)] * scales, values[:, len(velocities) :]

        yield table(radius, length, read, names, text.units, parameters)


def numbers(path: Path, piece: list[tuple[int, list[str]]], names: Sequence[str], chosen: Sequence[int]) -> np.ndarray:
    """Values (n, k) of the chosen columns in numbered lines of a table. Raises UserError where there is no number."""
    for line, row in piece:
        if len(row) != len(names):
            raise UserError(f"{path}: line {line} has {len(row)} values, expected {len(names)} as in the header")
    rows = [[row[i] for i in chosen] for _, row in piece]
    try:
        return np.array(rows).astype(np.float64)
    except ValueError:
        line, i, cell = next(
            (line, i, cell)
            for (line, _), cells in zip(piece, rows, strict=True)
            for i, cell in zip(chosen, cells, strict=True)
            if as_number(cell) is None
        )
        wrong = "is empty" if not cell.strip() else f"'{cell[:40]}' is not a number"
        wrong += "; expected decimal points, not commas" if "," in cell else ""
        raise UserError(f"{path}: line {line}, column '{names[i]}': {wrong}") from None


def ecsv_units(path: Path, comments: list[str], header: str) -> list[str]:
    """Units of the columns of an ECSV file, by astropy, from its head alone."""
    from astropy.table import Table

    try:
        empty = Table.read([line.rstrip("\r\n") for line in (*comments, header)], format="ascii.ecsv")
    except Exception as error:  # astropy raises whatever its parser of YAML does
        raise UserError(f"{path}: its head is not that of an ECSV file") from error
    return [str(column.unit or "") for column in empty.columns.values()]


READERS = {
    **dict.fromkeys((".h5", ".hdf5", ".hdf"), reading_hdf5),
    ".npz": reading_npz,
    **dict.fromkeys((".csv", ".ecsv", ".txt", ".dat"), reading_csv),
    **dict.fromkeys((".fits", ".fit"), reading_fits),
}


def reading_curves(path: str | Path):
    """A context with the `Curves` of a file. Raises UserError, naming the file and what is wrong."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    if path.suffix.lower() not in READERS:
        raise UserError(f"{path}: unknown kind of file, expected one of: {', '.join(READERS)}")
    return READERS[path.suffix.lower()](path)
