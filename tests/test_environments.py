"""The pip pins and the conda environments say the same, and each environment holds what its steps import."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[1]

CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
IMPORT_NAMES = {"sklearn": "scikit-learn"}
PINNED = dict(re.findall(r"^([\w-]+)==([\w.]+)", (PROJECT / "envs/requirements.txt").read_text(), flags=re.MULTILINE))
ENVIRONMENTS = sorted((PROJECT / "envs").glob("*.yaml"))
STEPS = {  # which environment each group of scripts runs in is written in the rules; read here from their text
    path: re.findall(r'code\("(\w+)"\).*?conda:\s+"\.\./\.\./envs/(\w+)\.yaml"', path.read_text(), flags=re.DOTALL)
    for path in sorted((PROJECT / "workflow/rules").glob("*.smk"))
}


def packages(environment):
    """Names, as pip has them, and versions in a conda environment, Python left out."""
    entries = yaml.safe_load(environment.read_text())["dependencies"]
    pairs = dict(entry.split("=") for entry in entries)
    del pairs["python"]
    return {CONDA_NAMES.get(name, name): version for name, version in pairs.items()}


def imported(script, seen=()):
    """Top-level packages that a script imports, itself or through the library."""
    names = set()
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    found = {name.split(".")[0] for name in names}
    for name in names:
        path = PROJECT / "workflow/scripts" / f"{name.replace('.', '/')}.py"
        if path.is_file() and path not in seen:
            found |= imported(path, (*seen, path))
    return found - set(sys.stdlib_module_names) - {"rotcurves"}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda path: path.stem)
def test_conda_and_pip_pin_the_same_versions(environment):
    assert packages(environment).items() <= PINNED.items()


@pytest.mark.parametrize(
    ("step", "environment"), [pair for pairs in STEPS.values() for pair in pairs], ids=lambda name: name
)
def test_an_environment_holds_what_its_steps_import(step, environment):
    needed = {IMPORT_NAMES.get(name, name) for name in imported(PROJECT / "workflow/scripts" / f"{step}.py")}
    assert needed <= set(packages(PROJECT / "envs" / f"{environment}.yaml"))


def test_every_step_names_an_environment_and_every_environment_is_used():
    scripts = {path.stem for path in (PROJECT / "workflow/scripts").glob("*.py")}
    pairs = [pair for pairs in STEPS.values() for pair in pairs]
    assert {step for step, _ in pairs} == scripts
    assert {environment for _, environment in pairs} == {path.stem for path in ENVIRONMENTS}
