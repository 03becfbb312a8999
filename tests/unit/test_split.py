"""The parts of a split: disjoint curves in increasing order, of a file that holds them."""

import h5py
import numpy as np
import pytest

from curvae.runtime.errors import UserError
from curvae.storage import hdf5
from curvae.storage.curves import velocity_dataset
from curvae.storage.split import read_split, reading_split

RADIUS = np.array([1.0, 2.0, 4.0])
VELOCITY = np.arange(1.0, 31.0, dtype=np.float32).reshape(10, 3)
PARTS = {"train": [0, 2, 3, 5, 9], "validation": [1, 8], "test": [4, 6, 7]}


@pytest.fixture
def files(tmp_path):
    """Curves and their split."""
    curves, split = tmp_path / "curves.h5", tmp_path / "split.h5"
    with hdf5.create(curves) as writer:
        writer.axis("curve", len(VELOCITY))
        velocity_dataset(writer, RADIUS)[...] = VELOCITY
    with hdf5.create(split) as writer:
        for name, index in PARTS.items():
            writer.axis(name, np.array(index))
    return curves, split


def change(path, name, values):
    with h5py.File(path, "r+") as file:
        file[name][...] = values


def test_a_part_is_its_curves_whole_or_some_of_them(files):
    radius, index, velocity = read_split(*files, "train", "test")
    np.testing.assert_array_equal(radius, RADIUS)
    assert {name: rows.tolist() for name, rows in index.items()} == {name: PARTS[name] for name in ("train", "test")}
    np.testing.assert_array_equal(velocity["test"], VELOCITY[PARTS["test"]])
    with reading_split(*files, "train") as (_, parts):
        assert len(parts["train"]) == 5
        for rows in (slice(1, 4), slice(4, 5)):
            np.testing.assert_array_equal(parts["train"].velocity(rows), VELOCITY[PARTS["train"][rows]])


@pytest.mark.parametrize("index", [[-1, 6, 7], [4, 6, 10], [4, 7, 6], [4, 4, 7]])
def test_an_index_that_is_negative_too_large_or_not_above_the_one_before_is_refused(index, files):
    change(files[1], "test", index)
    with pytest.raises(UserError, match=r"split\.h5: 'test' must be increasing row numbers below 10"):
        read_split(*files, "test")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_velocities_that_are_no_finite_numbers_are_refused_where_they_are_read(value, files):
    change(files[0], "velocity", np.where(np.arange(30).reshape(10, 3) == 26, value, VELOCITY))  # of curve 8
    with pytest.raises(UserError, match=r"curves\.h5: holds values that are not finite numbers"):
        read_split(*files, "validation")
    read_split(*files, "train", "test")


def test_a_split_of_more_or_fewer_curves_than_there_are_is_refused(files):
    with hdf5.create(files[0]) as writer:
        writer.axis("curve", 9)
        velocity_dataset(writer, RADIUS)[...] = VELOCITY[:9]
    with pytest.raises(UserError, match=r"split\.h5: divides 10 curves, but .*curves\.h5 holds 9 curves"):
        read_split(*files, "test")
