"""What `make` prints on a terminal: a line for each finished job, with its time and what is running.

Bars would need how far a job is, which Snakemake does not know: it tells when a job starts and when it ends.
"""

import logging
import sys
import threading
import time

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

WAIT = 0.5  # seconds in which Snakemake starts the jobs that follow a finished one


class LogHandler(LogHandlerBase):
    """Keeps what is running, and prints all that is no message of progress as Snakemake does."""

    writes_to_stream, writes_to_file = True, False
    has_filter = has_formatter = needs_rulegraph = False

    def __post_init__(self) -> None:
        self.running, self.done, self.total = {}, 0, "?"

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self.total = record.stats["total"]
        elif event == LogEvent.JOB_INFO:
            name = " ".join([record.rule_name, *map(str, record.wildcards.values())])
            self.running[record.jobid] = name, time.monotonic()
        elif event == LogEvent.JOB_STARTED and not self.done:
            self.tell_soon("")
        elif event == LogEvent.JOB_FINISHED:
            name, start = self.running.pop(record.job_id, ("a job", time.monotonic()))
            self.done += 1
            tell = self.tell if self.done == self.total else self.tell_soon
            tell(f"{self.done} of {self.total}: {name}, {time.monotonic() - start:.0f} s. ")
        elif record.levelno >= logging.WARNING or record.getMessage().startswith("Nothing to be done"):
            print(self.format(record), file=sys.stderr)

    def tell_soon(self, finished: str) -> None:
        """Print what has finished, when the next jobs are running."""
        timer = threading.Timer(WAIT, self.tell, [finished])
        timer.daemon = True  # after an error nothing is said of what was running
        timer.start()

    def tell(self, finished: str) -> None:
        names = ", ".join(name for name, _ in list(self.running.values()))
        print(f"{finished}Running: {names}" if names else finished.strip(), file=sys.stderr)
