"""Models of a minute are as good as they should be: a small version of what is measured over many seeds."""

import numpy as np
import pytest
import yaml
from tests.conftest import PROJECT, as_flags
from tests.reading import read

import encode_curves
import generate_curves
import sample_parameters
import split_curves
import synthesize_curves
import train_vae
from rotcurves import metrics
from rotcurves.split import read_split
from rotcurves.velocity import curvature


def simulate(config, folder, galaxies, validation, test):
    """Curves and split of a size, as flags for the steps that read them."""
    hubble = {"hubble_constant": config["hubble_constant"]}
    parameters, curves, split = (str(folder / name) for name in ("parameters.h5", "curves.h5", "split.h5"))
    sample = {**config["sample_parameters"], **hubble, "galaxies": galaxies, "seed": 5}
    sample_parameters.main([*as_flags(sample), "--parameters", parameters])
    synthesis = as_flags({**config["synthesize_curves"], **hubble, "shard": 0})
    synthesize_curves.main([*synthesis, "--parameters", parameters, "--curves", curves])
    parts = [f"--validation={validation}", f"--test={test}", "--seed=5"]
    split_curves.main(["--curves", curves, *parts, "--split", split])
    return ["--curves", curves, "--split", split]


def train(data, folder, settings):
    """Train and encode; the root mean square error of decoded validation curves [km/s]."""
    numerics = ["--threads=1", "--seed=1"]
    model = ["--model", f"{folder}/model.pt"]
    records = ["--history", f"{folder}/history.csv", "--checkpoint", f"{folder}/checkpoint"]
    train_vae.main([*data, *as_flags(settings), "--device=cpu", *numerics, *model, *records])
    out = ["--latents", f"{folder}/latents.h5", "--reconstructions", f"{folder}/reconstructions.h5"]
    encode_curves.main([*data, *model, "--sampled-curves=10", "--draws=2", *numerics, *out])
    true, decoded = read(folder / "reconstructions.h5", "velocity", "reconstruction")
    return np.sqrt(np.mean((true - decoded) ** 2))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "limit"), [("diagonal", 2.6), ("full", 6.2)])
def test_the_original_experiment_is_as_close_as_the_original(name, limit, config, tmp_path):
    preset = yaml.safe_load((PROJECT / "workflow/presets/notebook.yaml").read_text())
    data = simulate(config, tmp_path, 4000, 400, 2000)
    settings = {**config["train_vae"], **preset["train_vae"], **preset["models"][name]}
    # The limits are medians over seeds of the original; one seed may exceed them by half.
    assert train(data, tmp_path, settings) < 1.5 * limit
    (scale_tril,) = read(tmp_path / "latents.h5", "scale_tril")
    assert np.isfinite(scale_tril).all()
    assert (np.diagonal(scale_tril, axis1=1, axis2=2) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["diagonal", "full"])
def test_a_short_default_training_makes_smooth_and_positive_curves(name, config, tmp_path):
    data = simulate(config, tmp_path, 64_000, 2000, 2000)
    settings = {**config["train_vae"], **config["models"][name], "epochs": 16}
    assert train(data, tmp_path, settings) < 0.4
    out, radius = tmp_path / "generated.h5", read(tmp_path / "curves.h5", "radius")[0]
    _, _, velocity = read_split(tmp_path / "curves.h5", tmp_path / "split.h5", "test")
    accuracy = {}
    for sampler in ("normal", "mixture"):
        model = ["--model", f"{tmp_path}/model.pt", "--latents", f"{tmp_path}/latents.h5"]
        draw = [f"--sampler={sampler}", "--galaxies=2000", "--threads=1", "--seed=1"]
        generate_curves.main([*model, *draw, "--generated", str(out)])
        (generated,) = read(out, "velocity")
        assert (generated > 0).all()
        curved = (curvature(np.log(v.astype(float)), radius) for v in (generated, velocity["test"]))
        accuracy[sampler] = metrics.two_sample_accuracy(*curved, metrics.forest(1), 1)[0]
    # A plain decoder is told from truth with 0.997. Over four seeds it is 0.51 to 0.52, and 0.60 to 0.64 with
    # independent normals, which a training of full length brings to 0.54.
    assert accuracy["mixture"] < 0.56
    assert accuracy["normal"] < 0.70
