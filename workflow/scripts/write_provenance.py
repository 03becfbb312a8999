"""Record what a run made, and with what: the SHA-256 of every result, the configuration, software, state of the code.

Reads:  the results, named by patterns in which {model}, {seed} and {sampler} stand for all values given; the list of
        pinned packages.
Writes: a list for `sha256sum --check`, of the SHA-256 of each file and its path from the folder of the list; JSON with
        the SHA-256 of that list, the configuration as used (seeds included), versions, git commit.
"""

import hashlib
import importlib.metadata
import itertools
import json
import os
import platform
import re
import subprocess
from pathlib import Path

from curvae.runtime import commandline
from curvae.storage.atomic import replace

WILDCARDS = ("model", "seed", "sampler", "prior")


def sha256(path):
    """SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def commit(project: str) -> str | None:
    """Git commit of a folder, with -dirty if its tree was not clean; None where git or its repository is not there."""

    def git(*arguments):
        command = ["git", "-C", project, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("-dirty" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def main(argv=None):
    def words(text):
        return text.split(",")

    parser = commandline.Parser(__file__, __doc__)
    parser.flag("results", "patterns of files to read, as in a,b", type=words)
    for wildcard in WILDCARDS:
        parser.flag(wildcard, f"what {{{wildcard}}} stands for, as in a,b", type=words)
    parser.flag("configuration", "configuration as used (JSON)", type=json.loads)
    parser.reads(requirements="list of packages, whose versions are recorded")
    parser.flag("project", "folder of the code")
    parser.writes(checksums="list of checksums", provenance="what they were made with (JSON)")
    args = parser.parse_args(argv)
    each = itertools.product(*(getattr(args, wildcard) for wildcard in WILDCARDS))
    values = [dict(zip(WILDCARDS, names, strict=True)) for names in each]
    results = sorted({pattern.format(**names) for pattern in args.results for names in values})
    folder = Path(args.checksums).parent
    checksums = "".join(f"{sha256(path)}  {os.path.relpath(path, folder)}\n" for path in results).encode()
    provenance = {
        "checksums": hashlib.sha256(checksums).hexdigest(),
        "configuration": args.configuration,
        "software": software(Path(args.requirements).read_text(encoding="utf-8")),
        "commit": commit(args.project),
    }
    replace(args.checksums, checksums)
    replace(args.provenance, (json.dumps(provenance, indent=2, sort_keys=True) + "\n").encode())


if __name__ == "__main__":
    commandline.run(main)
