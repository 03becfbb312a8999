"""What the results of a run were made with: configuration, software, state of the code."""

import importlib.metadata
import json
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from rotcurves.files import replacing


def write_provenance(path: str | Path, config: Mapping, project: str | Path) -> None:
    """Write it as JSON: the configuration as used (seeds included), versions, git commit and whether all was in it.

    `project` is the folder of the Snakefile. Raises UserError if the file cannot be written.
    """
    content = {
        "configuration": config,
        "software": software(Path(project, "envs/requirements.txt")),
        "code": commit(project),
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def software(requirements: Path) -> dict[str, str | None]:
    """Versions of Python and of the packages that `requirements` pins; None where one is not installed."""
    versions = {"python": platform.python_version()}
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if name := re.match(r"[A-Za-z0-9._-]+", line):
            try:
                versions[name.group()] = importlib.metadata.version(name.group())
            except importlib.metadata.PackageNotFoundError:
                versions[name.group()] = None
    return versions


def commit(project: str | Path) -> dict[str, str | bool | None]:
    """Git commit of a folder and whether its tree was clean; None where git or its repository is not there."""

    def git(*arguments):
        command = ["git", "-C", str(project), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "clean": not git("status", "--porcelain")}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "clean": None}
