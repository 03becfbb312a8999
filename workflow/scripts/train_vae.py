"""Fit one variational autoencoder to the training curves.

Reads:  curves and split (HDF5); the validation curves choose the epoch, the test curves are not touched.
Writes: the model, ready to encode and decode km/s, and its loss history (CSV, nats per curve); while it trains
        a checkpoint, which the same training goes on from when it was killed and is started again.

Example, which prints the command line with the flags of config.yaml, to paste as it is or changed:

    snakemake -np -f results/full/seed1/model.pt
"""

import dataclasses

import numpy as np
import torch

from rotcurves import commandline, files, representation, tables
from rotcurves.batches import BLOCK, Batches
from rotcurves.checkpoint import Checkpoint, fingerprint
from rotcurves.commandline import Parser, count, counts, either, natural, nonnegative, positive, seed, share
from rotcurves.errors import UserError
from rotcurves.posterior import POSTERIORS
from rotcurves.split import reading_split
from rotcurves.threads import limit_threads
from rotcurves.training import DECAYS, OPTIMIZERS, Schedule, choose_device, fit
from rotcurves.vae import ACTIVATIONS, LEARNED, NONE, PRINCIPAL, VAE, Architecture, save

# Flags that change no byte of the model.
NOT_OF_THE_RESULT = ("curves", "split", "checkpoint", "checkpoint_interval", "model", "history")


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
    parser.flag("--shortcut", "linear code that the layers add to", choices=(PRINCIPAL, NONE))
    parser.flag("--decoder-sigma", "width or `learned`", type=either(LEARNED, positive))
    parser.flag("--batch-size", "curves or `full`", type=either("full", count))
    parser.flag("--shuffle-buffer", "curves that are in memory to be shuffled", type=count)
    parser.flag("--epochs", "passes through the training curves", type=count)
    parser.flag("--optimizer", "how the weights are found", choices=OPTIMIZERS)
    parser.flag("--learning-rate", "largest step size of the optimiser", type=positive)
    parser.flag("--learning-rate-warmup", "share of the steps in which it rises, 0 to 1", type=share)
    parser.flag("--learning-rate-decay", "how it falls afterwards", choices=DECAYS)
    parser.flag("--sigma-annealing", "share of the steps in which the least learned width falls, 0 to 1", type=share)
    parser.flag("--validation-interval", "epochs between validations", type=count)
    parser.flag("--patience", "epochs to wait for a better loss; 0: all", type=natural)
    parser.flag("--checkpoint-interval", "minutes between checkpoints", type=nonnegative)
    parser.flag("--device", "where to train", choices=("cpu", "cuda", "mps", "auto"))
    parser.flag("--threads", "threads of the numerics on the CPU", type=count)
    parser.flag("--seed", "seed of weights, batches and noise", type=seed)
    parser.flag("--checkpoint", "file to write while training, to go on from after a kill")
    parser.flag("--model", "model file to write")
    parser.flag("--history", "loss history to write (CSV)")
    return parser.parse_args(argv)


def moments(train, radii, logarithmic):
    """Mean and covariance of the velocities of the training curves, or of their logarithms."""
    found = representation.Moments(radii)
    for rows in files.pieces(len(train), rows=BLOCK):
        v = train.velocity(rows).astype(np.float64)
        found.add(np.log(v) if logarithmic else v)
    return found


def build(args, radius, moments):
    """A new network on the representation that the moments of the training curves make, initialised by the seed."""
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
            shortcut=args.shortcut,
            decoder_sigma=args.decoder_sigma,
        )
    )
    model.set_representation(radius, represented)
    if args.shortcut == PRINCIPAL:
        model.set_shortcut(*representation.principal_axes(represented, moments, args.latent_dimension))
    return model


def main(argv=None):
    args = parse_args(argv)
    limit_threads(args.threads)
    device = choose_device(args.device)
    with reading_split(args.curves, args.split, "train", "validation") as (radius, parts):
        train = parts["train"]
        model = build(args, radius, moments(train, len(radius), logarithmic=args.representation != "linear"))

        def coefficients(velocity):
            return model.coefficients(torch.as_tensor(velocity)).to(device)

        validation = coefficients(parts["validation"].velocity())
        settings = {name: value for name, value in vars(args).items() if name not in NOT_OF_THE_RESULT}
        identity = fingerprint(__file__, settings, model.state_dict(), {"validation": validation})
        checkpoint = Checkpoint(args.checkpoint, args.checkpoint_interval, identity)
        model.trained_on(device)
        batch_size = len(train) if args.batch_size == "full" else args.batch_size
        buffer = max(args.shuffle_buffer, batch_size)
        batches = Batches(lambda rows: coefficients(train.velocity(rows)), len(train), batch_size, buffer)
        schedule = Schedule(**{field.name: getattr(args, field.name) for field in dataclasses.fields(Schedule)})
        history = fit(model, batches, validation, schedule, args.seed, checkpoint)
    tables.write(args.history, history[0], history)
    save(model, args.model)
    checkpoint.remove()


if __name__ == "__main__":
    commandline.run(main)
