"""Whatever is written into a configuration, it is used as it stands or refused in lines; nothing else happens."""

import copy
import importlib
import random
import re
import shlex
import string
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rotcurves import configuration
from rotcurves.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT = yaml.safe_load((PROJECT / "config.yaml").read_text())
SCHEMA = yaml.safe_load((PROJECT / "workflow/schemas/config.schema.yaml").read_text())
MUTATIONS = 1200

ODD_TEXTS = [
    *("", " ", "a b", " learned", "full\n", "a\nb", "a\rb", "a\u2028b", "\x1b[31m", "\0", "it's", '"', "\\", ";", "#"),
    *("$(touch CANARY)", "`touch CANARY`", "x; touch CANARY", "| touch CANARY", "x\ntouch CANARY\n", "results\n"),
    *("{model}", "{", "<results>", "..", "/", "-rf", "--help", "~", "*", "größe", "галактика", "銀河", "a" * 5000),
    *("1e-3", "1e999", "nan", "NaN", "-inf", "Infinity", "0x10", "1_000", "9" * 5000, "true", "null", "[1]", "٣"),
]
texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=12)
numbers = (
    st.sampled_from([0, -1, -(10**9), 10**30, 10**400, 2**63, float("nan"), float("inf"), float("-inf"), -0.0, 5e-324])
    | st.integers()
    | st.floats()
)
scalars = numbers | texts | st.none() | st.booleans()
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(scalars, v, max_size=3), max_leaves=5
)


def places(value, path=()):
    """The path of everything in a configuration, from the sections to the entries of lists."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*path, key)
        yield from places(entry, (*path, key))


PLACES = list(places(DEFAULT))


@st.composite
def typos(draw, key):
    """A key with a letter too many, too few, or another in its place."""
    i = draw(st.integers(0, len(key) - 1))
    letter = draw(st.sampled_from([*string.ascii_lowercase, "", " ", "-", "\n", "é", "'", ";", "$(touch CANARY)"]))
    return key[:i] + letter + key[i + draw(st.integers(0, 1)) :]


@st.composite
def mutations(draw):
    """The default configuration with one change, and the path of what was changed."""
    config = copy.deepcopy(DEFAULT)
    path = draw(st.sampled_from(PLACES))
    *above, last = path
    parent = config
    for key in above:
        parent = parent[key]
    change = draw(st.sampled_from(["value", "value", "scale", "remove", "rename", "add"]))
    if change == "value":
        parent[last] = draw(values)
    elif change == "scale" and isinstance(parent[last], int | float):
        parent[last] = parent[last] * draw(st.sampled_from([-1, 0, 0.5, 2, 10, 1e-9, 10**6, 10**30]))
    elif change == "remove":
        del parent[last]
    elif change == "rename" and isinstance(parent, dict):
        last = draw(typos(last) | texts)
        parent[last] = parent.pop(path[-1])
    elif change == "add" and isinstance(parent, dict):
        last = draw(scalars)
        parent[last] = draw(values)
    elif isinstance(parent, list):
        parent.append(draw(values))
    return config, (*above, last)


def all_texts(value):
    """Every text in a configuration, keys included."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from all_texts(key)
            yield from all_texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from all_texts(entry)
    elif isinstance(value, str):
        yield value


def check_refusal(error, path):
    """A line for each problem, with the key, what it got and what was expected; the key changed is among them."""
    first, *lines = str(error).split("\n")
    assert first == "the configuration is not valid:"
    for line in lines or [""]:
        assert line.isprintable(), line
        assert len(line) < 400, line
        assert re.search(r": (got .*, expected .|unknown key, |missing, expected .)", line), line
    changed = [key for key in path if not isinstance(key, int)][-1:]  # not the place in a list
    assert all(any(configuration.one_line(str(key)) in line for line in lines) for key in changed), lines


@pytest.fixture(scope="module")
def checked():
    """What comes of 1,200 mutations: the configurations that are accepted, and the number of those refused."""
    accepted, refused = [], []

    @given(mutations())
    @settings(max_examples=MUTATIONS, derandomize=True, deadline=None, database=None, report_multiple_bugs=False)
    def check(mutation):
        config, path = mutation
        try:
            accepted.append(configuration.check(config, SCHEMA))
        except UserError as error:
            check_refusal(error, path)
            refused.append(path)

    check()
    return accepted, len(refused)


def test_every_mutation_is_used_as_it_stands_or_refused_in_one_line(checked):
    accepted, refused = checked
    print(f"{len(accepted) + refused} mutations: {len(accepted)} accepted, {refused} refused")
    assert refused >= 1000
    assert len(accepted) >= 50
    for text in (text for config in accepted for text in all_texts(config)):
        assert re.fullmatch(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*", text), text  # one word to a shell


def commands(config, folder):
    """Scripts and arguments, as a shell splits them, of all jobs of the workflow with a configuration."""
    (folder / "odd.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", PROJECT / "Snakefile", "--configfile", "odd.yaml"]
    how = ["--cores=1", "--dry-run", "--printshellcmds"]
    printed = subprocess.run([*snakemake, *how], cwd=folder, capture_output=True, text=True, check=True).stdout
    for command in re.findall(r"^ +python (.*?) 2>", printed.replace("\\\n", " "), flags=re.MULTILINE):
        script, *arguments = shlex.split(command)
        yield Path(script).stem, arguments


FAR = {
    "pathvars": {"results": "../of-another.Name_1/.results"},
    "training_seeds": [0, 4294967295],
    "hubble_constant": "7.3e1",
    "train_vae": {"learning_rate": 5e-324, "encoder_widths": list(range(1, 21)), "decoder_sigma": "1E-5"},
    "models": {"a": {"batch_size": "full"}, "_".join(["long"] * 20): {"posterior": "symmetric", "epochs": 10000000}},
}


@pytest.mark.parametrize("which", range(4))
def test_a_shell_reads_the_commands_as_the_settings_and_nothing_else(which, checked, tmp_path):
    config = (
        random.Random(which).choice(checked[0])
        if which
        else configuration.check(
            {
                **DEFAULT,
                **{
                    key: {**DEFAULT.get(key, {}), **value} if isinstance(value, dict) else value
                    for key, value in FAR.items()
                },
            },
            SCHEMA,
        )
    )
    steps = set()
    for step, arguments in commands(config, tmp_path):
        steps.add(step)
        flags = importlib.import_module(step).parse_args(arguments)
        differences = config["models"][Path(flags.model).parts[-3]] if step == "train_vae" else {}
        for name, value in {**config.get(step, {}), **differences}.items():
            assert getattr(flags, name) == (tuple(value) if isinstance(value, list) else value)
    assert len(steps) >= 20
    assert [path.name for path in tmp_path.rglob("*") if "CANARY" in path.name] == []


def test_a_folder_with_an_odd_name_is_no_command(copied, tmp_path):
    project = copied(tmp_path / "it's; $(touch CANARY) `touch CANARY` größe")
    project.run("data")
    assert (project.folder / "results/split.h5").is_file()
    assert list(tmp_path.rglob("CANARY")) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("seed: 1\nseed: 2\n", "seed: stands twice in "),
        ('{\n\t"seed": -1\n}', "seed: got -1, expected a whole number, at least 0"),  # JSON, and no YAML
        ("seed: &again [*again]", "the configuration is not valid: a YAML anchor (&) is used (*) within itself"),
        ("seed: [1,", "Config file is not valid JSON or YAML"),
        ("- 1\n- 2\n", "Config file must be given as JSON or YAML with keys at top level"),
        ("seed: !!python/object/apply:os.system ['touch CANARY']", "Config file is not valid JSON or YAML"),
        ("models: {'$(touch CANARY)': {}}", "models.$(touch CANARY): got "),
        ("pathvars: {results: 'x; touch CANARY'}", 'pathvars.results: got "x; touch CANARY", expected text'),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(content, message, tmp_path):
    (tmp_path / "odd.yaml").write_text(content)
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", PROJECT / "Snakefile", "--configfile", "odd.yaml"]
    done = subprocess.run([*snakemake, "--cores=1", "data"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith(message)]
    assert {path.name for path in tmp_path.iterdir()} <= {"odd.yaml", ".snakemake"}
