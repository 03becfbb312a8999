"""Fit one variational autoencoder to the training curves.

Reads:  curves and split (HDF5); the validation curves choose the epoch, the test curves are not touched.
Writes: the model, ready to encode and decode km/s, and its loss history (CSV, nats per curve).
"""

import dataclasses

import numpy as np
import torch

from rotcurves import commandline, files, representation, streams, tables
from rotcurves.commandline import Parser, count, counts, either, natural, positive, seed, share
from rotcurves.errors import UserError
from rotcurves.posterior import POSTERIORS
from rotcurves.threads import limit_threads
from rotcurves.training import DECAYS, OPTIMIZERS, Schedule, choose_device, fit
from rotcurves.vae import ACTIVATIONS, LEARNED, VAE, Architecture, save


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--curves", "file of curves to read (HDF5)")
    parser.flag("--split", "file of the split to read (HDF5)")
    parser.flag("--latent-dimension", "dimensions of the code", type=count)
    parser.flag("--posterior", "shape of the posterior covariance", choices=POSTERIORS)
    parser.flag("--representation", "what the network reads and writes", choices=("components", "log", "linear"))
    parser.flag("--components", "coefficients of representation `components`", type=count)
    parser.flag("--encoder-widths", "layers, as in 64,64", type=counts)
    parser.flag("--decoder-widths", "layers, as in 64,64", type=counts)
    parser.flag("--activation", "between layers", choices=ACTIVATIONS)
    parser.flag("--decoder-sigma", "width or `learned`", type=either(LEARNED, positive))
    parser.flag("--batch-size", "curves or `full`", type=either("full", count))
    parser.flag("--epochs", "passes through the training curves", type=count)
    parser.flag("--optimizer", "how the weights are found", choices=OPTIMIZERS)
    parser.flag("--learning-rate", "largest step size of the optimiser", type=positive)
    parser.flag("--learning-rate-warmup", "share of the steps in which it rises, 0 to 1", type=share)
    parser.flag("--learning-rate-decay", "how it falls afterwards", choices=DECAYS)
    parser.flag("--sigma-annealing", "share of the steps in which the least learned width falls, 0 to 1", type=share)
    parser.flag("--validation-interval", "epochs between validations", type=count)
    parser.flag("--patience", "epochs to wait for a better loss; 0: all", type=natural)
    parser.flag("--device", "where to train", choices=("cpu", "cuda", "mps", "auto"))
    parser.flag("--threads", "threads of the numerics on the CPU", type=count)
    parser.flag("--seed", "seed of weights, batches and noise", type=seed)
    parser.flag("--model", "model file to write")
    parser.flag("--history", "loss history to write (CSV)")
    return parser.parse_args(argv)


def moments_of(velocity, logarithmic):
    """Mean and covariance of velocities (n, m), or of their logarithms."""
    moments = representation.Moments(velocity.shape[1])
    for rows in files.pieces(len(velocity)):
        u = velocity[rows].astype(np.float64)
        moments.add(np.log(u) if logarithmic else u)
    return moments


def build(args, radius, velocity):
    """A new network on the representation of the training velocities (n, m), initialised by the seed."""
    moments = moments_of(velocity, logarithmic=args.representation != "linear")
    try:
        represented = representation.make(args.representation, moments, radius, args.components)
    except ValueError as error:
        raise UserError(f"components: {error}; use fewer than {args.components}") from error
    torch.manual_seed(args.seed)
    model = VAE(
        Architecture(
            radii=len(radius),
            coefficients=represented.analysis.shape[1],
            logarithmic=represented.logarithmic,
            latent_dimension=args.latent_dimension,
            posterior=args.posterior,
            encoder_widths=args.encoder_widths,
            decoder_widths=args.decoder_widths,
            activation=args.activation,
            decoder_sigma=args.decoder_sigma,
        )
    )
    model.set_representation(radius, represented)
    return model


def main(argv=None):
    args = parse_args(argv)
    limit_threads(args.threads)
    device = choose_device(args.device)
    radius, index, velocity = files.read_split(args.curves, args.split, "train", "validation")
    model = build(args, radius, velocity["train"])
    coefficients = [model.coefficients(torch.as_tensor(velocity[part])).to(device) for part in index]
    model.trained_on(device)
    settings = {field.name: getattr(args, field.name) for field in dataclasses.fields(Schedule)}
    if args.batch_size == "full":
        settings["batch_size"] = len(index["train"])
    generator = torch.Generator().manual_seed(streams.torch_seed(args.seed, streams.Stream.TRAINING))
    history = fit(model, *coefficients, Schedule(**settings), generator)
    tables.write(args.history, history[0], history)
    save(model, args.model)


if __name__ == "__main__":
    commandline.run(main)
