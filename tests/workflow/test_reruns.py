"""What a change reruns: exactly the steps that it affects."""

import os
import shutil

import yaml

AFTER_TRAINING = {
    "train_vae",
    "encode_curves",
    "generate_curves",
    "evaluate_model",
    "evaluate_sampler",
    "summarize_metrics",
    "tabulate_metrics",
    "plot_loss_history",
    "plot_reconstructions",
    "plot_posterior_draws",
    "plot_parameters_latents",
    "plot_latent_density",
    "plot_generated_curves",
    "plot_metrics",
    "plot_errors",
    "plot_scaling_relations",
    "plot_curvature",
}


def change(project, section, **settings):
    """Change a section of the tiny configuration."""
    path = project.folder / "tiny.yaml"
    content = yaml.safe_load(path.read_text())
    content.setdefault(section, {}).update(settings)
    path.write_text(yaml.safe_dump(content))


def test_touching_or_checking_out_files_again_reruns_nothing(project):
    for path in [*project.folder.rglob("*.py"), *project.folder.rglob("*.h5"), project.folder / "config.yaml"]:
        os.utime(path)
    assert project.jobs() == set()


def test_a_library_module_reruns_the_steps_that_use_it(project):
    project.edit("workflow/scripts/rotcurves/vae.py", "class VAE", "# edited\nclass VAE")
    assert project.rules() == AFTER_TRAINING


def test_a_plot_script_redraws_its_figure_alone(project):
    project.edit("workflow/scripts/plot_curves.py", "def main", "# edited\ndef main")
    assert project.rules() == {"plot_curves"}
    project.edit("workflow/scripts/plot_curves.py", "# edited\n", "")
    assert project.rules() == set()


def test_the_style_redraws_every_figure_and_nothing_else(project):
    project.edit("workflow/styles/paper.mplstyle", "axes.linewidth", "# edited\naxes.linewidth")
    rules = project.rules()
    assert "plot_curves" in rules
    assert all(rule.startswith("plot_") for rule in rules)


def test_a_setting_of_one_model_retrains_that_model_alone(project):
    change(project, "models", full={"epochs": 3})
    trained = {wildcards for rule, wildcards in project.jobs() if rule == "train_vae"}
    assert trained == {"model=full, seed=1"}
    assert project.rules() == AFTER_TRAINING


def test_other_physics_reruns_what_reads_the_curves(project):
    change(project, "synthesize_curves", overdensity=100)
    project.run("results/curves.h5")
    assert {"train_vae", "evaluate_baselines", "plot_curves"} <= project.rules()


def test_the_number_of_shards_reruns_the_synthesis_alone(project):
    change(project, "synthesize_curves", shards=4)
    jobs = {wildcards for rule, wildcards in project.jobs() if rule == "synthesize_curves"}
    assert jobs == {"shard=part00", "shard=part01", "shard=part10", "shard=part11"}
    project.run("results/curves.h5")
    assert project.jobs() == set()


def test_exchanging_the_values_of_two_settings_retrains(project):
    change(project, "train_vae", epochs=4, latent_dimension=2)
    project.run("models")
    assert "train_vae" not in project.rules()
    change(project, "train_vae", epochs=2, latent_dimension=4)
    assert "train_vae" in project.rules()


def test_the_same_number_in_another_spelling_reruns_nothing(project):
    change(project, "train_vae", learning_rate="1e-2", epochs=2.0)
    assert project.jobs() == set()


def test_forcerun_and_until_do_what_they_say(project):
    assert project.rules("--forcerun", "encode_curves") == AFTER_TRAINING - {
        "train_vae",
        "plot_loss_history",
        "evaluate_model",
        "plot_errors",
    }
    assert project.rules("--forcerun", "encode_curves", "--until", "encode_curves") == {"encode_curves"}
    assert project.jobs("--force", "results/full/seed1/latents.h5") == {("encode_curves", "model=full, seed=1")}


def test_a_target_file_makes_what_it_needs_and_no_more(project):
    shutil.rmtree(project.folder / "results/full")
    shutil.rmtree(project.folder / "results/figures/full")
    made = project.jobs("results/figures/full/seed1/loss_history.pdf")
    assert made == {("train_vae", "model=full, seed=1"), ("plot_loss_history", "model=full, seed=1")}


def test_a_wildcard_outside_the_configuration_is_no_target(project):
    done = project.run("--dry-run", "results/fulll/seed1/model.pt", check=False)
    assert done.returncode != 0


def test_moving_the_project_reruns_nothing(project, tmp_path):
    moved = tmp_path / "elsewhere"
    project.folder.rename(moved)
    project.folder = moved
    assert project.jobs() == set()


def test_the_workflow_runs_from_another_directory(project, tmp_path):
    here = (project.folder / "results/curves.h5").read_bytes()
    away, into = tmp_path / "away", tmp_path / "into"
    away.mkdir()
    from_elsewhere = ("--snakefile", project.folder / "Snakefile", "--configfile", project.folder / "tiny.yaml", "--")
    project.run(*from_elsewhere, "data", cwd=away)
    assert (away / "results/curves.h5").read_bytes() == here
    assert project.rules(*from_elsewhere, "data", cwd=away) == set()
    project.run("--directory", into, "--configfile", "tiny.yaml", "--", "data")
    assert (into / "results/curves.h5").read_bytes() == here
