"""Fit one variational autoencoder to the training curves.

Reads:  curves and split (HDF5); test curves are not touched.
Writes: the model, ready to encode and decode km/s, and its loss history (CSV, nats per curve); while it trains
        MODEL.checkpoint, from which the same training resumes if it was killed.
"""

import dataclasses
import math

import numpy as np
import torch

from curvae.model import files, representation
from curvae.model.batches import READ_AT_ONCE, Batches
from curvae.model.checkpoint import Checkpoint, fingerprint
from curvae.model.network import PRINCIPAL, VAE, Architecture
from curvae.model.training import choose_device, train
from curvae.runtime import commandline, streams
from curvae.runtime.errors import UserError
from curvae.runtime.rows import pieces
from curvae.runtime.threads import limit_threads
from curvae.sources import sources
from curvae.storage import hdf5
from curvae.storage.curves import described, read_attribute
from curvae.storage.split import reading_split
from curvae.storage.tables import write_table

AUTO, MOST_VALIDATIONS = "auto", 100
GENEROUS = 10  # latents for curves of which it is not known how many numbers make them: those not needed stay unused
FEWEST_FITTED, MOST_FITTED = 20_000, 100_000  # codes that parameters are fitted to; each training curve has one or more
# Flags that do not change the model.
NOT_OF_THE_RESULT = ("curves", "split", "checkpoint_interval", "model", "history")


def moments(path, curves, radii, logarithmic):
    """Mean and covariance of the velocities of the training curves, or of their logarithms."""
    found = representation.Moments(radii)
    for rows in pieces(len(curves), rows=READ_AT_ONCE):
        v = curves.velocity(rows).astype(np.float64)
        if logarithmic and not (v > 0.0).all():
            raise UserError(f"{path}: holds velocities that are not above zero; only representation linear takes them")
        found.add(np.log(v) if logarithmic else v)
    return found


def build(args, radius, moments, parameters=(), freedoms=GENEROUS):
    """A new network on the representation that the moments of the training curves make, initialised by the seed.

    `parameters` are the names of what is known of the galaxies, `freedoms` is how many numbers make a curve.
    """
    represented = representation.make(args.representation, moments, radius, args.principal_components)
    if args.latent_dimension == AUTO:
        args.latent_dimension = freedoms
    amplitude = represented.spread is not None
    if amplitude and args.latent_dimension < 2:
        raise UserError(f"latent_dimension: 1 is less than 2, the least for representation {args.representation}")
    if amplitude and args.skip_connection == PRINCIPAL:
        raise UserError(f"skip_connection: {PRINCIPAL}, but representation {args.representation} has none")
    known = {field.name for field in dataclasses.fields(Architecture)}
    architecture = Architecture(
        radii=len(radius),
        coefficients=represented.analysis.shape[1],
        logarithmic=represented.logarithmic,
        parameters=parameters,
        amplitude=amplitude,
        **{name: value for name, value in vars(args).items() if name in known},
    )
    torch.manual_seed(args.seed)
    model = VAE(architecture, model=args.name, seed=args.seed)
    model.set_representation(radius, represented)
    if args.skip_connection == PRINCIPAL:
        model.set_skip_connection(*representation.principal_axes(represented, moments, args.latent_dimension))
    return model


@torch.no_grad()
def learn_what_is_known(model, path, train, validation, seed):
    """Fit the parameters of the galaxies to their codes, and keep what is usual, of curves that are not trained on.

    Codes are drawn from the posteriors, as generated and inferred ones are: the means of a latent that no curve needs
    are next to nothing, and a fit to them is nonsense elsewhere.
    """
    random = torch.Generator().manual_seed(streams.torch_seed(seed, streams.Stream.REGRESSION))
    with hdf5.reading(path, parameters=("curve", len(model.architecture.parameters))) as source:

        def codes(part, rows):
            numbers = hdf5.take(source["parameters"], part.rows(rows))
            hdf5.check_finite(path, numbers)
            coefficients = model.coefficients(torch.as_tensor(part.velocity(rows)))
            posterior = model.posterior(coefficients)
            noise = torch.randn(posterior.mean.shape, generator=random)
            return posterior.sample(noise), torch.as_tensor(numbers)

        passes = math.ceil(FEWEST_FITTED / len(train))
        rows_of = [rows for _ in range(passes) for rows in pieces(min(len(train), MOST_FITTED), rows=READ_AT_ONCE)]
        pairs = (codes(train, rows) for rows in rows_of)
        model.to_parameters.fit(pairs, codes(validation, slice(None)))
    model.learn_limits(model.coefficients(torch.as_tensor(validation.velocity())))


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves (HDF5)", split="split (HDF5)")
    parser.settings("train_vae")
    parser.settings("general", "device", "threads", "seed")
    parser.flag("name", "name of the model, which tables and figures show")
    parser.writes(model="model", history="loss history (CSV)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    device = choose_device(args.device)
    with reading_split(args.curves, args.split, "train", "validation") as (radius, parts):
        curves = parts["train"]
        logarithmic = args.representation != "linear"
        found = moments(args.curves, curves, len(radius), logarithmic)
        freedoms = read_attribute(args.curves, "degrees_of_freedom", GENEROUS)
        model = build(args, radius, found, described(args.curves)[0], int(freedoms))

        def coefficients(velocity):
            return model.coefficients(torch.as_tensor(velocity)).to(device)

        validation = coefficients(parts["validation"].velocity())
        settings = {name: value for name, value in vars(args).items() if name not in NOT_OF_THE_RESULT}
        code = [__file__, *sources(__file__)]
        identity = fingerprint(code, settings, model.state_dict(), {"validation": validation})
        checkpoint = Checkpoint(f"{args.model}.checkpoint", args.checkpoint_interval, identity)
        model.move_networks_to(device)
        batch_size = len(curves) if args.batch_size == "full" else args.batch_size
        buffer = max(args.shuffle_buffer, batch_size)
        batches = Batches(lambda rows: coefficients(curves.velocity(rows)), len(curves), batch_size, buffer)
        if args.epochs == AUTO:
            args.epochs = max(1, round(args.steps / len(batches)))
        if args.validation_interval == AUTO:
            args.validation_interval = math.ceil(args.epochs / MOST_VALIDATIONS)
        history = train(model, batches, validation, args, args.seed, checkpoint)
        model.move_networks_to("cpu")
        learn_what_is_known(model, args.curves, curves, parts["validation"], args.seed)
    rows = [{**model.identity, **row} for row in history]
    write_table(args.history, rows[0], rows)
    files.save(model, args.model)
    checkpoint.remove()


if __name__ == "__main__":
    commandline.run(main)
