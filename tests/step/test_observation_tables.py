"""Tables of observed galaxies as others make them: read as they are meant, or refused in one line that says why."""

import warnings

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.table import Table
from tests.step.steps import PROJECT

import import_observations
from curvae.runtime.errors import UserError
from curvae.storage.observations import read_observations

HEADER = "galaxy,radius,velocity,error"
# Invented galaxies: name, radius [kpc], velocity and its error [km/s].
POINTS = [
    *(("A1", 0.5, 40.25, 3.0), ("A1", 2.0, 81.0, 4.0), ("A1", 8.0, 95.5, 5.0)),
    *(("B2", 0.75, 55.0, 2.0), ("B2", 3.0, 120.0, 6.5), ("B2", 9.0, 140.0, 0.5), ("B2", 20.0, 151.25, 8.0)),
]
ROWS = [",".join(map(str, point)) for point in POINTS]
SPARC = PROJECT.parent / "shared/sparc/mass_models.dat"


def raw(ending, content):
    def write(path):
        path.with_suffix(ending).write_bytes(content)
        return path.with_suffix(ending)

    return write


def text(rows=ROWS, header=HEADER, between=",", end="\n", before=(), encoding="utf-8", ending=".csv"):
    """Write a table as text."""
    lines = [*before, *([header] if header else []), *rows]
    return raw(ending, "".join(line.replace(",", between) + end for line in lines).encode(encoding))


def row(line, ending=".csv"):
    """A table whose third row is another."""
    return text([*ROWS[:2], line, *ROWS[3:]], ending=ending)


def scaled(radius=1.0, velocity=1.0):
    return [f"{name},{radius * r!r},{velocity * v!r},{velocity * e!r}" for name, r, v, e in POINTS]


def table(ending, change=lambda found: found, masked=None, **scales):
    """Write the table by astropy; a column's unit comes with what its numbers are multiplied by."""

    def write(path):
        columns = dict(zip(HEADER.split(","), zip(*POINTS, strict=True), strict=True))
        found = Table({name: np.array(values) for name, values in columns.items()}, masked=masked is not None)
        for name, (unit, scale) in scales.items():
            found[name] *= scale
            found[name].unit = unit
        if masked:
            found[masked].mask[2] = True
        kind = {".fits": "fits", ".vot": "votable", ".ecsv": "ascii.ecsv"}[ending]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", units.UnitsWarning)
            change(found).write(path.with_suffix(ending), format=kind)
        return path.with_suffix(ending)

    return write


def replaced(**columns):
    """A change of whole columns."""

    def change(found):
        for name, values in columns.items():
            found[name] = values
        return found

    return change


def others_first(path):
    """Write a FITS file with another table before that of the galaxies."""
    rows = Table(rows=POINTS, names=HEADER.split(","))
    tables = [fits.BinTableHDU(found) for found in (Table({"a": [1.0]}), rows)]
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path.with_suffix(".fits"))
    return path.with_suffix(".fits")


def others_first_votable(path):
    both, rows = from_table(Table({"a": [1.0]})), from_table(Table(rows=POINTS, names=HEADER.split(",")))
    both.resources.extend(rows.resources)
    both.to_xml(str(path.with_suffix(".vot")))
    return path.with_suffix(".vot")


def cut(write, share):
    def part(path):
        path = write(path)
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
        return path

    return part


def image(path):
    fits.PrimaryHDU(np.ones((4, 4))).writeto(path.with_suffix(".fits"))
    return path.with_suffix(".fits")


def folder(path):
    path.with_suffix(".csv").mkdir()
    return path.with_suffix(".csv")


# The form of the mass models of SPARC: as published by the CDS, and behind the header of a machine-readable table.
MASS_MODELS = [
    f"{n:>11} {12.5:6.2f} {r:6.2f} {v:6.2f} {e:5.2f}   3.10  40.00   0.00   81.50     0.00" for n, r, v, e in POINTS
]
MRT_HEADER = [
    "Title: Mock galaxies",
    "Authors: Nobody N.",
    "Table: Mass models",
    "=" * 80,
    "Byte-by-byte Description of file: mock.mrt",
    "-" * 80,
    "   Bytes Format Units         Label   Explanations",
    "-" * 80,
    "   1- 11 A11    ---           ID      Galaxy name",
    "  20- 25 F6.2   kpc           R       Galactocentric radius",
    "-" * 80,
    "Note (1): 1 2 3 4 5 6 7 8 9 are no data, as the words say",
    "-" * 80,
]  # fmt: skip


def mass_models(ending=".mrt", header=(), change=lambda lines: lines):
    return text(change([line.replace(",", " ") for line in MASS_MODELS]), None, before=header, ending=ending)


def models_with(old, new):
    return mass_models(change=lambda lines: [*lines[:2], lines[2].replace(old, new), *lines[3:]])


BAD = {
    "no such file": (lambda path: path.with_suffix(".csv"), "no such file"),
    "folder": (folder, "no such file"),
    "spreadsheet": (raw(".xlsx", b"PK"), "unknown kind of file, expected one of: .csv, .ecsv,"),
    "no ending": (raw("", b"galaxy"), "unknown kind of file"),
    "only a header": (text([]), "holds no rows"),
    "binary as .dat": (raw(".dat", bytes(range(256)) * 8), "not a table (CSV)"),
    "UTF-16": (text(encoding="utf-16"), "not a table (CSV)"),
    "no header": (text(header=None), "has no column 'galaxy' (import_observations.galaxy_column); it has: A1, 0.5,"),
    "no errors": (
        text([row.rpartition(",")[0] for row in ROWS], "galaxy,radius,velocity"),
        "has no column 'error' (import_observations.error_column); it has: galaxy, radius, velocity",
    ),
    "a column twice": (text([row + ",1" for row in ROWS], HEADER + ",radius"), "has several columns 'radius'"),
    "a column in two cases": (text([r + ",1" for r in ROWS], HEADER.title() + ",ERROR"), "several columns 'error'"),
    "empty cell": (row("A1,8.0,,5"), "line 4, column 'velocity': is empty"),
    "error missing": (row("A1,8.0,90,"), "line 4, column 'error': is empty"),
    "open quote": (row('"A1,8.0,90,5'), "line 4 has 1 values"),
    "blanks in names and between": (text([f"NGC {row}" for row in ROWS], between=" "), "line 2 has 5 values"),
    "NaN": (row("A1,8.0,nan,5"), "row 3, A1: velocity is nan, expected a finite number"),
    "infinity": (row("A1,8.0,inf,5"), "row 3, A1: velocity is inf, expected a finite number"),
    "infinite radius": (row("A1,-inf,90,5"), "row 3, A1: radius is -inf"),
    "infinite error": (row("A1,8.0,90,inf"), "row 3, A1: error is inf, expected a number above zero"),
    "error zero": (row("A1,8.0,90,0"), "row 3, A1: error is 0, expected a number above zero"),
    "error negative": (row("A1,8.0,90,-5"), "row 3, A1: error is -5, expected a number above zero"),
    "radius negative": (row("A1,-8.0,90,5"), "row 3, A1: radius is -8, expected a finite number from zero on"),
    "a radius twice": (row("A1,2.0,90,5"), "A1: has several points at radius 2 kpc; average them before"),
    "blank name": (row(" ,8.0,90,5"), "row 3 has no name of a galaxy"),
    "all points beyond": (text(scaled(radius=1e-3)), "no point is from 0.1 to 50 kpc, the radii of the models"),
    "radii in pc": (text(scaled(radius=1e3)), "its radii are 500 to 20000 kpc"),
    "ECSV cut in its head": (cut(table(".ecsv"), 0.2), "holds no table"),
    "ECSV cut in its rows": (cut(table(".ecsv"), 0.95), "values, expected 4 as in the header"),
    "ECSV masked": (table(".ecsv", masked="error"), "column 'error': is empty"),
    "ECSV in kg": (table(".ecsv", velocity=("kg", 1.0)), "'velocity' is in 'kg', expected km/s"),
    "FITS in arcsec": (table(".fits", radius=("arcsec", 1.0)), "'radius' is in 'arcsec', expected kpc"),
    "FITS in what nobody knows": (table(".fits", error=("furlong", 1.0)), "'error' is in 'furlong', expected km/s"),
    "FITS masked": (table(".fits", masked="error"), "row 3, A1: error is nan, expected a number above zero"),
    "FITS of complex numbers": (table(".fits", replaced(velocity=np.ones(7, complex))), "'velocity' must hold numbers"),
    "FITS of vectors": (table(".fits", replaced(velocity=np.ones((7, 2)))), "'velocity' must hold one value a row"),
    "FITS of several names": (table(".fits", replaced(galaxy=[["A", "B"]] * 7)), "'galaxy' must hold one value a row"),
    "FITS without rows": (table(".fits", lambda found: found[:0]), "holds no rows"),
    "FITS without a table": (image, "holds no readable table"),
    "FITS with another table before": (others_first, "has no column 'galaxy'"),
    "FITS cut in its head": (cut(table(".fits"), 0.2), "holds no readable table"),
    "FITS cut in its rows": (cut(table(".fits"), 0.67), "holds no readable table"),
    "VOTable masked": (table(".vot", masked="velocity"), "row 3, A1: velocity is nan"),
    "VOTable without a name": (table(".vot", masked="galaxy"), "row 3 has no name of a galaxy"),
    "VOTable with another table before": (others_first_votable, "has no column 'galaxy'"),
    "VOTable cut": (cut(table(".vot"), 0.8), "holds no readable table"),
    "VOTable without a table": (raw(".vot", b'<VOTABLE version="1.4"/>'), "holds no readable table"),
    "web page": (raw(".xml", b"<html><body>moved</body></html>"), "holds no readable table"),
    "another MRT": (mass_models(change=lambda lines: [line + " 1.00" for line in lines]), "no mass models of SPARC"),
    "MRT with text": (models_with("95.50", "   --"), "line 3: expected a name and 9 numbers, as in line 1"),
    "MRT with NaN": (models_with("95.50", "  nan"), "row 3, A1: velocity is nan"),
    "MRT with error zero": (models_with(" 5.00", " 0.00"), "row 3, A1: error is 0"),
    "MRT cut": (cut(mass_models(header=MRT_HEADER), 0.98), "line 20: expected a name and 9 numbers, as in line 14"),
}  # fmt: skip


@pytest.fixture
def imported(command, data, tmp_path):
    """Function from a table to what the step makes of it: radii, velocities and errors (3, n) by name."""

    def read(path, **columns):
        out = tmp_path / "out"
        import_observations.main(command("import_observations", data, out, table=path, **columns))
        found = read_observations(out / "imported_points.h5")
        return {galaxy.name: np.array([galaxy.radius, galaxy.velocity, galaxy.error]) for galaxy in found}

    return read


@pytest.mark.parametrize("name", BAD)
def test_a_damaged_table_is_one_line_that_names_it_and_what_is_wrong(name, imported, tmp_path):
    write, words = BAD[name]
    path = write(tmp_path / "mine")
    with pytest.raises(UserError) as caught:
        imported(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert words in str(caught.value)
    assert [file for file in tmp_path.rglob("*") if file.is_file() and file != path] == []


GOOD = {
    "commas": text(),
    "aligned between blanks": text(between="   ", end="  \n", ending=".dat"),
    "text": text(between=" ", ending=".txt"),
    "comments": text([*ROWS[:2], "# half", "", *ROWS[2:]], before=["# mine, of 2026", ""]),
    "header of numpy.savetxt": text(header="# " + HEADER, between=" ", ending=".txt"),
    "blanks around names": text([f" {row} " for row in ROWS], HEADER.replace(",", " , ")),
    "other capitals": text(header=HEADER.title()),
    "more columns": text([f"x,{row},-" for row in ROWS], f"note,{HEADER},Radius"),
    "ten columns with names": text([f"{row},1,2,3,4,5,6" for row in ROWS], HEADER + ",a,b,c,d,e,f", " ", ending=".dat"),
    "unsorted": text(ROWS[::-1]),
    "one among the other": text([ROWS[i] for i in (0, 3, 1, 4, 2, 5, 6)]),
    "ECSV": table(".ecsv"),
    "CSV as ECSV": text(ending=".ecsv"),
    "ECSV in pc and m/s": table(".ecsv", radius=("pc", 1e3), velocity=("m/s", 1e3), error=("cm/s", 1e5)),
    "FITS": table(".fits"),
    "FITS in pc and m/s": table(".fits", radius=("pc", 1e3), velocity=("m / s", 1e3), error=("m s-1", 1e3)),
    "FITS in single precision": table(".fits", replaced(velocity=np.array([v for _, _, v, _ in POINTS], np.float32))),
    "VOTable": table(".vot"),
    "VOTable in Mpc": table(".vot", radius=("Mpc", 1e-3)),
    "SPARC": mass_models(".dat"),
    "SPARC as text": mass_models(".txt"),
    "SPARC with its header": mass_models(header=MRT_HEADER),
}


def same(found):
    for name in {name for name, *_ in POINTS}:
        expected = np.array([numbers for galaxy, *numbers in POINTS if galaxy == name]).T
        np.testing.assert_allclose(found.pop(name), expected, rtol=1e-12)
    assert not found


@pytest.mark.parametrize("name", GOOD)
def test_the_same_galaxies_are_read_from_every_kind_of_table(name, imported, tmp_path):
    same(imported(GOOD[name](tmp_path / "mine")))


def test_columns_and_units_of_a_table_are_settings(imported, tmp_path):
    names = {f"{name}_column": other for name, other in zip(HEADER.split(","), ("ID", "R", "V", "eV"), strict=True)}
    path = text(scaled(1e3, 1e3), "ID,R,V,eV")(tmp_path / "mine")
    same(imported(path, **names, radius_unit="pc", velocity_unit="m/s"))
    with pytest.raises(UserError, match="'R' is in 'furlong/week', expected kpc"):
        imported(path, **names, radius_unit="furlong/week")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("7", "7"),
        ("007", "007"),
        ("1e5", "1e5"),
        ('"M 31, north"', "M 31, north"),
        ('"the ""Whirlpool"""', 'the "Whirlpool"'),
        ("Größe Ω", "Größe Ω"),
        (" NGC  1 ", "NGC 1"),
        ("nan", "nan"),
    ],
)
def test_a_galaxy_may_have_any_name(written, name, imported, tmp_path):
    path = text([row.replace("A1", written) for row in ROWS])(tmp_path / "mine")
    assert imported(path).keys() == {name, "B2"}


def test_galaxies_of_one_point_and_velocities_at_or_below_zero_are_data(imported, tmp_path):
    found = imported(text([*ROWS, "C,1.0,-12.5,3", "D,2.0,0,4"])(tmp_path / "mine"))
    assert found["C"].tolist() == [[1.0], [-12.5], [3.0]]
    assert found["D"].tolist() == [[2.0], [0.0], [4.0]]


def test_what_is_left_out_and_what_may_be_meant_otherwise_is_told(imported, tmp_path, caplog):
    caplog.set_level("INFO")
    beyond = [f"far{i},{radius},90,5" for i in range(7) for radius in (60, 70)]
    for rows, words in (
        ([*ROWS, "A1,0,0,1", "A1,51,90,1"], "2 points beyond 0.1 to 50 kpc are left out"),
        (ROWS + beyond, "without a point from 0.1 to 50 kpc, left out: far0, far1, far2, far3, far4 and 2 more"),
        (scaled(velocity=1e3), "the median velocity is 9.55e+04 km/s; are these the units?"),
        (scaled(velocity=1e-3), "the median velocity is 0.0955 km/s; are these the units?"),
        ([*ROWS, "C,9000,90,5"], "the last radius is 9e+03 kpc; are these the units?"),
    ):
        imported(text(rows)(tmp_path / "mine"))
        assert words in caplog.text
        caplog.clear()
    imported(text()(tmp_path / "mine"))
    assert not caplog.text


@pytest.mark.skipif(not SPARC.exists(), reason="no SPARC beside the project: ../shared/sparc")
def test_the_mass_models_of_sparc_are_read_as_published(imported, tmp_path):
    found = imported(SPARC)
    assert len(found) == 175
    assert sum(points.shape[1] for points in found.values()) == 3317  # of 3391 points those from 0.1 to 50 kpc
    assert np.concatenate([error for _, _, error in found.values()]).min() > 0.0
