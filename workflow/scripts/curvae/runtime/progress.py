"""Progress of a long step: a bar on a terminal, otherwise a line in the log now and then.

Both tell the share that is done, the rate and the time left. A quick step says nothing.
"""

import logging
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm

log = logging.getLogger(__name__)

QUIET = 2.0  # s until a bar appears
INTERVAL = 30.0  # s from one line in a log to the next


def progress(pieces: Iterable, total: int, doing: str, unit: str) -> Iterator:
    """Yield the pieces and report progress.

    A slice, or a tuple that begins with one, is as many of `total` as it has rows; anything else is one.
    """
    start = told = time.monotonic()
    done = 0
    with tqdm(total=total, desc=doing, unit=f" {unit}", unit_scale=True, delay=QUIET, disable=None) as bar:
        for piece in pieces:
            yield piece
            rows = piece[0] if isinstance(piece, tuple) else piece
            size = rows.stop - rows.start if isinstance(rows, slice) else 1
            done += size
            bar.update(size)
            now = time.monotonic()
            if bar.disable and now - told >= INTERVAL:
                told = now
                share, speed = 100 * done // total, pace(done, total, now - start, unit)
                log.info("%s: %d %% of %s %s, %s", doing, share, f"{total:,}", unit, speed)


def pace(done: int, total: int, seconds: float, unit: str) -> str:
    """Rate and time left after `done` of `total` in some seconds: `12.3k curves/s, 01:10 left`."""
    rate = done / max(seconds, 1e-9)
    speed = f"{tqdm.format_sizeof(rate)} {unit}/s" if rate >= 0.1 else f"{3600.0 * rate:.3g} {unit}/h"
    return f"{speed}, {tqdm.format_interval((total - done) * seconds / done)} left"
