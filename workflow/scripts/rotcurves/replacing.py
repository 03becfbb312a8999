"""Files that are there whole or not at all."""

import errno
import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rotcurves import signals
from rotcurves.errors import UserError

# Disk full, quota or file size exceeded, disk gone: nothing to do with what is written.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a new name beside `path` to write to; it becomes `path` when the block ends well.

    A file that exists under its own name is therefore whole; two processes that write it do not mix. What a
    killed one has left unfinished beside it goes when it is made; if that one was not killed, but a job that was
    taken for dead, it finds the file made and leaves it. Raises UserError if the folder cannot be written to.
    """
    path, temporary = Path(path), None
    try:
        with signals.deferred():  # so that what is made is known, and removed
            temporary = _unfinished(path)
        yield temporary
        signals.check()
        umask = os.umask(0)
        os.umask(umask)
        try:
            temporary.chmod(0o666 & ~umask)
            temporary.replace(path)
        except FileNotFoundError:
            if not path.exists():
                raise
        remove_unfinished(path)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def replace(path: str | Path, content: bytes) -> None:
    """Write a file whole (see `replacing` for the errors raised)."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _unfinished(path: Path) -> Path:
    """Make an empty file beside `path`, with a name of its own."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    os.close(handle)
    return Path(name)


def remove_unfinished(path: Path) -> None:
    """Remove what killed processes have left of a file that they were writing."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        left.unlink(missing_ok=True)
