"""What every script's command line has in common: its help, its settings, how it ends."""

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from curvae.runtime import settings
from curvae.runtime.errors import UserError
from curvae.runtime.signals import Stopped

EXAMPLE = """\
Example: this prints the command of this step as the workflow runs it, to paste as it is or changed.

    snakemake -np{setting} --forcerun {step} --until {step} -- {targets}
"""


class Parser(argparse.ArgumentParser):
    """Command line whose help is the script's docstring and whose flags must all be given, in full.

    Values have no default here: `config.yaml` is the one place where they are written. `targets` are those of the
    workflow that need the step, `setting` is what has to be in the configuration, such as curves=mine.npz.
    """

    def __init__(self, script: str, documentation: str, targets: str = "all exports", setting: str = ""):
        super().__init__(
            prog=Path(script).name,
            usage="%(prog)s, with all of the flags below",
            description=documentation,
            epilog=EXAMPLE.format(
                step=Path(script).stem, targets=targets, setting=f" --config {setting}" if setting else ""
            ),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def flag(self, name: str, explanation: str, **how) -> None:
        """Add the required flag of a name, learning_rate for --learning-rate; `how` as in `add_argument`."""
        self.add_argument(f"--{name.replace('_', '-')}", required=True, help=explanation.replace("%", "%%"), **how)

    def reads(self, **files: str) -> None:
        """Flags of files to read: what is in them, by name."""
        for name, what in files.items():
            self.flag(name, f"{what}, to read", metavar="FILE")

    def reads_all(self, **files: str) -> None:
        """The same for flags that take several files each."""
        for name, what in files.items():
            self.flag(name, f"{what}, to read", metavar="FILE", nargs="+")

    def writes(self, **files: str) -> None:
        """Flags of files to write: what is in them, by name."""
        for name, what in files.items():
            self.flag(name, f"{what}, to write", metavar="FILE")

    def writes_all(self, **files: str) -> None:
        """The same for flags that take several files each."""
        for name, what in files.items():
            self.flag(name, f"{what}, to write", metavar="FILE", nargs="+")

    def settings(self, section: str, *names: str) -> None:
        """Flags of the settings of a section of the configuration, of all or of those named, as its schema has them."""
        known = settings.schema(f"{section}.yaml")["properties"]
        for name in names or known:
            schema = known[name]
            unit = f" [{schema['unit']}]" if "unit" in schema else ""
            explanation = f"{schema['description']}{unit}: {settings.accepted(schema)}"
            self.flag(name, explanation, type=reader(schema), metavar="VALUE")

    def error(self, message: str) -> NoReturn:
        """End with one line, without the usage: it may be longer than a screen."""
        self.exit(2, f"error: {message} (--help explains the flags)\n")


def reader(schema: dict) -> Callable[[str], object]:
    """Reader of a setting's value from a command line, where a list is written 64,32."""

    def read(text: str):
        value = settings.retyped(text.split(",") if schema.get("type") == "array" else text)
        for error in settings.problems(value, schema):
            raise argparse.ArgumentTypeError(settings.explained(error))
        return value

    return read


def pairs(args: argparse.Namespace, each: str, its: str) -> Iterator[tuple]:
    """Values of two flags that take several. Raises UserError, naming the second flag, if it has not as many."""
    first, second = getattr(args, each), getattr(args, its)
    if len(first) != len(second):
        flag = its.replace("_", "-")
        raise UserError(f"--{flag}: {len(second)} given, expected {len(first)}, one for each of --{each}")
    return zip(first, second, strict=True)


def run(main: Callable[[Sequence[str] | None], None]) -> None:
    """Run a script's `main` and end the process: 0 when done, 1 with one line for a user's mistake.

    SIGINT and SIGTERM end it at once, a training with one line when it has left a checkpoint.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        main(None)
    except Stopped as stopped:
        sys.exit(128 + stopped.number)
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
