"""What every script's command line has in common: its help, its lists, how it ends."""

import argparse
import logging
import math
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from rotcurves import signals
from rotcurves.errors import UserError


class Parser(argparse.ArgumentParser):
    """Command line whose help is the script's docstring and whose flags must all be given, in full.

    Values have no default here: `config.yaml` is the one place where they are written.
    """

    def __init__(self, documentation: str):
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(description=documentation, formatter_class=formatter, allow_abbrev=False)

    def flag(self, name: str, explanation: str, **how) -> None:
        """Add a required flag; `how` as in `argparse.ArgumentParser.add_argument`."""
        self.add_argument(name, required=True, help=explanation, **how)


def number(name: str, kind: type, low: float, high: float, low_allowed: bool = True) -> Callable[[str], float]:
    """Reader of a finite number from `low` (itself allowed or not) to `high`; `name` stands in error messages."""

    def read(text: str) -> float:
        value = kind(text)
        if not (math.isfinite(value) and low <= value <= high) or (value == low and not low_allowed):
            raise ValueError
        return value

    read.__name__ = name
    return read


count = number("whole number of at least 1", int, 1, math.inf)
seed = number("whole number from 0 to 4294967295", int, 0, 2**32 - 1)
natural = number("whole number of at least 0", int, 0, math.inf)
finite = number("finite number", float, -math.inf, math.inf)
positive = number("finite number above 0", float, 0.0, math.inf, low_allowed=False)
nonnegative = number("finite number of at least 0", float, 0.0, math.inf)
share = number("number from 0 to 1", float, 0.0, 1.0)


def counts(text: str) -> tuple[int, ...]:
    """Read `64,32`, the form of a list on the command line, as the tuple (64, 32)."""
    return tuple(count(word) for word in text.split(","))


def either(word: str, kind: Callable[[str], float]) -> Callable[[str], float | str]:
    """Reader of a number that may also be one given word, such as `learned` or `full`."""

    def read(text: str) -> float | str:
        return text if text == word else kind(text)

    read.__name__ = f"{kind.__name__} or '{word}'"
    return read


def run(main: Callable[[Sequence[str] | None], None]) -> None:
    """Run a script's `main` and end the process: 0 when done, 1 with one line for a user's mistake.

    SIGTERM and SIGINT end it with one line, too, and the status that a shell gives them: 128 and their number.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    signals.raise_stopped()
    try:
        main(None)
    except signals.Stopped as stopped:
        end(128 + stopped.number, str(stopped))
    except UserError as error:
        end(1, f"error: {error}")
    except OSError as error:
        if error.filename is None:
            raise
        end(1, f"error: {error.filename}: {error.strerror}")


def end(status: int, line: str) -> NoReturn:
    """End the process with a line that tells why: on stderr, or on stdout if that is a log on a full disk."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        print(line, flush=True)
    sys.exit(status)
