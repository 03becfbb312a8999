"""The loss is the evidence lower bound, decoded velocities are positive, a model file is harmless."""

import itertools
import math
import os
import pickle

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from curvae.model import representation
from curvae.model.encoder_posterior import POSTERIORS
from curvae.model.files import load, load_for, save
from curvae.model.network import VAE, Architecture
from curvae.model.regression import Polynomial, monomials
from curvae.runtime.errors import UserError

M, K, D = 10, 6, 3
RADIUS = np.geomspace(0.1, 50.0, M)


def velocities(n=200):
    random = np.random.default_rng(8)
    return np.exp(5.0 + 0.3 * random.standard_normal((n, M)).cumsum(1))


def represented(name):
    """The representation of a name, and the moments that it is made of."""
    moments = representation.Moments(M)
    moments.add(velocities() if name == "linear" else np.log(velocities()))
    return representation.make(name, moments, RADIUS, K), moments


def model(posterior="cholesky", name="components", decoder_sigma="learned"):
    torch.manual_seed(9)
    r, moments = represented(name)
    k, apart = r.analysis.shape[1], r.spread is not None
    settings = [D, posterior, [16], [16, 8], "silu", "none" if apart else "principal", decoder_sigma]
    vae = VAE(Architecture(M, k, r.logarithmic, *settings, amplitude=apart), "full", 7)
    vae.set_representation(RADIUS, r)
    if not apart:
        vae.set_skip_connection(*representation.principal_axes(r, moments, D))
    return vae


def negative_elbo(vae, x, noise):
    squared_error, kl = vae.mean_error_and_kl(x, noise)
    return vae.reconstruction_loss(squared_error) + kl


@pytest.mark.parametrize("posterior", POSTERIORS)
@pytest.mark.parametrize("decoder_sigma", ["learned", 0.3])
@pytest.mark.parametrize("name", ["components", "amplitude_and_shape"])
def test_loss_is_the_negative_evidence_lower_bound(posterior, decoder_sigma, name):
    vae = model(posterior, name, decoder_sigma)
    x, noise = torch.randn(50, vae.architecture.coefficients), torch.randn(50, D)
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
    weights = [*vae.encoder.parameters(), *vae.decoder.parameters()]
    gradients = (torch.autograd.grad(loss, weights, retain_graph=True) for loss in (ours, original))
    for got, expected in zip(*gradients, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4 * expected.abs().max().item())


@torch.no_grad()
def test_velocities_come_back_from_their_coefficients_and_decoded_ones_are_positive_wherever_the_code_is():
    v = torch.tensor(velocities())
    for name in ("log", "linear"):
        vae = model(name=name)
        torch.testing.assert_close(vae.velocity(vae.coefficients(v)), v, rtol=1e-6, atol=0.0)
        torch.testing.assert_close(vae.coefficients(v.float()), vae.coefficients(v), rtol=1e-4, atol=1e-4)
    for name in ("log", "components", "amplitude_and_shape"):
        decoded = model(name=name).decode(100.0 * torch.randn(1000, D))
        assert torch.isfinite(decoded).all()
        assert (decoded > 0).all()


@pytest.mark.parametrize("name", ["components", "log", "linear"])
@torch.no_grad()
def test_a_skip_connection_alone_is_principal_component_analysis(name):
    vae = model(name=name)
    for parameter in vae.parameters():
        parameter.zero_()
    vae.set_skip_connection(*representation.principal_axes(*represented(name), D))
    x = vae.coefficients(torch.tensor(velocities()))
    code = vae.posterior(x).mean
    torch.testing.assert_close(code.T @ code / len(x), torch.eye(D), rtol=0.0, atol=1e-3)
    lost = (x - vae.decoder(code)).square().sum().item()
    # The best that D straight lines can do (Eckart & Young 1936).
    assert lost == pytest.approx(torch.linalg.svdvals(x - x.mean(0))[D:].square().sum().item(), rel=1e-3)


@pytest.mark.parametrize("posterior", POSTERIORS)
@torch.no_grad()
def test_curves_of_codes_that_differ_in_the_amplitude_alone_are_multiples_of_each_other(posterior):
    vae = model(posterior, "amplitude_and_shape")
    code = torch.randn(50, D)
    moved = code + torch.tensor([0.0, 0.0, 0.4])
    ratio = vae.decode(moved) / vae.decode(code)
    assert ratio[0, 0] > 1.01
    torch.testing.assert_close(ratio, ratio[0, 0].expand(50, M), rtol=1e-5, atol=0.0)
    # And so it is with codes of multiples of a curve, but for the little that the prior counts.
    vae.sigma.fill_(1e-3)
    v = torch.tensor(velocities())
    q, larger = vae.encode(v), vae.encode(v * ratio[0, 0])
    torch.testing.assert_close(larger.mean - q.mean, (moved - code)[0].expand(len(v), D), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(larger.scale_tril(), q.scale_tril(), rtol=1e-3, atol=1e-5)


@torch.no_grad()
def test_the_posterior_of_the_amplitude_is_exact():
    vae = model(name="amplitude_and_shape", decoder_sigma=0.8)
    x = vae.coefficients(torch.tensor(velocities(5)))
    q = vae.posterior(x)
    z = torch.linspace(-8.0, 8.0, 20_001, dtype=torch.float64)
    codes = torch.cat([torch.zeros(len(z), D - 1), z[:, None].float()], 1)
    decoded = vae.decoder(codes)[:, -1].double()  # of the amplitude, whatever the shape
    for row in range(len(x)):
        density = torch.exp(-0.5 * z**2 - 0.5 * ((x[row, -1] - decoded) / 0.8) ** 2)
        density /= density.sum()
        mean = (density * z).sum()
        assert q.mean[row, -1].item() == pytest.approx(mean.item(), abs=1e-4)
        assert q.scale_tril()[row, -1, -1].item() == pytest.approx(
            (density * (z - mean) ** 2).sum().sqrt().item(), rel=1e-4
        )


@torch.no_grad()
def test_a_loaded_model_encodes_and_decodes_as_the_saved_one_whose_file_depends_on_the_model_alone(tmp_path):
    v, code = torch.tensor(velocities()), torch.randn(20, D)
    for posterior, name in itertools.product(POSTERIORS, ("components", "amplitude_and_shape")):
        vae = model(posterior, name)
        (tmp_path / posterior).mkdir(exist_ok=True)
        path, other, again = (tmp_path / name for name in ("model.pt", f"{posterior}/other.name", "again.pt"))
        save(vae, path)
        save(vae, other)
        loaded = load_for(path, RADIUS, "curves.h5")
        save(loaded, again)
        assert path.read_bytes() == other.read_bytes() == again.read_bytes()
        assert torch.equal(loaded.decode(code), vae.decode(code))
        assert torch.equal(loaded.encode(v).mean, vae.encode(v).mean)
        assert torch.equal(loaded.encode(v).scale_tril(), vae.encode(v).scale_tril())
        assert loaded.identity == {"model": "full", "seed": 7}
    with pytest.raises(UserError, match=r"^curves\.h5: its radii are not those of .*model\.pt"):
        load_for(path, 1.01 * RADIUS, "curves.h5")


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = str(path.with_name("proof"))

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_what_is_no_model_is_refused_and_not_run(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"architecture": Malicious(path)}, path)
    for content in (path.read_bytes(), pickle.dumps(Malicious(path))):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"model\.pt: not a readable model"):
            load(path)
    assert not (tmp_path / "proof").exists()


WRONG_CURVES = {
    "too few radii": (lambda v: v[:, 1:], "shape"),
    "one curve without its axis": (lambda v: v[0], "shape"),
    "NaN": (lambda v: np.where(v == v[3, 2], np.nan, v), "curve 3 has the velocity nan"),
    "zero": (lambda v: np.where(v == v[3, 2], 0.0, v), "curve 3 has the velocity 0"),
    "negative": (lambda v: -v, "curve 0 has the velocity -"),
}


@pytest.mark.parametrize("wrong", WRONG_CURVES)
def test_what_is_no_curve_is_not_encoded(wrong):
    change, words = WRONG_CURVES[wrong]
    with pytest.raises(UserError, match=words):
        model().encode(change(velocities()))


def test_radii_are_compared_and_codes_checked():
    vae, v = model(), velocities().astype(np.float32)
    assert torch.equal(vae.encode(v, radius=RADIUS).mean, vae.encode(torch.as_tensor(v)).mean)
    for radius in (RADIUS * 1.001, RADIUS[1:]):
        with pytest.raises(UserError, match="radii"):
            vae.encode(v, radius=radius)
    for code in (torch.zeros(D), torch.zeros(2, D + 1), torch.full((1, D), torch.nan)):
        with pytest.raises(UserError, match="codes of shape"):
            vae.decode(code)


def test_curves_and_codes_unlike_those_of_the_training_are_warned_of_and_usual_ones_are_not(recwarn):
    vae, v = model(), torch.as_tensor(velocities())
    vae.set_outlier_thresholds(vae.coefficients(v))
    vae.decode(vae.encode(v).mean)
    assert not recwarn.list
    with pytest.warns(UserWarning, match=r"\d\d+ of 200 curves are outside the training range"):
        vae.encode(v * torch.exp(torch.randn(v.shape, generator=torch.Generator().manual_seed(1))))
    with pytest.warns(UserWarning, match="1 of 1 codes are outside the training range"):
        vae.decode(torch.full((1, D), 50.0))


def test_a_cubic_of_the_code_is_found_again_and_its_noise_is_its_error():
    random = torch.Generator().manual_seed(2)
    code = torch.randn(5000, D, generator=random)
    cubic = torch.stack([1.0 + code[:, 0] - code[:, 1] ** 2, code.prod(1) - code[:, 2] ** 3], 1).double()
    noisy = cubic + torch.tensor([0.0, 0.1]) * torch.randn(5000, 2, generator=random)
    polynomial = Polynomial(D, 2)
    polynomial.fit([(code[:1000], noisy[:1000]), (code[1000:4000], noisy[1000:4000])], (code[4000:], noisy[4000:]))
    torch.testing.assert_close(polynomial(code)[:, 0], cubic[:, 0], rtol=1e-4, atol=1e-4)
    assert polynomial.error[0] < 1e-4
    assert polynomial.error[1] == pytest.approx(0.1, rel=0.1)


def test_the_terms_of_many_latents_are_of_a_lower_degree():
    for d, degree in ((1, 3), (16, 3), (17, 2), (43, 2), (44, 1), (64, 1)):
        terms = monomials(d)
        assert max(map(len, terms)) == degree
        assert len(terms) == len(set(terms)) == math.comb(d + degree, degree)
