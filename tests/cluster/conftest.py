"""A real SLURM cluster on this machine, and Snakemake that submits to it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROFILE = ("--workflow-profile", "profiles/slurm", "--latency-wait", "5")
# What is asked for every five seconds, as the profile has it, is asked for twice a second.
OFTEN = (*PROFILE, "--max-status-checks-per-second", "2", "--slurm-init-seconds-before-status-checks", "1")
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT")
NEEDED = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "unshare", "nsenter", "ip", "pgrep")
FIELDS = ("id", "run", "comment", "partition", "state", "memory", "cores", "time", "reason")
FORMAT = "%i|%j|%k|%P|%T|%m|%C|%l|%r"


def missing():
    """Why there can be no cluster here, or nothing."""
    if os.geteuid() != 0:
        return "only root can start a SLURM cluster in namespaces of its own"
    if absent := [name for name in NEEDED if not shutil.which(name)]:
        return f"not installed: {', '.join(absent)}"
    allowed = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--uts", "--net", "true"], capture_output=True)
    return "" if allowed.returncode == 0 else f"no namespaces here: {allowed.stderr.decode().strip()}"


class Cluster:
    """A running cluster: what can be done in it, and what runs in it."""

    def __init__(self, process):
        self._first = until(lambda: children(process.pid))[0]
        self._enter = ["nsenter", f"--target={self._first}", "--mount", "--uts", "--net", "--pid"]

    def start(self, *command, cwd="/", **environment):
        """Start a command in the cluster's namespaces; the process returned is the parent of the command's."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.Popen(
            [*self._enter, "env", f"--chdir={cwd}", *map(str, command)],
            env={**os.environ, "PATH": path, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command, **how):
        """Output of a command, which must succeed."""
        process = self.start(*command, **how)
        output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    def jobs(self):
        """All jobs since the cluster started, the oldest first: dictionaries of FIELDS."""
        lines = self.run("squeue", "--noheader", "--states=all", "--sort=i", f"--format={FORMAT}")
        return [dict(zip(FIELDS, line.split("|"), strict=True)) for line in lines.splitlines()]

    def step(self, name, run):
        """Process id of a step of a run, when it runs."""
        command = [
            "pgrep",
            "--ns",
            str(self._first),
            "--nslist",
            "pid",
            "--full",
            f"^python workflow/scripts/{name}.py ",
        ]
        return int(until(lambda: subprocess.run(command, capture_output=True, text=True).stdout.split(), run)[0])


class Submitted:
    """A run of Snakemake that submits to a cluster."""

    def __init__(self, cluster, project, *arguments, profile=OFTEN, **environment):
        self._cluster = cluster
        self._before = {job["id"] for job in cluster.jobs()}
        command = [sys.executable, HERE / "often.py", "--configfile", "tiny.yaml", *profile, *arguments]
        self.process = cluster.start(*command, cwd=project.folder, **environment)

    def jobs(self, name=""):
        """Jobs of this run whose comment, rule and wildcards or group and rules, starts with a name."""
        new = [job for job in self._cluster.jobs() if job["id"] not in self._before]
        return [job for job in new if job["comment"].startswith(f"rule_{name}")]

    def job(self, name, state="RUNNING"):
        """The latest job of this name, when it is in this state."""
        return until(lambda: next((job for job in self.jobs(name)[::-1] if job["state"] == state), None), run=self)

    def head(self):
        """The process id of Snakemake itself."""
        return until(lambda: children(self.process.pid), run=self)[0]

    def end(self, status=0):
        """Wait until it has ended, with this exit status; what it printed."""
        output, _ = self.process.communicate()
        assert self.process.returncode == status, output
        return output


def until(true, run=None, seconds=180):
    """Wait until a function returns something true, and return that; a run must not end before."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert run is None or run.process.poll() is None, run.process.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.1)
    return value


def children(pid):
    """Process ids of a process's children."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def whole(project):
    """Whether all results have the checksums listed, and nothing unfinished lies beside them."""
    command = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    done = subprocess.run(command, cwd=project.results, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return not [*project.folder.rglob("*.part"), *project.folder.rglob("*.checkpoint")]


def pausing_training(project):
    """Let the next training stop itself when its first checkpoint is written; a function that tells whether it has.

    A training of a tenth of a second cannot be caught from outside.
    """
    name, paused = "workflow/scripts/curvae/model/checkpoint.py", project.folder / "paused"
    before = (project.folder / name).stat()
    pause = """
        if not Path("paused").exists():
            import os, signal
            Path("paused").touch()
            os.kill(os.getpid(), signal.SIGSTOP)
"""
    written = "        self._last = time.monotonic()\n\n    def load"
    project.edit(name, written, written.replace("\n\n", pause + "\n"))
    os.utime(project.folder / name, ns=(before.st_atime_ns, before.st_mtime_ns))  # what it made before stays up to date
    return paused.exists


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A SLURM cluster; it ends with this process, however that ends."""
    if reason := missing():
        if os.environ.get("CURVAE_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--uts", "--net", "--kill-child", "--mount-proc"]
    command = [*namespaces, str(HERE / "cluster.sh"), str(tmp_path_factory.mktemp("slurm"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        yield Cluster(process)
        process.stdin.close()


@pytest.fixture
def submit(cluster):
    """Function that starts Snakemake in a project, with further arguments, submitting to the cluster."""

    runs = []

    def submit(project, *arguments, **how):
        runs.append(Submitted(cluster, project, *arguments, **how))
        return runs[-1]

    yield submit
    for run in runs:  # whatever a test that failed has left
        if run.process.poll() is None:
            os.kill(run.head(), signal.SIGKILL)
            run.process.communicate()
    cluster.run("scancel", "--partition=main")
    cluster.run("scancel", "--partition=other")
    until(lambda: all(job["state"] in ENDED for job in cluster.jobs()))
