"""What docs/extending.md says to add works word for word: another model, sampler and figure, in ten lines each."""

import re
import subprocess
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs/extending.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)$\n(.*?)(?=^## |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE))


def apply(section, folder):
    """Apply the differences of a section of the page to a project."""
    (patch,) = re.findall(r"^```diff\n(.*?)^```$", SECTIONS[section], flags=re.DOTALL | re.MULTILINE)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, text=True, check=True)


@pytest.mark.parametrize("section", ["A model", "A sampler", "A figure"])
def test_an_extension_changes_at_most_ten_lines(section):
    added = re.findall(r"^\+(?!\+\+ b/).+$", SECTIONS[section], flags=re.MULTILINE)
    assert 0 < len(added) <= 10


def test_another_model_is_trained_and_nothing_else(project):
    apply("A model", project.folder)
    assert {wildcards for rule, wildcards in project.jobs("models")} == {"model=wide, seed=1"}
    project.run("results/wide/seed1/model.pt")
    assert (project.folder / "results/wide/seed1/model.pt").is_file()


def test_another_sampler_is_drawn_from(project):
    apply("A sampler", project.folder)
    project.edit("tiny.yaml", "samplers: [normal, prior]", "samplers: [normal, prior, typical]")
    target = "results/full/seed1/generated/typical.h5"
    project.run(target)
    assert (project.folder / target).is_file()


def test_another_figure_is_drawn_and_is_one_of_the_figures(project):
    apply("A figure", project.folder)
    name, script = re.search(r"as `(\S+\.py)`:\n\n```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE).groups()
    (project.folder / name).write_text(script)
    assert project.rules("figures") == {"plot_masses"}
    project.run("figures")
    for ending in "pdf", "png":
        assert (project.folder / f"results/figures/masses.{ending}").stat().st_size > 1000
