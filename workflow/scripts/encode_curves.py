"""Encode the training curves, and reconstruct the validation curves.

Reads:  curves and split (HDF5) and the model.
Writes: posterior means and Cholesky factors of the covariances of all training curves, with draws from
        the posteriors of some of them (HDF5); validation curves beside their reconstructions, each
        decoded from its posterior mean and from one draw from its posterior (HDF5).
"""

import numpy as np
import torch

from curvae.model.files import load_for
from curvae.runtime import commandline, streams
from curvae.runtime.progress import progress
from curvae.runtime.rows import COMPUTED_ROWS, pieces
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5
from curvae.storage.curves import velocity_dataset
from curvae.storage.split import reading_split


def write_latents(writer, model, train, sampled, draws, seed):
    """Encode the training curves piece by piece, and draw from the posteriors of the first `sampled`."""
    d = model.architecture.latent_dimension
    writer.axis("curve", train.index)
    writer.counted(latent=d, noise=d)
    writer.axis("sampled_curve", train.index[:sampled])
    writer.axis("draw", draws)
    mean = writer.dataset("mean", ("curve", "latent"), "f4", "1", "posterior mean")
    factor = "lower Cholesky factor of the posterior covariance"
    scale_tril = writer.dataset("scale_tril", ("curve", "latent", "noise"), "f4", "1", factor)
    samples = writer.dataset("samples", ("sampled_curve", "draw", "latent"), "f4", "1", "posterior draws")
    for rows in progress(pieces(len(train), COMPUTED_ROWS), len(train), "encoding", "curves"):
        posterior = model.posterior(model.coefficients(torch.as_tensor(train.velocity(rows))))
        mean[rows], scale_tril[rows] = posterior.mean.numpy(), posterior.scale_tril().numpy()
    blocks = streams.blocks(len(samples), seed, streams.Stream.POSTERIOR_DRAWS)
    for rows, random in progress(blocks, len(samples), "drawing codes", "curves"):
        noise = random.standard_normal((rows.stop - rows.start, draws, d))
        samples[rows] = mean[rows][:, None] + np.einsum("nij,nsj->nsi", scale_tril[rows], noise)


def write_reconstructions(writer, model, validation, seed):
    """Encode and decode the validation curves piece by piece."""
    writer.axis("curve", validation.index)
    truth = velocity_dataset(writer, model.radius.numpy())
    decoded = velocity_dataset(writer, model.radius.numpy(), "reconstruction")
    drawn = velocity_dataset(writer, model.radius.numpy(), "reconstruction_of_draw")
    rows_of = pieces(len(validation), COMPUTED_ROWS)
    for number, rows in enumerate(progress(rows_of, len(validation), "reconstructing", "curves")):
        truth[rows] = velocity = validation.velocity(rows)
        posterior = model.posterior(model.coefficients(torch.as_tensor(velocity)))
        noise = streams.generator(seed, streams.Stream.RECONSTRUCTIONS, number).standard_normal(posterior.mean.shape)
        drawn_code = posterior.sample(torch.as_tensor(noise).float())
        decoded[rows], drawn[rows] = (model.velocity(model.decoder(code)) for code in (posterior.mean, drawn_code))


@torch.no_grad()
def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(curves="rotation curves (HDF5)", split="split (HDF5)", model="model")
    parser.settings("encode_curves")
    parser.settings("general", "threads", "seed")
    parser.writes(latents="latent codes (HDF5)", reconstructions="reconstructed curves (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    with reading_split(args.curves, args.split, "train", "validation") as (radius, parts):
        model = load_for(args.model, radius, args.curves)
        with hdf5.create(args.latents) as latents, hdf5.create(args.reconstructions) as reconstructions:
            write_latents(latents, model, parts["train"], args.sampled_curves, args.draws, args.seed)
            write_reconstructions(reconstructions, model, parts["validation"], args.seed)


if __name__ == "__main__":
    commandline.run(main)
