"""The files that a script is made of: what it imports, directly or not, and the schemas of its settings."""

import subprocess
import sys
from pathlib import Path

from curvae.sources import sources

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
STEPS = sorted(SCRIPTS.glob("*.py"))
TREE = {
    "step.py": "import json, house.hall, missing\nfrom elsewhere import thing\nfrom house import cellar as below",
    "house/__init__.py": "",
    "house/hall.py": "def later():\n    from .upstairs import bedroom\n    from .upstairs.bath import water",
    "house/cellar.py": "CONSTANT = 1",
    "house/attic.py": "",
    "house/upstairs/__init__.py": "from . import landing",
    "house/upstairs/landing.py": "",
    "house/upstairs/bedroom.py": "from .. import attic\nfrom house import hall\nparser.settings('sleep', 'hours')",
    "house/upstairs/bath.py": "parser.settings('water')",
    "house/shed.py": "",
}


def test_sources_are_imports_of_every_form_with_their_packages_and_the_schemas_of_settings(tmp_path):
    scripts = tmp_path / "scripts"
    for name, text in TREE.items():
        (scripts / name).parent.mkdir(parents=True, exist_ok=True)
        (scripts / name).write_text(text)
    modules = set(TREE) - {"step.py", "house/shed.py"}
    schemas = {str(tmp_path / f"schemas/{name}.yaml") for name in ("sleep", "water")}
    assert sources(str(scripts / "step.py")) == sorted({str(scripts / name) for name in modules} | schemas)


def test_a_step_loads_its_sources_and_nothing_else_of_ours():
    step = str(SCRIPTS / "synthesize_curves.py")
    program = "import sys, synthesize_curves; print(*(vars(m).get('__file__') for m in sys.modules.values()))"
    printed = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, capture_output=True, text=True, check=True)
    loaded = {path for path in printed.stdout.split() if path.startswith(str(SCRIPTS))} - {step}
    assert loaded == {path for path in sources(step) if path.endswith(".py")}


def test_the_sources_of_every_step_exist():
    assert [path for step in STEPS for path in sources(str(step)) if not Path(path).is_file()] == []


def test_an_edit_of_the_scaling_relations_trains_encodes_and_generates_nothing_again():
    using = {step.stem for step in STEPS if str(SCRIPTS / "curvae/galaxies/scaling.py") in sources(str(step))}
    assert using.isdisjoint({"train_vae", "encode_curves", "generate_curves"})
    assert {"sample_parameters", "evaluate_samplers"} <= using
    assert len(using) <= 9
