"""A training that was interrupted ends as if it had not been; a checkpoint of another one is not taken up."""

import os
import signal

import pytest
import torch

from rotcurves import signals
from rotcurves.batches import Batches
from rotcurves.checkpoint import Checkpoint, fingerprint
from rotcurves.training import OPTIMIZERS, Schedule, fit
from rotcurves.vae import VAE, Architecture

K, STEPS = 8, 4 * 6  # epochs times batches


def toy(n, seed):
    return torch.randn(n, K, generator=torch.Generator().manual_seed(seed))


def train(checkpoint=None, optimizer="soap", stop_at=None):
    """Model and history of a toy training, which a signal meets in step `stop_at`."""
    torch.manual_seed(1)
    model = VAE(Architecture(K, K, False, 2, "cholesky", [16], [16], "silu", "none", "learned"))
    schedule = Schedule(optimizer, 4, 1e-2, 0.1, "cosine", 0.5, 1, 0)
    batches, step = Batches(toy(360, 2).__getitem__, 360, 64, buffer=360), 0
    loss = model.error_and_kl

    def counted(curves, noise):
        nonlocal step
        if torch.is_grad_enabled():
            step += 1
            if step == stop_at:
                os.kill(os.getpid(), signal.SIGTERM)
        return loss(curves, noise)

    model.error_and_kl = counted
    return model, fit(model, batches, toy(50, 3), schedule, 1, checkpoint)


def assert_equal(first, second):
    (model, history), (other, other_history) = first, second
    assert history == other_history
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("interval", [0.0, 1e6])  # after each step; at the signal alone
def test_an_interrupted_training_ends_with_the_same_numbers(optimizer, interval, tmp_path):
    unbroken = train(optimizer=optimizer)
    path, stops = tmp_path / "checkpoint", 0
    while True:  # every seventh step from where it goes on, until it ends
        try:
            resumed = train(Checkpoint(path, interval, "same"), optimizer, stop_at=7)
        except signals.Stopped:
            stops += 1
        else:
            break
    assert stops == STEPS // 7
    assert_equal(resumed, unbroken)


def test_a_signal_leaves_the_handlers_as_they_were(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(signals.Stopped):
        train(Checkpoint(tmp_path / "checkpoint", 1e6, "same"), stop_at=3)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("content", [b"", b"no checkpoint", "other"])
def test_a_checkpoint_of_another_training_or_damaged_is_not_taken_up(content, tmp_path):
    path = tmp_path / "checkpoint"
    if content == "other":
        with pytest.raises(signals.Stopped):
            train(Checkpoint(path, 1e6, "another"), stop_at=9)
        assert path.exists()
    else:
        path.write_bytes(content)
    checkpoint = Checkpoint(path, 1e6, "this")
    assert checkpoint.load() is None
    assert_equal(train(checkpoint), train())


def test_a_checkpoint_never_runs_code(tmp_path):
    class Malicious:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    torch.save({"fingerprint": "this", "state": Malicious()}, tmp_path / "checkpoint")
    assert Checkpoint(tmp_path / "checkpoint", 1.0, "this").load() is None
    assert not (tmp_path / "executed").exists()


def test_a_fingerprint_is_of_code_settings_and_data(tmp_path):
    script, library = tmp_path / "script.py", tmp_path / "library.py"
    script.write_text("import library\n")
    library.write_text("number = 1\n")
    data = {"weight": torch.ones(3)}
    first = fingerprint(str(script), {"rate": 1}, data)
    assert fingerprint(str(script), {"rate": 1}, {"weight": torch.ones(3)}) == first
    others = [
        fingerprint(str(script), {"rate": 2}, data),
        fingerprint(str(script), {"rate": 1}, {"weight": torch.zeros(3)}),
    ]
    library.write_text("number = 2\n")
    others.append(fingerprint(str(script), {"rate": 1}, data))
    assert len({first, *others}) == 4
