"""Training: one loop from the first epoch to the last."""

import copy
import logging
import math
from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from rotcurves.errors import UserError
from rotcurves.soap import SOAP
from rotcurves.vae import LEARNED, VAE

log = logging.getLogger(__name__)

OPTIMIZERS = {"adam": lambda parameters, lr: torch.optim.Adam(parameters, lr=lr, fused=True), "soap": SOAP}
DECAYS = {
    "constant": lambda done: 1.0,
    "linear": lambda done: 1.0 - done,
    "cosine": lambda done: 0.5 * (1.0 + math.cos(math.pi * done)),
}
# The least learned sigma falls between these, geometrically, in the first part of the training.
FIRST_SIGMA, LAST_SIGMA = 0.5, 0.001


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train; see `config.yaml` for each setting."""

    optimizer: str
    batch_size: int
    epochs: int
    learning_rate: float
    learning_rate_warmup: float
    learning_rate_decay: str
    sigma_annealing: float
    validation_interval: int
    patience: int

    def rate(self, done: float) -> float:
        """Learning rate when a share of the training, 0 to 1, is done."""
        rising = min(1.0, done / self.learning_rate_warmup) if self.learning_rate_warmup else 1.0
        return self.learning_rate * rising * DECAYS[self.learning_rate_decay](done)

    def least_sigma(self, done: float) -> float:
        """Least learned decoder width when a share of the training is done.

        While sigma is large the Kullback-Leibler term counts, and the codes fill the prior; afterwards the
        curves are fitted ever more closely without tearing that order apart.
        """
        if done >= self.sigma_annealing:
            return 0.0
        return FIRST_SIGMA * (LAST_SIGMA / FIRST_SIGMA) ** (done / self.sigma_annealing)


def choose_device(name: str) -> str:
    """The device of a name; `auto` takes CUDA, then MPS, then the CPU. Raises UserError if it is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, available in there.items() if available)
    if not there[name]:
        raise UserError(f"device: {name} is not available on this machine; use cpu or auto")
    return name


def fit(model: VAE, train: Tensor, validation: Tensor, schedule: Schedule, generator: torch.Generator) -> list[dict]:
    """Minimise the negative evidence lower bound; the best state on the validation curves is kept.

    train (n, k) and validation (n', k) are coefficients; `generator` draws the order of the curves and the
    noise, on the CPU, so that one seed means the same numbers on every device. Returns the history: every
    `validation_interval` epochs the reconstruction and Kullback-Leibler terms per curve, in nats, of the
    training curves (mean over the epoch) and of the validation curves (after it).

    Raises UserError if the loss is not finite.
    """
    device, d = train.device, model.architecture.latent_dimension
    learned_sigma = model.architecture.decoder_sigma == LEARNED
    optimizer = OPTIMIZERS[schedule.optimizer](model.parameters(), lr=schedule.learning_rate)
    steps = schedule.epochs * math.ceil(len(train) / schedule.batch_size)
    validation_noise = torch.randn(len(validation), d, generator=generator).to(device)
    history, best_loss, best_epoch, best_state, step = [], math.inf, 0, None, 0

    epochs = tqdm(range(1, schedule.epochs + 1), desc="training", unit="epoch", disable=None)
    for epoch in epochs:
        totals = torch.zeros(2, device=device)
        for batch in torch.randperm(len(train), generator=generator).split(schedule.batch_size):
            step += 1
            noise = torch.randn(len(batch), d, generator=generator).to(device)
            squared_error, kl = model.error_and_kl(train[batch.to(device)], noise)
            if learned_sigma:
                model.sigma.copy_(squared_error.detach().sqrt().clamp(min=schedule.least_sigma(step / steps)))
            optimizer.zero_grad()
            (model.reconstruction_loss(squared_error) + kl).backward()
            optimizer.param_groups[0]["lr"] = schedule.rate(step / steps)
            optimizer.step()
            totals += len(batch) * torch.stack((squared_error.detach(), kl.detach()))
        if epoch % schedule.validation_interval and epoch < schedule.epochs:
            continue

        squared_error, kl = totals / len(train)
        if learned_sigma:  # of the epoch, not of its last batch
            model.sigma.copy_(squared_error.sqrt().clamp(min=schedule.least_sigma(step / steps)))
        with torch.no_grad():
            held_out_error, held_out_kl = model.error_and_kl(validation, validation_noise)
        row = {
            "epoch": epoch,
            "learning_rate": schedule.rate(step / steps),
            "decoder_sigma": model.sigma.item(),
            "train_reconstruction": model.reconstruction_loss(squared_error).item(),
            "train_kl": kl.item(),
            "validation_reconstruction": model.reconstruction_loss(held_out_error).item(),
            "validation_kl": held_out_kl.item(),
        }
        history.append(row)
        train_loss, loss = (row[f"{part}_reconstruction"] + row[f"{part}_kl"] for part in ("train", "validation"))
        if not (math.isfinite(loss) and math.isfinite(train_loss)):
            raise UserError(
                f"training diverged: the loss is not finite at epoch {epoch}; try a smaller learning_rate "
                f"({schedule.learning_rate:g} now) or a larger batch_size"
            )
        log.info("epoch %d: loss %.4f training, %.4f validation", epoch, train_loss, loss)
        epochs.set_postfix(validation=f"{loss:.4f}")
        if loss < best_loss:
            best_loss, best_epoch, best_state = loss, epoch, copy.deepcopy(model.state_dict())
        elif schedule.patience and epoch - best_epoch >= schedule.patience:
            log.info("no better validation loss in %d epochs: stopped", schedule.patience)
            break
    log.info("kept the state of epoch %d", best_epoch)
    model.load_state_dict(best_state)
    return history
