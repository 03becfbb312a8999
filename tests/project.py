"""A copy of the project with a configuration of seconds, and Snakemake to run in it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

TINY = """\
sample_parameters:
  galaxies: 300
split_curves:
  validation: 40
  test: 40
train_vae:
  epochs: 2
  batch_size: 64
  encoder_widths: [16]
  decoder_widths: [16]
  components: 8
  checkpoint_interval: 0
encode_curves:
  sampled_curves: 50
  draws: 5
samplers: [normal, prior]
generate_curves:
  galaxies: 50
evaluation_curves: 20
evaluate_model:
  importance_samples: 5
"""


class Project:
    """A copy of the project: `run` calls Snakemake in it, `jobs` tells which jobs a call would run."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def start(self, *arguments, cwd=None, **environment):
        """Start Snakemake on the tiny configuration, in a process group of its own; `cwd`: the working directory."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)],
            cwd=cwd or self.folder,
            env={**os.environ, "PATH": path, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments, check=True, **how):
        """Run Snakemake (see `start`) to its end."""
        process = self.start(*arguments, **how)
        done = subprocess.CompletedProcess(process.args, None, *process.communicate())
        done.returncode = process.returncode
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def runs_until(self, seconds, *arguments):
        """Run Snakemake and kill it and all its jobs after some seconds; whether it was still running."""
        process = self.start(*arguments)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True
        assert process.returncode == 0
        return False

    def checksums(self):
        """The list of the SHA-256 of all results."""
        return (self.folder / "results/SHA256SUMS").read_text()

    def jobs(self, *arguments, **how):
        """Rule names and wildcards of the jobs that this call would run.

        Left out: `all`, targets, and what every change of a result makes again: the list of checksums and provenance.
        """
        dry = self.run("--dry-run", "--quiet=host", *arguments, **how)
        jobs, rule = set(), None
        for line in dry.stdout.splitlines() + dry.stderr.splitlines():
            words = line.split()
            if line.startswith(("rule ", "localrule ")):
                rule = words[1].rstrip(":")
                jobs.add((rule, ""))
            elif words[:1] == ["wildcards:"]:
                jobs.discard((rule, ""))
                jobs.add((rule, " ".join(words[1:])))
        return {job for job in jobs if "_" in job[0] and job[0] not in ("write_checksums", "write_provenance")}

    def rules(self, *arguments, **how):
        """Names of the rules that this call would run."""
        return {rule for rule, _ in self.jobs(*arguments, **how)}

    def edit(self, file, old, new):
        """Replace a text that must stand in a file of the project."""
        path = self.folder / file
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new))


def copy_project(folder):
    """The files of the project, without what git does not keep, and the tiny configuration over it."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            target = Path(folder) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, target)
    project = Project(folder)
    tiny = project.folder / "tiny.yaml"
    tiny.write_text(TINY)
    profile = project.folder / "profiles/default/config.yaml"
    profile.write_text(profile.read_text() + "configfile: tiny.yaml\n")
    return project


@pytest.fixture
def copied():
    """Function that copies the project, without results, to a folder."""
    return copy_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the project in which the whole tiny workflow has run; tests must not change it."""
    project = copy_project(tmp_path_factory.mktemp("finished") / "project")
    project.run()
    return project


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project, for one test to change."""
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder, symlinks=True)
    return Project(folder)
