"""Signals that wait: a training that is asked to end (SIGTERM, SIGINT) first leaves a checkpoint."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ASKED = (signal.SIGTERM, signal.SIGINT)


class Stopped(BaseException):
    """Raised by a step that ends since a signal asked it to; `number` is the signal's."""

    def __init__(self, number: int):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


@contextmanager
def held() -> Iterator[list[int]]:
    """Within, signals interrupt nothing: their numbers come into the list, for a step to end at a better moment."""
    received = []
    before = {asked: signal.signal(asked, lambda number, frame: received.append(number)) for asked in ASKED}
    try:
        yield received
    finally:
        for asked, handler in before.items():
            signal.signal(asked, handler)
