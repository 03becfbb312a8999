"""Files of curves as others make them: read as they are meant, or refused in one line that says what is wrong."""

import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import Table
from tests.reading import read
from tests.step.steps import PROJECT

import import_curves
import import_observations
from curvae.runtime.errors import UserError

N, RADIUS = 120, np.array([0.5, 1.0, 2.0, 4.0, 8.0])
VELOCITY = np.random.default_rng(1).uniform(50.0, 300.0, (N, 5)).round(3)
MASS = np.random.default_rng(2).uniform(9.0, 11.0, (N, 1)).round(3)


def csv(path, velocity=VELOCITY, radius=RADIUS, mass=MASS, between=",", change=lambda lines: lines, end="\n", **how):
    """Write a table of the curves, changed line by line."""
    rows = [["mass", *radius], *np.column_stack([mass, velocity]).tolist()]
    lines = change([between.join(map(str, row)) for row in rows])
    path.with_suffix(".csv").write_text(
        "".join(line + end for line in lines), **{"encoding": "utf-8", "newline": "", **how}
    )
    return path.with_suffix(".csv")


def cell(line, column, text):
    """A change of one cell of a table."""

    def change(lines):
        cells = lines[line].split(",")
        cells[column] = text
        return [*lines[:line], ",".join(cells), *lines[line + 1 :]]

    return lambda path: csv(path, change=change)


def changed(**what):
    return lambda path: csv(path, **what)


def within(row, column, value):
    values = VELOCITY.copy()
    values[row, column] = value
    return values


def table(ending, velocities=VELOCITY, change=lambda found: None, **how):
    """Write the curves by astropy, with units."""

    def write(path):
        found = Table({"mass": MASS[:, 0], **{str(r): v for r, v in zip(RADIUS, velocities.T, strict=True)}})
        for name in map(str, RADIUS):
            found[name].unit = units.km / units.s
        change(found)
        found.write(path.with_suffix(ending), **how)
        return path.with_suffix(ending)

    return write


def arrays(**different):
    """Write the curves as HDF5."""

    def write(path):
        with h5py.File(path.with_suffix(".h5"), "w") as file:
            for name, values in {"velocity": VELOCITY, "radius": RADIUS, "parameters": MASS, **different}.items():
                if values is not None:
                    file[name] = values
        return path.with_suffix(".h5")

    return write


def attributes(name, **values):
    def write(path):
        path = arrays()(path)
        with h5py.File(path, "r+") as file:
            file[name].attrs.update(values)
        return path

    return write


def npz(velocity=VELOCITY, **different):
    """Write the curves by numpy."""

    def write(path):
        content = {"velocity": velocity, "radius": RADIUS, "parameters": MASS, **different}
        np.savez(path.with_suffix(".npz"), **{name: values for name, values in content.items() if values is not None})
        return path.with_suffix(".npz")

    return write


def raw(ending, content):
    def write(path):
        path.with_suffix(ending).write_bytes(content)
        return path.with_suffix(ending)

    return write


def cut(write):
    def half(path):
        path = write(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return path

    return half


def unit(name):
    return lambda found: setattr(found["2.0"], "unit", name)


def no_table(path):
    fits.PrimaryHDU(VELOCITY).writeto(path.with_suffix(".fits"))
    return path.with_suffix(".fits")


ODD = {
    "text in a number column": (cell(17, 3, "fast"), "line 18, column '2.0': 'fast' is not a number"),
    "parameters of few galaxies": (
        changed(change=lambda t: t[:1] + [t[i] if i % 3 else "," + t[i].split(",", 1)[1] for i in range(1, len(t))]),
        "line 4, column 'mass': is empty",
    ),
    "text in the first row of parameters": (cell(1, 0, "heavy"), "line 2, column 'mass': 'heavy' is not a number"),
    "empty cell": (cell(17, 3, ""), "line 18, column '2.0': is empty"),
    "one value too few": (changed(change=lambda t: [*t[:9], t[9].rpartition(",")[0], *t[10:]]), "line 10 has 5 values"),
    "one value too many": (
        changed(change=lambda t: [*t[:9], t[9] + ",1", *t[10:]]),
        "line 10 has 7 values",
    ),
    "NaN": (cell(17, 3, "nan"), "curve 17 (counted from 1): velocity at 2 kpc is nan, expected a finite"),
    "infinity": (cell(17, 3, "inf"), "curve 17 (counted from 1): velocity at 2 kpc is inf"),
    "zero": (cell(17, 3, "0"), "velocity at 2 kpc is 0, expected above zero (representation linear takes any)"),
    "negative": (cell(17, 3, "-5"), "velocity at 2 kpc is -5, expected above zero"),
    "parameter NaN": (cell(17, 0, "nan"), "curve 17 (counted from 1): mass is nan"),
    "parameter infinite": (cell(17, 0, "-inf"), "mass is -inf, expected a finite number"),
    "radii not increasing": (changed(radius=RADIUS[::-1]), "radius 2 is 4 kpc, expected increasing radii"),
    "a radius twice": (changed(radius=RADIUS[[0, 1, 1, 3, 4]]), "radius 3 is 1 kpc"),
    "a negative radius": (changed(radius=RADIUS - 1.0), "radius 1 is -0.5 kpc"),
    "velocity in the centre": (changed(radius=RADIUS - 0.5), "velocity at 0 kpc is"),
    "no header": (changed(change=lambda t: t[1:]), "expected increasing radii"),
    "other names": (changed(radius=[f"v_{r}" for r in RADIUS]), "has no column of velocities"),
    "a name twice": (changed(change=lambda t: ["mass," + t[0], *("9," + x for x in t[1:])]), "several columns 'mass'"),
    "decimal commas": (
        changed(between=";", change=lambda t: [t[0], *(x.replace(".", ",") for x in t[1:])]),
        "is not a number",
    ),
    "only a header": (changed(change=lambda t: t[:1]), "holds no rows"),
    "one curve": (changed(change=lambda t: t[:2]), "holds 1 curves, expected at least 100"),
    "one radius": (changed(velocity=VELOCITY[:, :1], radius=RADIUS[:1]), "has 1 radii, expected at least 3"),
    "empty": (raw(".csv", b""), "holds no table"),
    "only comments": (raw(".csv", b"# nothing\n# here\n"), "holds no table"),
    "not UTF-8": (raw(".csv", b"name,0.5,1.0,2.0\nNGC\xe9,1,2,3\n"), "not a table (CSV)"),
    "binary": (raw(".csv", bytes(range(256)) * 8), "not a table (CSV)"),
    "ECSV in kg": (table(".ecsv", change=unit("kg"), format="ascii.ecsv"), "'2.0' is in 'kg', expected km/s"),
    "ECSV head": (
        raw(".ecsv", b"# %ECSV 1.0\n# ---\n# datatype: [\n0.5 1.0\n1 2\n"),
        "holds no readable table",
    ),
    "FITS without a table": (no_table, "holds no readable table"),
    "FITS of text": (
        table(".fits", change=lambda t: t.replace_column("2.0", ["fast"] * N)),
        "column '2.0' must hold numbers",
    ),
    "FITS cut short": (cut(table(".fits")), "holds no readable table"),
    "text as FITS": (raw(".fits", b"0.5,1.0,2.0\n1,2,3\n"), "holds no readable table"),
    "transposed": (arrays(velocity=VELOCITY.T, parameters=None), "is it transposed?"),
    "no velocity": (arrays(velocity=None), "holds no data set 'velocity'; expected 'velocity' (curve, radius)"),
    "three axes": (arrays(velocity=VELOCITY[None]), "'velocity' has shape (1, 120, 5)"),
    "fewer parameters": (arrays(parameters=MASS[1:]), "'parameters' has shape (119, 1)"),
    "text as parameters": (arrays(parameters=np.full((N, 1), b"heavy")), "'parameters' must hold numbers"),
    "too many names": (
        attributes("parameters", parameter_names=["a", "b"]),
        "names, units or labels",
    ),
    "radius in s": (attributes("radius", units="s"), "'radius' is in 's', expected kpc"),
    "unknown unit": (attributes("velocity", units="furlong/week"), "'velocity' is in 'furlong/week', expected km/s"),
    "HDF5 cut short": (cut(arrays()), "not a readable HDF5 file"),
    "text as HDF5": (raw(".h5", b"0.5,1.0,2.0\n"), "not a readable HDF5 file"),
    "no radius": (npz(radius=None), "holds no array 'radius'"),
    "objects": (npz(velocity=np.array([[1, "a"]] * N, dtype=object)), "not a readable NumPy file"),
    "npz cut short": (cut(npz()), "not a readable NumPy file"),
    "a model file": (raw(".pt", b"PK"), "unknown kind of file, expected one of: .h5,"),
    "a spreadsheet": (raw(".xlsx", b"PK"), "unknown kind of file"),
    "no such file": (lambda path: path.with_suffix(".csv"), "no such file"),
}


def imported(path, out, representation="components"):
    """What the step makes of a file: velocities, radii, parameters, names of these."""
    import_curves.main([f"--source={path}", f"--representation={representation}", f"--curves={out}"])
    with h5py.File(out) as file:
        names = [name.decode() for name in file["parameters"].attrs["parameter_names"]]
    return *read(out, "velocity", "radius", "parameters"), names


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_one_line_that_names_it_and_what_is_wrong(name, tmp_path):
    write, words = ODD[name]
    path = write(tmp_path / "mine")
    with pytest.raises(UserError) as caught:
        imported(path, tmp_path / "curves.h5")
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert words in str(caught.value)
    assert [file for file in tmp_path.iterdir() if file != path] == []


GOOD = {
    "commas": changed(),
    "semicolons": changed(between=";"),
    "tabs": changed(between="\t"),
    "blanks": changed(between=" "),
    "Windows": changed(end="\r\n", encoding="utf-8-sig"),
    "comments": changed(change=lambda t: ["# of my simulation", "", *t[:5], "# half", *t[5:]]),
    "quotes": changed(change=lambda t: [",".join(f'"{cell}"' for cell in line.split(",")) for line in t]),
    "index of pandas": changed(change=lambda t: ["," + t[0], *(f"{i},{line}" for i, line in enumerate(t[1:]))]),
    "names of galaxies": changed(change=lambda t: ["galaxy," + t[0], *(f"NGC {i},{x}" for i, x in enumerate(t[1:]))]),
    "names that look like numbers": changed(
        change=lambda t: ["galaxy," + t[0], *(f"{i if i < 20 else f'NGC {i}'},{x}" for i, x in enumerate(t[1:]))]
    ),
    "centre": changed(radius=[0.0, *RADIUS], velocity=np.column_stack([np.zeros(N), VELOCITY])),
    "ECSV": table(".ecsv", format="ascii.ecsv"),
    "ECSV in m/s": table(
        ".ecsv", VELOCITY * [1, 1, 1000, 1, 1], change=unit("m/s"), format="ascii.ecsv", delimiter=","
    ),
    "FITS": table(".fits"),
    "HDF5": arrays(),
    "NumPy": npz(parameter_names=["mass"]),
    "NumPy by columns": npz(velocity=np.asfortranarray(VELOCITY)),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_same_curves_are_read_from_every_kind_of_file(name, tmp_path):
    velocity, radius, parameters, names = imported(GOOD[name](tmp_path / "mine"), tmp_path / "out/curves.h5")
    np.testing.assert_allclose(velocity, VELOCITY, rtol=1e-6)
    np.testing.assert_allclose(radius, RADIUS, rtol=1e-12)
    np.testing.assert_allclose(parameters, MASS, rtol=1e-12)
    assert names == (["mass"] if name not in ("HDF5", "NumPy by columns") else ["parameter_1"])


@pytest.mark.parametrize(("step", "name"), [(import_curves, "mine.npz"), (import_observations, "mine.csv")])
def test_the_example_of_the_help_runs_where_the_file_is(step, name, tmp_path, capsys):
    with pytest.raises(SystemExit):
        step.main(["--help"])
    (example,) = re.findall("snakemake -np.*", capsys.readouterr().out)
    (tmp_path / name).touch()
    words = example.replace(name, str(tmp_path / name)).split()
    ended = subprocess.run([sys.executable, "-m", *words], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert f"{step.__name__}.py" in ended.stdout


def test_units_names_and_labels_of_a_file_are_kept(tmp_path):
    path = attributes("velocity", units="m/s")(tmp_path / "mine")
    with h5py.File(path, "r+") as file:
        file["parameters"].attrs.update(parameter_names=["m"], parameter_units=["Msun"], parameter_labels=["$M_*$"])
    velocity, *_ = imported(path, tmp_path / "curves.h5")
    np.testing.assert_allclose(velocity, VELOCITY / 1000.0, rtol=1e-6)
    with h5py.File(tmp_path / "curves.h5") as file:
        about = {name: values.tolist() for name, values in file["parameters"].attrs.items() if name.startswith("param")}
    assert about == {"parameter_names": [b"m"], "parameter_units": [b"Msun"], "parameter_labels": [b"$M_*$"]}


def test_curves_without_parameters_have_what_every_curve_has(tmp_path):
    velocity = np.sort(VELOCITY, 1)[:, ::-1] * RADIUS**0.2
    *_, parameters, names = imported(npz(velocity=velocity, parameters=None)(tmp_path / "mine"), tmp_path / "curves.h5")
    assert names == ["v_max", "r_max", "outer_slope"]
    np.testing.assert_allclose(parameters[:, 0], velocity.max(1))
    assert all(velocity[i, r == RADIUS] == velocity[i].max() for i, r in enumerate(parameters[:, 1]))
    straight = 100.0 * RADIUS**0.1 * np.ones((N, 1)) * np.linspace(1.0, 2.0, N)[:, None]
    path = npz(velocity=straight, parameters=None)(tmp_path / "other")
    np.testing.assert_allclose(imported(path, tmp_path / "curves.h5")[2][:, 2], 0.1, rtol=1e-3)  # d ln v / d ln R


def test_any_velocity_is_for_linear_models(tmp_path):
    path = npz(velocity=VELOCITY - 100.0)(tmp_path / "mine")
    np.testing.assert_allclose(imported(path, tmp_path / "curves.h5", "linear")[0], VELOCITY - 100.0, rtol=1e-5)


def test_what_may_be_meant_otherwise_is_told(tmp_path, caplog):
    caplog.set_level("INFO")
    for name, words in {
        "centre": "the velocity at radius 0, which is zero, is left out",
        "index of pandas": "column 1 has no name, left out",
        "names of galaxies": "column 1 'galaxy' holds no numbers, left out",
    }.items():
        imported(GOOD[name](tmp_path / "mine"), tmp_path / "curves.h5")
        assert words in caplog.text
        caplog.clear()
    for different, words in (
        ({"velocity": VELOCITY * 1000.0}, "the median velocity is 1.71e+05 km/s; are these the units?"),
        ({"radius": RADIUS * 1000.0}, "the last radius is 8e+03 kpc; are these the units?"),
        ({"velocity": np.repeat(VELOCITY[:100], 2, 0), "parameters": None}, "100 curves are equal to others"),
    ):
        imported(npz(**different)(tmp_path / "mine"), tmp_path / "curves.h5")
        assert words in caplog.text
        caplog.clear()
