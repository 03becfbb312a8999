"""HDF5 files open with names and units, are the same bytes for the same numbers, and are never read damaged."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from curvae.runtime.errors import UserError
from curvae.runtime.rows import ROWS, pieces
from curvae.storage import hdf5
from curvae.storage.curves import check_radii, described, parameters_dataset, read_attributes, velocity_dataset

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
CURVES, RADII = 3000, 5  # more curves than one checksummed unit holds
RADIUS = np.geomspace(0.1, 50.0, RADII)
PARAMETERS = ["mass", "length", "spin"], ["log10 Msun", "log10 kpc", "1"], ["$M$", "$R$", r"$\lambda$"]
VELOCITY = np.random.default_rng(14).uniform(10.0, 300.0, (CURVES, RADII)).astype(np.float32)


def write(path):
    """A file of every kind of axis and data set."""
    with hdf5.create(path) as writer:
        writer.attributes(hubble_constant=70.0)
        writer.axis("curve", CURVES)
        writer.axis("train", np.arange(2 * ROWS + 3))  # longer than a piece
        writer.counted(latent=2)
        parameters_dataset(writer, *PARAMETERS)[...] = np.ones((CURVES, 3))
        velocity, decoded = velocity_dataset(writer, RADIUS), velocity_dataset(writer, RADIUS, "decoded")
        for rows in pieces(CURVES, rows=1024):
            velocity[rows] = decoded[rows] = VELOCITY[rows]


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "data.h5")
    return tmp_path / "data.h5"


def test_names_units_labels_and_constants_are_read_back_or_missed(path):
    assert described(path) == PARAMETERS
    assert read_attributes(path, "hubble_constant") == {"hubble_constant": 70.0}
    with pytest.raises(UserError, match=r"data\.h5: holds no attribute 'overdensity'"):
        read_attributes(path, "hubble_constant", "overdensity")
    with h5py.File(path, "r+") as file:
        file["parameters"].attrs["parameter_units"] = ["log10 Msun"]
    with pytest.raises(UserError, match=r"data\.h5: names, units or labels"):
        described(path)


def test_two_writes_make_equal_bytes_whatever_the_name_and_day(path, tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    write(tmp_path / "another_name.h5")
    assert (tmp_path / "another_name.h5").read_bytes() == path.read_bytes()


FULL = """
import os, resource
import numpy as np
from curvae.storage import curves, hdf5
from curvae.runtime.errors import UserError

def write():
    with hdf5.create("result.h5") as writer:
        writer.axis("curve", 40)
        velocity = curves.velocity_dataset(writer, np.geomspace(0.1, 50.0, 50))
        parameters = curves.parameters_dataset(writer, "abcd", "abcd", "abcd")
        velocity[...], parameters[...] = 100.0, 1.0

write()
whole = os.path.getsize("result.h5")
os.remove("result.h5")
for size in range(0, whole, 131):  # the most bytes that a file may have from now on
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        write()
    except UserError as error:
        print(error, os.listdir())
"""


def test_a_disk_that_is_full_at_any_byte_of_a_file_is_told_and_leaves_nothing(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    command = [sys.executable, "-c", FULL]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) > 90
    assert set(lines) == {"result.h5: cannot be written: File too large []"}


def test_a_file_of_another_kind_is_named_with_what_was_expected(path):
    for expected, message in (
        ({"code": (None, 4)}, "holds no data set 'code'"),
        ({"velocity": (None, RADII + 1)}, r"'velocity' has shape \(3000, 5\), expected any x 6"),
        ({"velocity": (None,)}, r"'velocity' has shape \(3000, 5\), expected any"),
        ({"velocity": ("n", "m"), "radius": ("n",)}, r"'radius' has shape \(5,\), expected 3000"),
        ({"parameter": (3,)}, "'parameter' must hold numbers"),
    ):
        with pytest.raises(UserError, match=rf"data\.h5: {message}"), hdf5.reading(path, **expected):
            pass
    with pytest.raises(OSError, match="No space left"), hdf5.reading(path):
        raise OSError(28, "No space left on device")  # not of this file
    with pytest.raises(UserError, match=r"^a: its radii are not those of b$"):
        check_radii("a", RADIUS, 1.01 * RADIUS, "b")


def test_radii_are_positive_and_increase(tmp_path):
    for radius in ([0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [1.0, np.nan], [1.0, np.inf]):
        with hdf5.create(tmp_path / "r.h5") as writer:
            writer.axis("radius", np.array(radius))
        with (
            pytest.raises(UserError, match=r"r\.h5: 'radius' must be positive"),
            hdf5.reading(tmp_path / "r.h5", radius=(2,)),
        ):
            pass


def test_pieces_cover_every_row_once():
    for n, start in ((0, 0), (1, 0), (5, 1), (1024, 0), (1025, 512)):
        assert [i for p in pieces(n, 512, start) for i in range(p.start, p.stop)] == list(range(start, n))


@pytest.mark.parametrize("rows", [7, 1024, 10_000])
def test_rows_are_taken_in_any_order(path, rows, monkeypatch):
    random = np.random.default_rng(15)
    monkeypatch.setattr(pieces, "__defaults__", (rows, 0))
    indices = [random.permutation(CURVES)[:100], random.integers(0, CURVES, 50), [5, 5, 2], [], [0, CURVES - 1]]
    with hdf5.reading(path, velocity=(None, RADII)) as source:
        for index in (np.array(index, int) for index in indices):
            np.testing.assert_array_equal(hdf5.take(source["velocity"], index), VELOCITY[index])
        for index in ([0, CURVES], [-1, 3]):
            with pytest.raises(UserError, match=r"data\.h5: holds 3000 curves"):
                hdf5.take(source["velocity"], np.array(index))


def test_files_are_not_locked_since_network_file_systems_may_refuse_that(path, tmp_path):
    def lock(path):
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with hdf5.create(tmp_path / "new.h5"):
        lock(*tmp_path.glob(".new.h5.*.part"))
    with hdf5.reading(path):
        lock(path)
    with h5py.File(path, "r+", locking=True), pytest.raises(BlockingIOError):
        lock(path)
