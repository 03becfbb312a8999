"""A mock survey whose galaxies are not those that the model has learned: what is found of their population."""

import csv
import re
import shutil

import h5py
import numpy as np
import pytest
from tests.project import PROJECT
from tests.reading import read
from tests.step.steps import SHORT

from curvae.inference.error_models import LOG_SCATTER, WIDTH
from curvae.runtime.errors import UserError

NARROW = {"log_disc_mass_min": 9.5, "log_disc_mass_max": 11.5, "halo_mass_scatter": 0.1, "scale_length_scatter": 0.1}
WIDE = {"log_disc_mass_min": 7.0, "log_disc_mass_max": 12.5, "halo_mass_scatter": 0.7, "scale_length_scatter": 0.6}
LEARNED = {"galaxies": 6000, "epochs": 80, "batch_size": 256, "principal_components": 12, "encoder_widths": [48]}
LEARNED |= {"decoder_widths": [48], "samplers": ["gaussian_mixture"], "latent_prior": "gaussian_mixture"}
POPULATION = {"mocks": 60, "error_model": "none", "posterior_draws": 200, "population_fits": 4}


@pytest.fixture(scope="module")
def survey(perform, whole, tmp_path_factory):
    """Folder of a model of a wide family, and of 60 observed galaxies of a narrow one."""
    narrow, wide = (shutil.copytree(whole, tmp_path_factory.mktemp(name), dirs_exist_ok=True) for name in ("n", "w"))
    perform(narrow, narrow, "sample_parameters", "synthesize_curves", "split_curves", **NARROW, test=100)
    perform(wide, wide, "sample_parameters", "synthesize_curves", "split_curves", **WIDE, galaxies=LEARNED["galaxies"])
    perform(wide, wide, "train_vae", "encode_curves", "generate_curves", **LEARNED | {"galaxies": 1000})
    seen = {"curves": narrow / "curves.h5", "split": narrow / "split.h5"}
    perform(wide, wide, "mock_observations", **POPULATION, **seen)
    return infer(perform, wide, wide, **LEARNED | {"galaxies": 1000} | POPULATION)


def infer(perform, source, out, **settings):
    """The steps from observed galaxies to their population."""
    steps = ("infer_galaxies", "catalogue_galaxies", "fit_population", "evaluate_population")
    return perform(source, out, *steps, **settings)


def metrics(folder):
    """Values of the metrics of a population by name and sample."""
    with (folder / "population.csv").open() as table:
        return {(row["metric"], row["sampler"]): float(row["value"]) for row in csv.DictReader(table)}


def test_a_population_is_nearer_to_the_truth_than_posterior_means_and_the_prior(survey):
    found = metrics(survey)
    assert found["population_held_out_gain", "population"] > 0.5
    distance = {
        name: found["population_distance", name]
        for name in ("population", "posterior_mean_mixture", "gaussian_mixture")
    }
    assert distance["population"] < 0.5 * distance["gaussian_mixture"]
    names = "truth", "population", "posterior_mean_mixture", "gaussian_mixture"
    truth, survey, naive, mixture = (found["population_relation_halo_mass_scatter", name] for name in names)
    assert truth < naive < mixture
    assert abs(survey - truth) < 0.9 * (naive - truth)


def test_a_population_is_fitted_again_with_the_same_bytes(survey, perform, tmp_path):
    for name in ("observations.h5", "curves.h5", "model.pt", "generated.h5", "posteriors.h5"):
        shutil.copy(survey / name, tmp_path)
    perform(tmp_path, tmp_path, "fit_population", "evaluate_population", **LEARNED | {"galaxies": 1000} | POPULATION)
    for name in ("population_curves.h5", "population.h5", "evaluation.h5", "population.csv"):
        assert (tmp_path / name).read_bytes() == (survey / name).read_bytes()


def test_galaxies_that_were_not_well_sampled_are_left_out_and_named(survey, perform, tmp_path):
    shutil.copy(survey / "posteriors.h5", tmp_path)
    with h5py.File(tmp_path / "posteriors.h5", "r+") as file:
        file["ess"][3] = 1.0
        name = file["galaxy"][3].decode()
    perform(survey, tmp_path, "fit_population", posteriors=tmp_path / "posteriors.h5", **POPULATION)
    with h5py.File(tmp_path / "population.h5") as file:
        assert file.attrs["left_out"].decode() == name


def test_too_few_galaxies_are_refused(survey, perform, tmp_path):
    shutil.copy(survey / "posteriors.h5", tmp_path)
    with h5py.File(tmp_path / "posteriors.h5", "r+") as file:
        file["ess"][2:] = 1.0
    with pytest.raises(UserError, match=r"posteriors.h5: holds 2 well sampled galaxies, expected at least \d+"):
        perform(survey, tmp_path, "fit_population", posteriors=tmp_path / "posteriors.h5", **POPULATION)


def test_a_population_of_another_model_is_refused(survey, perform, tmp_path):
    shutil.copy(survey / "population.h5", tmp_path)
    with h5py.File(tmp_path / "population.h5", "r+") as file:
        mean, scale = file["component_mean"][...], file["component_scale_tril"][...]
        del file["component_mean"], file["component_scale_tril"]
        file["component_mean"], file["component_scale_tril"] = mean[:, :2], scale[:, :2, :2]
    with pytest.raises(UserError, match=r"population.h5: its fits have 2 coordinates, expected 4 or 5"):
        perform(survey, tmp_path, "evaluate_population", population=tmp_path / "population.h5", **POPULATION)


def test_mocks_of_a_run_with_other_radii_are_refused(whole, perform, tmp_path):
    perform(whole, tmp_path, "synthesize_curves", radius_max=40.0)
    with pytest.raises(UserError, match=r"curves.h5: its radii are not those of .*curves.h5"):
        perform(whole, tmp_path, "mock_observations", curves=tmp_path / "curves.h5")


def test_the_extra_scatter_of_the_observations_is_learned_and_used(whole, perform, tmp_path):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    settings = {"error_model": "scatter", "mocks": 8}
    perform(tmp_path, tmp_path, "mock_observations", **settings)
    infer(perform, tmp_path, tmp_path, galaxies=40, **settings)
    (scatter,) = read(tmp_path / "posteriors.h5", "log_scatter")
    assert scatter.shape == (8, SHORT["posterior_draws"])
    with h5py.File(tmp_path / "population_curves.h5") as file:
        learned = file.attrs["log_scatter"], file.attrs["scatter_width"]
        assert file["component_mean"].shape[1] == 4
    with h5py.File(tmp_path / "population.h5") as file:
        assert file["component_mean"].shape[1] == 5
    assert np.isfinite(learned).all()
    assert learned != (LOG_SCATTER, WIDTH)
    settings |= {"latent_prior": "population", "generated": tmp_path / "population_curves.h5", "error_model": "scatter"}
    perform(tmp_path, tmp_path, "infer_galaxies", **settings)
    assert not np.array_equal(read(tmp_path / "batch.h5", "log_scatter")[0], scatter)


def test_the_page_on_files_names_the_data_sets_of_a_population(whole):
    page = (PROJECT / "docs/files.md").read_text().split("## The population of a survey")[1].split("\n## ")[0]
    described = {
        name.replace("{sample}", sample)
        for name in re.findall(r"^\| `([\w{}]+)` ", page, flags=re.MULTILINE)
        for sample in ("observed", "prior", "posterior_mean_mixture", "population", "truth")
    }
    for name in ("population.h5", "evaluation.h5"):
        with h5py.File(whole / name) as file:
            assert {name for name in file if not name.endswith("_row") and name != "galaxy"} <= described
