"""Galaxies, curves and split: what the files of the data set hold, and the memory that making them takes."""

import subprocess
import sys

import numpy as np
import pytest
import xarray
from tests.reading import read
from tests.step.steps import SCRIPTS

import synthesize_curves
from curvae.galaxies import scaling
from curvae.galaxies.rotation import ForwardModel, rotation_curves


@pytest.mark.parametrize("little_h", [0.5, 0.7])
def test_concentrations_follow_dutton_and_maccio_in_masses_over_h(little_h, perform, tmp_path):
    exact = {"halo_mass_scatter": 0, "concentration_scatter": 0, "hubble_constant": 100.0 * little_h}
    (parameters,) = read(perform(tmp_path, tmp_path, "sample_parameters", **exact) / "parameters.h5", "parameters")
    log_mass, log_concentration = parameters[:, 1] + np.log10(little_h), parameters[:, 3]
    # Dutton & Maccio 2014, eq. 8: log10 c = 0.905 - 0.101 log10(M / 10^12 Msun/h).
    np.testing.assert_allclose(log_concentration, 0.905 - 0.101 * (log_mass - 12.0), rtol=1e-12)


def test_curves_are_those_of_the_parameters_beside_them(data, config):
    velocity, radius, parameters = read(data / "curves.h5", "velocity", "radius", "parameters")
    np.testing.assert_array_equal(parameters, read(data / "parameters.h5", "parameters")[0])
    settings = config | config["sample_parameters"] | config["synthesize_curves"]
    v = rotation_curves(parameters, radius, ForwardModel.from_settings(settings))
    np.testing.assert_allclose(velocity, v, rtol=2.0**-24)  # what single precision can hold
    assert (velocity > 0).all()


def test_curves_do_not_depend_on_how_many_are_computed_at_once(perform, data, tmp_path, monkeypatch):
    monkeypatch.setattr(synthesize_curves, "ROWS", 77)
    perform(data, tmp_path, "synthesize_curves")
    for name in ("velocity", "parameters"):
        np.testing.assert_array_equal(*(read(folder / "curves.h5", name)[0] for folder in (data, tmp_path)))


def test_curves_carry_what_they_were_computed_with(data, config):
    with xarray.open_dataset(data / "curves.h5", engine="h5netcdf") as curves:
        relations, synthesis = config["sample_parameters"], config["synthesize_curves"]
        assert curves.attrs == {
            "hubble_constant": config["hubble_constant"],
            "degrees_of_freedom": 4,
            **{name: synthesis[name] for name in ("overdensity", "gravitational_constant")},
            **{name: relations[name] for name in scaling.SETTINGS},
        }


def test_radii_are_log_spaced_between_the_two_asked_for(data):
    (radius,) = read(data / "curves.h5", "radius")
    assert len(radius) == 50
    assert (radius[0], radius[-1]) == pytest.approx((0.1, 50.0), rel=1e-14)
    np.testing.assert_allclose(np.diff(np.log(radius)), np.log(500.0) / 49.0, rtol=1e-10)


def test_every_curve_is_in_exactly_one_part_of_a_split_at_random(data, perform, tmp_path):
    parts = read(data / "split.h5", "train", "validation", "test")
    assert [len(part) for part in parts] == [300, 50, 50]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(400))
    assert all((np.diff(part) > 0).all() for part in parts)
    perform(data, tmp_path, "split_curves", seed=2)
    assert not np.array_equal(read(tmp_path / "split.h5", "test")[0], parts[2])


# A process of its own in between: a child begins with the memory of its parent, which pytest is too large for.
MEASURE = """\
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.slow
def test_ten_times_the_galaxies_take_no_more_memory(command, tmp_path):
    peaks = {step: [] for step in ("sample_parameters", "synthesize_curves", "split_curves")}
    for galaxies in (200_000, 2_000_000):
        size = {"galaxies": galaxies, "validation": 50_000, "test": 50_000}
        for step, memory in peaks.items():
            words = [sys.executable, "-c", MEASURE, SCRIPTS / f"{step}.py", *command(step, tmp_path, tmp_path, **size)]
            memory.append(int(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout))
    for path in tmp_path.iterdir():
        path.unlink()  # a gigabyte
    assert all(many < 1.1 * few for few, many in peaks.values())
