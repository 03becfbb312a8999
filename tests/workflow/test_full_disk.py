"""A disk that is full ends a run with a line that says so, and when there is space again the run goes on."""

import shutil
import subprocess
import sys

import pytest

# In a mount namespace of its own: a small results folder, a run, the same folder larger, a run.
RUNS = """
set -u
mount --types tmpfs --options size=$1 tmpfs results
"$2" -m snakemake --cores 2; echo "status $?"
find results -name '.*.part' -printf 'unfinished %p\\n'
mount --options remount,size=100m results
"$2" -m snakemake --cores 2; echo "status $?"
cat results/SHA256SUMS >SHA256SUMS
"""
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount():
    command = [*NAMESPACE, "mount", "--types", "tmpfs", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no right to mount a small file system")
# Of 100 kB there is not one page left when a step fails, not even for the log.
@pytest.mark.parametrize("size", ["100k", "600k"])
def test_a_run_on_a_full_disk_says_so_and_goes_on_when_there_is_space(size, finished, copied, tmp_path):
    project = copied(tmp_path / "project")
    script = [*NAMESPACE, "bash", "-c", RUNS, "runs", size, sys.executable]
    done = subprocess.run(script, cwd=project.folder, capture_output=True, text=True, check=False)
    ends = [line for line in done.stdout.splitlines() if not line.startswith("error: ")]
    assert ends == ["status 1", "status 0"], done.stderr
    assert "cannot be written: No space left on device" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (project.folder / "SHA256SUMS").read_text() == finished.checksums()
