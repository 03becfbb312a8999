"""Seconds of training, on one thread, until curves held out are reconstructed well enough."""

import io
import logging
import math
import time
from contextlib import redirect_stderr
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

import original
import train_vae
from curvae.model import representation
from curvae.model.batches import Batches
from curvae.model.training import train
from curvae.storage.split import read_split
from data import Row, alternate, make_data, ratios, seconds, settings

GOALS = {"diagonal": 2.6, "full": 6.2}  # km/s
OURS = {"diagonal": "diagonal", "full": "cholesky"}
# What differs from the default configuration; the rate decays over all epochs, more than are needed.
FEW_CURVES = {"skip_connection": "principal", "batch_size": 256, "learning_rate": 2e-2, "epochs": 30}
CHECK_EVERY = 10  # steps of a full batch


class Reached(Exception):
    """The goal is met."""


class Watch:
    """The processor's seconds since it was made, less those in which the curves held out are looked at."""

    def __init__(self, velocity: np.ndarray, goal: float):
        self._velocity, self._goal = velocity, goal
        self._began = time.process_time()

    def seconds(self) -> float:
        return time.process_time() - self._began

    def look(self, decoded) -> None:
        """Raise Reached if the root mean square error of decoded(velocity) is small enough."""
        now = time.process_time()
        error = np.sqrt(np.mean((decoded(self._velocity) - self._velocity) ** 2))
        self._began += time.process_time() - now
        if error <= self._goal:
            raise Reached


class Watched(Batches):
    """Batches that let a watch look after each epoch."""

    def epoch(self, generator):
        yield from super().epoch(generator)
        self.look()


def curves() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Radii [kpc], and velocities [km/s] of 1,600 galaxies to learn and 400 held out."""
    with TemporaryDirectory() as folder:
        path = make_data(Path(folder), 2001, validation=400, test=1)
        radius, _, v = read_split(path["curves"], path["split"], "train", "validation")
    return radius, v["train"].astype(np.float64), v["validation"].astype(np.float64)


def train_ours(variant: str, data, seed: int) -> float:
    """Seconds until our default design, made for so few curves and to be quick, is there; representation included."""
    radius, curves, held_out = data
    args = settings(posterior=OURS[variant], seed=seed, validation_interval=1000, **FEW_CURVES)
    watch = Watch(held_out, GOALS[variant])
    moments = representation.Moments(len(radius))
    moments.add(np.log(curves))
    model = train_vae.build(args, radius, moments)
    x, y = (model.coefficients(torch.as_tensor(v)) for v in (curves, held_out))
    batches = Watched(lambda rows: x[rows], len(x), args.batch_size, len(x))

    @torch.no_grad()
    def decoded(v):
        return model.decode(model.posterior(y).mean).numpy()

    batches.look = lambda: watch.look(decoded)
    try:
        train(model, batches, y, args)
    except Reached:
        return watch.seconds()
    return math.inf


def train_original(variant: str, data, seed: int) -> float:
    """Seconds until the original is there: all that it took if it ends before, infinity if it dies."""
    _, train, held_out = data
    watch = Watch(held_out, GOALS[variant])
    experiment = original.Experiment(train, variant, seed)
    try:
        for epoch in range(original.VARIANTS[variant][1]):
            experiment.step()
            if epoch % CHECK_EVERY == 0:
                watch.look(experiment.decoded)
    except Reached:
        pass
    except torch.linalg.LinAlgError:
        return math.inf
    return watch.seconds()


def train_pythae(data, seed: int) -> float:
    """Seconds until Pythae's autoencoder is there, with the original's network, loss, optimiser and batch."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    logging.disable(logging.WARNING)
    _, train, held_out = data
    sigma = 1.0 / math.sqrt(2.0 * len(train))  # of the decoder; Pythae's is 1, so its data are in units of sigma
    start = original.Experiment(train, "diagonal", seed)

    class Encoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.layers = start.network.encoder

        def forward(self, x):
            outputs = self.layers(x * sigma)
            return ModelOutput(embedding=outputs[:, :4], log_covariance=outputs[:, 4:])

    class Decoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.layers = start.network.decoder

        def forward(self, z):
            return ModelOutput(reconstruction=self.layers(z) / sigma)

    class Look(TrainingCallback):
        def on_epoch_end(self, *_, **__):
            self.epoch = getattr(self, "epoch", -1) + 1
            if self.epoch % CHECK_EVERY == 0:
                watch.look(start.decoded)

    epochs = original.VARIANTS["diagonal"][1]
    with TemporaryDirectory() as folder:
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=epochs,
            learning_rate=original.VARIANTS["diagonal"][0],
            per_device_train_batch_size=len(train),
            no_cuda=True,
            seed=seed,
        )
        model = VAE(VAEConfig(input_dim=(train.shape[1],), latent_dim=4), Encoder(), Decoder())
        watch = Watch(held_out, GOALS["diagonal"])
        try:
            with redirect_stderr(io.StringIO()):  # a progress bar for every epoch
                TrainingPipeline(model, config)(start.normalised(train) / sigma, callbacks=[Look()])
        except Reached:
            pass
        finally:
            logging.disable(logging.NOTSET)
        return watch.seconds()


def compared(variant: str, name: str, other, target: str) -> list[Row]:
    data = curves()
    runs = alternate({"other": lambda seed: other(data, seed), "ours": lambda seed: train_ours(variant, data, seed)})
    return [
        Row(
            f"training until {GOALS[variant]} km/s, {variant}: {name} / ours",
            f"{seconds(runs['other'])} / {seconds(runs['ours'])}",
            ratios(runs["other"], runs["ours"]),
            target,
        )
    ]


def diagonal() -> list[Row]:
    return compared("diagonal", "original", lambda data, seed: train_original("diagonal", data, seed), ">= 10")


def full() -> list[Row]:
    return compared("full", "original", lambda data, seed: train_original("full", data, seed), ">= 50")


def pythae() -> list[Row]:
    import pythae  # noqa: F401  what is not installed is said before anything is computed

    return compared("diagonal", "Pythae's VAE", train_pythae, "")
