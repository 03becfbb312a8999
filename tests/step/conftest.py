"""The command line of every step, on the data set and the models of seconds of ../conftest.py."""

import pytest


@pytest.fixture(scope="session")
def command(config, tiny, training_flags):
    """Function from a step, the folder to write to, a folder with a model, and what differs, to a command line."""

    def arguments(step, out, trained="", **different):
        parameters, curves, split = ({name: f"{tiny}/{name}.h5"} for name in ("parameters", "curves", "split"))
        model = {"model": f"{trained}/model.pt"}
        seed, hubble = {"seed": 1}, {"hubble_constant": config["hubble_constant"]}
        numerics = {**seed, "threads": 1}
        sample, synthesis = config["sample_parameters"], config["synthesize_curves"]
        read = {
            "sample_parameters": {**sample, **hubble, **seed, "galaxies": 400},
            "synthesize_curves": {**synthesis, **hubble, **parameters, "shard": 0},
            "gather_curves": {"parts": curves["curves"]},
            "split_curves": {**curves, **seed, "validation": 50, "test": 50},
            "train_vae": {**curves, **split},
            "encode_curves": {**curves, **split, **model, **numerics, "sampled_curves": 100, "draws": 7},
            "generate_curves": {**model, **numerics, "latents": f"{trained}/latents.h5", "sampler": "multinormal"}
            | {"galaxies": 40},
        }
        write = {
            "sample_parameters": {"parameters": "parameters.h5"},
            "synthesize_curves": {"curves": "curves.h5"},
            "gather_curves": {"curves": "curves.h5"},
            "split_curves": {"split": "split.h5"},
            "train_vae": {"model": "model.pt", "history": "history.csv", "checkpoint": "checkpoint"},
            "encode_curves": {"latents": "latents.h5", "reconstructions": "reconstructions.h5"},
            "generate_curves": {"generated": "multinormal.h5"},
        }
        flags = {**read[step], **{flag: f"{out}/{name}" for flag, name in write[step].items()}, **different}
        training = training_flags() if step == "train_vae" else []
        return [*training, *(f"--{name.replace('_', '-')}={value}" for name, value in flags.items())]

    return arguments
