"""The loss is the evidence bound, decoded velocities are positive, a model file rebuilds itself and is harmless."""

import io
import math
import os
import pickle

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from rotcurves import representation
from rotcurves.errors import UserError
from rotcurves.posterior import POSTERIORS
from rotcurves.vae import VAE, Architecture, load, save

M, K, D = 10, 6, 3


def velocities(n=200):
    random = np.random.default_rng(8)
    return np.exp(5.0 + 0.3 * random.standard_normal((n, M)).cumsum(1))


def represented(name):
    """The representation of a name, and the moments that it is made of."""
    moments = representation.Moments(M)
    moments.add(velocities() if name == "linear" else np.log(velocities()))
    return representation.make(name, moments, np.geomspace(0.1, 50.0, M), K), moments


def model(posterior="cholesky", name="components", decoder_sigma="learned"):
    torch.manual_seed(9)
    r, moments = represented(name)
    k = r.analysis.shape[1]
    vae = VAE(Architecture(M, k, r.logarithmic, D, posterior, [16], [16, 8], "silu", "principal", decoder_sigma))
    vae.set_representation(np.geomspace(0.1, 50.0, M), r)
    vae.set_shortcut(*representation.principal_axes(r, moments, D))
    return vae


def gradients(vae, loss):
    """Gradient of a loss by each weight of the networks."""
    weights = [*vae.encoder.parameters(), *vae.decoder.parameters()]
    return torch.autograd.grad(loss, weights, retain_graph=True)


def negative_elbo(vae, x, noise):
    squared_error, kl = vae.error_and_kl(x, noise)
    return vae.reconstruction_loss(squared_error) + kl


@pytest.mark.parametrize("posterior", POSTERIORS)
@pytest.mark.parametrize("decoder_sigma", ["learned", 0.3])
def test_loss_is_the_negative_evidence_lower_bound(posterior, decoder_sigma):
    vae = model(posterior, decoder_sigma=decoder_sigma)
    x, noise = torch.randn(50, K), torch.randn(50, D)
    q = vae.posterior(x)
    p = Normal(vae.decoder(q.sample(noise)), vae.sigma)
    normal = MultivariateNormal(q.mean, scale_tril=q.scale_tril())
    prior = MultivariateNormal(torch.zeros(D), torch.eye(D))
    evidence_bound = p.log_prob(x).sum(1) - kl_divergence(normal, prior)
    assert negative_elbo(vae, x, noise).item() == pytest.approx(-evidence_bound.mean().item(), rel=1e-5)


@pytest.mark.parametrize("n", [50, 1600])
def test_width_of_the_original_makes_its_loss(n):
    # The notebook's: squared error summed over all curves and radii, Kullback-Leibler term averaged over curves.
    vae = model(name="linear", decoder_sigma=1.0 / math.sqrt(2.0 * n))
    x, noise = torch.randn(n, M), torch.randn(n, D)
    ours = negative_elbo(vae, x, noise)
    q = vae.posterior(x)
    original = ((x - vae.decoder(q.sample(noise))) ** 2).sum() + q.kl().mean()
    constant = 0.5 * M * math.log(2.0 * math.pi / (2.0 * n))
    assert (ours - original).item() == pytest.approx(constant, abs=1e-5 * original.item())
    for got, expected in zip(gradients(vae, ours), gradients(vae, original), strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4 * expected.abs().max().item())


def test_the_best_width_is_that_of_the_residuals():
    vae, mean_square = model(), torch.tensor(0.04)
    at = []
    for sigma in (0.19, 0.2, 0.21):
        vae.sigma.fill_(sigma)
        at.append(vae.reconstruction_loss(mean_square).item())
    assert at[1] < min(at[0], at[2])


@pytest.mark.parametrize("name", ["components", "log"])
@torch.no_grad()
def test_decoded_velocities_are_positive_wherever_the_code_is(name):
    vae = model(name=name)
    v = vae.decode(100.0 * torch.randn(1000, D))
    assert torch.isfinite(v).all()
    assert (v > 0).all()


@pytest.mark.parametrize("name", ["log", "linear"])
def test_velocities_come_back_from_their_coefficients(name):
    vae, v = model(name=name), torch.tensor(velocities())
    torch.testing.assert_close(vae.velocity(vae.coefficients(v)), v, rtol=1e-6, atol=0.0)


@pytest.mark.parametrize("name", ["components", "log", "linear"])
@torch.no_grad()
def test_a_shortcut_alone_is_principal_component_analysis(name):
    vae = model(name=name)
    for parameter in vae.parameters():
        parameter.zero_()
    vae.set_shortcut(*representation.principal_axes(*represented(name), D))
    x = vae.coefficients(torch.tensor(velocities()))
    code = vae.posterior(x).mean
    torch.testing.assert_close(code.T @ code / len(x), torch.eye(D), rtol=0.0, atol=1e-3)
    lost = (x - vae.decoder(code)).square().sum().item()
    # The best that D straight lines can do (Eckart & Young 1936).
    assert lost == pytest.approx(torch.linalg.svdvals(x - x.mean(0))[D:].square().sum().item(), rel=1e-3)


def test_single_precision_velocities_make_the_same_coefficients():
    vae, v = model(), torch.tensor(velocities())
    torch.testing.assert_close(vae.coefficients(v.float()), vae.coefficients(v), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("posterior", POSTERIORS)
@torch.no_grad()
def test_a_loaded_model_encodes_and_decodes_as_the_saved_one(posterior, tmp_path):
    vae = model(posterior)
    save(vae, tmp_path / "model.pt")
    loaded = load(tmp_path / "model.pt")
    v, code = torch.tensor(velocities()), torch.randn(20, D)
    assert torch.equal(loaded.decode(code), vae.decode(code))
    assert torch.equal(loaded.encode(v).mean, vae.encode(v).mean)
    assert torch.equal(loaded.encode(v).scale_tril(), vae.encode(v).scale_tril())
    assert loaded.architecture.posterior == posterior


def test_a_model_file_depends_on_the_model_alone(tmp_path):
    vae = model()
    (tmp_path / "elsewhere").mkdir()
    for name in ("model.pt", "elsewhere/other.name"):
        save(vae, tmp_path / name)
    content = (tmp_path / "model.pt").read_bytes()
    assert content == (tmp_path / "elsewhere/other.name").read_bytes()
    save(load(tmp_path / "model.pt"), tmp_path / "again.pt")
    assert content == (tmp_path / "again.pt").read_bytes()


class Malicious:
    """Runs a command when it is unpickled."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return os.mkdir, (str(self.proof),)


def unreadable(kind, path):
    """Content of a file that is no model of ours."""
    buffer = io.BytesIO()
    if kind == "malicious archive":
        torch.save({"architecture": Malicious(path.with_name("proof"))}, buffer)
    elif kind == "malicious pickle":
        pickle.dump(Malicious(path.with_name("proof")), buffer)
    elif kind == "another archive":
        torch.save({"weights": torch.zeros(3)}, buffer)
    elif kind == "truncated":
        save(model(), path)
        content = path.read_bytes()
        buffer.write(content[: len(content) // 2])
    elif kind == "text":
        buffer.write(b"epoch,loss\n1,2.0\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "kind", ["malicious archive", "malicious pickle", "another archive", "truncated", "text", "empty"]
)
def test_what_is_no_model_is_refused_and_not_run(kind, tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(unreadable(kind, path))
    with pytest.raises(UserError, match=r"model\.pt: not a readable model file"):
        load(path)
    assert not (tmp_path / "proof").exists()


def test_a_damaged_model_is_refused(tmp_path):
    path = tmp_path / "model.pt"
    save(model(), path)
    content = bytearray(path.read_bytes())
    weights = model().state_dict()["encoder.layers.0.weight"].numpy().tobytes()
    content[content.index(weights) + 5] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"model\.pt: not a readable model file"):
        load(path)


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(UserError, match=r"model\.pt: no such file"):
        load(tmp_path / "model.pt")
