"""The same configuration gives the same bytes, whatever the folder, the cores and the history of the run."""

import hashlib
import json
import random
import shutil
import subprocess

import pytest


def test_checksums_are_of_every_result_and_those_of_sha256sum(finished):
    results = finished.folder / "results"
    listed = dict(line.split("  ")[::-1] for line in finished.checksums().splitlines())
    kept = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    aside = ("logs/", "benchmarks/", "SHA256SUMS", "provenance.json", ".gitignore")
    assert set(listed) == {path for path in kept if not path.startswith(aside)}
    assert len(listed) > 60
    for path, digest in listed.items():
        assert hashlib.sha256((results / path).read_bytes()).hexdigest() == digest
    if tool := shutil.which("sha256sum"):
        subprocess.run([tool, "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=results, check=True)
    print(f"{len(listed)} results")


def test_another_folder_one_core_four_shards_and_another_hash_seed_change_no_byte(finished, copied, tmp_path):
    other = copied(tmp_path / "a folder/with another name")
    other.edit("config.yaml", "shards: 1 #", "shards: 4 #")
    other.run("--cores", "1", PYTHONHASHSEED="12345", OMP_NUM_THREADS="2")
    assert other.checksums() == finished.checksums()


def test_results_that_are_deleted_and_made_again_have_the_same_bytes(project):
    before = project.checksums()
    results = project.folder / "results"
    listed = [line.split("  ")[1] for line in before.splitlines()]
    for path in random.Random(1).sample(listed, 12):
        (results / path).unlink()
    (results / "curves.h5").unlink(missing_ok=True)
    project.run()
    assert project.checksums() == before


def test_provenance_says_what_the_results_were_made_with(project):
    provenance = project.folder / "results/provenance.json"
    recorded = json.loads(provenance.read_text())
    assert recorded["checksums"] == hashlib.sha256(project.checksums().encode()).hexdigest()
    assert recorded["configuration"]["seed"] == 20221007
    assert recorded["configuration"]["training_seeds"] == [1]
    assert recorded["configuration"]["train_vae"]["epochs"] == 2  # as used, the tiny configuration laid over
    assert recorded["software"]["torch"].startswith("2.")
    assert recorded["code"] == {"commit": None, "clean": None}  # no repository
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *words], cwd=project.folder, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project.folder, capture_output=True, text=True, check=True)
    for clean in (True, False):
        project.run("--forcerun", "write_provenance")
        recorded = json.loads(provenance.read_text())
        assert recorded["code"] == {"commit": head.stdout.strip(), "clean": clean}
        project.edit("README.md", "#", "##")


def test_what_runs_later_on_a_part_leaves_the_provenance_of_the_results(project):
    provenance = project.folder / "results/provenance.json"
    before = provenance.read_bytes()
    other = ("--config", "generate_curves={galaxies: 30}")
    project.run(*other, "--", "results/full/seed1/exports/decoder.pt2", "results/full/seed1/generated/normal.h5")
    assert provenance.read_bytes() == before
    project.run(*other)
    assert json.loads(provenance.read_text())["configuration"]["generate_curves"]["galaxies"] == 30


@pytest.mark.slow
def test_killed_at_forty_random_moments_it_finishes_with_the_same_bytes(finished, copied, tmp_path):
    moment, kills, runs = random.Random(1), 0, 0
    while kills < 40:
        runs += 1
        project = copied(tmp_path / f"run{runs}")
        while kills < 40 and project.runs_until(moment.uniform(1.0, 14.0)):
            kills += 1
            project.run("--unlock")
        project.run("--rerun-incomplete")
        assert project.checksums() == finished.checksums()
        assert not [path for path in project.folder.rglob("results/**/*") if path.suffix in (".part", ".checkpoint")]
    print(f"{kills} kills in {runs} runs")
