"""Every problem of a configuration is one line that names the key, and valid ones pass."""

import copy
from pathlib import Path

import pytest
import yaml

from rotcurves import configuration
from rotcurves.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]
SCHEMA = yaml.safe_load((PROJECT / "workflow/schemas/config.schema.yaml").read_text())
PRESETS = sorted((PROJECT / "workflow/presets").glob("*.yaml"))


def laid_over(config, differences):
    """The configuration with differences laid over it, as Snakemake does."""
    config = copy.deepcopy(config)
    for key, value in differences.items():
        nested = isinstance(value, dict) and isinstance(config.get(key), dict)
        config[key] = laid_over(config[key], value) if nested else value
    return config


def problems(config, differences, files=()):
    """The lines about a configuration, without the first, which only says that there are some."""
    with pytest.raises(UserError) as caught:
        configuration.check(laid_over(config, differences), SCHEMA, files)
    return str(caught.value).splitlines()[1:]


def test_the_default_is_valid_and_unchanged(config):
    assert configuration.check(config, SCHEMA, [PROJECT / "config.yaml"]) == config


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_preset_is_valid(config, preset):
    differences = yaml.safe_load(preset.read_text())
    checked = configuration.check(laid_over(config, differences), SCHEMA, [PROJECT / "config.yaml", preset])
    assert checked["pathvars"]["results"] not in ("results", "results/")  # never over the default's results


# What differs from the default, and all that its one line must hold: key, what was there, what was expected.
PROBLEMS = {
    "typo": ({"train_vae": {"learning_rte": 0.1}}, ["train_vae.learning_rte", "did you mean 'learning_rate'"]),
    "typo in a section's name": (
        {"generate_curve": {"galaxies": 5}},
        ["generate_curve:", "did you mean 'generate_curves'"],
    ),
    "typo in a model": ({"models": {"full": {"posteriour": "cholesky"}}}, ["models.full.posteriour", "'posterior'"]),
    "key like no other": ({"zzz": 1}, ["zzz: unknown key", "seed"]),
    "negative size": ({"sample_parameters": {"galaxies": -5}}, ["sample_parameters.galaxies", "-5", "at least 1"]),
    "text for a number": (
        {"sample_parameters": {"galaxies": "many"}},
        ["sample_parameters.galaxies", '"many"', "whole number"],
    ),
    "fraction for a count": ({"train_vae": {"epochs": 1.5}}, ["train_vae.epochs", "1.5", "whole number"]),
    "truth for a number": ({"train_vae": {"epochs": True}}, ["train_vae.epochs", "true", "whole number"]),
    "nothing": ({"train_vae": {"epochs": None}}, ["train_vae.epochs", "null", "whole number"]),
    "no section": ({"train_vae": 3}, ["train_vae", "3", "mapping"]),
    "unknown posterior": ({"train_vae": {"posterior": "ful"}}, ["train_vae.posterior", '"ful"', "symmetric"]),
    "unknown sampler": ({"samplers": ["normal", "flow"]}, ["samplers[1]", '"flow"', "multinormal"]),
    "sampler named twice": ({"samplers": ["prior", "prior"]}, ["samplers", "twice"]),
    "no seeds": ({"training_seeds": []}, ["training_seeds", "[]", "at least 1"]),
    "NaN": ({"train_vae": {"learning_rate": float("nan")}}, ["train_vae.learning_rate", "nan", "finite"]),
    "infinity": ({"hubble_constant": float("inf")}, ["hubble_constant", "inf", "finite"]),
    "infinity in a list": ({"training_seeds": [1, float("inf")]}, ["training_seeds[1]", "inf", "finite"]),
    "text of NaN": ({"hubble_constant": "NaN"}, ["hubble_constant", "nan", "finite"]),
    "neither number nor word": (
        {"train_vae": {"decoder_sigma": "fixed"}},
        ["train_vae.decoder_sigma", "'learned'", "number"],
    ),
    "name with a slash": ({"models": {"my/model": {}}}, ["models", "my/model"]),
    "name of another folder": ({"models": {"figures": {}}}, ["models", "figures"]),
    "masses the wrong way round": (
        {"sample_parameters": {"log_disc_mass_min": 13}},
        ["log_disc_mass_min", "log_disc_mass_max"],
    ),
    "radii the wrong way round": ({"synthesize_curves": {"radius_max": 0.05}}, ["radius_min", "radius_max", "0.05"]),
    "shards that 16 files cannot be shared by": (
        {"synthesize_curves": {"shards": 3}},
        ["synthesize_curves.shards", "3", "1, 2, 4, 8, 16"],
    ),
    "more parts than curves": ({"split_curves": {"test": 500_000}}, ["split_curves", "500000", "galaxies"]),
    "more components than radii": ({"models": {"full": {"components": 51}}}, ["models.full", "51", "radii"]),
    "a model with the name of a folder": ({"models": {"baseline": {}}}, ["models.baseline", "none of", "baseline"]),
    "results of an empty name": ({"pathvars": {"results": "results/"}}, ["pathvars.results", "of the form"]),
    "hardly any training curves": (
        {"sample_parameters": {"galaxies": 30_010}},
        ["sample_parameters.galaxies", "30010", "at least 50 more"],
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_one_line_with_key_value_and_what_was_expected(config, name):
    differences, words = PROBLEMS[name]
    (line,) = problems(config, differences)
    for word in words:
        assert word in line
    assert len(line) < 250


def test_a_missing_key_is_named(config):
    config = copy.deepcopy(config)
    del config["train_vae"]["epochs"], config["samplers"]
    assert sorted(line.split(":")[0] for line in problems(config, {})) == ["samplers", "train_vae.epochs"]


def test_all_problems_are_reported_at_once(config):
    different = [differences for differences, _ in PROBLEMS.values()]
    typo, size, posterior, sampler = different[0], different[4], different[10], different[11]
    lines = problems(laid_over(laid_over(config, typo), size), laid_over(posterior, sampler))
    assert len(lines) == 4
    assert len(set(lines)) == 4


def test_a_model_that_is_null_is_left_out(config):
    without = configuration.check(laid_over(config, {"models": {"full": None}}), SCHEMA)
    assert set(without["models"]) == set(config["models"]) - {"full"}
    assert problems(config, {"models": dict.fromkeys(config["models"])})[0].startswith("models: got {}, expected")


def test_contradictions_are_reported_at_once_too(config):
    differences = {"sample_parameters": {"log_disc_mass_min": 13}, "synthesize_curves": {"radius_max": 0.05}}
    assert len(problems(config, differences)) == 2


def test_a_key_that_stands_twice_is_named_with_its_line(config, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("train_vae:\n  epochs: 4\n  patience: 0\n  epochs: 5\nseed: 1\nseed: 2\n")
    lines = problems(config, yaml.safe_load(path.read_text()), [path])
    assert [line.split(":")[0] for line in lines] == ["train_vae.epochs", "seed"]
    assert f"{path} (line 4)" in lines[0]
    assert f"{path} (line 6)" in lines[1]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e-3", 1e-3), ("1E5", 100_000), ("5.0", 5), ("5", 5), ("0.01", 0.01), ("-2", -2), ("2e-2", 0.02)],
)
def test_numbers_that_yaml_takes_for_text_become_numbers(text, number):
    value = configuration.retyped({"a": [{"b": text}]})["a"][0]["b"]
    assert value == number
    assert type(value) is type(number)


@pytest.mark.parametrize("text", ["learned", "true", "null", "[1]", "", "1e-3 dex", "NaN and so on", "0x10"])
def test_other_text_stays_text(text):
    assert configuration.retyped({"a": text}) == {"a": text}


def test_a_learning_rate_written_as_1e_3_is_a_number_after_the_check(config):
    differences = yaml.safe_load("train_vae: {learning_rate: 1e-3}")
    assert isinstance(differences["train_vae"]["learning_rate"], str)  # YAML 1.1 wants 1.0e-3
    checked = configuration.check(laid_over(config, differences), SCHEMA)
    assert checked["train_vae"]["learning_rate"] == 1e-3
