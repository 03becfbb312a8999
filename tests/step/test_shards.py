"""Curves in many files, shown as one: the same numbers and bytes, wherever the folder lies, and no part missing."""

import hashlib
import shutil

import numpy as np
import pytest
import xarray
from tests.reading import read

import gather_curves
import split_curves
import synthesize_curves
from rotcurves.errors import UserError
from rotcurves.split import read_split

PARTS = 8


@pytest.fixture
def sharded(command):
    """Function that makes the curves in 8 files by some shards, below a folder, and one file that shows them all."""

    def make(folder, shards, **different):
        parts = [str(folder / f"curves/{part}.h5") for part in range(PARTS)]
        arguments = [word for word in command("synthesize_curves", folder, **different) if "--curves=" not in word]
        each = PARTS // shards
        for shard in range(shards):
            share = [f"--shards={shards}", f"--shard={shard}", "--curves", *parts[shard * each : (shard + 1) * each]]
            synthesize_curves.main([*arguments, *share])
        gather_curves.main(["--parts", *parts, "--curves", f"{folder}/curves.h5"])
        return folder

    return make


@pytest.fixture
def view(sharded, tmp_path):
    """A file that shows the curves in 8 others, all moved since it was made."""
    sharded(tmp_path / "made", 2).rename(tmp_path / "moved")
    return tmp_path / "moved/curves.h5"


def sha256(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_number_of_shards_changes_no_byte(sharded, tmp_path):
    one, *others = [sha256(sharded(tmp_path / str(shards), shards)) for shards in (1, 2, 4, 8)]
    assert len(one) == PARTS + 1
    assert all(other == one for other in others)


def test_a_view_shows_the_curves_of_one_file(view, tiny):
    for name in ("velocity", "parameters", "radius"):
        shown, (expected,) = read(view, name)[0], read(tiny / "curves.h5", name)
        assert shown.dtype == expected.dtype
        np.testing.assert_array_equal(shown, expected)
    assert view.stat().st_size < 20_000


def test_xarray_opens_a_view_as_it_does_one_file(view, tiny):
    with (
        xarray.open_dataset(view, engine="h5netcdf") as shown,
        xarray.open_dataset(tiny / "curves.h5", engine="h5netcdf") as one,
    ):
        xarray.testing.assert_equal(shown, one)
        assert shown.velocity.units == "km/s"


def test_the_parts_of_a_split_are_read_through_a_view(view, command, tiny, tmp_path):
    split_curves.main(command("split_curves", tmp_path, curves=view))
    assert (tmp_path / "split.h5").read_bytes() == (tiny / "split.h5").read_bytes()
    through, one = (read_split(path, tmp_path / "split.h5", "test") for path in (view, tiny / "curves.h5"))
    np.testing.assert_array_equal(through[2]["test"], one[2]["test"])


def test_other_curves_make_another_view(sharded, tmp_path):
    views = [sharded(tmp_path / str(o), 1, overdensity=o) / "curves.h5" for o in (200, 201)]
    assert views[0].read_bytes() != views[1].read_bytes()  # else no later step would run again


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) * 9 // 10] ^= 0xFF
    path.write_bytes(content)


DAMAGE = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "a flipped byte": flip,
    "another part": lambda path: shutil.copy(path.with_name("4.h5"), path),
    "another kind": lambda path: shutil.copy(path.parents[2] / "split.h5", path),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_part_that_is_missing_or_damaged_is_named(damage, view, tiny):
    shutil.copy(tiny / "split.h5", view.parents[1])
    part = view.parent / "curves/5.h5"
    DAMAGE[damage](part)
    with pytest.raises(UserError) as caught:
        read(view, "velocity", "parameters")
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{part}: ")
    with pytest.raises(UserError, match=r"curves/5\.h5: "):
        read_split(view, tiny / "split.h5", "train")


def test_a_view_that_is_cut_short_is_named_itself(view):
    view.write_bytes(view.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"curves\.h5: not a readable"):
        read(view, "velocity")


def test_parts_over_other_radii_are_refused(command, tiny, tmp_path):
    synthesize_curves.main(command("synthesize_curves", tmp_path, radius_max=60.0))
    parts = [str(tiny / "curves.h5"), str(tmp_path / "curves.h5")]
    with pytest.raises(UserError, match="its radii are not those of"):
        gather_curves.main(["--parts", *parts, "--curves", f"{tmp_path}/all.h5"])
    assert not (tmp_path / "all.h5").exists()


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"shards": 4, "shard": 4}, "--shard: got 4, expected less than --shards"),
        ({"shards": 401}, "holds 400 galaxies"),
    ],
)
def test_a_shard_that_there_is_not_is_refused(different, words, command, tmp_path):
    with pytest.raises(UserError, match=words):
        synthesize_curves.main(command("synthesize_curves", tmp_path, **different))
    assert not list(tmp_path.iterdir())
