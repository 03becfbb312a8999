"""What a step does when it is asked to end (SIGTERM, SIGINT): it cleans up, and a training keeps what it has."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ASKED = (signal.SIGTERM, signal.SIGINT)
_raised = []
_deferred = []


class Stopped(BaseException):
    """Raised where a signal met the step; `number` is the signal's."""

    def __init__(self, number: int):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


def raise_stopped() -> None:
    """From now on, a first signal raises Stopped and later ones are ignored, so that cleaning up is not cut short."""

    def stop(number, frame):
        _raised.append(number)
        if len(_raised) == 1:
            raise Stopped(number)

    def unraisable(lost, hook=sys.unraisablehook):
        if lost.exc_type is not Stopped:
            hook(lost)

    sys.unraisablehook = unraisable
    for asked in ASKED:
        signal.signal(asked, stop)


def check() -> None:
    """Raise Stopped for a signal that waits, or again if it was raised where nothing can be, in a destructor."""
    if _deferred:
        _raised.append(_deferred[0])
    if _raised:
        raise Stopped(_raised[0])


@contextmanager
def held() -> Iterator[list[int]]:
    """Within, signals interrupt nothing: their numbers come into the list, for who can end at a better moment."""
    received = []
    before = {asked: signal.signal(asked, lambda number, frame: received.append(number)) for asked in ASKED}
    try:
        yield received
    finally:
        for asked, handler in before.items():
            signal.signal(asked, handler)


@contextmanager
def deferred() -> Iterator[None]:
    """Within, signals interrupt where `check` is called, or else at the end. For what must not be done by half."""
    before = {asked: signal.signal(asked, lambda number, frame: _deferred.append(number)) for asked in ASKED}
    try:
        yield
    finally:
        for asked, handler in before.items():
            signal.signal(asked, handler)
    received = _deferred[:1]
    _deferred.clear()
    for number in received:
        signal.raise_signal(number)
