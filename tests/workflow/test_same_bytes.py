"""The same configuration gives the same bytes, whatever the folder, the cores and the history of the run."""

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys

import pytest

import write_provenance


def test_checksums_are_of_every_result_and_those_of_sha256sum(finished):
    results = finished.results
    listed = dict(line.split("  ")[::-1] for line in finished.checksums().splitlines())
    kept = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    aside = ("logs/", "benchmarks/", "SHA256SUMS", "provenance.json", ".gitignore")
    # Batches are gathered in one file, which is listed.
    assert set(listed) == {path for path in kept if not path.startswith(aside) and "/batches/" not in path}
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=results, check=True)


def test_provenance_says_what_the_results_were_made_with(finished):
    recorded = json.loads((finished.results / "provenance.json").read_text())
    assert recorded["checksums"] == hashlib.sha256(finished.checksums().encode()).hexdigest()
    assert recorded["configuration"]["seed"] == 20221007
    assert recorded["configuration"]["training_seeds"] == [1]
    assert recorded["configuration"]["train_vae"]["epochs"] == 2  # as used, the tiny configuration laid over
    pinned = re.search(r"^torch==(\S+)", (finished.folder / "envs/requirements.txt").read_text(), flags=re.MULTILINE)
    assert recorded["software"]["torch"].partition("+")[0] == pinned.group(1)
    assert recorded["commit"] is None  # no repository


def test_provenance_has_the_commit_and_whether_the_tree_was_clean(tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    (tmp_path / "code").write_text("1")
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    assert write_provenance.commit(str(tmp_path)) == head
    (tmp_path / "code").write_text("2")
    assert write_provenance.commit(str(tmp_path)) == f"{head}-dirty"


@pytest.mark.slow
def test_another_folder_one_core_and_another_hash_seed_change_no_byte(finished, copied, tmp_path):
    other = copied(tmp_path / "it's; $(touch CANARY) `touch CANARY` größe")
    other.run("--cores", "1", PYTHONHASHSEED="12345", OMP_NUM_THREADS="2")
    assert other.checksums() == finished.checksums()
    assert list(tmp_path.rglob("CANARY")) == []


@pytest.mark.slow
def test_killed_at_forty_random_moments_it_finishes_with_the_same_bytes(finished, copied, tmp_path):
    moment, kills, runs = random.Random(1), 0, 0
    while kills < 40:
        runs += 1
        project = copied(tmp_path / f"run{runs}")
        while kills < 40 and project.run(seconds=moment.uniform(1.0, 10.0)) is None:
            kills += 1
            project.run("--unlock")
        project.run("--rerun-incomplete")
        assert project.checksums() == finished.checksums()
        assert not [path for path in project.results.rglob("*") if path.suffix in (".part", ".checkpoint")]


# In a mount namespace of its own: a small results folder, a run, the same folder larger, a run. Only Snakemake's own
# files, the benchmarks, have space: where it is the first to find no page, the words are not ours.
RUNS = """
set -u
mount --types tmpfs --options size=$1 tmpfs results
mkdir results/benchmarks
mount --types tmpfs tmpfs results/benchmarks
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


@pytest.mark.slow
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
