"""A data set and models of seconds, made by the steps themselves."""

import importlib
import shutil

import numpy as np
import pytest
from tests.step.steps import FIGURES, KEPT, PROJECT, SHORT, STEPS, command_line, placed, written


@pytest.fixture(scope="session")
def command(config):
    """Function from a step, the folder of its inputs, that of its results, and what differs, to a command line."""
    sections = [section for section in config.values() if isinstance(section, dict)]
    settings = {name: value for section in (config, *sections) for name, value in section.items()} | SHORT

    def arguments(step, source, out, /, **different):
        files = {flag: placed(source, names) for flag, names in STEPS[step][0].items()}
        own = {"galaxies": 40} if step == "generate_curves" else {}
        return command_line(step, {**settings, **own, **files, **written(step, out), **different})

    return arguments


@pytest.fixture(scope="session")
def perform(command):
    """Function that runs steps in turn in this process, with little work in what takes long: others test how good."""

    def steps(source, out, /, *steps, **different):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("curvae.evaluation.two_sample.TREES", 5)
            patch.setattr("curvae.densities.em.STEPS", 40)
            for name, few in {"PRIOR_DRAWS": 2000, "PARTICLES": 100, "DRAWS": 125, "ENOUGH": 50}.items():
                patch.setattr(f"curvae.inference.galaxy_posterior.{name}", few)
            for name, value in {"LEAST_ESS": 5, "HIGHEST_K": np.inf, "FEWEST_GALAXIES": 3}.items():
                patch.setattr(f"curvae.inference.population.{name}", value)
            for name, few in {"REPLICATES": 1, "TREES": 5}.items():
                patch.setattr(f"curvae.evaluation.population_metrics.{name}", few)
            patch.setattr("evaluate_population.CURVES", 40)
            for step in steps:
                importlib.import_module(step).main(command(step, source, out, **different))
        return out

    return steps


@pytest.fixture(scope="session")
def data(perform, tmp_path_factory):
    """Folder with parameters, curves and split of 400 galaxies, 300 of them for training."""
    folder = tmp_path_factory.mktemp("data")
    for name in KEPT:
        shutil.copy(PROJECT / name, folder)
    points = [f"NGC {n},{r},{100 + 10 * n + r},{5.0}" for n in range(1, 4) for r in (0.05, 1.0, 2.0, 5.0, 12.0)]
    (folder / "points.csv").write_text("\n".join(["galaxy,radius,velocity,error", *points, ""]))
    return perform(folder, folder, "sample_parameters", "synthesize_curves", "split_curves")


@pytest.fixture(scope="session")
def train(data, perform, tmp_path_factory):
    """Function that adds a model of a posterior, its latents, reconstructions and 40 generated curves to the data."""

    def made(posterior, **settings):
        folder = shutil.copytree(data, tmp_path_factory.mktemp(posterior), dirs_exist_ok=True)
        return perform(folder, folder, "train_vae", "encode_curves", "generate_curves", posterior=posterior, **settings)

    return made


@pytest.fixture(scope="session")
def model(train):
    """Folder with the data and a model, where one posterior is enough."""
    return train("cholesky")


@pytest.fixture(scope="session")
def whole(model, perform, tmp_path_factory):
    """Folder with what all steps write, without the figures, which take a second each."""
    folder = shutil.copytree(model, tmp_path_factory.mktemp("whole"), dirs_exist_ok=True)
    others = list(STEPS)[list(STEPS).index("generate_curves") + 1 :]
    return perform(folder, folder, *(step for step in others if step not in FIGURES))
