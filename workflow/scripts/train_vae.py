"""Fit one variational autoencoder to the training curves.

Reads:  curves and split (HDF5); test curves are not touched.
Writes: the model, ready to encode and decode km/s, and its loss history (CSV, nats per curve); while it trains
        MODEL.checkpoint, from which the same training resumes if it was killed.
"""

import math
from dataclasses import asdict, fields

import numpy as np
import torch

from curvae.model import files, representation
from curvae.model.batches import BLOCK, Batches
from curvae.model.checkpoint import Checkpoint, fingerprint
from curvae.model.network import PRINCIPAL, VAE, Architecture
from curvae.model.training import TrainingSettings, choose_device, train
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
FALLBACK_LATENTS = 10  # for curves of unknown intrinsic dimension: latents that are not needed stay unused
FEWEST_FITTED, MOST_FITTED = 20_000, 100_000  # codes that parameters are fitted to; each training curve has one or more


def resolve(args, curves: int, intrinsic_dimension: int = FALLBACK_LATENTS) -> TrainingSettings:
    """The settings of a training on so many curves, with a number for every `auto` and `full`.

    `intrinsic_dimension` is how many numbers make a curve.
    """
    settings = dict(vars(args))
    if settings["latent_dimension"] == AUTO:
        settings["latent_dimension"] = intrinsic_dimension
    if settings["batch_size"] == "full":
        settings["batch_size"] = curves
    if settings["epochs"] == AUTO:
        settings["epochs"] = max(1, round(settings["steps"] / math.ceil(curves / settings["batch_size"])))
    if settings["validation_interval"] == AUTO:
        settings["validation_interval"] = math.ceil(settings["epochs"] / MOST_VALIDATIONS)
    return TrainingSettings(**{field.name: settings[field.name] for field in fields(TrainingSettings)})


def moments(path, curves, radii, logarithmic):
    """Mean and covariance of the velocities of the training curves, or of their logarithms."""
    moments = representation.Moments(radii)
    for rows in pieces(len(curves), BLOCK):
        v = curves.velocity(rows).astype(np.float64)
        if logarithmic and not (v > 0.0).all():
            raise UserError(f"{path}: holds velocities that are not above zero; only representation linear takes them")
        moments.add(np.log(v) if logarithmic else v)
    return moments


def build(settings: TrainingSettings, radius, moments, parameters=()):
    """A new network on the representation that the moments of the training curves make, initialised by the seed.

    `parameters` are the names of what is known of the galaxies.
    """
    represented = representation.make(settings.representation, moments, radius, settings.principal_components)
    amplitude, principal = represented.spread is not None, settings.skip_connection == PRINCIPAL
    if amplitude and settings.latent_dimension < 2:
        raise UserError(f"latent_dimension: 1 is less than 2, the least for representation {settings.representation}")
    if amplitude and principal:
        raise UserError(f"skip_connection: {PRINCIPAL}, but representation {settings.representation} has none")
    architecture = Architecture(
        radii=len(radius),
        coefficients=represented.analysis.shape[1],
        logarithmic=represented.logarithmic,
        latent_dimension=settings.latent_dimension,
        posterior=settings.posterior,
        encoder_widths=settings.encoder_widths,
        decoder_widths=settings.decoder_widths,
        activation=settings.activation,
        skip_connection=settings.skip_connection,
        decoder_sigma=settings.decoder_sigma,
        parameters=parameters,
        amplitude=amplitude,
    )
    torch.manual_seed(settings.seed)
    model = VAE(architecture, model=settings.name, seed=settings.seed)
    model.set_representation(radius, represented)
    if principal:
        model.set_skip_connection(*representation.principal_axes(represented, moments, settings.latent_dimension))
    return model


@torch.no_grad()
def fit_parameter_regression(model, path, train, validation, seed):
    """Fit the parameters of the galaxies to their codes; the errors are those on curves that are not trained on.

    Codes are drawn from the posteriors, as generated and inferred ones are. The posterior means of a latent that no
    curve needs hardly differ, and a fit to them would be nonsense elsewhere.
    """
    random = torch.Generator().manual_seed(streams.torch_seed(seed, streams.Stream.REGRESSION))
    with hdf5.reading(path, parameters=("curve", len(model.architecture.parameters))) as source:

        def codes(part, rows):
            numbers = hdf5.take(source["parameters"], part.rows(rows))
            hdf5.check_finite(path, numbers)
            posterior = model.posterior(model.coefficients(torch.as_tensor(part.velocity(rows))))
            noise = torch.randn(posterior.mean.shape, generator=random)
            return posterior.sample(noise), torch.as_tensor(numbers)

        passes = math.ceil(FEWEST_FITTED / len(train))
        rows_of = [rows for _ in range(passes) for rows in pieces(min(len(train), MOST_FITTED), BLOCK)]
        pairs = (codes(train, rows) for rows in rows_of)
        model.to_parameters.fit(pairs, codes(validation, slice(None)))


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
        intrinsic_dimension = int(read_attribute(args.curves, "degrees_of_freedom", FALLBACK_LATENTS))
        settings = resolve(args, len(curves), intrinsic_dimension)
        of_curves = moments(args.curves, curves, len(radius), settings.representation != "linear")
        model = build(settings, radius, of_curves, described(args.curves)[0])

        def coefficients(velocity):
            return model.coefficients(torch.as_tensor(velocity)).to(device)

        validation = coefficients(parts["validation"].velocity())
        code, machine = [__file__, *sources(__file__)], {"device": args.device, "threads": args.threads}
        identity = fingerprint(code, asdict(settings) | machine, model.state_dict(), {"validation": validation})
        checkpoint = Checkpoint(f"{args.model}.checkpoint", args.checkpoint_interval, identity)
        model.move_networks_to(device)
        buffer = max(settings.shuffle_buffer, settings.batch_size)
        batches = Batches(lambda rows: coefficients(curves.velocity(rows)), len(curves), settings.batch_size, buffer)
        history = train(model, batches, validation, settings, checkpoint)
        model.move_networks_to("cpu")
        fit_parameter_regression(model, args.curves, curves, parts["validation"], settings.seed)
        model.set_outlier_thresholds(model.coefficients(torch.as_tensor(parts["validation"].velocity())))
    rows = [{**model.identity, **row} for row in history]
    write_table(args.history, rows[0], rows)
    files.save(model, args.model)
    checkpoint.remove()


if __name__ == "__main__":
    commandline.run(main)
