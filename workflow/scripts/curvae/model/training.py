"""Training: one loop from the first epoch to the last.

Its `settings` are those of the section train_vae of the configuration, as attributes: workflow/schemas/train_vae.yaml
says what each means.
"""

import copy
import logging
import math
import time
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


def rate(settings, done: float) -> float:
    """Learning rate when a fraction of the training, 0 to 1, is done."""
    rising = min(1.0, done / settings.learning_rate_warmup) if settings.learning_rate_warmup else 1.0
    return settings.learning_rate * rising * DECAYS[settings.learning_rate_decay](done)


def sigma_floor(settings, done: float) -> float:
    """Lower bound on the learned decoder width when a fraction of the training is done.

    While sigma is large the Kullback-Leibler term counts, and the codes fill the prior; afterwards the
    curves are fitted ever more closely without tearing that order apart.
    """
    if done >= settings.sigma_floor_fraction:
        return 0.0
    return FIRST_SIGMA * (LAST_SIGMA / FIRST_SIGMA) ** (done / settings.sigma_floor_fraction)


def choose_device(name: str) -> str:
    """The device of a name; `auto` takes CUDA, then MPS, then the CPU. Raises UserError if it is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, available in there.items() if available)
    if not there[name]:
        raise UserError(f"device: {name} is not available on this machine; use cpu or auto")
    return name


@dataclass
class Progress:
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
    settings,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> list[dict]:
    """Minimise the negative evidence lower bound; the last state is kept, where the learning rate has fallen.

    With patience it is the one with the lowest median validation loss: not the mean, which single rare galaxies rule.

    validation (n, k) are coefficients, as the batches are. Each epoch has random numbers of its own, made of
    `seed` on the CPU, so that one seed means the same numbers on every device. Returns the history: every
    `validation_interval` epochs the reconstruction and Kullback-Leibler terms per curve, in nats, of the
    training curves (mean over the epoch) and of the validation curves (after it), and their median loss.

    With a checkpoint it resumes there, with the result of an unbroken training; on a signal it saves one and raises
    Stopped. Raises UserError if the loss is not finite.
    """
    device, d = validation.device, model.architecture.latent_dimension
    learned_sigma = model.architecture.decoder_sigma == LEARNED
    optimizer = OPTIMIZERS[settings.optimizer](model.parameters(), lr=settings.learning_rate)
    validation_noise = torch.randn(len(validation), d, generator=epoch_generator(seed, 0)).to(device)
    now = Progress(totals=torch.zeros(2, device=device))
    if checkpoint and (state := checkpoint.load()):
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        now = Progress(**{**state["progress"], "totals": state["progress"]["totals"].to(device)})
        log.info("resuming from a checkpoint at epoch %d", now.epoch)

    def save():
        checkpoint.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "progress": vars(now)})

    first, start = now.epoch, time.monotonic()
    bar = tqdm(total=settings.epochs, initial=first - 1, desc="training", unit=" epochs", disable=None)
    with bar, signals.held() as received:
        while now.epoch <= settings.epochs and not stale(now, settings.patience):
            generator = epoch_generator(seed, now.epoch)
            for number, batch in enumerate(batches.epoch(generator)):
                noise = torch.randn(len(batch), d, generator=generator).to(device, non_blocking=True)
                if number < now.batch:  # done before the checkpoint
                    continue
                done = ((now.epoch - 1) * len(batches) + number + 1) / (settings.epochs * len(batches))
                squared_error, kl = model.mean_error_and_kl(batch, noise)
                if learned_sigma:
                    model.sigma.copy_(squared_error.detach().sqrt().clamp(min=sigma_floor(settings, done)))
                optimizer.zero_grad()
                (model.reconstruction_loss(squared_error) + kl).backward()
                optimizer.learning_rate = rate(settings, done)
                try:
                    optimizer.step()
                except torch.linalg.LinAlgError as error:  # SOAP finds no eigenvectors of what is not finite
                    raise diverged(now.epoch, settings) from error
                now.totals += len(batch) * torch.stack((squared_error.detach(), kl.detach()))
                now.batch += 1
                if checkpoint and (received or checkpoint.due()):
                    save()
                if received:
                    stopped = signals.Stopped(received[0])
                    bar.close()
                    log.info("%s", stopped)  # here, where a second signal ends nothing
                    raise stopped
            end_epoch(model, now, batches.curves, validation, validation_noise, settings)
            bar.update()
            bar.set_postfix(validation=f"{now.best_loss:.4f}")
            if bar.disable and now.history and now.history[-1]["epoch"] == now.epoch - 1:  # validated
                done, total, seconds = now.epoch - first, settings.epochs - first + 1, time.monotonic() - start
                speed = pace(done, total, seconds, "epochs")
                last = now.history[-1]
                losses = last["train_reconstruction"] + last["train_kl"], last["validation_median"]
                log.info("epoch %d: loss %.4f training, %.4f validation (median); %s", last["epoch"], *losses, speed)
    log.info("kept the model of epoch %d", now.best_epoch)
    model.load_state_dict(now.best_state)
    return now.history


def epoch_generator(seed: int, epoch: int) -> torch.Generator:
    """What draws the order of the curves and the noise of one epoch; epoch 0: the noise of the validation."""
    return torch.Generator().manual_seed(streams.torch_seed(seed, streams.Stream.TRAINING, epoch))


def stale(now: Progress, patience: int) -> bool:
    """Whether the median validation loss has not improved for `patience` epochs."""
    return bool(patience and now.history and now.history[-1]["epoch"] - now.best_epoch >= patience)


def end_epoch(model: VAE, now: Progress, curves: int, validation: Tensor, noise: Tensor, settings) -> None:
    """Record the losses, keep the state, with patience if it is the best, and go on to the next epoch."""
    epoch, done = now.epoch, now.epoch / settings.epochs
    squared_error, kl = now.totals / curves
    if not math.isfinite(squared_error + kl):
        raise diverged(epoch, settings)
    now.epoch, now.batch, now.totals = epoch + 1, 0, torch.zeros_like(now.totals)
    if epoch % settings.validation_interval and epoch < settings.epochs:
        return

    if model.architecture.decoder_sigma == LEARNED:  # of the epoch, not of its last batch
        model.sigma.copy_(squared_error.sqrt().clamp(min=sigma_floor(settings, done)))
    with torch.no_grad():
        held_out_error, held_out_kl = model.error_and_kl(validation, noise)
        median = (model.reconstruction_loss(held_out_error) + held_out_kl).median().item()
    row = {
        "epoch": epoch,
        "learning_rate": rate(settings, done),
        "decoder_sigma": model.sigma.item(),
        "train_reconstruction": model.reconstruction_loss(squared_error).item(),
        "train_kl": kl.item(),
        "validation_reconstruction": model.reconstruction_loss(held_out_error).mean().item(),
        "validation_kl": held_out_kl.mean().item(),
        "validation_median": median,
    }
    if not all(map(math.isfinite, row.values())):
        raise diverged(epoch, settings)
    now.history.append(row)
    if not settings.patience or median < now.best_loss:
        now.best_loss, now.best_epoch, now.best_state = median, epoch, copy.deepcopy(model.state_dict())


def diverged(epoch: int, settings) -> UserError:
    """The error of a loss that is not finite."""
    return UserError(
        f"training diverged: the loss is not finite at epoch {epoch}; try a smaller learning_rate "
        f"({settings.learning_rate:g} now) or a larger batch_size"
    )
