"""Training is reproducible, keeps the best state, stops when told, and says so when it fails."""

import math

import pytest
import torch

from rotcurves.batches import Batches
from rotcurves.errors import UserError
from rotcurves.training import OPTIMIZERS, Schedule, epoch_generator, fit
from rotcurves.vae import VAE, Architecture

K, NOISE = 8, 0.1


def toy(n, seed=0):
    """Coefficients (n, K) on a plane, but for normal noise of width NOISE."""
    plane = torch.randn(2, K, generator=torch.Generator().manual_seed(100))
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=random) @ plane + NOISE * torch.randn(n, K, generator=random)


def schedule(**different):
    length = {"epochs": 4, "validation_interval": 1, "patience": 0}
    rate = {"learning_rate": 1e-2, "learning_rate_warmup": 0.0, "learning_rate_decay": "linear"}
    return Schedule(**{"optimizer": "adam", "sigma_annealing": 0.0, **length, **rate, **different})


def train(
    seed=1, curves=None, validation=None, posterior="diagonal", decoder_sigma="learned", batch_size=64, **different
):
    """A toy model after training, and its history."""
    torch.manual_seed(seed)
    model = VAE(Architecture(K, K, False, 2, posterior, [16], [16], "tanh", "none", decoder_sigma))
    curves = toy(256) if curves is None else curves
    validation = toy(100, seed=1) if validation is None else validation
    batches = Batches(curves.__getitem__, len(curves), batch_size, buffer=len(curves))
    return model, fit(model, batches, validation, schedule(**different), seed)


def losses(history):
    """Validation loss of each row."""
    return [row["validation_reconstruction"] + row["validation_kl"] for row in history]


def loss_of(model, curves, noise):
    """Negative evidence lower bound."""
    squared_error, kl = model.error_and_kl(curves, noise)
    return (model.reconstruction_loss(squared_error) + kl).item()


def overfitted(**different):
    """A training whose validation loss has its minimum on the way: the validation curves are of another kind."""
    return train(validation=4.0 * toy(100, seed=1).roll(1, dims=1), epochs=60, **different)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_one_seed_makes_one_model_and_another_seed_another(optimizer):
    (first, history), (same, same_history), (other, _) = (train(seed, optimizer=optimizer) for seed in (1, 1, 2))
    assert history == same_history
    for name, weights in first.state_dict().items():
        assert torch.equal(weights, same.state_dict()[name])
    assert not torch.equal(first.encoder.layers[0].weight, other.encoder.layers[0].weight)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_lowers_the_loss_of_curves_it_has_not_seen(optimizer):
    loss = losses(train(epochs=20, optimizer=optimizer)[1])
    assert loss[-1] < loss[0] - 1.0


def test_the_state_with_the_best_validation_loss_is_the_one_kept():
    validation = 4.0 * toy(100, seed=1).roll(1, dims=1)
    model, history = overfitted(decoder_sigma=1.0)
    loss = losses(history)
    assert 0 < loss.index(min(loss)) < len(loss) - 1
    with torch.no_grad():
        kept = loss_of(model, validation, torch.randn(100, 2, generator=epoch_generator(1, 0)))
    assert kept == pytest.approx(min(loss), rel=1e-6)


def test_training_stops_when_the_validation_loss_no_longer_falls():
    _, history = overfitted(decoder_sigma=1.0, patience=7)
    loss = losses(history)
    assert len(history) == loss.index(min(loss)) + 1 + 7 < 60


def test_validation_interval_sets_the_rows_of_the_history_and_the_last_epoch_is_among_them():
    _, history = train(epochs=7, validation_interval=3)
    assert [row["epoch"] for row in history] == [3, 6, 7]


def test_how_often_the_validation_loss_is_looked_at_changes_no_weight():
    # A model that gets better until the end: the last epoch is the one kept either way.
    (often, history), (rarely, _) = (train(epochs=6, validation_interval=k) for k in (1, 6))
    assert min(losses(history)) == losses(history)[-1]
    assert torch.equal(often.encoder.layers[0].weight, rarely.encoder.layers[0].weight)


@pytest.mark.parametrize(("decay", "end"), [("linear", 0.0), ("cosine", 0.0), ("constant", 1e-2)])
def test_learning_rate_ends_where_its_decay_says(decay, end):
    rates = [row["learning_rate"] for row in train(epochs=4, learning_rate_decay=decay)[1]]
    assert rates[-1] == pytest.approx(end, abs=1e-12)
    assert rates[1] == pytest.approx(0.5 * (1e-2 + end))


def test_learning_rate_rises_in_the_warmup_and_is_highest_at_its_end():
    plan = schedule(learning_rate_warmup=0.2, learning_rate_decay="constant")
    assert [plan.rate(done) for done in (0.0, 0.1, 0.2, 0.7)] == pytest.approx([0.0, 5e-3, 1e-2, 1e-2])


def test_the_least_width_falls_by_equal_factors_and_then_is_gone():
    plan = schedule(sigma_annealing=0.4)
    first, second, third = (plan.least_sigma(done) for done in (0.0, 0.1, 0.2))
    assert first > second > third > 0.0
    assert first / second == pytest.approx(second / third)
    assert plan.least_sigma(0.4) == plan.least_sigma(1.0) == 0.0
    history = train(epochs=10, sigma_annealing=0.5)[1]
    plan = schedule(sigma_annealing=0.5)
    assert all(row["decoder_sigma"] > 0.999 * plan.least_sigma(row["epoch"] / 10) for row in history)


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


@pytest.mark.parametrize("posterior", ["diagonal", "cholesky", "symmetric"])
def test_the_learned_width_becomes_that_of_the_residuals(posterior):
    curves = toy(512)
    model, history = train(curves=curves, posterior=posterior, epochs=80, batch_size=32)
    with torch.no_grad():
        sample = model.posterior(curves).sample(torch.randn(512, 2))
        residual = (curves - model.decoder(sample)).square().mean().sqrt().item()
    sigma = model.sigma.item()
    assert sigma == pytest.approx(residual, rel=0.25)  # of one draw of the noise
    assert NOISE < sigma < 2.0 * NOISE
    assert model.sigma.item() in [pytest.approx(row["decoder_sigma"]) for row in history]  # that of the epoch kept


def test_a_fixed_width_stays_as_it_is():
    model, history = train(decoder_sigma=0.3)
    assert model.sigma.item() == pytest.approx(0.3)
    assert {row["decoder_sigma"] for row in history} == {model.sigma.item()}
