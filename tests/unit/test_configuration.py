"""Every problem of a configuration is one line that names the key, and valid ones pass."""

import copy
from pathlib import Path

import pytest
import yaml

from curvae import configuration
from curvae.runtime.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]


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
        configuration.check(laid_over(config, differences), files)
    return str(caught.value).splitlines()[1:]


def test_the_default_is_valid_and_unchanged_and_so_is_every_preset_which_writes_elsewhere(config):
    assert configuration.check(config, [PROJECT / "config.yaml"]) == config
    for preset in (PROJECT / "workflow/presets").glob("*.yaml"):
        differences = yaml.safe_load(preset.read_text())
        checked = configuration.check(laid_over(config, differences), [PROJECT / "config.yaml", preset])
        assert checked["pathvars"]["results"] not in ("results", "results/")


# What differs from the default, and all that its one line must hold: key, what was there, what was expected.
INVALID = [
    ("train_vae: {learning_rte: 0.1}", ["train_vae.learning_rte", "did you mean 'learning_rate'"]),
    ("generate_curve: {galaxies: 5}", ["generate_curve:", "did you mean 'generate_curves'"]),
    ("models: {full: {posteriour: cholesky}}", ["models.full.posteriour", "'posterior'"]),
    ("zzz: 1", ["zzz: unknown key", "seed"]),
    ("galaxies: 9", ["galaxies: unknown", "did you mean 'sample_parameters.galaxies' or 'generate_curves.galaxies'?"]),
    ("train_vae: {epochs: true}", ["train_vae.epochs: True", "auto | integer"]),
    ("split_curves: {test: 1.5}", ["split_curves.test: 1.5", "auto | integer"]),
    ("curves: 3", ["curves: 3 is not: null | text"]),
    ("train_vae: 3", ["train_vae: 3", "object"]),
    ("samplers: [normal]", ["samplers[0]: 'normal' is now called 'diagonal_gaussian'"]),
    ("samplers: [prior]", ["samplers[0]: 'prior' is now called 'standard_normal'"]),
    ("infer_galaxies: {prior: mixture}", ["infer_galaxies.prior: unknown key, it is now called 'latent_prior'"]),
    ("train_vae: {components: 12}", ["train_vae.components: unknown key, it is now called 'principal_components'"]),
    ("samplers: [diagonal_gaussian, flow]", ["samplers[1]: 'flow'", "full_gaussian"]),
    ("sample_parameters: {halo_profile: cored}", ["sample_parameters.halo_profile: 'cored'", "core_nfw"]),
    ("samplers: [standard_normal, standard_normal]", ["samplers", "non-unique"]),
    ("training_seeds: []", ["training_seeds: []", "non-empty"]),
    ("training_seeds: [1, .inf]", ["training_seeds[1]: inf", "integer"]),
    ("models: {my/model: {}}", ["models.my/model: ", "lower-case letters"]),
    ("models: {baseline: {}}", ["models.baseline: ", "not figures, logs, benchmarks, baseline"]),
    ("pathvars: {results: results/}", ["pathvars.results: 'results/'", "letters, digits"]),
    ("survey_name: ../narrow", ["survey_name: '../narrow'", "lower-case letters, digits"]),
]
CONTRADICTIONS = [
    ("sample_parameters: {log_disc_mass_min: 13}", ["sample_parameters.log_disc_mass_min", "log_disc_mass_max"]),
    ("synthesize_curves: {radius_max: 0.05}", ["synthesize_curves.radius_min", "radius_max"]),
    ("curves: nowhere.csv", ["curves: no such file: nowhere.csv"]),
    ("observations: nowhere", ["observations: no such file: nowhere", "mock, null, a table or results of a run"]),
    (
        "{samplers: [gaussian_mixture, population], observations: null}",
        ["samplers: population", "observations is null"],
    ),
    (
        "{samplers: [gaussian_mixture, population], infer_galaxies: {latent_prior: population}}",
        ["infer_galaxies.latent_prior: population", "another"],
    ),
    ("generate_curves: {galaxies: 9999}", ["evaluation_curves", "10000", "generate_curves.galaxies (9999)"]),
    ("sample_parameters: {log_core_radius_max: -2}", ["sample_parameters.log_core_radius_min", "log_core_radius_max"]),
]


@pytest.mark.parametrize(("text", "words"), INVALID + CONTRADICTIONS)
def test_a_problem_is_one_line_with_key_value_and_what_was_expected(config, text, words):
    (line,) = problems(config, yaml.safe_load(text))
    for word in words:
        assert word in line
    assert len(line) < 360


def test_problems_are_reported_at_once_and_contradictions_when_there_are_no_other(config):
    for cases in (INVALID[:2] + INVALID[3:4], CONTRADICTIONS[:2]):
        differences = {key: value for text, _ in cases for key, value in yaml.safe_load(text).items()}
        assert len(set(problems(config, differences))) == len(cases)
    assert len(problems(config, yaml.safe_load("{zzz: 1, synthesize_curves: {radius_max: 0.05}}"))) == 1


def test_a_missing_key_is_named_and_a_model_that_is_null_is_left_out(config):
    incomplete = copy.deepcopy(config)
    del incomplete["train_vae"]["epochs"], incomplete["samplers"]
    assert sorted(line.split(":")[0] for line in problems(incomplete, {})) == ["samplers", "train_vae.epochs"]
    without = configuration.check(laid_over(config, {"models": {"full": None}}))
    assert set(without["models"]) == set(config["models"]) - {"full"}
    (line,) = problems(config, {"models": dict.fromkeys(config["models"])})
    assert line.startswith("models: {} ")


def test_a_key_that_stands_twice_is_named_with_its_line(config, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("train_vae:\n  epochs: 4\n  patience: 0\n  epochs: 5\nseed: 1\nseed: 2\n")
    epochs, seed = problems(config, yaml.safe_load(path.read_text()), [path])
    assert epochs == f"train_vae.epochs: duplicate key in {path} (line 4)"
    assert seed == f"seed: duplicate key in {path} (line 6)"


TABLES = {"b/SPARC.mrt": "sparc", "My table (v2).csv": "my_table_v2", "runs/wide.2": "wide_2", "_größe-.csv": "gr_e"}


@pytest.mark.parametrize("observations", TABLES)
def test_a_survey_has_the_name_of_its_table_or_run_if_none_is_given(observations, config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs/wide.2").mkdir(parents=True)
    config = config | {"observations": observations}
    assert configuration.survey_name(config) == TABLES[observations]
    assert configuration.survey_name(config | {"survey_name": "mine"}) == "mine"
    assert configuration.survey_name(config | {"observations": "mock"}) == ""


def test_a_table_whose_name_has_no_letter_needs_a_name_for_the_survey(config, tmp_path):
    table = tmp_path / "(銀河).csv"
    table.touch()
    (line,) = problems(config, {"observations": str(table)})
    assert line.startswith("survey_name: ")
    assert str(table) in line
    assert configuration.check(config | {"observations": str(table), "survey_name": "mine"})
