"""What a change reruns: exactly the steps that it affects."""

import os
import shutil
from collections import defaultdict

import pytest
from tests.project import PROJECT

FIGURES = {path.stem for path in (PROJECT / "workflow/scripts").glob("plot_*.py")}
FIGURES = {figure for figure in FIGURES if "population" not in figure}  # of a survey, which this run has not
AFTER_TRAINING = {"train_vae", "encode_curves", "generate_curves"}
AFTER_TRAINING |= {"evaluate_model", "evaluate_samplers", "evaluate_physics"}
AFTER_TRAINING |= {"infer_galaxies", "catalogue_galaxies", "evaluate_inference"}
AFTER_TRAINING |= {"summarize_metrics", *FIGURES} - {"plot_curves"}


def edited(project, *files):
    """Add a comment to files of the project; for each file the rules that run because of it, and all that would run."""
    for name in files:
        with (project.folder / name).open("a") as file:
            file.write("# edited\n")
    jobs, because = project.jobs(), defaultdict(set)
    for (rule, _), reason in jobs.items():
        for name in files:
            if name in reason:
                because[name].add(rule)
    return [because[name] for name in files], {rule for rule, _ in jobs}


def test_an_edit_of_the_network_or_its_settings_retrains(project):
    network, schema = "workflow/scripts/curvae/model/network.py", "workflow/schemas/train_vae.yaml"
    (_, by_schema), rules = edited(project, network, schema)
    assert by_schema == {"train_vae"}
    assert rules == AFTER_TRAINING


def test_an_edit_of_a_script_or_of_its_settings_reruns_that_step(project):
    schema, script = "workflow/schemas/encode_curves.yaml", "workflow/scripts/plot_curves.py"
    (by_schema, by_script), rules = edited(project, schema, script)
    assert by_schema == {"encode_curves"}
    assert by_script == {"plot_curves"}
    assert not rules & {"synthesize_curves", "split_curves", "train_vae", "evaluate_model", "evaluate_baselines"}


def test_an_edit_of_the_look_redraws_every_figure_and_nothing_else(project):
    module, style = "workflow/scripts/curvae/figures/style.py", "workflow/styles/paper.mplstyle"
    (by_module, by_style), rules = edited(project, module, style)
    assert by_module == by_style == rules == FIGURES


def test_an_edit_of_the_scaling_relations_does_not_retrain(project):
    (because,), rules = edited(project, "workflow/scripts/curvae/galaxies/scaling.py")
    assert "sample_parameters" in because
    assert "train_vae" in rules  # as long as it is not known that the galaxies are the same
    project.run("data")
    assert not project.rules() & {"train_vae", "encode_curves", "generate_curves", "plot_curves"}


def test_other_galaxies_rerun_what_reads_the_curves(project):
    project.configure("synthesize_curves", overdensity=100)
    project.run("results/curves.h5")
    assert {"train_vae", "evaluate_baselines", "plot_curves"} <= project.rules()


def test_exchanging_the_values_of_two_settings_of_a_model_retrains_it(project):
    project.configure("models", full={"epochs": 4, "latent_dimension": 2})  # from 2 and 4
    assert project.rules() == AFTER_TRAINING


def test_moving_or_touching_files_or_spelling_a_number_otherwise_reruns_nothing(project, tmp_path):
    project.folder = project.folder.rename(tmp_path / "elsewhere")
    for path in [*project.folder.rglob("*.py"), *project.folder.rglob("*.h5"), project.folder / "config.yaml"]:
        os.utime(path)
    project.configure("train_vae", learning_rate="1e-2", epochs=2.0)
    assert project.jobs() == {}


def test_a_target_file_makes_what_it_needs_and_no_more(project):
    shutil.rmtree(project.results / "full")
    shutil.rmtree(project.results / "figures")
    assert project.rules("results/figures/loss_history.pdf") == {"train_vae", "plot_loss_history"}


@pytest.mark.slow
def test_the_workflow_runs_from_another_directory(project, tmp_path):
    here = (project.results / "curves.h5").read_bytes()
    away, into = tmp_path / "away", tmp_path / "into"
    away.mkdir()
    from_elsewhere = ("--snakefile", project.folder / "Snakefile", "--configfile", project.folder / "tiny.yaml", "--")
    project.run(*from_elsewhere, "data", cwd=away)
    assert (away / "results/curves.h5").read_bytes() == here
    project.run("--directory", into, "--configfile", "tiny.yaml", "--", "data")
    assert (into / "results/curves.h5").read_bytes() == here
