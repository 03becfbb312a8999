"""A copy of the project with a configuration of seconds, and Snakemake to run in it."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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
  principal_components: 8
  checkpoint_interval: 0
models:
  diagonal: null
encode_curves:
  sampled_curves: 50
  draws: 5
samplers: [diagonal_gaussian]
generate_curves:
  galaxies: 50
evaluation_curves: 20
mock_observations:
  mocks: 5
infer_galaxies:
  latent_prior: diagonal_gaussian
  posterior_draws: 20
evaluate_model:
  importance_samples: 5
"""


class Project:
    """A copy of the project: `run` calls Snakemake in it, `jobs` tells which jobs a call would run."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.results = self.folder / "results"

    def run(self, *arguments, check=True, cwd=None, seconds=None, **environment):
        """Run Snakemake on the tiny configuration; None if it and its jobs are killed after some seconds."""
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)],
            cwd=cwd or self.folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
        assert not check or process.returncode == 0, output + errors
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def checksums(self):
        """The list of the SHA-256 of all results."""
        return (self.results / "SHA256SUMS").read_text()

    def jobs(self, *arguments):
        """Why each job would run, by its rule and wildcards (see `jobs_in`)."""
        return jobs_in(self.run("--dry-run", "--quiet=host", *arguments))

    def rules(self, *arguments):
        """Names of the rules that this call would run."""
        return {rule for rule, _ in self.jobs(*arguments)}

    def edit(self, file, old, new):
        """Replace a text that must stand in a file of the project."""
        path = self.folder / file
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new))

    def configure(self, section, **settings):
        """Change a section of the tiny configuration."""
        path = self.folder / "tiny.yaml"
        content = yaml.safe_load(path.read_text())
        content.setdefault(section, {}).update(settings)
        path.write_text(yaml.safe_dump(content))


def jobs_in(done):
    """Why each job runs, by its rule and wildcards, in what Snakemake has printed.

    Left out: targets, and what every change of a result makes again: the list of checksums and provenance.
    """
    jobs = {}
    printed = re.findall(r"^(?:local)?rule (\w+):\n((?: +.*\n)+)", done.stdout + done.stderr, flags=re.MULTILINE)
    for rule, lines in printed:
        job = dict(line.strip().partition(": ")[::2] for line in lines.splitlines())
        if "_" in rule and rule not in ("write_checksums", "write_provenance"):
            jobs[rule, job.get("wildcards", "")] = job["reason"]
    return jobs


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
    (project.folder / "tiny.yaml").write_text(TINY)
    profile = project.folder / "profiles/default/config.yaml"
    profile.write_text(profile.read_text() + "configfile: tiny.yaml\n")
    return project


@pytest.fixture
def copied():
    """Function that copies the project, without results, to a folder."""
    return copy_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy of the project in which the whole tiny workflow has run, once for all workers; not to be changed."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    project = Project(shared / "finished/project")
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (project.results / "SHA256SUMS").exists():
            copy_project(project.folder).run()
    return project


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project, for one test to change."""
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder, symlinks=True)
    return Project(folder)
