"""What docs/extending.md says to add works word for word: another model, setting, sampler, figure."""

import re
import shutil
import subprocess

import pytest
from tests.project import PROJECT, Project, jobs_in

from curvae.storage.curves import read_attributes

PAGE = (PROJECT / "docs/extending.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)$\n(.*?)(?=^## |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE))


def apply(section, folder):
    """Apply the differences of a section of the page to a project; their text."""
    (patch,) = re.findall(r"^```diff\n(.*?)^```$", SECTIONS[section], flags=re.DOTALL | re.MULTILINE)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, text=True, check=True)
    return patch


@pytest.mark.parametrize("section", ["A model", "A sampler", "A setting", "A halo profile", "A figure"])
def test_an_extension_changes_at_most_ten_lines(section):
    added = re.findall(r"^\+(?!\+\+ b/).+$", SECTIONS[section], flags=re.MULTILINE)
    assert 0 < len(added) <= 10


def test_another_model_is_trained_and_nothing_else(project):
    apply("A model", project.folder)
    jobs = jobs_in(project.run("models"))
    assert set(jobs) == {("train_vae", "model=wide, seed=1")}
    assert (project.results / "wide/seed1/model.pt").is_file()


def test_another_sampler_is_drawn_from_without_training_again(project):
    apply("A sampler", project.folder)
    project.edit("tiny.yaml", "samplers: [diagonal_gaussian]", "samplers: [diagonal_gaussian, typical]")
    target = "full/seed1/generated/typical.h5"
    assert {rule for rule, _ in jobs_in(project.run(f"results/{target}"))} == {"generate_curves"}
    assert (project.results / target).is_file()


def test_another_setting_reruns_its_step(project):
    patch = apply("A setting", project.folder)
    (step,) = re.findall(r"^\+\+\+ b/workflow/schemas/(\w+)\.yaml$", patch, flags=re.MULTILINE)
    assert project.rules("--until", step) == {step}
    done = project.run("--until", step, "--printshellcmds")
    (name,) = re.findall(r"^\+  (\w+): [^{]*? #", patch.partition("b/config.yaml")[2], flags=re.MULTILINE)
    assert f"--{name.replace('_', '-')}=" in done.stdout + done.stderr


def test_another_halo_profile_is_that_of_the_curves(project):
    apply("A halo profile", project.folder)
    project.configure("sample_parameters", halo_profile="hernquist")
    assert {rule for rule, _ in jobs_in(project.run("results/curves.h5"))} == {"sample_parameters", "synthesize_curves"}
    assert read_attributes(project.results / "curves.h5", "halo_profile") == {"halo_profile": "hernquist"}


def test_another_figure_is_drawn_and_is_one_of_the_figures(project):
    apply("A figure", project.folder)
    name, script = re.search(r"as `(\S+\.py)`:\n\n```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE).groups()
    (project.folder / name).write_text(script)
    assert {rule for rule, _ in jobs_in(project.run("figures"))} == {"plot_masses"}
    for ending in "pdf", "png":
        assert (project.results / f"figures/masses.{ending}").stat().st_size > 1000


@pytest.mark.slow
def test_another_workflow_has_ours_as_a_module(copied, tmp_path):
    ours = copied(tmp_path / "curvae")
    shutil.copy(ours.folder / "tiny.yaml", tmp_path / "differences.yaml")
    (module,) = re.findall(r"^```python\n(.*?)^```$", SECTIONS["Another workflow"], flags=re.DOTALL | re.MULTILINE)
    of_its_own = """
rule count_curves:
    default_target: True
    input: "results/split.h5"
    output: "results/size"
    shell: "wc -c < {input} > {output}"
"""
    unlike_ours = 'rule unlike_ours:\n    output: "{name}.txt"\n    shell: "touch {output}"\n\n\n'
    (tmp_path / "Snakefile").write_text(unlike_ours + module + of_its_own)
    outer = Project(tmp_path)
    outer.run()
    assert int((tmp_path / "results/size").read_text()) > 0
    assert not ours.results.joinpath("split.h5").exists()
    assert len(outer.jobs("curvae_figures")) > 10
