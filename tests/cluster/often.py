"""Snakemake that asks for the state of its cluster jobs every second.

The SLURM plugin waits longer each time that no job has ended, up to three minutes, without an option against it.
"""

import sys

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

RemoteExecutor.next_seconds_between_status_checks = property(lambda self: 1, lambda self, seconds: None)
sys.exit(main())
