"""Inputs that are whole but do not fit are named in one line; old results stay as they were and nothing new appears."""

import shutil

import h5py
import pytest
from tests.step.steps import written

from rotcurves.runtime.errors import UserError


@pytest.fixture
def refused(perform, whole, tmp_path):
    """Function from a step and what differs to the line of its error; its old results must stay as they are."""

    def line(step, **different):
        old = written(step, tmp_path / "out").values()
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
        ("split_curves", {"test": 350}, "curves.h5", "holds 400 curves"),
        ("evaluate_sampler", {"evaluation_curves": 51}, "split.h5", "holds 50 test curves, but 51"),
        ("evaluate_sampler", {"evaluation_curves": 45}, "generated.h5", "holds 40 curves, but 45"),
        ("evaluate_baselines", {"evaluation_curves": 26}, "split.h5", "holds 50 test curves, but 52"),
        ("evaluate_model", {"evaluation_curves": 26}, "split.h5", "holds 50 test curves, but 52"),
    ],
)
def test_too_few_curves_are_refused(step, different, named, words, refused, whole):
    assert refused(step, **different).startswith(f"{whole / named}: {words}")


def test_too_few_curves_for_the_components_are_refused(refused, perform, whole, tmp_path):
    perform(whole, tmp_path, "split_curves", test=345)
    assert "fewer than 20" in refused("train_vae", split=tmp_path / "split.h5", components=20)


@pytest.mark.parametrize("step", ["encode_curves", "evaluate_model", "evaluate_sampler", "plot_generated_curves"])
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


def test_errors_of_other_test_curves_are_not_drawn_together(refused, whole, tmp_path):
    path = shutil.copy(whole / "errors.h5", tmp_path)
    with h5py.File(path, "r+") as file:
        file.attrs["curves"] = 49
    line = refused("plot_errors", errors=(whole / "errors.h5", path))
    assert line.startswith(f"{path}: ")
