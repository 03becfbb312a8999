"""What all tests share: the default configuration, copies of the project."""

import signal
from pathlib import Path

import pytest
import yaml
from tests.project import copied, finished, project  # noqa: F401 (fixtures)

PROJECT = Path(__file__).resolve().parents[1]

# Programs that tests start and interrupt must not have learned to ignore it, as what a script starts with & has.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As in the steps: two threads on small matrices only wait for each other."""
    from curvae.runtime.threads import limit_threads

    limit_threads(1)


@pytest.fixture(scope="session")
def config():
    """The default configuration."""
    return yaml.safe_load((PROJECT / "config.yaml").read_text())
