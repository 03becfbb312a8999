"""Training is reproducible, keeps the best state, stops when told, and goes on as if it had never been interrupted."""

import itertools
import math
import os
import signal
from dataclasses import fields

import numpy as np
import pytest
import torch

from curvae.model import training
from curvae.model.batches import Batches
from curvae.model.checkpoint import Checkpoint, fingerprint
from curvae.model.network import VAE, Architecture
from curvae.model.optimizers import OPTIMIZERS
from curvae.model.training import TrainingSettings, epoch_generator
from curvae.runtime.errors import UserError
from curvae.runtime.signals import Stopped

K, NOISE = 8, 0.1


def toy(n, seed=0):
    """Coefficients (n, K) on a plane, but for normal noise of width NOISE."""
    plane = torch.randn(2, K, generator=torch.Generator().manual_seed(100))
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=random) @ plane + NOISE * torch.randn(n, K, generator=random)


# Validation curves of another kind than the training curves: their loss has its minimum on the way.
OTHER = 4.0 * toy(100, seed=1).roll(1, dims=1)


def settings(**different):
    length = {"epochs": 4, "validation_interval": 1, "patience": 0}
    learning = {"learning_rate": 1e-2, "learning_rate_warmup": 0.0, "learning_rate_decay": "linear"}
    values = {"seed": 1, "optimizer": "adam", "sigma_floor_fraction": 0.0, **length, **learning, **different}
    return TrainingSettings(**dict.fromkeys(field.name for field in fields(TrainingSettings)) | values)


def train(
    seed=1,
    curves=None,
    validation=None,
    decoder_sigma="learned",
    batch_size=64,
    checkpoint=None,
    stop_at=None,
    **different,
):
    """A toy model after training, which a signal meets in step `stop_at`, and its history."""
    torch.manual_seed(seed)
    model = VAE(Architecture(K, K, False, 2, "diagonal", [16], [16], "tanh", "none", decoder_sigma))
    curves = toy(256) if curves is None else curves
    validation = toy(100, seed=1) if validation is None else validation
    batches = Batches(curves.__getitem__, len(curves), batch_size, buffer=len(curves))
    loss, steps = model.mean_error_and_kl, itertools.count(1)

    def counted(*arguments):
        if next(steps) == stop_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return loss(*arguments)

    model.mean_error_and_kl = counted
    return model, training.train(model, batches, validation, settings(seed=seed, **different), checkpoint)


def losses(history):
    """Median validation loss of each row."""
    return [row["validation_median"] for row in history]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("interval", [0.0, 1e6])  # after each step; at the signal alone
def test_an_interrupted_training_ends_with_the_same_numbers(optimizer, interval, tmp_path):
    how = {"optimizer": optimizer, "curves": toy(360), "sigma_floor_fraction": 0.5, "learning_rate_warmup": 0.1}
    handler, stops = signal.getsignal(signal.SIGTERM), 0
    while True:  # every seventh step from where it goes on, until it ends
        try:
            resumed = train(checkpoint=Checkpoint(tmp_path / "checkpoint", interval, "same"), stop_at=7, **how)
        except Stopped:
            stops += 1
        else:
            break
    assert stops == 4 * 6 // 7  # epochs times batches
    assert signal.getsignal(signal.SIGTERM) is handler
    (model, history), (unbroken, expected) = resumed, train(**how)
    assert history == expected
    assert all(map(torch.equal, model.state_dict().values(), unbroken.state_dict().values()))


def test_the_state_with_the_best_validation_loss_is_the_one_kept():
    model, history = train(validation=OTHER, epochs=50, decoder_sigma=1.0, patience=50)
    loss = losses(history)
    assert 0 < loss.index(min(loss)) < len(loss) - 1
    with torch.no_grad():
        squared_error, kl = model.error_and_kl(OTHER, torch.randn(100, 2, generator=epoch_generator(1, 0)))
    assert (model.reconstruction_loss(squared_error) + kl).median().item() == pytest.approx(min(loss), rel=1e-6)


def test_one_wild_validation_curve_does_not_choose_the_epoch():
    wild = torch.cat([toy(100, seed=1), torch.full((1, K), 1e3)])
    _, history = train(validation=wild, epochs=30, patience=30)
    mean = [row["validation_reconstruction"] + row["validation_kl"] for row in history]
    assert np.argmin(losses(history)) > 20 > np.argmin(mean)


def test_training_stops_when_the_validation_loss_no_longer_falls():
    loss = losses(train(validation=OTHER, epochs=60, decoder_sigma=1.0, patience=7)[1])
    assert len(loss) == loss.index(min(loss)) + 1 + 7 < 60


def test_the_validation_interval_sets_the_rows_of_the_history_with_the_last_epoch_and_changes_no_weight():
    (often, _), (rarely, history) = (train(epochs=7, validation_interval=k) for k in (1, 3))
    assert [row["epoch"] for row in history] == [3, 6, 7]
    assert torch.equal(often.encoder.layers[0].weight, rarely.encoder.layers[0].weight)


def test_learning_rate_rises_in_the_warmup_and_ends_where_its_decay_says():
    for decay, middle, end in (("linear", 0.5, 0.0), ("cosine", 0.5, 0.0), ("constant", 1.0, 1.0)):
        plan = settings(learning_rate_decay=decay)
        assert [plan.learning_rate_at(done) for done in (0.5, 1.0)] == pytest.approx([1e-2 * middle, 1e-2 * end])
    plan = settings(learning_rate_warmup=0.2, learning_rate_decay="constant")
    assert [plan.learning_rate_at(done) for done in (0.0, 0.1, 0.2, 0.7)] == pytest.approx([0.0, 5e-3, 1e-2, 1e-2])


def test_the_lower_bound_on_the_width_falls_by_equal_factors_and_then_is_gone():
    plan = settings(sigma_floor_fraction=0.5)
    first, second, third = (plan.sigma_floor_at(done) for done in (0.0, 0.125, 0.25))
    assert first > second > third > 0.0
    assert first / second == pytest.approx(second / third)
    assert plan.sigma_floor_at(0.5) == plan.sigma_floor_at(1.0) == 0.0
    history = train(epochs=10, sigma_floor_fraction=0.5)[1]
    assert all(row["decoder_sigma"] > 0.999 * plan.sigma_floor_at(row["epoch"] / 10) for row in history)


@pytest.mark.parametrize(
    ("cause", "epoch"),
    [
        ({"learning_rate": 1e20, "learning_rate_decay": "constant", "epochs": 50}, r"\d+"),
        ({"curves": torch.full((256, K), math.nan)}, "1"),
        ({"validation": torch.full((100, K), math.inf)}, "1"),
    ],
)
def test_a_training_that_diverges_says_at_which_epoch(cause, epoch):
    with pytest.raises(UserError, match=rf"not finite at epoch {epoch}\b.*learning_rate"):
        train(**cause)


def test_a_learned_width_becomes_that_of_the_residuals_and_a_fixed_one_stays():
    curves = toy(512)
    model, history = train(curves=curves, epochs=30, batch_size=32, learning_rate=3e-2)
    with torch.no_grad():
        sample = model.posterior(curves).sample(torch.randn(512, 2))
        residual = (curves - model.decoder(sample)).square().mean().sqrt().item()
    sigma = model.sigma.item()
    assert sigma == pytest.approx(residual, rel=0.25)  # of one draw of the noise
    assert NOISE < sigma < 2.0 * NOISE
    assert sigma in [pytest.approx(row["decoder_sigma"]) for row in history]  # that of the epoch kept
    model, history = train(decoder_sigma=0.3)
    assert {row["decoder_sigma"] for row in history} == {model.sigma.item()} == {torch.tensor(0.3).item()}


def test_a_checkpoint_of_another_training_or_damaged_or_of_code_is_not_taken_up(tmp_path):
    class Malicious:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    path = tmp_path / "checkpoint"
    checkpoint = Checkpoint(path, 1.0, "this")
    assert checkpoint.load() is None
    checkpoint.save({"epoch": 3, "weights": [torch.ones(2)]})
    assert checkpoint.load()["epoch"] == 3
    assert Checkpoint(path, 1.0, "another").load() is None
    for content in (b"", b"no checkpoint", path.read_bytes()[:-50]):
        path.write_bytes(content)
        assert checkpoint.load() is None
    torch.save({"fingerprint": "this", "state": Malicious()}, path)
    assert checkpoint.load() is None
    (tmp_path / ".checkpoint.0123.part").touch()  # of a killed training
    checkpoint.remove()
    assert os.listdir(tmp_path) == []


def test_a_fingerprint_is_of_code_settings_and_data(tmp_path):
    library, ones = tmp_path / "library.py", torch.ones(3)
    library.write_text("number = 1\n")
    first = fingerprint([library], {"rate": 1}, {"weight": ones})
    assert fingerprint([library], {"rate": 1}, {"weight": ones.clone()}) == first
    others = [fingerprint([library], {"rate": 2}, {"weight": ones})]
    others += [fingerprint([library], {"rate": 1}, data) for data in ({"weight": 0.0 * ones}, {"bias": ones})]
    library.write_text("number = 2\n")
    others.append(fingerprint([library], {"rate": 1}, {"weight": ones}))
    assert len({first, *others}) == 5
