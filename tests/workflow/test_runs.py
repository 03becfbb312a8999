"""The whole workflow on a tiny configuration: what it makes and what it refuses."""

import os
import re
import subprocess
import sys
from pathlib import Path


def test_nothing_is_left_to_do_also_where_the_catalogue_looks(finished):
    figures = {path.relative_to(finished.results).as_posix() for path in finished.results.glob("figures/**/*.p*")}
    assert {"figures/curves.pdf", "figures/full/seed1/generated_curves.png"} <= figures
    assert "Nothing to be done" in finished.run("--snakefile", "workflow/Snakefile").stderr


def test_a_run_writes_below_its_results_folder_and_nowhere_else(finished):
    tracked = {"workflow", "profiles", "tests", "envs", "benchmarks", "docs", "config"}
    made = {path.relative_to(finished.folder) for path in finished.folder.rglob("*") if path.is_file()}
    kept = {path for path in made if path.parts[0] not in tracked and len(path.parts) > 1}
    assert {path.parts[0] for path in kept} <= {"results", ".snakemake", ".ci"}
    assert not [path for path in made if path.suffix in (".part", ".checkpoint")]


def test_the_command_that_the_help_of_a_step_has_printed_runs_as_pasted(project):
    def paste(command):
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        how = {"cwd": project.folder, "env": {"PATH": path, "HOME": str(project.folder)}, "check": True}
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, **how).stdout

    step = "workflow/scripts/generate_curves.py"
    (example,) = re.findall(r"^ +(snakemake -np .+)$", paste(f"python {step} --help"), flags=re.MULTILINE)
    (command,) = re.findall(rf"^ *(python {step}(?: .*\\\n)+.*)$", paste(example), flags=re.MULTILINE)
    generated = project.results / "full/seed1/generated/diagonal_gaussian.h5"
    before = generated.read_bytes()
    generated.unlink()
    paste(command)
    assert generated.read_bytes() == before


def test_make_tells_of_each_finished_job_how_long_it_took_and_what_is_running_and_of_a_failed_one_why(project):
    chosen = ("--forcerun", "plot_curves", "--until", "plot_curves", "--logger", "lines")
    lines = project.run(*chosen, PYTHONPATH="workflow/logger").stderr.splitlines()
    assert next(line for line in lines if "plot" in line) == "Running: plot_curves"
    assert any(re.fullmatch(r"1 of 1: plot_curves, \d+ s\.", line) for line in lines), lines
    (project.results / "curves.h5").write_bytes(b"")
    failed = project.run(*chosen, check=False, PYTHONPATH="workflow/logger")
    assert failed.returncode != 0
    assert "error: results/curves.h5: not a readable HDF5 file" in failed.stderr


def test_snakemake_needs_no_activated_environment(project):
    split = (project.results / "split.h5").read_bytes()
    project.run("--force", "results/split.h5", PATH=os.defpath)
    assert (project.results / "split.h5").read_bytes() == split
    assert project.jobs() == {}


def test_an_atlas_is_drawn_on_demand_and_is_no_part_of_a_run(project):
    assert project.rules("atlas") == {"draw_atlas"}
    project.run("atlas")
    assert (project.results / "figures/full/seed1/atlas.pdf").read_bytes().startswith(b"%PDF")
    assert project.jobs() == {}
    assert "atlas" not in project.checksums()


WRONG = """\
train_vae: {epocs: 3, epochs: many}
split_curves: {validation: -5}
models: {full: {posterior: round}}
"""
REFUSALS = [
    "train_vae.epocs: unknown key, did you mean 'epochs'?",
    "train_vae.epochs: 'many' is not: auto | integer from 1 to 10000000 (",
    "split_curves.validation: -5 is not: auto | integer from 1 to 1000000000 | number above 0, to 0.9 (",
    "models.full.posterior: 'round' is not one of ['diagonal', 'cholesky', 'symmetric'] (",
]


def test_a_wrong_configuration_gets_a_line_for_each_problem_and_makes_nothing(finished, tmp_path):
    (tmp_path / "wrong.yaml").write_text(WRONG)
    project = ("--snakefile", finished.folder / "Snakefile", "--configfile", "wrong.yaml")
    done = finished.run(*project, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    for refusal in REFUSALS:
        assert sum(line.startswith(refusal) for line in done.stderr.splitlines()) == 1, done.stderr
    assert not (tmp_path / "results").exists()


def test_a_damaged_input_gets_one_line_and_leaves_no_output(project):
    curves = project.results / "curves.h5"
    curves.write_bytes(curves.read_bytes()[:2000])
    done = project.run("--forcerun", "split_curves", "--until", "split_curves", check=False)
    assert done.returncode != 0
    assert "error: results/curves.h5: not a readable HDF5 file" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project.results / "split.h5").exists()
