"""What a step is given wrong is named in one line; old results stay as they were and nothing new appears."""

import importlib
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from tests.reading import read

from rotcurves import files
from rotcurves.errors import UserError

INPUTS = [
    ("synthesize_curves", "parameters"),
    ("gather_curves", "parts"),
    ("split_curves", "curves"),
    ("train_vae", "curves"),
    ("train_vae", "split"),
    ("encode_curves", "curves"),
    ("encode_curves", "split"),
    ("encode_curves", "model"),
    ("generate_curves", "model"),
    ("generate_curves", "latents"),
]
# One posterior is enough here.
pytestmark = pytest.mark.parametrize("trained", ["cholesky"], indirect=True)


def refused(step, arguments, out):
    """The line of the error that a step raises; everything in `out` must stay as it is."""
    out.mkdir(exist_ok=True)
    old = [Path(word.split("=")[1]) for word in arguments if f"={out}/" in word]
    for path in old:
        path.write_text("an old result")
    with pytest.raises(UserError) as caught:
        importlib.import_module(step).main(arguments)
    assert {path: path.read_bytes() for path in out.iterdir()} == dict.fromkeys(old, b"an old result")
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize(("step", "flag"), INPUTS)
@pytest.mark.parametrize("damage", ["missing", "empty", "text", "truncated", "another kind"])
def test_an_input_that_cannot_be_read_is_named(step, flag, damage, command, trained, tiny, tmp_path):
    path = tmp_path / "input"
    if damage == "empty":
        path.touch()
    elif damage == "text":
        path.write_text("not what was expected")
    elif damage == "truncated":
        whole = (trained / "model.pt" if flag == "model" else trained / "latents.h5").read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "another kind":
        shutil.copy(tiny / "split.h5" if flag != "split" else tiny / "parameters.h5", path)
    arguments = command(step, tmp_path / "out", trained, **{flag: path})
    line = refused(step, arguments, tmp_path / "out")
    assert line.startswith(f"{path}: ")
    assert ("no such file" in line) == (damage == "missing")


def damaged_copy(source, path, name):
    """Copy a file with one byte flipped in the middle of a data set."""
    with h5py.File(source) as file:
        chunk = file[name].id.get_chunk_info(0)
    content = bytearray(source.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("step", "flag", "name"),
    [
        ("synthesize_curves", "parameters", "parameters"),
        ("train_vae", "curves", "velocity"),
        ("train_vae", "split", "train"),
        ("train_vae", "split", "validation"),
        ("encode_curves", "curves", "velocity"),
        ("encode_curves", "curves", "radius"),
        ("generate_curves", "latents", "scale_tril"),
    ],
)
def test_a_byte_flipped_in_the_data_is_noticed(step, flag, name, command, trained, tiny, tmp_path):
    path = tmp_path / "input.h5"
    damaged_copy((trained if flag == "latents" else tiny) / f"{flag}.h5", path, name)
    line = refused(step, command(step, tmp_path / "out", trained, **{flag: path}), tmp_path / "out")
    assert line.startswith(f"{path}: ")


@pytest.mark.parametrize("different", [{"radius_max": 60.0}, {"radii": 49}])
def test_a_model_does_not_encode_curves_over_other_radii(different, command, trained, tmp_path):
    importlib.import_module("synthesize_curves").main(command("synthesize_curves", tmp_path, **different))
    path = tmp_path / "curves.h5"
    line = refused("encode_curves", command("encode_curves", tmp_path / "out", trained, curves=path), tmp_path / "out")
    assert line.startswith(f"{path}: ")


def test_a_model_does_not_decode_codes_of_another_dimension(command, trained, tmp_path):
    importlib.import_module("train_vae").main(command("train_vae", tmp_path, latent_dimension=3))
    arguments = command("generate_curves", tmp_path / "out", tmp_path, latents=trained / "latents.h5")
    assert refused("generate_curves", arguments, tmp_path / "out").startswith(f"{trained}/latents.h5: 'mean' has shape")


@pytest.mark.parametrize("test", [350, 351, 10_000])
def test_too_few_curves_for_the_split_are_refused(test, command, trained, tiny, tmp_path):
    line = refused("split_curves", command("split_curves", tmp_path / "out", test=test), tmp_path / "out")
    assert line.startswith(f"{tiny}/curves.h5: holds 400 curves")


def test_too_few_curves_for_the_components_are_refused(command, trained, tmp_path):
    importlib.import_module("split_curves").main(command("split_curves", tmp_path, test=345))
    arguments = command("train_vae", tmp_path / "out", split=tmp_path / "split.h5", components=20)
    assert "fewer than 20" in refused("train_vae", arguments, tmp_path / "out")


@pytest.mark.parametrize("step", ["train_vae", "encode_curves"])
@pytest.mark.parametrize("part", ["train", "validation"])
def test_a_split_of_more_curves_than_there_are_is_refused(step, part, command, trained, tiny, tmp_path):
    indices = {name: read(tiny / "split.h5", name)[0] for name in ("train", "validation", "test")}
    indices[part] = np.append(indices[part], 400)
    with files.create(tmp_path / "split.h5") as writer:
        for name, index in indices.items():
            writer.axis(name, index)
    arguments = command(step, tmp_path / "out", trained, split=tmp_path / "split.h5")
    assert "holds 400 curves" in refused(step, arguments, tmp_path / "out")


@pytest.mark.parametrize("part", ["train", "validation"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -5.0])
def test_velocities_that_are_no_positive_numbers_are_refused_as_such(part, value, command, trained, tiny, tmp_path):
    path = tmp_path / "curves.h5"
    shutil.copy(tiny / "curves.h5", path)
    (index,) = read(tiny / "split.h5", part)
    with h5py.File(path, "r+") as file:
        file["velocity"][index[3], 7] = value
    line = refused("train_vae", command("train_vae", tmp_path / "out", curves=path), tmp_path / "out")
    assert line.startswith(f"{path}: 1 ")
    assert "not positive numbers" in line


def test_training_that_diverges_leaves_nothing(command, trained, tmp_path):
    arguments = command("train_vae", tmp_path / "out", learning_rate=1e20, learning_rate_decay="constant", epochs=20)
    assert "not finite at epoch" in refused("train_vae", arguments, tmp_path / "out")
