"""The notebook preset trains well from whatever seed: no training of both its models fails."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

import sample_parameters
import split_curves
import synthesize_curves
import train_vae
from rotcurves import vae
from rotcurves.split import read_split
from rotcurves.threads import limit_threads

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = 100
PRESET = yaml.safe_load((PROJECT / "workflow/presets/notebook.yaml").read_text())


def run(step, **flags):
    """Run a step with these flags."""
    words = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in flags.items()}
    step.main([f"--{name.replace('_', '-')}={word}" for name, word in words.items()])


def train(folder, settings, seed):
    """Error of the model of a seed [km/s]: root mean square over the validation curves of its reconstructions."""
    limit_threads(1)
    data = {name: folder / f"{name}.h5" for name in ("curves", "split")}
    out = folder / f"{settings['posterior']}-{seed}"
    written = {name: out / name for name in ("model", "history", "checkpoint")}
    run(train_vae, **settings, **data, **written, seed=seed, device="cpu", threads=1)
    velocity = torch.as_tensor(read_split(*data.values(), "validation")[2]["validation"])
    with torch.no_grad():
        model = vae.load(out / "model")
        return (model.decode(model.encode(velocity).mean) - velocity).square().mean().sqrt().item()


@pytest.fixture(scope="module")
def folder(config, tmp_path_factory):
    """Folder with the curves and the split of the preset."""
    folder, hubble = tmp_path_factory.mktemp("notebook"), {"hubble_constant": config["hubble_constant"]}
    galaxies, synthesis, seed = config["sample_parameters"], config["synthesize_curves"], config["seed"]
    parameters, curves = folder / "parameters.h5", folder / "curves.h5"
    sample = {**galaxies, **PRESET["sample_parameters"], **hubble}
    run(sample_parameters, **sample, seed=seed, parameters=parameters)
    run(synthesize_curves, **synthesis, **hubble, shard=0, parameters=parameters, curves=curves)
    run(split_curves, **PRESET["split_curves"], curves=curves, seed=seed, split=folder / "split.h5")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("model", ["diagonal", "full"])
def test_no_training_of_the_notebook_preset_fails(model, folder, config):
    settings = {**config["train_vae"], **PRESET["train_vae"], **PRESET["models"][model]}
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        rmse = np.array(list(pool.map(partial(train, folder, settings), range(1, SEEDS + 1))))
    low, median, high = np.quantile(rmse, (0, 0.5, 1))
    print(f"{model}: {SEEDS} seeds, RMSE {low:.2f} to {high:.2f} km/s, median {median:.2f}")
    assert np.isfinite(rmse).all()
    assert high < 4.0 * median
