"""Inputs that are whole but do not fit are named in one line; old results stay as they were and nothing new appears."""

import shutil

import h5py
import numpy as np
import pytest
from tests.step.steps import written_files

from curvae.runtime.errors import UserError


@pytest.fixture
def refused(perform, whole, tmp_path):
    """Function from a step and what differs to the line of its error; its old results must stay as they are."""

    def line(step, /, **different):
        old = written_files(step, tmp_path / "out")
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        (tmp_path / "out").mkdir()
        for path in old:
            path.write_text("an old result")
        with pytest.raises(UserError) as caught:
            perform(whole, tmp_path / "out", step, **different)
        found = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        assert found == dict.fromkeys(old, b"an old result")
        (line,) = str(caught.value).splitlines()
        return line

    return line


@pytest.mark.parametrize(
    ("step", "different", "named", "words"),
    [
        ("split_curves", {"test": 301}, "curves.h5", "holds 400 curves"),
        ("import_curves", {"source": "few.npz"}, "few.npz", "holds 99 curves, expected at least 100"),
    ],
)
def test_too_few_curves_are_refused(step, different, named, words, refused, whole):
    np.savez(whole / "few.npz", velocity=np.ones((99, 5)), radius=np.arange(1.0, 6.0))
    different = {name: whole / value if name == "source" else value for name, value in different.items()}
    assert refused(step, **different).startswith(f"{whole / named}: {words}")


@pytest.mark.parametrize("step", ["evaluate_model", "evaluate_samplers", "evaluate_baselines"])
def test_too_few_test_curves_are_refused(step, refused, perform, whole, tmp_path):
    perform(whole, tmp_path, "split_curves", test=19)
    assert refused(step, split=tmp_path / "split.h5").startswith(f"{tmp_path}/split.h5: holds 19 test curves")


@pytest.mark.parametrize("step", ["encode_curves", "evaluate_model", "evaluate_samplers", "plot_generated_curves"])
def test_curves_over_other_radii_are_refused(step, refused, perform, whole, tmp_path):
    for different in ({"radius_max": 60}, {"radii": 49}):
        path = perform(whole, tmp_path, "synthesize_curves", **different) / "curves.h5"
        line = refused(step, curves=path)
        assert line.startswith((f"{path}: ", f"{whole}/generated.h5: "))
        assert "its radii are not those of" in line or ("'velocity' has shape" in line and "radii" in different)


def test_a_model_does_not_decode_codes_of_another_dimension(refused, perform, whole, tmp_path):
    perform(whole, tmp_path, "train_vae", latent_dimension=3)
    line = refused("generate_curves", model=tmp_path / "model.pt")
    assert line.startswith(f"{whole}/latents.h5: 'mean' has shape")


def test_a_file_is_needed_for_each_sampler(refused):
    assert refused("generate_curves", samplers=["diagonal_gaussian", "standard_normal"]).startswith(
        "--generated: 1 given, expected 2"
    )


def test_errors_of_other_test_curves_are_not_drawn_together(refused, whole, tmp_path):
    path = shutil.copy(whole / "errors.h5", tmp_path)
    with h5py.File(path, "r+") as file:
        file.attrs["curves"] = 49
    line = refused("plot_errors", errors=(whole / "errors.h5", path))
    assert line.startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"skip_connection": "principal"}, "skip_connection: principal"),
        ({"latent_dimension": 1}, "latent_dimension: 1"),
    ],
)
def test_an_amplitude_apart_has_no_skip_connection_and_leaves_a_latent_for_the_shape(setting, words, refused):
    assert refused("train_vae", representation="amplitude_and_shape", **setting).startswith(words)
