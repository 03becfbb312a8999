r"""Send the training curves to the latent space, and the validation curves through the whole model.

Reads:  curves and split (HDF5) and the model.
Writes: posterior means and Cholesky factors of the covariances of all training curves, with draws from
        the posteriors of some of them (HDF5); validation curves beside their reconstructions, each
        decoded from its posterior mean (HDF5).

Example:

    python workflow/scripts/encode_curves.py \
        --curves results/curves.h5 --split results/split.h5 --model results/full/seed1/model.pt \
        --sampled-curves 50 --draws 5 --threads 1 --seed 2 \
        --latents latents.h5 --reconstructions reconstructions.h5
"""

import numpy as np
import torch

from rotcurves import commandline, files, streams
from rotcurves.commandline import Parser, count, seed
from rotcurves.progress import progress
from rotcurves.split import reading_split
from rotcurves.threads import limit_threads
from rotcurves.vae import load_for

# Curves that are in the network at once: few enough that what it makes of them hardly counts in memory.
ROWS = 8192


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--curves", "file of curves to read (HDF5)")
    parser.flag("--split", "file of the split to read (HDF5)")
    parser.flag("--model", "model file to read")
    parser.flag("--sampled-curves", "training curves to draw codes for, the first", type=count)
    parser.flag("--draws", "codes drawn from each of their posteriors", type=count)
    parser.flag("--threads", "threads of the numerics on the CPU", type=count)
    parser.flag("--seed", "seed of the draws", type=seed)
    parser.flag("--latents", "file of codes to write (HDF5)")
    parser.flag("--reconstructions", "file of reconstructions to write (HDF5)")
    return parser.parse_args(argv)


def write_latents(writer, model, train, sampled, draws, seed):
    """Encode the training curves piece by piece, and draw from the posteriors of the first `sampled`."""
    d = model.architecture.latent_dimension
    writer.axis("curve", train.index)
    writer.axis("latent", np.arange(d))
    writer.axis("noise", np.arange(d))
    writer.axis("sampled_curve", train.index[:sampled])
    writer.axis("draw", draws)
    mean = writer.dataset("mean", ("curve", "latent"), "f4", "1", "posterior mean")
    factor = "lower Cholesky factor of the posterior covariance"
    scale_tril = writer.dataset("scale_tril", ("curve", "latent", "noise"), "f4", "1", factor)
    samples = writer.dataset("samples", ("sampled_curve", "draw", "latent"), "f4", "1", "posterior draws")
    for rows in progress(files.pieces(len(train), ROWS), len(train), "encoding", "curves"):
        posterior = model.encode(torch.as_tensor(train.velocity(rows)))
        mean[rows], scale_tril[rows] = posterior.mean.numpy(), posterior.scale_tril().numpy()
    blocks = streams.blocks(len(samples), seed, streams.Stream.POSTERIOR_DRAWS)
    for rows, random in progress(blocks, len(samples), "drawing codes", "curves"):
        noise = random.standard_normal((rows.stop - rows.start, draws, d))
        samples[rows] = mean[rows][:, None] + np.einsum("nij,nsj->nsi", scale_tril[rows], noise)


def write_reconstructions(writer, model, validation):
    """Encode and decode the validation curves piece by piece."""
    writer.axis("curve", validation.index)
    truth = files.velocity_dataset(writer, model.radius.numpy())
    decoded = files.velocity_dataset(writer, model.radius.numpy(), "reconstruction")
    for rows in progress(files.pieces(len(validation), ROWS), len(validation), "reconstructing", "curves"):
        truth[rows] = velocity = validation.velocity(rows)
        decoded[rows] = model.decode(model.encode(torch.as_tensor(velocity)).mean).numpy()


@torch.no_grad()
def main(argv=None):
    args = parse_args(argv)
    limit_threads(args.threads)
    with reading_split(args.curves, args.split, "train", "validation") as (radius, parts):
        model = load_for(args.model, radius, args.curves)
        with files.create(args.latents) as latents, files.create(args.reconstructions) as reconstructions:
            write_latents(latents, model, parts["train"], args.sampled_curves, args.draws, args.seed)
            write_reconstructions(reconstructions, model, parts["validation"])


if __name__ == "__main__":
    commandline.run(main)
