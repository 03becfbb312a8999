"""Files are written to a temporary name beside their own, and renamed when they are complete."""

import errno
import glob
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curvae.runtime.errors import UserError

# Disk full, quota or file size exceeded, disk gone: nothing to do with what is written.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a new, empty file beside `path` to write to; it becomes `path` when the block ends well.

    A file that exists under its own name is therefore whole; two processes that write it do not mix. What killed
    processes have left unfinished beside it is removed when it is made; a process that was only taken for dead then
    finds the file made and leaves it. Raises UserError if the file cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        yield temporary
        try:
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
        temporary.unlink(missing_ok=True)


def replace(path: str | Path, content: bytes) -> None:
    """Write a file whole (see `replacing` for the errors raised)."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def remove_unfinished(path: Path) -> None:
    """Remove what killed processes have left of a file that they were writing."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        left.unlink(missing_ok=True)
