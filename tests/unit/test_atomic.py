"""A file that exists is whole: written under another name, which no failure leaves behind."""

import os
import stat

import pytest

from curvae.runtime.errors import UserError
from curvae.storage.atomic import replace, replacing


def test_a_file_in_the_making_is_not_there_yet_and_one_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "deep/result"

    def fail(error):
        with replacing(path) as temporary:
            temporary.write_bytes(b"new, but not to its e")
            assert path.exists() == bool(before)
            raise error("in the middle")

    for before, error in ((None, RuntimeError), (None, KeyboardInterrupt), (b"old", UserError), (b"old", SystemExit)):
        if before:
            replace(path, before)
        with pytest.raises(error):
            fail(error)
        assert [found.read_bytes() for found in path.parent.iterdir()] == [before] * bool(before)


def test_others_may_read_a_file_as_far_as_the_umask_lets_them(tmp_path):
    umask = os.umask(0o027)
    try:
        replace(tmp_path / "new", b"")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_full_disk_and_a_folder_that_cannot_be_made_are_named_and_any_other_error_goes_through(tmp_path):
    for number, raised in ((28, UserError), (27, UserError), (2, FileNotFoundError), (11, BlockingIOError)):
        with pytest.raises(raised), replacing(tmp_path / "new"):
            raise OSError(number, os.strerror(number))
    assert os.listdir(tmp_path) == []
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"file/new: cannot be written"):
        replace(tmp_path / "file/new", b"")


def test_a_new_file_sweeps_what_killed_writers_left_of_it_and_of_no_other(tmp_path):
    left, of_another = (tmp_path / f".{name}.0123456789abcdef.part" for name in ("a[1].h5", "a1.h5"))
    for path in (left, of_another):
        path.write_bytes(b"unfinished")
    replace(tmp_path / "a[1].h5", b"whole")
    assert set(tmp_path.iterdir()) == {tmp_path / "a[1].h5", of_another}


def test_of_two_processes_that_write_one_file_the_last_leaves_what_the_first_has_made(tmp_path):
    path = tmp_path / "result"
    with replacing(path) as slow:
        slow.write_text("from a job taken for dead")
        with replacing(path) as fast:
            fast.write_text("from the one that was started instead")
    assert [found.read_text() for found in tmp_path.iterdir()] == ["from the one that was started instead"]
