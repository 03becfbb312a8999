"""The example in the help of each step runs as pasted, in the project's folder, after the workflow has run."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "workflow/scripts").glob("*.py"))


@pytest.fixture(scope="module")
def folder(finished, tmp_path_factory):
    """A copy of the finished project."""
    return shutil.copytree(finished.folder, tmp_path_factory.mktemp("examples") / "project", symlinks=True)


def paste(command, folder):
    """Run a command in a shell and return what it prints."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    pasted = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
    assert pasted.returncode == 0, pasted.stderr
    return pasted.stdout


def files(folder):
    """Names of all files of results or beside them, and when they were written."""
    return {(path, path.stat().st_mtime_ns) for path in [*folder.glob("*"), *folder.glob("results/**/*.*")]}


@pytest.mark.parametrize("step", STEPS)
def test_the_example_of_a_step_runs_as_pasted(step, folder, capsys):
    with pytest.raises(SystemExit):
        importlib.import_module(step).main(["--help"])
    (example,) = re.findall(r"^Example[^\n]*:\n\n((?:    .*\n)+)", capsys.readouterr().out, flags=re.MULTILINE)
    if example.split()[0] == "snakemake":
        printed = paste(example, folder)
        command = re.search(rf"^ *(python workflow/scripts/{step}\.py(?: .*\\\n)+.*)$", printed, flags=re.MULTILINE)
        example = command.group(1)
    assert example.split()[:2] == ["python", f"workflow/scripts/{step}.py"]
    before = files(folder)
    paste(example, folder)
    assert files(folder) - before
