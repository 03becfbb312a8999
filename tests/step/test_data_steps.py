"""Galaxies, curves and split: what the files of the data set hold."""

import numpy as np
import pytest
import xarray
from tests.reading import read

import sample_parameters
import split_curves
import synthesize_curves
from rotcurves.velocity import rotation_curves


def parameters_of(command, folder, **different):
    sample_parameters.main(command("sample_parameters", folder, **different))
    return read(folder / "parameters.h5", "parameters")[0]


@pytest.mark.parametrize(
    ("step", "name"),
    [(sample_parameters, "parameters.h5"), (synthesize_curves, "curves.h5"), (split_curves, "split.h5")],
)
def test_a_step_run_twice_makes_equal_bytes(step, name, command, tiny, tmp_path):
    step.main(command(step.__name__, tmp_path))
    assert (tmp_path / name).read_bytes() == (tiny / name).read_bytes()


@pytest.mark.parametrize("little_h", [0.5, 0.7])
def test_concentrations_follow_dutton_and_maccio_in_masses_over_h(little_h, command, tmp_path):
    exact = {"halo_mass_scatter": 0.0, "concentration_scatter": 0.0}
    drawn = parameters_of(command, tmp_path, hubble_constant=100.0 * little_h, **exact)
    log_mass, log_concentration = drawn[:, 1] + np.log10(little_h), drawn[:, 3]
    # Dutton & Maccio 2014, eq. 8: log10 c = 0.905 - 0.101 log10(M / 10^12 Msun/h).
    np.testing.assert_allclose(log_concentration, 0.905 - 0.101 * (log_mass - 12.0), rtol=1e-12)


def test_a_larger_data_set_begins_with_the_same_galaxies(command, tiny, tmp_path):
    more = parameters_of(command, tmp_path, galaxies=500)
    np.testing.assert_array_equal(more[:400], read(tiny / "parameters.h5", "parameters")[0])


def test_another_seed_draws_other_galaxies(command, tiny, tmp_path):
    other = parameters_of(command, tmp_path, seed=2)
    assert not np.isin(other, read(tiny / "parameters.h5", "parameters")[0]).any()


def test_curves_are_those_of_the_parameters_beside_them(tiny, config):
    velocity, radius, parameters = read(tiny / "curves.h5", "velocity", "radius", "parameters")
    np.testing.assert_array_equal(parameters, read(tiny / "parameters.h5", "parameters")[0])
    settings = config["synthesize_curves"]
    v = rotation_curves(parameters, radius, config["hubble_constant"], 200.0, settings["gravitational_constant"])
    np.testing.assert_allclose(velocity, v, rtol=2.0**-24)  # what single precision can hold
    assert (velocity > 0).all()


def test_radii_are_log_spaced_between_the_two_asked_for(tiny, config):
    (radius,) = read(tiny / "curves.h5", "radius")
    settings = config["synthesize_curves"]
    assert len(radius) == settings["radii"]
    assert (radius[0], radius[-1]) == pytest.approx((settings["radius_min"], settings["radius_max"]), rel=1e-14)
    np.testing.assert_allclose(np.diff(np.log(radius)), np.log(500.0) / 49.0, rtol=1e-10)


def test_every_curve_is_in_exactly_one_part_of_the_split(tiny):
    parts = read(tiny / "split.h5", "train", "validation", "test")
    assert [len(part) for part in parts] == [300, 50, 50]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(400))
    assert all((np.diff(part) > 0).all() for part in parts)


def test_split_is_at_random(command, tiny, tmp_path):
    split_curves.main(command("split_curves", tmp_path, seed=2))
    (test,), (other,) = (read(folder / "split.h5", "test") for folder in (tiny, tmp_path))
    assert not np.array_equal(test, other)
    # Mean index of 50 of 400 at random, within four standard errors.
    assert test.mean() == pytest.approx(199.5, abs=4.0 * 400.0 / np.sqrt(12.0 * 50.0))


AXES = {
    "parameters.h5": {"parameters": ("curve", "parameter")},
    "curves.h5": {"velocity": ("curve", "radius"), "parameters": ("curve", "parameter")},
}


@pytest.mark.parametrize("name", AXES)
def test_xarray_opens_the_data_set_with_names_and_units(name, tiny):
    with xarray.open_dataset(tiny / name, engine="h5netcdf") as data:
        assert {variable: data[variable].dims for variable in data.data_vars} == AXES[name]
        assert all("units" in data[variable].attrs for variable in data.data_vars)
        assert list(data.parameter.values) == [
            "log_disc_mass",
            "log_halo_mass",
            "log_scale_length",
            "log_concentration",
        ]
        if name == "curves.h5":
            assert (data.velocity.units, data.radius.units) == ("km/s", "kpc")
            assert (data.sel(radius=10.0, method="nearest").velocity > 0).all()


def test_xarray_opens_the_split(tiny):
    with xarray.open_dataset(tiny / "split.h5", engine="h5netcdf") as data:
        assert dict(data.sizes) == {"train": 300, "validation": 50, "test": 50}
        assert data.train.dtype == np.int64
