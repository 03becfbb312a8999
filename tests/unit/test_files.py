"""A file that exists is whole, opens with names and units, and a damaged one is never read silently."""

import fcntl
import os
import stat
import subprocess
import sys

import h5py
import numpy as np
import pytest
import xarray
from tests.reading import read

from rotcurves import files
from rotcurves.errors import UserError
from rotcurves.replacing import replacing

SCRIPTS = os.path.dirname(os.path.dirname(files.__file__))
CURVES, RADII = 3000, 5  # more curves than one checksummed unit holds


def write(path):
    """A file of every kind of axis and data set."""
    random = np.random.default_rng(14)
    with files.create(path) as writer:
        writer.axis("curve", CURVES)
        parameters = files.parameters_dataset(writer)
        velocity = files.velocity_dataset(writer, np.geomspace(0.1, 50.0, RADII))
        for rows in files.pieces(CURVES, rows=1024):
            parameters[rows] = random.standard_normal((rows.stop - rows.start, 4))
            velocity[rows] = random.uniform(10.0, 300.0, (rows.stop - rows.start, RADII))


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "data.h5")
    return tmp_path / "data.h5"


def test_xarray_opens_a_file_with_names_coordinates_and_units(path):
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        assert dict(data.sizes) == {"curve": CURVES, "radius": RADII, "parameter": 4}
        assert data.velocity.dims == ("curve", "radius")
        assert data.velocity.units == "km/s"
        assert data.radius.units == "kpc"
        np.testing.assert_array_equal(data.radius, np.geomspace(0.1, 50.0, RADII))
        assert list(data.parameter.values[:2]) == ["log_disc_mass", "log_halo_mass"]
        assert data.parameters.sel(parameter="log_concentration").shape == (CURVES,)


def test_what_is_written_in_pieces_is_read_back(path):
    random = np.random.default_rng(14)
    (parameters,) = read(path, "parameters")
    np.testing.assert_array_equal(parameters[:1024], random.standard_normal((1024, 4)))
    assert not (parameters == 0.0).any()


def test_two_writes_make_equal_bytes_whatever_the_name_and_day(path, tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    write(tmp_path / "another_name.h5")
    assert (tmp_path / "another_name.h5").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("error", [RuntimeError, UserError, KeyboardInterrupt])
def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(path, error):
    def fail():
        with files.create(path) as writer:
            writer.axis("curve", 3)
            raise error("in the middle")

    before = path.read_bytes()
    with pytest.raises(error):
        fail()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_first_writer_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), files.create(tmp_path / "new.h5"):
        raise RuntimeError("in the middle")
    assert os.listdir(tmp_path) == []


def test_a_file_in_the_making_is_not_there_yet(tmp_path):
    with files.create(tmp_path / "new.h5") as writer:
        writer.axis("curve", 3)
        assert not (tmp_path / "new.h5").exists()
    assert (tmp_path / "new.h5").exists()


def test_others_may_read_a_file_as_far_as_the_umask_lets_them(tmp_path):
    umask = os.umask(0o027)
    try:
        with files.create(tmp_path / "new.h5") as writer:
            writer.axis("curve", 3)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new.h5").stat().st_mode) == 0o640


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"file/new\.h5: cannot be written"), files.create(tmp_path / "file/new.h5"):
        pass


FULL = """
import os, resource
import numpy as np
from rotcurves import files
from rotcurves.errors import UserError

def write():
    with files.create("result.h5") as writer:
        writer.axis("curve", 40)
        velocity = files.velocity_dataset(writer, np.geomspace(0.1, 50.0, 50))
        parameters = files.parameters_dataset(writer)
        velocity[...], parameters[...] = 100.0, 1.0
        velocity.attrs["sha256"] = 64 * "0"

write()
whole = os.path.getsize("result.h5")
os.remove("result.h5")
for size in range(0, whole, 97):  # the most bytes that a file may have from now on
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        write()
    except UserError as error:
        print(error, os.listdir())
"""


def test_a_disk_that_is_full_at_any_byte_of_a_file_is_told_and_leaves_nothing(tmp_path):
    environment = {**os.environ, "PYTHONPATH": SCRIPTS}
    command = [sys.executable, "-c", FULL]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) > 100
    assert set(lines) == {"result.h5: cannot be written: File too large []"}


def flip_byte_of(path, name):
    """Flip a byte in the middle of the data of one data set."""
    with h5py.File(path) as file:
        chunk = file[name].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 0xFF
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


DAMAGE = {
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("log_disc_mass,log_halo_mass\n9.0,11.0\n"),
    "truncated": truncate,
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "flipped velocity": lambda path: flip_byte_of(path, "velocity"),
    "flipped parameters": lambda path: flip_byte_of(path, "parameters"),
    "flipped radius": lambda path: flip_byte_of(path, "radius"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_and_never_read(damage, path):
    DAMAGE[damage](path)
    with pytest.raises(UserError, match=r"data\.h5: no"):
        read(path, "velocity", "parameters", "radius")


@pytest.mark.parametrize("damage", ["flipped velocity", "truncated", "missing"])
def test_damage_is_named_when_rows_are_taken_too(damage, path):
    DAMAGE[damage](path)
    with pytest.raises(UserError, match=r"data\.h5: no"), files.reading(path, velocity=(None, None)) as source:
        files.take(source["velocity"], np.arange(CURVES))


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"code": (None, 4)}, r"data\.h5: holds no data set 'code'"),
        ({"velocity": (None, RADII + 1)}, r"data\.h5: 'velocity' has shape \(3000, 5\), expected any x 6"),
        ({"velocity": (None,)}, r"data\.h5: 'velocity' has shape \(3000, 5\), expected any"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_was_expected(path, expected, message):
    with pytest.raises(UserError, match=message), files.reading(path, **expected):
        pass


def test_an_error_that_is_not_of_the_file_read_is_not_blamed_on_it(path, tmp_path):
    full = OSError(28, "No space left on device")
    with pytest.raises(OSError, match="No space left") as caught, files.reading(path):
        raise full
    assert caught.value is full


@pytest.mark.parametrize("n", [0, 1, 5, 1024, 1025])
def test_pieces_cover_every_row_once(n):
    assert [i for piece in files.pieces(n, rows=512) for i in range(n)[piece]] == list(range(n))


@pytest.mark.parametrize("rows", [7, 1024, 10_000])
def test_rows_are_taken_in_any_order(path, rows, monkeypatch):
    random = np.random.default_rng(15)
    (velocity,) = read(path, "velocity")
    monkeypatch.setattr(files.pieces, "__defaults__", (rows, 0))
    indices = [random.permutation(CURVES)[:100], random.integers(0, CURVES, 50), np.array([5, 5, 2]), np.array([], int)]
    with files.reading(path, velocity=(None, RADII)) as source:
        for index in indices:
            np.testing.assert_array_equal(files.take(source["velocity"], index), velocity[index])


@pytest.mark.parametrize("index", [[0, CURVES], [-1, 3]])
def test_rows_outside_the_file_are_refused(path, index):
    with files.reading(path) as source, pytest.raises(UserError, match=r"data\.h5: holds 3000 curves"):
        files.take(source["velocity"], np.array(index))


def test_of_two_processes_that_write_one_file_the_last_leaves_what_the_first_has_made(tmp_path):
    path = tmp_path / "result"
    with replacing(path) as slow:
        slow.write_text("from a job taken for dead")
        with replacing(path) as fast:
            fast.write_text("from the one that was started instead")
    assert path.read_text() == "from the one that was started instead"
    assert list(tmp_path.iterdir()) == [path]


def lockable(path):
    """Whether nobody holds a lock on a file."""
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_files_are_not_locked_since_network_file_systems_may_refuse_that(path, tmp_path):
    with files.create(tmp_path / "new.h5") as writer:
        (temporary,) = tmp_path.glob(".new.h5.*.part")
        assert lockable(temporary)
        writer.axis("curve", 3)
    with files.reading(path):
        assert lockable(path)
    with h5py.File(path, "r+", locking=True):
        assert not lockable(path)


LOST = """
import signal, sys
from rotcurves import commandline
from rotcurves.replacing import replacing

class Destroyed:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

def main(argv):
    with replacing(sys.argv[1]):
        Destroyed()

commandline.run(main)
"""


def test_a_signal_that_comes_where_nothing_can_be_raised_is_not_lost(tmp_path):
    command = [sys.executable, "-c", LOST, tmp_path / "result"]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (143, "stopped by SIGTERM\n")
    assert os.listdir(tmp_path) == []
