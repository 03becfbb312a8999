r"""Record what the results were made with: configuration, software, state of the code.

Reads:  the list of checksums, which is the results'; the list of pinned packages.
Writes: JSON: SHA-256 of the list of checksums, configuration as used (seeds included), versions, git commit.

Example:

    python workflow/scripts/write_provenance.py --checksums results/SHA256SUMS --configuration '{"seed": 1}' \
        --requirements envs/requirements.txt --project . --provenance provenance.json
"""

import hashlib
import importlib.metadata
import json
import platform
import re
import subprocess
from pathlib import Path

from rotcurves import commandline
from rotcurves.replacing import replace


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--checksums", "list of checksums to read")
    parser.flag("--configuration", "configuration as used (JSON)", type=json.loads)
    parser.flag("--requirements", "list of packages to read, whose versions are told")
    parser.flag("--project", "folder of the code")
    parser.flag("--provenance", "file to write (JSON)")
    return parser.parse_args(argv)


def software(requirements: str) -> dict[str, str | None]:
    """Versions of Python and of the packages that are pinned; None where one is not installed."""
    versions = {"python": platform.python_version()}
    for line in requirements.splitlines():
        if name := re.match(r"[A-Za-z0-9._-]+", line):
            try:
                versions[name.group()] = importlib.metadata.version(name.group())
            except importlib.metadata.PackageNotFoundError:
                versions[name.group()] = None
    return versions


def commit(project: str) -> dict[str, str | bool | None]:
    """Git commit of a folder and whether its tree was clean; None where git or its repository is not there."""

    def git(*arguments):
        command = ["git", "-C", project, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "clean": not git("status", "--porcelain")}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "clean": None}


def main(argv=None):
    args = parse_args(argv)
    content = {
        "checksums": hashlib.sha256(Path(args.checksums).read_bytes()).hexdigest(),
        "configuration": args.configuration,
        "software": software(Path(args.requirements).read_text(encoding="utf-8")),
        "code": commit(args.project),
    }
    replace(args.provenance, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())


if __name__ == "__main__":
    commandline.run(main)
