"""Models of a minute are as good as they should be: a small version of what is measured over many seeds."""

import csv
import importlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch
import yaml
from tests.reading import read
from tests.step.steps import PROJECT, command_line

import train_vae
from curvae.evaluation.two_sample import boosting, two_sample_accuracy
from curvae.galaxies.observables import curvature
from curvae.model.files import load
from curvae.runtime.threads import limit_threads

pytestmark = pytest.mark.slow
NOTEBOOK = yaml.safe_load((PROJECT / "workflow/presets/notebook.yaml").read_text())
SEEDS = 10


@pytest.fixture
def train(command, config, tmp_path):
    """Function from a data set and a model to the root mean square error of decoded validation curves [km/s]."""

    def error(sizes, different):
        settings = {**config["train_vae"], **sizes, **different, "seed": 5, "sampled_curves": 10, "draws": 2}
        for step in ("sample_parameters", "synthesize_curves", "split_curves", "train_vae", "encode_curves"):
            importlib.import_module(step).main(command(step, tmp_path, tmp_path, **settings))
        true, decoded = read(tmp_path / "reconstructions.h5", "velocity", "reconstruction")
        return np.sqrt(np.mean((true - decoded) ** 2))

    return error


@pytest.mark.parametrize(("name", "limit"), [("diagonal", 2.6), ("full", 6.2)])
def test_the_original_experiment_is_as_close_as_the_original(name, limit, train, tmp_path):
    sizes = {**NOTEBOOK["sample_parameters"], **NOTEBOOK["split_curves"]}
    # The limits are medians over seeds of the original; one seed may exceed them by half.
    assert train(sizes, {**NOTEBOOK["train_vae"], **NOTEBOOK["models"][name]}) < 1.5 * limit
    (scale_tril,) = read(tmp_path / "latents.h5", "scale_tril")
    assert np.isfinite(scale_tril).all()
    assert (np.diagonal(scale_tril, axis1=1, axis2=2) > 0).all()


@pytest.mark.parametrize("name", ["diagonal", "full"])
def test_a_short_default_training_makes_smooth_and_positive_curves(name, train, command, config, tmp_path):
    n = 2000
    sizes = {"galaxies": 64_000, "validation": n, "test": n}
    assert train(sizes, {**config["models"][name], "epochs": 16}) < 0.4
    velocity, radius = read(tmp_path / "curves.h5", "velocity", "radius")
    test = velocity[read(tmp_path / "split.h5", "test")[0]]
    accuracy = {}
    for sampler in ("diagonal_gaussian", "gaussian_mixture"):
        different = {"samplers": [sampler], "galaxies": n}
        importlib.import_module("generate_curves").main(command("generate_curves", tmp_path, tmp_path, **different))
        (generated,) = read(tmp_path / "generated.h5", "velocity")
        assert (generated > 0).all()
        curved = (curvature(np.log(v.astype(float)), radius) for v in (generated, test))
        accuracy[sampler] = two_sample_accuracy(*curved, boosting(1), 1)[0]
    # A plain decoder's curves are separated from true ones with an accuracy of 0.997. Over four seeds it is 0.51 to
    # 0.52, and 0.60 to 0.64 with independent normals, which a training of full length brings to 0.54.
    assert accuracy["gaussian_mixture"] < 0.56
    assert accuracy["diagonal_gaussian"] < 0.70


def error_of_seed(folder, settings, seed):
    """Error of the model of a seed [km/s]: root mean square over the validation curves of its reconstructions."""
    limit_threads(1)
    out = folder / f"{settings['posterior']}-{seed}"
    files = {"curves": folder / "curves.h5", "split": folder / "split.h5", "model": out, "history": f"{out}.csv"}
    values = {**settings, **files, "name": "model", "seed": seed, "device": "cpu", "threads": 1}
    train_vae.main(command_line("train_vae", values))
    velocity = torch.as_tensor(read(files["curves"], "velocity")[0][read(files["split"], "validation")[0]])
    model = load(out)
    return (model.decode(model.encode(velocity).mean) - velocity).square().mean().sqrt().item()


@pytest.mark.parametrize("name", ["diagonal", "full"])
def test_no_training_of_the_notebook_preset_fails_whatever_the_seed(name, perform, config, tmp_path):
    sizes = {**NOTEBOOK["sample_parameters"], **NOTEBOOK["split_curves"]}
    perform(tmp_path, tmp_path, "sample_parameters", "synthesize_curves", "split_curves", **sizes)
    settings = {**config["train_vae"], **NOTEBOOK["train_vae"], **NOTEBOOK["models"][name]}
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        rmse = np.array(list(pool.map(partial(error_of_seed, tmp_path, settings), range(1, SEEDS + 1))))
    print(f"{name}: {SEEDS} seeds, RMSE {rmse.min():.2f} to {rmse.max():.2f} km/s, median {np.median(rmse):.2f}")
    assert np.isfinite(rmse).all()
    assert rmse.max() < 4.0 * np.median(rmse)


@pytest.mark.parametrize("preset", [None, "survey"])
def test_hardly_a_galaxy_is_flagged_that_is_of_the_family_of_its_model(preset, train, command, config, tmp_path):
    # Limits are quantiles of what this model does: they hold for a short training as for a long one.
    path = PROJECT / f"workflow/presets/{preset}.yaml"
    differences = yaml.safe_load(path.read_text()) if preset else {}
    sections = ("sample_parameters", "train_vae", "infer_galaxies")
    settings = {name: value for section in sections for name, value in differences.get(section, {}).items()}
    sizes = {"galaxies": 40_000, "validation": 1000, "test": 1000, "batch_size": 1024}
    own = {
        **config["train_vae"],
        **config["infer_galaxies"],
        **settings,
        **sizes,
        "posterior": "cholesky",
        "epochs": 20,
    }
    train(own, {})
    different = own | {"samplers": ["gaussian_mixture"], "galaxies": 100, "mocks": 100, "posterior_draws": 100}
    for step in ("generate_curves", "mock_observations", "infer_galaxies", "catalogue_galaxies"):
        importlib.import_module(step).main(command(step, tmp_path, tmp_path, **different))
    with open(tmp_path / "galaxies.csv", newline="", encoding="utf-8") as file:
        flagged = [row["galaxy"] for row in csv.DictReader(file) if row["flag"]]
    assert len(flagged) <= 6  # of 100, where 2 % are expected at most: beyond it by chance in 0.4 %
