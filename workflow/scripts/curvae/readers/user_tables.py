"""Curves and observed points in files of users, read piece by piece.

Text is split and converted by `numpy.loadtxt`, units, FITS tables and VOTables are read by astropy.
"""

import csv
import logging
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.runtime.rows import pieces
from curvae.storage import hdf5
from curvae.storage.observations import POINT_UNITS

log = logging.getLogger(__name__)

ROWS_READ = 8192  # rows
# Where galaxies lie: what is far outside is likely in other units.
USUAL_VELOCITIES, USUAL_RADII = (3.0, 3000.0), (0.3, 3000.0)  # median [km/s], last [kpc]
HDF5, TEXT, SPARC_FILES = (".h5", ".hdf5", ".hdf"), (".csv", ".ecsv", ".txt", ".dat"), (".mrt", ".txt", ".dat")
FITS, VOTABLE = (".fits", ".fit"), (".vot", ".xml", ".votable")
# Mass models of SPARC (Lelli et al. 2016), as published: ten columns between blanks, behind a header or without one.
SPARC = ("galaxy", "distance", "radius", "velocity", "error", "gas", "disc", "bulge", "disc_light", "bulge_light")


@dataclass(frozen=True)
class Curves:
    """Curves of a file, not yet read: `pieces()` yields rows, velocities (n, m) and parameters (n, p), both float64."""

    radius: np.ndarray  # (m,) [kpc]
    length: int
    pieces: Callable[[], Iterator[tuple[slice, np.ndarray, np.ndarray]]]
    names: Sequence[str]  # of the parameters
    units: Sequence[str]
    labels: Sequence[str]  # as figures write them (LaTeX)


@dataclass(frozen=True)
class Table:
    """A table, not yet read: `numbers(columns)` yields pieces (n, k) of some columns, `texts(column)` is one whole."""

    names: Sequence[str]
    units: Sequence[str]
    numeric: Sequence[bool]  # whether a column holds numbers
    length: int
    numbers: Callable[[Sequence[int]], Iterator[np.ndarray]]
    texts: Callable[[int], list[str]]


@contextmanager
def reading_curves(path: str | Path) -> Iterator[Curves]:
    """The curves of a file, while it is open.

    HDF5 and .npz files hold `velocity` (curve, radius), `radius`, and if known `parameters` (curve, parameter) with
    their names. In tables, columns whose names are numbers are velocities at that radius, others are parameters.
    Raises UserError, naming the file and what is wrong.
    """
    path, ending = _kind(path, HDF5, (".npz",), TEXT, FITS)
    if ending in HDF5:
        with hdf5.reading(path) as file:
            arrays = {name: file.get(name) for name in ("velocity", "radius", "parameters")}
            known = {} if arrays["parameters"] is None else arrays["parameters"].attrs
            described = [_words(known.get(f"parameter_{what}", ())) for what in ("names", "units", "labels")]
            yield _curves_of_arrays(path, arrays, *described)
    elif ending == ".npz":
        arrays = _read_npz(path)
        described = [_words(arrays.get(f"parameter_{what}", ())) for what in ("names", "units")]
        yield _curves_of_arrays(path, arrays, *described, [])
    else:
        yield _curves_of_table(path, _text_table(path) if ending in TEXT else _astropy_table(path))


def read_points(path: str | Path, columns: Mapping[str, str], units: Mapping[str, str]) -> tuple[list[str], np.ndarray]:
    """Names of the galaxies (n,), and radii [kpc], velocities and errors [km/s] (3, n) of points, in their order.

    `columns` are the names of the columns galaxy, radius, velocity and error in the file, `units` the units of the
    last three where the file itself has none. Raises UserError, naming the file and what is wrong.
    """
    path, ending = _kind(path, TEXT, FITS, VOTABLE, (".mrt",))
    points = _sparc_points(path, columns) if ending in SPARC_FILES else None
    if not points and ending == ".mrt":
        raise UserError(f"{path}: holds no mass models of SPARC, expected {len(SPARC)} columns between blanks")
    if not points:
        table = _text_table(path, columns.values()) if ending in TEXT else _astropy_table(path)
        galaxy, *places = (_place(path, table.names, name, column) for name, column in columns.items())
        values = np.concatenate([np.empty((0, len(POINT_UNITS))), *table.numbers(places)]).T
        for row, i, (name, unit) in zip(values, places, POINT_UNITS.items(), strict=True):
            row *= _factor(path, columns[name], table.units[i] or units[name], unit)
        points = table.texts(galaxy), values
    names = [" ".join(name.split()) for name in points[0]]
    if not names:
        raise UserError(f"{path}: holds no rows")
    if "" in names:
        raise UserError(f"{path}: row {names.index('') + 1} has no name of a galaxy")
    return names, points[1]


def warn_of_units(path: str | Path, velocity: float, radius: float) -> None:
    """Say so if the median velocity [km/s] or the last radius [kpc] is far from those of galaxies."""
    for what, value, (low, high), unit in (
        ("median velocity", velocity, USUAL_VELOCITIES, "km/s"),
        ("last radius", radius, USUAL_RADII, "kpc"),
    ):
        if not low < value < high:
            log.warning("warning: %s: the %s is %.3g %s; are these the units?", path, what, value, unit)


def _kind(path: str | Path, *kinds: Sequence[str]) -> tuple[Path, str]:
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    if path.suffix.lower() not in (endings := [ending for kind in kinds for ending in kind]):
        raise UserError(f"{path}: unknown kind of file, expected one of: {', '.join(endings)}")
    return path, path.suffix.lower()


def _factor(path: Path, what: str, unit: str | None, wanted: str) -> float:
    """What a number in a unit, as astropy reads it, is multiplied by to be in the wanted one; 1 without a unit."""
    if not unit:
        return 1.0
    from astropy import units

    try:
        return float(units.Unit(unit).to(units.Unit(wanted)))
    except (ValueError, TypeError) as error:
        raise UserError(f"{path}: '{what}' is in '{unit}', expected {wanted}") from error


def _plain(name: str) -> str:
    """A name as a figure's label: nothing in it is mathematics."""
    return name.replace("$", r"\$")


def _words(values) -> list[str]:
    """Texts that a file holds, as such or in bytes."""
    return [value.decode() if isinstance(value, bytes) else str(value) for value in np.atleast_1d(values).tolist()]


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as content, np.load(content, allow_pickle=False) as file:
            return dict(file)
    except (zipfile.BadZipFile, ValueError, EOFError, TypeError) as error:  # a TypeError where it is one .npy array
        raise UserError(f"{path}: not a readable NumPy file (.npz)") from error


def _curves_of_arrays(path: Path, arrays: Mapping, names, units, labels) -> Curves:
    """Curves of arrays or data sets, which are sliced as they are needed."""
    for name in ("velocity", "radius"):
        if not isinstance(arrays.get(name), h5py.Dataset | np.ndarray):
            kind = "array" if path.suffix.lower() == ".npz" else "data set"
            raise UserError(f"{path}: holds no {kind} '{name}'; expected 'velocity' (curve, radius) and 'radius'")
    velocity, radius, parameters = (arrays.get(name) for name in ("velocity", "radius", "parameters"))
    for name, values in {"velocity": velocity, "radius": radius, "parameters": parameters}.items():
        if values is not None and values.dtype.kind not in "fiu":
            raise UserError(f"{path}: '{name}' must hold numbers")
    scale, to_kpc = (
        _factor(path, name, values.attrs.get("units") if isinstance(values, h5py.Dataset) else None, unit)
        for name, values, unit in (("velocity", velocity, "km/s"), ("radius", radius, "kpc"))
    )
    if velocity.ndim != 2 or radius.shape != velocity.shape[1:]:
        hint = "; is it transposed?" if velocity.ndim == 2 and radius.shape == velocity.shape[:1] else ""
        shapes = f"'velocity' has shape {velocity.shape}, 'radius' {radius.shape}"
        raise UserError(f"{path}: {shapes}, expected (curve, radius) and (radius,){hint}")
    n = len(velocity)
    if parameters is None:
        parameters = np.empty((n, 0))
    if parameters.ndim != 2 or len(parameters) != n:
        raise UserError(f"{path}: 'parameters' has shape {parameters.shape}, expected ({n}, number of parameters)")
    p = parameters.shape[1]
    names = names or [f"parameter_{i + 1}" for i in range(p)]
    units, labels = units or [""] * p, labels or [_plain(name) for name in names]
    if {len(names), len(units), len(labels)} != {p}:
        raise UserError(f"{path}: names, units or labels are not those of {p} parameters")

    def read():
        for rows in pieces(n, ROWS_READ):
            yield rows, np.asarray(velocity[rows], np.float64) * scale, np.asarray(parameters[rows], np.float64)

    return Curves(np.asarray(radius[...], np.float64) * to_kpc, n, read, names, units, labels)


def _curves_of_table(path: Path, table: Table) -> Curves:
    """Curves of a table whose columns are velocities at the radii [kpc] that are their names, or parameters."""
    radii = {i: radius for i, name in enumerate(table.names) if (radius := _as_number(name)) is not None}
    if not radii:
        raise UserError(f"{path}: has no column of velocities, expected names that are radii in kpc, such as 0.5")
    if not table.length:
        raise UserError(f"{path}: holds no rows")
    parameters = []
    for i, name in enumerate(table.names):
        if i not in radii and table.numeric[i] and name.strip():
            parameters.append(i)
        elif i not in radii:
            what = f"'{name}' holds no numbers" if name.strip() else "has no name"
            log.info("%s: column %d %s, left out", path, i + 1, what)
    names = [table.names[i] for i in parameters]
    if repeated := [name for name in names if table.names.count(name) > 1]:
        raise UserError(f"{path}: has several columns '{repeated[0]}'")
    m = len(radii)
    scale = np.array([_factor(path, table.names[i], table.units[i], "km/s") for i in radii])

    def read():
        for rows, values in zip(pieces(table.length, ROWS_READ), table.numbers([*radii, *parameters]), strict=True):
            yield rows, values[:, :m] * scale, values[:, m:]

    units = [table.units[i] for i in parameters]
    return Curves(np.array(list(radii.values())), table.length, read, names, units, [_plain(name) for name in names])


def _place(path: Path, names: Sequence[str], name: str, column: str) -> int:
    """Where a column is among those of a table; case matters only where it has to."""
    places = [i for i, one in enumerate(names) if one == column]
    places = places or [i for i, one in enumerate(names) if one.casefold() == column.casefold()]
    if len(places) > 1:
        raise UserError(f"{path}: has several columns '{column}'")
    if not places:
        some = ", ".join(names[:12])
        raise UserError(f"{path}: has no column '{column}' (import_observations.{name}_column); it has: {some}")
    return places[0]


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _lines(path: Path, errors: str = "strict") -> Iterator[tuple[int, str]]:
    """The numbered lines of a file of text."""
    try:
        with path.open(encoding="utf-8-sig", errors=errors) as file:
            yield from enumerate(file, 1)
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not a table (CSV)") from error


def _sparc_points(path: Path, columns: Mapping[str, str]) -> tuple[list[str], np.ndarray] | None:
    """Points of the mass models of SPARC; None if the file is no such table, or names the columns itself."""

    def is_sparc(row):
        return len(row) == len(SPARC) and all(_as_number(cell) is not None for cell in row[1:])

    rows = [(line, cells) for line, text in _lines(path, "replace") if (cells := text.split())]
    start = next((i for i, (_, row) in enumerate(rows) if is_sparc(row)), None)
    if start is None or any(set(columns.values()) <= set(row) for _, row in rows[:start]):
        return None
    for line, row in rows[start:]:
        if not is_sparc(row):
            expected = f"expected a name and {len(SPARC) - 1} numbers, as in line {rows[start][0]}"
            raise UserError(f"{path}: line {line}: {expected}")
    values = np.array([row[1:] for _, row in rows[start:]], dtype=np.float64).T
    return [row[0] for _, row in rows[start:]], values[[SPARC.index(name) - 1 for name in POINT_UNITS]]


def _text_table(path: Path, wanted: Sequence[str] = ()) -> Table:
    """A table between commas, semicolons, tabs or blanks; its header may be a comment that has all wanted names."""

    def is_row(line):
        return line.strip() and not line.lstrip().startswith("#")

    first, header = next(((number, line) for number, line in _lines(path) if is_row(line)), (0, ""))
    if not header:
        raise UserError(f"{path}: holds no table")
    comments = [line for _, line in islice(_lines(path), first - 1)]
    delimiter = max(",;\t", key=header.count)
    delimiter = delimiter if delimiter in header else None  # any blanks

    def cells(line):
        try:
            row = next(csv.reader([line.strip(" \r\n")], delimiter=delimiter or " ", skipinitialspace=True))
        except csv.Error as error:
            raise UserError(f"{path}: not a table (CSV)") from error
        return [cell.strip() for cell in row]

    names = cells(header)
    if wanted and comments and comments[-1].strip("# \n"):
        said = cells(comments[-1].lstrip("# "))
        if {name.casefold() for name in wanted} <= {name.casefold() for name in said}:
            names, first = said, first - 1

    def rows():
        return ((number, line) for number, line in islice(_lines(path), first, None) if is_row(line))

    def numbers(chosen):
        kinds = [(str(i), "f8" if i in chosen else "U1") for i in range(len(names))]
        left = rows()
        while piece := list(islice(left, ROWS_READ)):
            try:
                values = np.loadtxt([line for _, line in piece], kinds, None, delimiter, ndmin=1, quotechar='"')
                if len(values) < len(piece):  # an open quote has taken lines for one
                    raise ValueError
            except ValueError as error:
                raise UserError(f"{path}: {what_is_wrong(piece, chosen)}") from error
            yield np.stack([values[str(i)] for i in chosen], 1)

    def what_is_wrong(piece, chosen):
        for number, line in piece:
            row = cells(line)
            if len(row) != len(names):
                return f"line {number} has {len(row)} values, expected {len(names)} as in the header"
            for i in chosen:
                if _as_number(row[i]) is None:
                    wrong = f"'{row[i][:40]}' is not a number" if row[i] else "is empty"
                    hint = "; expected decimal points, not commas" if "," in row[i] else ""
                    return f"line {number}, column '{names[i]}': {wrong}{hint}"
        return "not a table (CSV)"

    def is_numeric(i):
        """Whether a column holds numbers, some maybe damaged, and not texts, of which some look like numbers."""
        filled = [row[i] for row in some if i < len(row) and row[i]]
        return bool(filled) and 2 * sum(_as_number(cell) is not None for cell in filled) >= len(filled)

    some = [cells(line) for _, line in islice(rows(), ROWS_READ)]
    numeric = [is_numeric(i) for i in range(len(names))]
    units = [""] * len(names)
    if any("%ECSV" in line for line in comments):
        from astropy.table import Table as AstropyTable

        with _reading_by_astropy(path):
            head = AstropyTable.read([line.rstrip("\n") for line in (*comments, header)], format="ascii.ecsv")
        units = [str(column.unit or "") for column in head.columns.values()]
    length = sum(1 for _ in rows())
    return Table(names, units, numeric, length, numbers, lambda i: [cells(line)[i] for _, line in rows()])


@contextmanager
def _reading_by_astropy(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is unusual in a table and read all the same
            warnings.filterwarnings("error", "File may have been truncated")
            yield
    except Exception as error:  # astropy raises whatever its readers do
        if getattr(error, "errno", None) is not None:
            raise
        raise UserError(f"{path}: holds no readable table") from error


def _astropy_table(path: Path) -> Table:
    """The first table of a FITS file, which stays on the disk until it is sliced, or of a VOTable."""
    with _reading_by_astropy(path):
        if path.suffix.lower() in FITS:
            from astropy.io import fits

            with fits.open(path, memmap=True) as file:
                hdu = next(unit for unit in file if isinstance(unit, fits.BinTableHDU | fits.TableHDU))
                columns = [hdu.data[column.name] for column in hdu.columns]
                for i, column in enumerate(hdu.columns):
                    if isinstance(column.null, int):
                        columns[i] = np.ma.masked_equal(columns[i], column.null)
                names, units, n = hdu.columns.names, hdu.columns.units, len(hdu.data)
        else:
            from astropy.table import Table as AstropyTable

            read = AstropyTable.read(path, format="votable", table_id=0)
            columns = list(read.columns.values())
            names, units, n = read.colnames, [str(column.unit or "") for column in columns], len(read)

    def check(i, kinds):
        if columns[i].ndim != 1:
            raise UserError(f"{path}: column '{names[i]}' must hold one value a row, not {columns[i].shape[1:]}")
        if columns[i].dtype.kind not in kinds:
            raise UserError(f"{path}: column '{names[i]}' must hold numbers")

    def numbers(chosen):
        for i in chosen:
            check(i, "fiu")
        for rows in pieces(n, ROWS_READ):
            piece = [np.ma.asarray(columns[i][rows]).astype(np.float64).filled(np.nan) for i in chosen]
            yield np.stack(piece, 1)

    def texts(i):
        check(i, columns[i].dtype.kind)
        return ["" if name is np.ma.masked else str(name) for name in columns[i]]

    numeric = [column.dtype.kind in "fiu" and column.ndim == 1 for column in columns]
    return Table(names, units, numeric, n, numbers, texts)
