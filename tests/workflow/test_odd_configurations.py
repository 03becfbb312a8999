"""Whatever is written into a configuration, it is used as it stands or refused in lines; nothing else happens."""

import copy
import functools
import importlib
import re
import shlex
import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.project import PROJECT

from curvae import configuration
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.runtime.settings import one_line

DEFAULT = yaml.safe_load((PROJECT / "config.yaml").read_text())

ODD_TEXTS = [
    *("", " ", "a b", " learned", "full\n", "a\nb", "a\rb", "a\u2028b", "\x1b[31m", "\0", "it's", '"', "\\", ";", "#"),
    *("$(touch CANARY)", "`touch CANARY`", "x; touch CANARY", "| touch CANARY", "x\ntouch CANARY\n", "results\n"),
    *("{model}", "{", "<results>", "..", "/", "-rf", "--help", "~", "*", "größe", "галактика", "銀河", "a" * 5000),
    *("1e-3", "1e999", "nan", "NaN", "-inf", "Infinity", "0x10", "1_000", "9" * 5000, "true", "null", "[1]", "٣"),
]
ODD_NUMBERS = [0, -1, -(10**9), 10**30, 10**400, 2**63, float("nan"), float("inf"), float("-inf"), -0.0, 5e-324]
texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=12)
scalars = texts | st.sampled_from(ODD_NUMBERS) | st.integers() | st.floats() | st.none() | st.booleans()
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(scalars, v, max_size=3), max_leaves=5
)


def places(value, path=()):
    """Path and value of everything in a configuration, from the sections to the entries of lists."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*path, key), entry
        yield from places(entry, (*path, key))


PLACES = [path for path, _ in places(DEFAULT)]


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
        last = draw(texts | st.sampled_from([last[1:], f"{last}s", f"{last}\n", last.upper(), last.replace("_", "-")]))
        parent[last] = parent.pop(path[-1])
    elif change == "add" and isinstance(parent, dict):
        last = draw(scalars)
        parent[last] = draw(values)
    elif isinstance(parent, list):
        parent.append(draw(values))
    return config, (*above, last)


def check_refusal(error, path):
    """A readable line for each problem, behind its key; the key changed is among them."""
    first, *lines = str(error).split("\n")
    assert first == "the configuration is not valid:"
    for line in lines or [""]:
        assert line.isprintable(), line
        assert len(line) < 500, line
        assert re.match(r".+: .{5}", line), line
    changed = [key for key in path if not isinstance(key, int)][-1:]  # not the place in a list
    assert all(any(one_line(str(key), 60) in line for line in lines) for key in changed), lines


@functools.cache
def checked(count):
    """What comes of so many mutations: the configurations that are accepted, and the number of those refused."""
    accepted, refused = [], []

    @given(mutations())
    @settings(max_examples=count, derandomize=True, deadline=None, database=None, report_multiple_bugs=False)
    def check(mutation):
        config, path = mutation
        try:
            accepted.append(configuration.check(config))
        except UserError as error:
            check_refusal(error, path)
            refused.append(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(configuration.settings, "schema", functools.cache(configuration.settings.schema))
        check()
    return accepted, len(refused)


@pytest.mark.parametrize("count", [300, pytest.param(1200, marks=pytest.mark.slow)])
def test_every_mutation_is_used_as_it_stands_or_refused_in_one_line(count):
    accepted, refused = checked(count)
    assert refused >= 0.8 * count
    assert len(accepted) >= 0.04 * count
    # Names of columns in a table of the user may be any; the rules quote them.
    words = [(path, value) for config in accepted for path, value in places(config) if path[0] != "import_observations"]
    texts = [text for (*_, key), value in words for text in (key, value)]
    for text in (text for text in texts if isinstance(text, str)):
        assert re.fullmatch(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*", text), text  # one word to a shell


def snakemake(folder, *arguments):
    """Snakemake on `odd.yaml` in a folder."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", PROJECT / "Snakefile", "--configfile", "odd.yaml"]
    return subprocess.run([*command, "--cores=1", *arguments], cwd=folder, capture_output=True, text=True, check=False)


class Parsed(Exception):
    """Flags that were read."""


LONG = "".join(f"m{i}" for i in range(50))[:100]  # the longest name; Snakemake takes no repetition of one letter
FAR = {
    "pathvars": {"results": "../of-another.Name_1/.results"},
    "training_seeds": [0, 4294967295],
    "hubble_constant": "7.3e1",
    "train_vae": {"learning_rate": 5e-324, "encoder_widths": list(range(1, 21)), "decoder_sigma": "1E-5"},
    "models": {"diagonal": None, "full": None, "a": {"batch_size": "full"}, LONG: {"epochs": 10000000}},
}


@pytest.mark.slow
def test_a_shell_reads_the_commands_as_the_settings(tmp_path, monkeypatch):
    read = commandline.Parser.parse_args

    def parse_args(parser, argv):
        raise Parsed(read(parser, argv))

    monkeypatch.setattr(commandline.Parser, "parse_args", parse_args)
    (tmp_path / "odd.yaml").write_text(yaml.safe_dump(FAR))
    printed = snakemake(tmp_path, "--dry-run", "--printshellcmds").stdout.replace("\\\n", " ")
    steps = set()
    for step, words in re.findall(r"^ +python \S+?(\w+)\.py (.*?) 2>", printed, flags=re.MULTILINE):
        with pytest.raises(Parsed) as parsed:
            importlib.import_module(step).main(shlex.split(words))
        flags = vars(parsed.value.args[0])
        if step == "train_vae":
            assert flags.items() >= {**FAR["train_vae"], "decoder_sigma": 1e-5, **FAR["models"][flags["name"]]}.items()
        assert flags.get("hubble_constant", 73) == 73
        steps.add(step)
    assert len(steps) >= 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("seed: 1\nseed: 2\n", "seed: duplicate key in "),
        ('{\n\t"seed": -1\n}', "seed: -1 is less than the minimum of 0"),  # JSON, and no YAML
        ("seed: &again [*again]", "the configuration is not valid: a YAML anchor (&) is used (*) within itself"),
        ("seed: [1,", "Config file is not valid JSON or YAML"),
        ("- 1\n- 2\n", "Config file must be given as JSON or YAML with keys at top level"),
        ("seed: !!python/object/apply:os.system ['touch CANARY']", "Config file is not valid JSON or YAML"),
        ("pathvars: {results: 'x; touch CANARY'}", "pathvars.results: 'x; touch CANARY' is not a 'folder'"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(content, message, tmp_path):
    (tmp_path / "odd.yaml").write_text(content)
    done = snakemake(tmp_path, "data")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith(message)]
    assert {path.name for path in tmp_path.iterdir()} <= {"odd.yaml", ".snakemake"}
