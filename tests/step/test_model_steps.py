"""Training, encoding and generation, for each posterior: what their files hold."""

import csv
import io

import numpy as np
import pytest
import torch
import xarray
from scipy import stats
from tests.reading import read

import encode_curves
import generate_curves
import train_vae
from rotcurves.samplers import SAMPLERS
from rotcurves.vae import load, load_for


def posterior_of(trained):
    return trained.name.rstrip("0123456789")  # the folder is named after it


def test_training_twice_makes_equal_bytes(trained, command, tmp_path):
    train_vae.main(command("train_vae", tmp_path, posterior=posterior_of(trained)))
    for name in ("model.pt", "history.csv"):
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()


@pytest.mark.parametrize(
    ("step", "names"),
    [(encode_curves, ["latents.h5", "reconstructions.h5"]), (generate_curves, ["multinormal.h5"])],
)
def test_a_step_run_twice_makes_equal_bytes(step, names, trained, command, tmp_path):
    step.main(command(step.__name__, tmp_path, trained))
    for name in names:
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()


def test_another_training_seed_makes_another_model(trained, command, tmp_path):
    train_vae.main(command("train_vae", tmp_path, posterior=posterior_of(trained), seed=2))
    first, second = (load(folder / "model.pt") for folder in (trained, tmp_path))
    assert not torch.equal(first.encoder.layers[0].weight, second.encoder.layers[0].weight)


@pytest.mark.parametrize("trained", ["cholesky"], indirect=True)
def test_layers_beside_a_linear_code_are_closer_after_a_short_training(trained, tiny, command, tmp_path):
    radius, velocity = read(tiny / "curves.h5", "radius", "velocity")
    velocity = torch.as_tensor(velocity[read(tiny / "split.h5", "validation")[0]]).double()
    error = {}
    for shortcut in ("principal", "none"):
        train_vae.main(command("train_vae", tmp_path, shortcut=shortcut, epochs=30))
        model = load_for(tmp_path / "model.pt", radius, tiny / "curves.h5")
        with torch.no_grad():
            decoded = model.decode(model.encode(velocity).mean)
        error[shortcut] = (decoded - velocity).square().mean().sqrt()
    assert error["principal"] < 0.5 * error["none"]


def test_history_holds_finite_losses_of_every_epoch(trained):
    rows = list(csv.DictReader(io.StringIO((trained / "history.csv").read_text())))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    values = np.array([[float(value) for value in row.values()] for row in rows])
    assert np.isfinite(values).all()
    terms = {f"{part}_{term}" for part in ("train", "validation") for term in ("reconstruction", "kl")}
    assert terms <= set(rows[0])
    assert all(float(row[name]) >= 0 for row in rows for name in rows[0] if name.endswith("_kl"))


def test_every_training_curve_has_the_posterior_that_the_model_gives_it(trained, tiny):
    curve, mean, scale_tril = read(trained / "latents.h5", "curve", "mean", "scale_tril")
    np.testing.assert_array_equal(curve, read(tiny / "split.h5", "train")[0])
    velocity = read(tiny / "curves.h5", "velocity")[0][curve]
    with torch.no_grad():
        posterior = load(trained / "model.pt").encode(torch.as_tensor(velocity))
    np.testing.assert_allclose(mean, posterior.mean, atol=1e-5)
    np.testing.assert_allclose(scale_tril, posterior.scale_tril(), atol=1e-5)


def test_posterior_covariances_are_positive_definite(trained):
    (scale_tril,) = read(trained / "latents.h5", "scale_tril")
    assert np.isfinite(scale_tril).all()
    assert (np.diagonal(scale_tril, axis1=1, axis2=2) > 0).all()
    assert (np.triu(scale_tril, 1) == 0).all()
    assert np.linalg.eigvalsh(scale_tril.astype(float) @ scale_tril.mT).min() > 0


def test_posterior_draws_have_the_mean_and_covariance_of_their_curve(trained):
    mean, scale_tril, samples = read(trained / "latents.h5", "mean", "scale_tril", "samples")
    assert samples.shape == (100, 7, 4)
    noise = np.linalg.solve(scale_tril[:100], (samples - mean[:100, None]).mT).mT.reshape(-1, 4)
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-4
    np.testing.assert_allclose(np.corrcoef(noise.T), np.eye(4), atol=4.0 / np.sqrt(len(noise)))


def test_no_two_posterior_draws_share_their_noise(trained, command, tmp_path):
    encode_curves.main(command("encode_curves", tmp_path, trained, seed=2))
    (first,), (second,) = (read(folder / "latents.h5", "samples") for folder in (trained, tmp_path))
    assert len(np.unique(first.reshape(-1, 4), axis=0)) == 700
    assert not (first == second).any()


def test_more_sampled_curves_than_training_curves_are_all_of_them(trained, command, tmp_path):
    encode_curves.main(command("encode_curves", tmp_path, trained, sampled_curves=10_000, draws=1))
    assert read(tmp_path / "latents.h5", "samples")[0].shape == (300, 1, 4)


def test_reconstructions_stand_beside_their_validation_curves(trained, tiny):
    path = trained / "reconstructions.h5"
    curve, truth, reconstruction = read(path, "curve", "velocity", "reconstruction")
    np.testing.assert_array_equal(curve, read(tiny / "split.h5", "validation")[0])
    np.testing.assert_array_equal(truth, read(tiny / "curves.h5", "velocity")[0][curve])
    assert (reconstruction > 0).all()
    model = load(trained / "model.pt")
    with torch.no_grad():
        np.testing.assert_allclose(model.decode(model.encode(torch.as_tensor(truth)).mean), reconstruction, rtol=1e-5)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_generated_curves_are_positive_and_decoded_from_the_codes_beside_them(sampler, trained, command, tmp_path):
    path = tmp_path / "generated.h5"
    generate_curves.main(command("generate_curves", tmp_path, trained, sampler=sampler, generated=path, galaxies=500))
    code, velocity, radius = read(path, "code", "velocity", "radius")
    model = load(trained / "model.pt")
    assert (velocity > 0).all()
    with torch.no_grad():
        np.testing.assert_allclose(model.decode(torch.as_tensor(code)), velocity, rtol=1e-5)
    np.testing.assert_array_equal(radius, model.radius)
    # In random order: neither the codes nor their curves drift along the file.
    drift = stats.spearmanr(np.arange(500), np.column_stack([code, velocity[:, 25]])).statistic[0, 1:]
    assert np.abs(drift).max() < 4.5 / np.sqrt(500)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_density_in_the_file_is_that_of_its_codes(sampler, trained, command, tmp_path):
    path = tmp_path / "generated.h5"
    arguments = command("generate_curves", tmp_path, trained, sampler=sampler, generated=path, galaxies=5000)
    generate_curves.main(arguments)
    names = ("code", "weight", "component_mean", "component_scale_tril")
    code, weight, mean, scale_tril = read(path, *names)
    assert weight.sum() == pytest.approx(1.0)
    # Mean and covariance of the whole mixture: without them the codes have mean 0 and covariance 1.
    centre = weight @ mean
    spread = mean - centre
    covariance = np.einsum("k,kij,klj->il", weight, scale_tril, scale_tril) + np.einsum(
        "k,ki,kj", weight, spread, spread
    )
    white = np.linalg.solve(np.linalg.cholesky(covariance), (code - centre).T)
    np.testing.assert_allclose(white.mean(1), 0.0, atol=5.0 / np.sqrt(5000))
    np.testing.assert_allclose(np.cov(white), np.eye(len(white)), atol=0.15)


def test_fewer_generated_curves_are_the_first_of_many(trained, command, tmp_path):
    generate_curves.main(command("generate_curves", tmp_path, trained, galaxies=90))
    (more,), (fewer,) = (read(folder / "multinormal.h5", "code") for folder in (tmp_path, trained))
    np.testing.assert_array_equal(more[:40], fewer)


AXES = {
    "latents.h5": {
        "mean": ("curve", "latent"),
        "scale_tril": ("curve", "latent", "noise"),
        "samples": ("sampled_curve", "draw", "latent"),
    },
    "reconstructions.h5": {"velocity": ("curve", "radius"), "reconstruction": ("curve", "radius")},
    "multinormal.h5": {
        "code": ("curve", "latent"),
        "velocity": ("curve", "radius"),
        "weight": ("component",),
        "component_mean": ("component", "latent"),
        "component_scale_tril": ("component", "latent", "noise"),
    },
}


@pytest.mark.parametrize("name", AXES)
def test_xarray_opens_a_result_with_names_coordinates_and_units(name, trained, tiny):
    with xarray.open_dataset(trained / name, engine="h5netcdf") as data:
        assert {variable: data[variable].dims for variable in data.data_vars} == AXES[name]
        for variable in data.data_vars.values():
            assert variable.units == ("km/s" if "radius" in variable.dims else "1")
        if "radius" in data.sizes:
            assert data.radius.units == "kpc"
            np.testing.assert_array_equal(data.radius, read(tiny / "curves.h5", "radius")[0])
