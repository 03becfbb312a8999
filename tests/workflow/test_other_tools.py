"""Files of a run as tools see them that know nothing of this project, and the README's lines of Python."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import xarray
from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def hdf5(finished):
    """All HDF5 files of a run, by their paths from its results."""
    results = finished.folder / "results"
    return {path.relative_to(results).as_posix(): path for path in results.rglob("*.h5")}


def tool(name):
    """What a command prints; the test is skipped where it is not installed, except in continuous integration."""

    def run(*arguments):
        return subprocess.run([name, *arguments], capture_output=True, text=True, check=True).stdout

    if shutil.which(name) is None:
        assert not os.environ.get("ROTCURVES_CI"), f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return run


def test_xarray_opens_every_file_with_named_axes_units_and_descriptions(hdf5):
    assert len(hdf5) > 20
    for name, path in hdf5.items():
        with xarray.open_dataset(path, engine="h5netcdf") as data:
            assert not [axis for axis in data.sizes if axis.startswith("phony")], name
            for variable in data.data_vars.values():
                assert variable.units, (name, variable.name)
                assert variable.long_name, (name, variable.name)
                variable.load()
            assert "radius" not in data.sizes or data.radius.units == "kpc", name


def test_ncdump_reads_every_file(hdf5):
    ncdump = tool("ncdump")
    headers = {name: ncdump("-h", path) for name, path in hdf5.items()}
    for name in "curves.h5", "full/seed1/generated/normal.h5":
        assert "float velocity(curve, radius) ;" in headers[name]
        assert 'velocity:units = "km/s" ;' in headers[name]
    assert '"log_disc_mass", "log_halo_mass"' in ncdump("-v", "parameter", hdf5["parameters.h5"])


def test_h5dump_reads_every_file(hdf5):
    h5dump = tool("h5dump")
    for name, path in hdf5.items():
        assert f'HDF5 "{path}"' in h5dump("-H", path), name
    radius = h5dump("-d", "/radius", hdf5["curves.h5"])
    assert "(0): 0.1, " in radius
    assert '"kpc"' in radius


def test_the_python_of_the_readme_runs_as_it_stands(project):
    project.run("results/full/seed1/exports/decoder.pt2", "results/full/seed1/exports/normal.fits")
    page = (PROJECT / "README.md").read_text() + (PROJECT / "docs/files.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 5
    for block in blocks:
        command = [sys.executable, "-W", "error", "-c", block]
        ended = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
        assert ended.returncode == 0, block + ended.stderr
