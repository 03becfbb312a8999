"""Training: one loop from the first epoch to the last."""

import copy
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from tqdm import tqdm

from curvae.model.batches import Batches
from curvae.model.checkpoint import Checkpoint
from curvae.model.network import LEARNED, VAE
from curvae.model.optimizers import OPTIMIZERS
from curvae.runtime import signals, streams
from curvae.runtime.errors import UserError
from curvae.runtime.progress import pace

log = logging.getLogger(__name__)

DECAYS = {
    "constant": lambda done: 1.0,
    "linear": lambda done: 1.0 - done,
    "cosine": lambda done: 0.5 * (1.0 + math.cos(math.pi * done)),
}
# The lower bound on the learned sigma falls between these, geometrically, in the first part of the training.
FIRST_SIGMA, LAST_SIGMA = 0.5, 0.001


@dataclass(frozen=True)
class TrainingSettings:
    """All that decides the result of a training besides the curves, as numbers: nothing is left `auto`.

    Names and meanings are those of workflow/schemas/train_vae.yaml.
    """

    name: str  # of the model
    seed: int
    representation: str
    principal_components: int
    latent_dimension: int
    posterior: str
    encoder_widths: Sequence[int]
    decoder_widths: Sequence[int]
    activation: str
    skip_connection: str
    decoder_sigma: float | str
    sigma_floor_fraction: float
    epochs: int
    batch_size: int
    shuffle_buffer: int
    optimizer: str
    learning_rate: float
    learning_rate_warmup: float
    learning_rate_decay: str
    validation_interval: int
    patience: int

    def learning_rate_at(self, done: float) -> float:
        """Learning rate when a fraction of the training, 0 to 1, is done."""
        rising = min(1.0, done / self.learning_rate_warmup) if self.learning_rate_warmup else 1.0
        return self.learning_rate * rising * DECAYS[self.learning_rate_decay](done)

    def sigma_floor_at(self, done: float) -> float:
        """Lower bound on the learned decoder width when a fraction of the training is done.

        While sigma is large the Kullback-Leibler term counts, and the codes fill the prior. Afterwards the
        curves are fitted ever more closely, and the order of the codes stays.
        """
        if done >= self.sigma_floor_fraction:
            return 0.0
        return FIRST_SIGMA * (LAST_SIGMA / FIRST_SIGMA) ** (done / self.sigma_floor_fraction)


def choose_device(name: str) -> str:
    """The device of a name; `auto` takes CUDA, then MPS, then the CPU. Raises UserError if it is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, available in there.items() if available)
    if not there[name]:
        raise UserError(f"device: {name} is not available on this machine; use cpu or auto")
    return name


@dataclass
class TrainingState:
    """State of a training, besides the network and the optimiser."""

    totals: Tensor  # squared error and Kullback-Leibler divergence, summed over the curves of the epoch so far
    epoch: int = 1
    batch: int = 0  # batches of the epoch that are done
    history: list[dict] = field(default_factory=list)
    best_loss: float = math.inf  # of the state that is kept
    best_epoch: int = 0
    best_state: dict | None = None


def train(
    model: VAE,
    batches: Batches,
    validation: Tensor,
    settings: TrainingSettings,
    checkpoint: Checkpoint | None = None,
) -> list[dict]:
    """Minimise the negative evidence lower bound; the last state is kept, where the learning rate has fallen.

    With patience it is the one with the lowest median validation loss: not the mean, which single rare galaxies rule.

    validation (n, k) are coefficients, as the batches are. Each epoch has random numbers of its own, made from
    the seed on the CPU, so that one seed means the same numbers on every device. Returns the history: every
    `validation_interval` epochs the reconstruction and Kullback-Leibler terms per curve, in nats, of the
    training curves (mean over the epoch) and of the validation curves (after it), and their median loss.

    With a checkpoint it resumes there, with the result of an unbroken training; on a signal it saves one and raises
    Stopped. Raises UserError if the loss is not finite.
    """
    device, d, seed = validation.device, model.architecture.latent_dimension, settings.seed
    learned_sigma = model.architecture.decoder_sigma == LEARNED
    optimizer = OPTIMIZERS[settings.optimizer](model.parameters(), lr=settings.learning_rate)
    validation_noise = torch.randn(len(validation), d, generator=epoch_generator(seed, 0)).to(device)
    state = TrainingState(totals=torch.zeros(2, device=device))
    if checkpoint and (saved := checkpoint.load()):
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        state = TrainingState(**{**saved["training"], "totals": saved["training"]["totals"].to(device)})
        log.info("resuming from a checkpoint at epoch %d", state.epoch)

    def save():
        checkpoint.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "training": vars(state)})

    first, start = state.epoch, time.monotonic()
    bar = tqdm(total=settings.epochs, initial=first - 1, desc="training", unit=" epochs", disable=None)
    with bar, signals.held() as received:
        while state.epoch <= settings.epochs and not stale(state, settings.patience):
            generator = epoch_generator(seed, state.epoch)
            for number, batch in enumerate(batches.epoch(generator)):
                noise = torch.randn(len(batch), d, generator=generator).to(device, non_blocking=True)
                if number < state.batch:  # done before the checkpoint
                    continue
                done = ((state.epoch - 1) * len(batches) + number + 1) / (settings.epochs * len(batches))
                squared_error, kl = model.mean_error_and_kl(batch, noise)
                if learned_sigma:
                    model.sigma.copy_(squared_error.detach().sqrt().clamp(min=settings.sigma_floor_at(done)))
                optimizer.zero_grad()
                (model.reconstruction_loss(squared_error) + kl).backward()
                optimizer.learning_rate = settings.learning_rate_at(done)
                try:
                    optimizer.step()
                except torch.linalg.LinAlgError as error:  # SOAP finds no eigenvectors of what is not finite
                    raise diverged(state.epoch, settings.learning_rate) from error
                state.totals += len(batch) * torch.stack((squared_error.detach(), kl.detach()))
                state.batch += 1
                if checkpoint and (received or checkpoint.due()):
                    save()
                if received:
                    stopped = signals.Stopped(received[0])
                    bar.close()
                    log.info("%s", stopped)  # here, where a second signal ends nothing
                    raise stopped
            end_epoch(model, state, batches.curves, validation, validation_noise, settings)
            bar.update()
            bar.set_postfix(validation=f"{state.best_loss:.4f}")
            if bar.disable and state.history and state.history[-1]["epoch"] == state.epoch - 1:  # validated
                done, total, seconds = state.epoch - first, settings.epochs - first + 1, time.monotonic() - start
                speed = pace(done, total, seconds, "epochs")
                last = state.history[-1]
                losses = last["train_reconstruction"] + last["train_kl"], last["validation_median"]
                log.info("epoch %d: loss %.4f training, %.4f validation (median); %s", last["epoch"], *losses, speed)
    log.info("kept the model of epoch %d", state.best_epoch)
    model.load_state_dict(state.best_state)
    return state.history


def epoch_generator(seed: int, epoch: int) -> torch.Generator:
    """What draws the order of the curves and the noise of one epoch; epoch 0: the noise of the validation."""
    return torch.Generator().manual_seed(streams.torch_seed(seed, streams.Stream.TRAINING, epoch))


def stale(state: TrainingState, patience: int) -> bool:
    """Whether the median validation loss has not improved for `patience` epochs."""
    return bool(patience and state.history and state.history[-1]["epoch"] - state.best_epoch >= patience)


def end_epoch(
    model: VAE, state: TrainingState, curves: int, validation: Tensor, noise: Tensor, settings: TrainingSettings
) -> None:
    """Record the losses, keep the state, with patience if it is the best, and go on to the next epoch."""
    epoch, done = state.epoch, state.epoch / settings.epochs
    squared_error, kl = state.totals / curves
    if not math.isfinite(squared_error + kl):
        raise diverged(epoch, settings.learning_rate)
    state.epoch, state.batch, state.totals = epoch + 1, 0, torch.zeros_like(state.totals)
    if epoch % settings.validation_interval and epoch < settings.epochs:
        return

    if model.architecture.decoder_sigma == LEARNED:  # of the epoch, not of its last batch
        model.sigma.copy_(squared_error.sqrt().clamp(min=settings.sigma_floor_at(done)))
    with torch.no_grad():
        held_out_error, held_out_kl = model.error_and_kl(validation, noise)
        median = (model.reconstruction_loss(held_out_error) + held_out_kl).median().item()
    row = {
        "epoch": epoch,
        "learning_rate": settings.learning_rate_at(done),
        "decoder_sigma": model.sigma.item(),
        "train_reconstruction": model.reconstruction_loss(squared_error).item(),
        "train_kl": kl.item(),
        "validation_reconstruction": model.reconstruction_loss(held_out_error).mean().item(),
        "validation_kl": held_out_kl.mean().item(),
        "validation_median": median,
    }
    if not all(map(math.isfinite, row.values())):
        raise diverged(epoch, settings.learning_rate)
    state.history.append(row)
    if not settings.patience or median < state.best_loss:
        state.best_loss, state.best_epoch, state.best_state = median, epoch, copy.deepcopy(model.state_dict())


def diverged(epoch: int, learning_rate: float) -> UserError:
    """The error of a loss that is not finite."""
    return UserError(
        f"training diverged: the loss is not finite at epoch {epoch}; try a smaller learning_rate "
        f"({learning_rate:g} now) or a larger batch_size"
    )
