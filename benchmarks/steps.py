"""What a training step costs, on one thread: posteriors against each other, and layers against a matrix product."""

import itertools
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

import original
import train_vae
from curvae.model import representation
from curvae.model.batches import Batches
from curvae.model.network import VAE
from curvae.model.optimizers import OPTIMIZERS
from curvae.model.training import epoch_generator
from curvae.storage.split import reading_split
from data import Row, alternate, cost, make_data, ratios, seconds, settings

STEPS = 100  # in a run


def network(args) -> VAE:
    """The network of these settings, on the representation of noise as large as ln v."""
    moments = representation.Moments(len(original.RADIUS))
    moments.add(4.0 + np.random.default_rng(1).standard_normal((1000, len(original.RADIUS))))
    return train_vae.build(args, original.RADIUS, moments)


def stepper(args) -> tuple[VAE, Callable[[torch.Tensor], None]]:
    """A network, and what trains it by one step on a batch (n, k), as `training.train` does."""
    model = network(args)
    optimizer = OPTIMIZERS[args.optimizer](model.parameters(), lr=1e-3)

    def step(batch):
        noise = torch.randn(len(batch), args.latent_dimension)
        squared_error, kl = model.mean_error_and_kl(batch, noise)
        optimizer.zero_grad()
        (model.reconstruction_loss(squared_error) + kl).backward()
        optimizer.step()

    return model, step


def repeated(args, batch_size: int) -> Callable[[int], float]:
    """Measures seconds of a step on one batch of noise."""
    model, step = stepper(args)
    batch = torch.randn(batch_size, model.architecture.coefficients)
    step(batch)
    return lambda run: cost(lambda: step(batch), STEPS)


def posteriors() -> list[Row]:
    """Full covariance against diagonal, in the default network and in the original's; and the original itself."""
    rows = []
    for name, model, batch_size in (("default", None, settings().batch_size), ("original's", "diagonal", 1600)):
        names = ("diagonal", "cholesky", "symmetric")
        runs = alternate({p: repeated(settings(model, posterior=p), batch_size) for p in names})
        for posterior, target in (("cholesky", "<= 1.2"), ("symmetric", "<= 2")):
            rows.append(
                Row(
                    f"training step, {name} network, batch {batch_size}: {posterior} / diagonal",
                    f"{seconds(runs[posterior])} / {seconds(runs['diagonal'])}",
                    ratios(runs[posterior], runs["diagonal"]),
                    target,
                )
            )
    velocity = np.abs(np.random.default_rng(1).standard_normal((1600, len(original.RADIUS)))) + 1.0
    theirs = {variant: original.Experiment(velocity, variant, seed=1) for variant in original.VARIANTS}
    runs = alternate({variant: lambda run, e=e: cost(e.step, 5) for variant, e in theirs.items()})
    measured = f"{seconds(runs['full'])} / {seconds(runs['diagonal'])}"
    what = "training step of the original, batch 1600: full covariance by SVD / diagonal"
    return [*rows, Row(what, measured, ratios(runs["full"], runs["diagonal"]), "")]


def operations(model: VAE, batch_size: int) -> tuple[int, int]:
    """Floating-point operations of the matrix products of a step: those of the layers, and those of SOAP.

    A layer multiplies once forward and, but for the input of the encoder, twice backward. SOAP turns gradient and
    momentum into the eigenbasis and the step back, and makes two Gram matrices; its decompositions do not count.
    """
    layers = [
        [(layer.in_features, layer.out_features) for layer in part.layers if isinstance(layer, torch.nn.Linear)]
        for part in (model.encoder, model.decoder)
    ]
    first = 2 * batch_size * layers[0][0][0] * layers[0][0][1]
    of_layers = sum(6 * batch_size * m * n for m, n in itertools.chain(*layers)) - first
    return of_layers, sum(8 * m * n * (m + n) for m, n in itertools.chain(*layers))


def product_rate(n: int = 2048) -> float:
    """Operations a second of a large matrix product in float32."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    out = torch.empty(n, n)
    return 2.0 * n**3 / cost(lambda: torch.mm(a, b, out=out), 3)


def share_of_products() -> list[Row]:
    """Share of the core's rate of matrix products that a step of the default network reaches."""
    rows, args = [], settings()
    for batch_size in (args.batch_size, 4 * args.batch_size):
        of_layers, of_soap = operations(network(args), batch_size)
        runs = alternate({"step": repeated(args, batch_size), "rate": lambda run: product_rate()})
        for what, counted, target in (
            ("layers", of_layers, ">= 0.6"),
            ("layers and SOAP", of_layers + of_soap, ""),
        ):
            rates = [counted / step for step in runs["step"]]
            rows.append(
                Row(
                    f"training step, default network, batch {batch_size}: {what} / rate of matrix products",
                    f"{np.median(rates) / 1e9:.0f} / {np.median(runs['rate']) / 1e9:.0f} Gflop/s",
                    ratios(rates, runs["rate"]),
                    target,
                )
            )
    return rows


def streaming(curves: int = 200_000, buffer: int = 50_000) -> list[Row]:
    """Training from a file through a buffer smaller than the data, against all of them in memory."""
    args = settings()
    model, step = stepper(args)
    with TemporaryDirectory() as folder:
        path = make_data(Path(folder), curves + 200, validation=100, test=100)
        with reading_split(path["curves"], path["split"], "train") as (_, parts):
            train = parts["train"]

            def read(rows):
                return model.coefficients(torch.as_tensor(train.velocity(rows)))

            def epochs(held):
                batches = Batches(read, curves, args.batch_size, held)
                return lambda run: cost(lambda: [step(batch) for batch in batches.epoch(epoch_generator(1, run))])

            runs = alternate({"memory": epochs(curves), "file": epochs(buffer)})
    measured = f"{curves / np.median(runs['file']):,.0f} / {curves / np.median(runs['memory']):,.0f} curves/s"
    what = f"training, one epoch of {curves:,} curves: from file, buffer {buffer:,} / in memory"
    return [Row(what, measured, ratios(runs["memory"], runs["file"]), ">= 0.8")]
