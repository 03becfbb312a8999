"""Numbers that observers give of a curve, and catalogues as their tools read them."""

import csv

import numpy as np
import pytest
from astropy.io import fits

from rotcurves.catalogue import Column, flat_velocity, velocity_at, write_csv, write_fits

RADIUS = np.geomspace(0.1, 50.0, 50)


def test_the_velocity_at_a_radius_is_that_of_the_curve():
    steep = np.stack([np.log(RADIUS), 3.0 - np.log(RADIUS)])
    at = np.array([1.7, 20.0])
    np.testing.assert_allclose(velocity_at(at, RADIUS, steep), [np.log(1.7), 3.0 - np.log(20.0)], rtol=1e-12)


def test_there_is_no_velocity_beyond_the_radii():
    found = velocity_at(np.array([0.09, 0.1, 50.0, 51.0]), RADIUS, np.tile(RADIUS, (4, 1)))
    np.testing.assert_allclose(found, [np.nan, 0.1, 50.0, np.nan])


def test_the_flat_velocity_is_the_mean_of_the_flat_part():
    rising_then_flat = [10.0, 50.0, 90.0, 100.0, 102.0, 100.0]
    falling = [200.0, 180.0, 160.0, 140.0, 120.0, 100.0]
    flat = [100.0] * 6
    found = flat_velocity(np.array([rising_then_flat, falling, flat]))
    np.testing.assert_allclose(found, [302.0 / 3, np.nan, 100.0])


def test_a_curve_that_rises_again_inside_has_its_flat_part_outside():
    # After the point that breaks the flat part no other counts, be it as high as the flat part.
    np.testing.assert_allclose(flat_velocity(np.array([[100.0, 100.0, 50.0, 100.0, 100.0, 100.0]])), [100.0])
    np.testing.assert_allclose(flat_velocity(np.array([[104.0, 104.0, 50.0, 100.0, 100.0, 100.0]])), [100.0])


@pytest.fixture
def columns():
    return [
        Column("curve", np.arange(3), "", "row"),
        Column("v_flat", np.array([100.25, np.nan, 1.0 / 3.0]), "km/s", "flat"),
    ]


def test_a_catalogue_as_csv_is_empty_where_there_is_no_number(columns, tmp_path):
    write_csv(tmp_path / "c.csv", columns)
    with (tmp_path / "c.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["curve", "v_flat"], ["0", "100.25"], ["1", ""], ["2", "0.3333333"]]


def test_a_catalogue_as_fits_has_units_descriptions_and_every_digit(columns, tmp_path):
    write_fits(tmp_path / "c.fits", columns)
    with fits.open(tmp_path / "c.fits") as file:
        file.verify("exception")
        header, data = file["GALAXIES"].header, file["GALAXIES"].data
        np.testing.assert_array_equal(data["curve"], np.arange(3))
        np.testing.assert_array_equal(data["v_flat"], columns[1].values)
    assert (header["TUNIT2"], header["TCOMM2"]) == ("km/s", "flat")
    assert "DATE" not in header


def test_the_same_catalogue_is_the_same_bytes(columns, tmp_path):
    for write in write_csv, write_fits:
        write(tmp_path / "a", columns)
        write(tmp_path / "b", columns)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
