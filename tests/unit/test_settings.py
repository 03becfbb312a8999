"""Settings: what their schemas accept, and what is said of anything else, in configuration and command line alike."""

import math

import pytest

from curvae import configuration
from curvae.runtime import settings
from curvae.runtime.commandline import Parser
from curvae.runtime.errors import UserError


def parsed(section, name, text):
    """A setting as a script gets it from its command line."""
    parser = Parser("step.py", "")
    parser.settings(section, name)
    return getattr(parser.parse_args([f"--{name.replace('_', '-')}={text}"]), name)


def test_a_command_line_reads_the_values_of_the_configuration(config):
    for path in settings.FOLDER.glob("[!c]*.yaml"):  # all but config.schema.yaml
        own = config.get(path.stem) or {name: config[name] for name in settings.schema(path.name)["properties"]}
        for name, value in own.items():
            if name not in ("pathvars", "curves"):  # of the workflow alone
                text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
                assert parsed(path.stem, name, text) == value, name
    assert parsed("train_vae", "decoder_sigma", "0.3") == 0.3
    assert parsed("train_vae", "encoder_widths", "64") == [64]


def test_numbers_that_yaml_takes_for_text_become_numbers_and_other_text_stays_text():
    for text, value in {"1e-3": 1e-3, "1E5": 100_000, "5.0": 5, "5": 5, "0.01": 0.01, "-2": -2, "6.4e1": 64}.items():
        retyped = settings.retyped({"a": [{"b": text}]})["a"][0]["b"]
        assert (retyped, type(retyped)) == (value, type(value))
    for text in ("learned", "true", "nul", "[1]", "", "1e-3 dex", "NaN and so on", "0x10", "1_000"):
        assert settings.retyped({"a": text}) == {"a": text}
    assert settings.retyped({"observations": "null"}) == {"observations": None}
    assert settings.retyped({7: [10**400, "-1" + 400 * "0", 1e300]}) == {7: [math.inf, -math.inf, int(1e300)]}


# Settings of train_vae: what is written, and words of what is said of it.
REFUSED = [
    ("learning_rate", "NaN", ["nan is not of type 'number'"]),
    ("learning_rate", "Infinity", ["inf is not of type 'number'"]),
    ("learning_rate", "0", ["0 is less than or equal to the minimum of 0", "highest learning rate"]),
    ("learning_rate", "11", ["11 is greater than the maximum of 10", "highest learning rate"]),
    ("steps", "many", ["'many' is not of type 'integer'", "optimiser steps of a training"]),
    ("steps", "", ["'' is not of type 'integer'"]),
    ("steps", "0", ["0 is less than the minimum of 1"]),
    ("steps", "9" * 500, ["inf is not of type 'integer'"]),
    ("epochs", "many", ["'many' is not: auto | integer from 1", "passes through the training curves"]),
    ("posterior", "ful", ["'ful' is not one of ['diagonal', 'cholesky', 'symmetric']", "posterior covariance"]),
    ("posterior", "x" * 1000, ["'xxx", "..."]),
    ("posterior", "a\n\x1b[31mb", ["is not one of"]),
    ("decoder_sigma", "fixed", ["'fixed' is not: learned | number above 0, to 1000", "width of the Gaussian decoder"]),
    ("decoder_sigma", "NaN", ["nan is not: learned | number above 0, to 1000"]),
    ("batch_size", "2.5", ["2.5 is not: full | integer from 1 to 1000000000"]),
    ("encoder_widths", "64,0", ["0 is less than the minimum of 1"]),
    ("encoder_widths", ",".join("5" * 21), ["is too long", "hidden layers of the encoder"]),
]


@pytest.mark.parametrize(("name", "text", "words"), REFUSED)
def test_a_wrong_value_is_refused_in_one_line_the_same_on_a_command_line_and_in_a_file(
    config, capsys, name, text, words
):
    with pytest.raises(SystemExit) as ended:
        parsed("train_vae", name, text)
    flag, _, said = capsys.readouterr().err.removeprefix("error: argument ").partition(": ")
    said = said.removesuffix(" (--help explains the flags)\n")
    assert (ended.value.code, flag) == (2, f"--{name.replace('_', '-')}")
    assert all(word in said for word in words)
    assert said.isprintable()
    assert len(said) <= 300
    value = text.split(",") if name.endswith("widths") else text
    with pytest.raises(UserError) as caught:
        configuration.check({**config, "train_vae": {**config["train_vae"], name: value}})
    _, line = str(caught.value).split("\n")
    assert line.startswith(f"train_vae.{name}")
    assert line.endswith(f": {said}")
