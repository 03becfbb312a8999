r"""Draw new codes from a density fitted to the latent codes and decode them to rotation curves.

Reads:  the model and the codes of its training curves (HDF5).
Writes: codes, their curves [km/s] over radius [kpc], and the density itself as a Gaussian mixture (HDF5).

Example:

    python workflow/scripts/generate_curves.py \
        --model results/full/seed1/model.pt --latents results/full/seed1/latents.h5 \
        --sampler normal --galaxies 100 --threads 1 --seed 2 --generated generated.h5
"""

import numpy as np
import torch

from rotcurves import commandline, files
from rotcurves.commandline import Parser, count, seed
from rotcurves.progress import progress
from rotcurves.samplers import SAMPLERS
from rotcurves.threads import limit_threads
from rotcurves.vae import load

# Training curves whose codes a density is fitted to, the first; their order is random.
MOST_CODES = 500_000


def parse_args(argv=None):
    parser = Parser(__doc__)
    parser.flag("--model", "model file to read")
    parser.flag("--latents", "file of codes to read (HDF5)")
    parser.flag("--sampler", "density of the codes", choices=SAMPLERS)
    parser.flag("--galaxies", "number of curves to generate", type=count)
    parser.flag("--threads", "threads of the numerics on the CPU", type=count)
    parser.flag("--seed", "seed of the density and of the draws", type=seed)
    parser.flag("--generated", "file to write (HDF5)")
    return parser.parse_args(argv)


@torch.no_grad()
def main(argv=None):
    args = parse_args(argv)
    limit_threads(args.threads)
    model = load(args.model)
    d = model.architecture.latent_dimension
    with files.reading(args.latents, mean=("curve", d), scale_tril=("curve", d, d)) as source:
        mean, scale_tril = (source[name][:MOST_CODES].astype(np.float64) for name in ("mean", "scale_tril"))
    files.check_finite(args.latents, mean, scale_tril)
    density = SAMPLERS[args.sampler](mean, scale_tril, args.seed)
    with files.create(args.generated) as writer:
        writer.axis("curve", args.galaxies)
        writer.axis("latent", np.arange(d))
        writer.axis("noise", np.arange(d))
        writer.axis("component", np.arange(len(density.weight)))
        code = writer.dataset("code", ("curve", "latent"), "f4", "1", "latent code")
        velocity = files.velocity_dataset(writer, model.radius.numpy())
        drawn = density.blocks(args.galaxies, args.seed)
        for rows, codes in progress(drawn, args.galaxies, "drawing and decoding", "curves"):
            code[rows] = codes = codes.astype(np.float32)
            velocity[rows] = model.decode(torch.as_tensor(codes)).numpy()
        for name, axes, values in (
            ("weight", ("component",), density.weight),
            ("component_mean", ("component", "latent"), density.mean),
            ("component_scale_tril", ("component", "latent", "noise"), density.scale_tril),
        ):
            writer.dataset(name, axes, "f8", "1", "density of the codes: a Gaussian mixture")[...] = values


if __name__ == "__main__":
    commandline.run(main)
