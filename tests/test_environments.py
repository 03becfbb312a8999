"""The pip pins and the conda environments say the same, and each environment holds what its steps import."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml
from tests.project import PROJECT

from curvae.sources import sources

CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
IMPORT_NAMES = {"sklearn": "scikit-learn", "yaml": "pyyaml"}
PINNED = dict(re.findall(r"^([\w-]+)==([\w.]+)", (PROJECT / "envs/requirements.txt").read_text(), flags=re.MULTILINE))
ENVIRONMENTS = {path.stem: path for path in sorted((PROJECT / "envs").glob("*.yaml"))}
SNAKEFILE = (PROJECT / "Snakefile").read_text()
RULES = "".join((PROJECT / name).read_text() for name in re.findall(r"workflow/rules/\w+\.smk", SNAKEFILE))
# Figures have the environment of plot_curves, whose rule they use.
STEPS = dict(
    re.findall(r'^ *rule (\w+):(?:(?!^ *(?:use )?rule ).)*?envs/(\w+)\.yaml"', RULES, flags=re.DOTALL | re.MULTILINE)
)
for base, step in re.findall(r"^ *use rule (\w+) as (\w+) with:", RULES, flags=re.MULTILINE):
    STEPS[step] = STEPS[base]
# A rule that runs the script of another one is no step of its own.
SCRIPTS = {path.stem for path in (PROJECT / "workflow/scripts").glob("*.py")}


def packages(environment):
    """Names, as pip has them, and versions in a conda environment, Python left out."""
    entries = yaml.safe_load(ENVIRONMENTS[environment].read_text())["dependencies"]
    pairs = dict(entry.split("=") for entry in entries)
    del pairs["python"]
    return {CONDA_NAMES.get(name, name): version for name, version in pairs.items()}


def imported(step):
    """Packages that a step imports, itself or through the library, by the names that pip has for them."""
    script = str(PROJECT / f"workflow/scripts/{step}.py")
    names = set()
    for path in (path for path in [script, *sources(script)] if path.endswith(".py")):
        for node in ast.walk(ast.parse(Path(path).read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module)
    found = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"curvae"}
    return {IMPORT_NAMES.get(name, name) for name in found}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_conda_and_pip_pin_the_same_versions_of_what_the_steps_import(environment):
    held = packages(environment)
    assert held.items() <= PINNED.items()
    for step in (step for step in SCRIPTS if STEPS[step] == environment):
        assert imported(step) <= held.keys(), step


def test_every_step_names_an_environment_and_every_environment_is_used():
    assert STEPS.keys() >= SCRIPTS
    assert set(STEPS.values()) == ENVIRONMENTS.keys()
