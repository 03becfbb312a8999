"""The whole workflow on a tiny configuration: what it makes and what it refuses."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_lint_finds_nothing(finished):
    done = finished.run("--lint")
    assert "good condition" in done.stdout + done.stderr


def test_list_reads_as_the_table_of_steps(finished):
    listed = finished.run("--list").stdout
    scripts = {path.stem for path in (finished.folder / "workflow/scripts").glob("*.py")}
    described = {line.split(" ")[0] for line in listed.splitlines() if line.endswith(".)")}
    assert scripts <= described


def test_every_target_of_all_is_there_and_nothing_is_left_to_do(finished):
    results = finished.folder / "results"
    figures = {path.relative_to(results).as_posix() for path in results.glob("figures/**/*.p*")}
    assert {"figures/curves.pdf", "figures/full/seed1/generated_curves.prior.png"} <= figures
    assert (results / "diagonal/seed1/generated/normal.h5").is_file()
    assert "Nothing to be done" in finished.run().stderr


def test_a_run_writes_below_its_results_folder_and_nowhere_else(finished):
    tracked = {"workflow", "profiles", "tests", "envs", "benchmarks", "docs", "config"}
    made = {path.relative_to(finished.folder) for path in finished.folder.rglob("*") if path.is_file()}
    kept = {path for path in made if path.parts[0] not in tracked and len(path.parts) > 1}
    assert {path.parts[0] for path in kept} <= {"results", ".snakemake", ".ci"}
    assert not [path for path in made if path.suffix == ".part"]


def test_a_printed_command_runs_as_pasted(project):
    target = "results/full/seed1/generated/prior.h5"
    before = (project.folder / target).read_bytes()
    printed = project.run("--dry-run", "--printshellcmds", "--force", target).stdout
    start = printed.index("python workflow/scripts/generate_curves.py")
    command = printed[start : printed.index("2>", start)]
    (project.folder / target).unlink()
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    subprocess.run(["bash", "-c", command], cwd=project.folder, env={"PATH": path}, check=True)
    assert (project.folder / target).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("train_vae: {epocs: 3}", "train_vae.epocs: unknown key, did you mean 'epochs'?"),
        ("split_curves: {validation: -5}", "split_curves.validation: got -5, expected a whole number, at least 1"),
        ("train_vae: {epochs: many}", 'train_vae.epochs: got "many", expected a whole number'),
        ("models: {full: {posterior: round}}", 'models.full.posterior: got "round", expected one of: diagonal'),
    ],
)
def test_a_wrong_configuration_gets_one_line_and_makes_nothing(project, change, line):
    (project.folder / "wrong.yaml").write_text(change)
    done = project.run("--configfile", "tiny.yaml", "wrong.yaml", check=False)
    assert done.returncode != 0
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert sum(line.split(":")[0] in text for text in done.stderr.splitlines()) == 1


def test_a_damaged_input_gets_one_line_and_leaves_no_output(project):
    curves = project.folder / "results/curves.h5"
    curves.write_bytes(curves.read_bytes()[:2000])
    done = project.run("--forcerun", "split_curves", "--until", "split_curves", check=False)
    assert done.returncode != 0
    assert "error: results/curves.h5: not a readable HDF5 file" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project.folder / "results/split.h5").exists()
