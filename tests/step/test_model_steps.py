"""Training, encoding and generation, for each posterior: what their files hold."""

import numpy as np
import pytest
import torch
from scipy import stats
from tests.reading import read

from curvae.densities.samplers import SAMPLERS
from curvae.model.files import load


@pytest.fixture(
    scope="module", params=["diagonal", "cholesky", "symmetric", "cholesky, representation=amplitude_and_shape"]
)
def trained(request, train):
    """Folder with the data and a model of each posterior, with all that is made of it."""
    posterior, *settings = request.param.split(", ")
    return train(posterior, **dict(setting.split("=") for setting in settings))


def test_another_training_seed_makes_another_model(model, perform, tmp_path):
    perform(model, tmp_path, "train_vae", seed=2)
    first, second = (load(folder / "model.pt") for folder in (model, tmp_path))
    assert not torch.equal(first.encoder.layers[0].weight, second.encoder.layers[0].weight)
    assert (first.identity, second.identity) == ({"model": "full", "seed": 1}, {"model": "full", "seed": 2})


def test_a_linear_skip_connection_brings_a_short_training_closer(data, perform, tmp_path):
    (velocity,) = read(data / "curves.h5", "velocity")
    velocity = torch.as_tensor(velocity[read(data / "split.h5", "validation")[0]]).double()
    error = {}
    for skip in ("principal", "none"):
        model = load(perform(data, tmp_path, "train_vae", skip_connection=skip, epochs=30) / "model.pt")
        with torch.no_grad():
            decoded = model.decode(model.encode(velocity).mean)
        error[skip] = (decoded - velocity).square().mean().sqrt()
    assert error["principal"] < 0.5 * error["none"]


def test_every_training_curve_has_the_posterior_that_the_model_gives_it(trained):
    curve, mean, scale_tril = read(trained / "latents.h5", "curve", "mean", "scale_tril")
    np.testing.assert_array_equal(curve, read(trained / "split.h5", "train")[0])
    velocity = read(trained / "curves.h5", "velocity")[0][curve]
    with torch.no_grad():
        posterior = load(trained / "model.pt").encode(torch.as_tensor(velocity))
    np.testing.assert_allclose(mean, posterior.mean, atol=1e-5)
    np.testing.assert_allclose(scale_tril, posterior.scale_tril(), atol=1e-5)


def test_posterior_draws_have_the_mean_and_covariance_of_their_curve(trained):
    mean, scale_tril, samples = read(trained / "latents.h5", "mean", "scale_tril", "samples")
    assert samples.shape == (100, 7, 4)
    noise = np.linalg.solve(scale_tril[:100], (samples - mean[:100, None]).mT).mT.reshape(-1, 4)
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-4
    np.testing.assert_allclose(np.corrcoef(noise.T), np.eye(4), atol=4.0 / np.sqrt(len(noise)))


def test_no_two_posterior_draws_share_their_noise(model, perform, tmp_path):
    perform(model, tmp_path, "encode_curves", seed=2)
    (first,), (second,) = (read(folder / "latents.h5", "samples") for folder in (model, tmp_path))
    assert len(np.unique(first.reshape(-1, 4), axis=0)) == 700
    assert not (first == second).any()
    perform(model, tmp_path, "encode_curves", sampled_curves=10_000, draws=1)  # of 300 training curves
    assert read(tmp_path / "latents.h5", "samples")[0].shape == (300, 1, 4)


def test_reconstructions_stand_beside_their_validation_curves(trained):
    path = trained / "reconstructions.h5"
    curve, truth, reconstruction = read(path, "curve", "velocity", "reconstruction")
    np.testing.assert_array_equal(curve, read(trained / "split.h5", "validation")[0])
    np.testing.assert_array_equal(truth, read(trained / "curves.h5", "velocity")[0][curve])
    assert (reconstruction > 0).all()
    model = load(trained / "model.pt")
    with torch.no_grad():
        np.testing.assert_allclose(model.decode(model.encode(torch.as_tensor(truth)).mean), reconstruction, rtol=1e-5)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_generated_curves_are_decoded_from_codes_of_the_density_in_the_file(sampler, trained, perform, tmp_path):
    n = 5000
    perform(trained, tmp_path, "generate_curves", samplers=[sampler], galaxies=n)
    names = ("code", "velocity", "radius", "weight", "component_mean", "component_scale_tril")
    code, velocity, radius, weight, mean, scale_tril = read(tmp_path / "generated.h5", *names)
    model = load(trained / "model.pt")
    assert (velocity > 0).all()
    with torch.no_grad():
        decoded = model.velocity(model.decoder(torch.as_tensor(code)))
        np.testing.assert_allclose(decoded, velocity, rtol=1e-5)
    np.testing.assert_array_equal(radius, model.radius)
    # In random order: neither the codes nor their curves drift along the file.
    drift = stats.spearmanr(np.arange(n), np.column_stack([code, velocity[:, 25]])).statistic[0, 1:]
    assert np.abs(drift).max() < 4.5 / np.sqrt(n)
    assert weight.sum() == pytest.approx(1.0)
    # Mean and covariance of the whole mixture: without them the codes have mean 0 and covariance 1.
    centre = weight @ mean
    spread = mean - centre
    covariance = np.einsum("k,kij,klj->il", weight, scale_tril, scale_tril)
    covariance += np.einsum("k,ki,kj", weight, spread, spread)
    white = np.linalg.solve(np.linalg.cholesky(covariance), (code - centre).T)
    np.testing.assert_allclose(white.mean(1), 0.0, atol=5.0 / np.sqrt(n))
    np.testing.assert_allclose(np.cov(white), np.eye(len(white)), atol=0.15)


def test_codes_that_are_drawn_have_parameters_as_galaxies_do_though_some_latents_are_not_needed(
    data, perform, tmp_path
):
    perform(data, tmp_path, "train_vae", posterior="diagonal", latent_dimension=8, epochs=100, seed=3)
    model, galaxies = load(tmp_path / "model.pt"), read(data / "curves.h5", "parameters")[0]
    velocity = read(data / "curves.h5", "velocity")[0][read(data / "split.h5", "validation")[0]]
    posterior = model.encode(velocity)
    needed = posterior.mean.std(0) > 0.2
    assert needed.sum() < 8
    random = torch.Generator().manual_seed(1)
    drawn = posterior.sample(torch.randn(len(velocity), 8, generator=random))
    assert (model.parameters_of(drawn).std(0).numpy() < 2.0 * galaxies.std(0)).all()
