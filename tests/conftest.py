"""What several tests share: a data set and a model of seconds, made by the steps themselves."""

from pathlib import Path

import pytest
import yaml
from tests.project import copied, finished, project  # noqa: F401 (fixtures)

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As in the steps: two threads on small matrices only wait for each other."""
    from rotcurves.threads import limit_threads

    limit_threads(1)


@pytest.fixture(scope="session")
def config():
    """The default configuration."""
    return yaml.safe_load((PROJECT / "config.yaml").read_text())


def as_flags(settings):
    """The flags that `settings`, a section of the configuration, stand for."""
    flags = []
    for key, value in settings.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        flags.append(f"--{key.replace('_', '-')}={text}")
    return flags


@pytest.fixture(scope="session")
def tiny(config, tmp_path_factory):
    """Folder with parameters, curves and split of 400 galaxies, 300 of them for training."""
    import sample_parameters
    import split_curves
    import synthesize_curves

    folder = tmp_path_factory.mktemp("tiny")
    hubble = {"hubble_constant": config["hubble_constant"]}
    parameters, curves, split = (str(folder / name) for name in ("parameters.h5", "curves.h5", "split.h5"))
    sample = {**config["sample_parameters"], **hubble, "galaxies": 400, "seed": 1}
    sample_parameters.main([*as_flags(sample), "--parameters", parameters])
    synthesis = as_flags({**config["synthesize_curves"], **hubble, "shard": 0})
    synthesize_curves.main([*synthesis, "--parameters", parameters, "--curves", curves])
    split_curves.main(["--curves", curves, "--validation=50", "--test=50", "--seed=1", "--split", split])
    return folder


@pytest.fixture(scope="session")
def training_flags(config):
    """Function from what differs to the flags of a short training."""

    def flags(**different):
        short = {"epochs": 3, "batch_size": 64, "encoder_widths": [16], "decoder_widths": [16], "components": 8}
        return as_flags({**config["train_vae"], "device": "cpu", "threads": 1, "seed": 1, **short, **different})

    return flags


@pytest.fixture(scope="session", params=["diagonal", "cholesky", "symmetric"])
def trained(request, tiny, training_flags, tmp_path_factory):
    """Folder with a model of each posterior, its latents, reconstructions and 40 generated curves."""
    import encode_curves
    import generate_curves
    import train_vae

    folder = tmp_path_factory.mktemp(request.param)
    data = ["--curves", f"{tiny}/curves.h5", "--split", f"{tiny}/split.h5"]
    model = ["--model", f"{folder}/model.pt"]
    written = [f"--{name}={folder}/{file}" for name, file in (("history", "history.csv"), ("checkpoint", "checkpoint"))]
    train_vae.main([*data, *training_flags(posterior=request.param), *model, *written])
    draws = ["--sampled-curves=100", "--draws=7", "--threads=1", "--seed=1"]
    encoded = ["--latents", f"{folder}/latents.h5", "--reconstructions", f"{folder}/reconstructions.h5"]
    encode_curves.main([*data, *model, *draws, *encoded])
    generated = ["--sampler=multinormal", "--galaxies=40", "--threads=1", "--seed=1"]
    latents = ["--latents", f"{folder}/latents.h5"]
    generate_curves.main([*model, *latents, *generated, "--generated", f"{folder}/multinormal.h5"])
    return folder
