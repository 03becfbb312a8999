"""Files of a run as tools see them that know nothing of this project."""

import os
import shutil
import subprocess

import pytest
import xarray


@pytest.fixture(scope="module")
def hdf5(finished):
    """All HDF5 files of a run, by their paths from its results."""
    return {path.relative_to(finished.results).as_posix(): path for path in finished.results.rglob("*.h5")}


def test_xarray_opens_every_file_with_named_axes_units_and_descriptions(hdf5):
    assert len(hdf5) >= 9
    for name, path in hdf5.items():
        with xarray.open_dataset(path, engine="h5netcdf") as data:
            assert not [axis for axis in data.sizes if axis.startswith("phony")], name
            for variable in data.data_vars.values():
                assert variable.units, (name, variable.name)
                assert variable.long_name, (name, variable.name)
                variable.load()
            assert "radius" not in data.sizes or data.radius.units == "kpc", name


def test_ncdump_reads_every_file(hdf5):
    def ncdump(*arguments):
        return subprocess.run(["ncdump", *arguments], capture_output=True, text=True, check=True).stdout

    if not shutil.which("ncdump"):
        assert not os.environ.get("CURVAE_CI"), "ncdump is not installed"
        pytest.skip("ncdump is not installed")
    headers = {name: ncdump("-h", path) for name, path in hdf5.items()}
    for name in "curves.h5", "full/seed1/generated/diagonal_gaussian.h5":
        assert "float velocity(curve, radius) ;" in headers[name]
        assert 'velocity:units = "km/s" ;' in headers[name]
    assert '"log_disc_mass", "log_halo_mass"' in ncdump("-v", "parameter", hdf5["parameters.h5"])
