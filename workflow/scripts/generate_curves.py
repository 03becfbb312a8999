"""Draw new codes from a density fitted to the latent codes and decode them to rotation curves.

Reads:  the model and the codes of its training curves (HDF5).
Writes: codes, their curves [km/s] over radius [kpc], and the density itself as a Gaussian mixture (HDF5).
"""

import numpy as np
import torch

from rotcurves.model.files import load
from rotcurves.runtime import commandline
from rotcurves.runtime.progress import progress
from rotcurves.runtime.threads import limit_threads
from rotcurves.sampling.samplers import SAMPLERS
from rotcurves.storage import hdf5
from rotcurves.storage.curves import velocity_dataset

# Training curves whose codes a density is fitted to, the first; their order is random.
MOST_CODES = 500_000


@torch.no_grad()
def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(model="model", latents="latent codes (HDF5)")
    parser.flag("sampler", "density of the codes", choices=SAMPLERS)
    parser.settings("generate_curves")
    parser.settings("general", "threads", "seed")
    parser.writes(generated="codes, curves and density (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    model = load(args.model)
    d = model.architecture.latent_dimension
    with hdf5.reading(args.latents, mean=("curve", d), scale_tril=("curve", d, d)) as source:
        mean, scale_tril = (source[name][:MOST_CODES].astype(np.float64) for name in ("mean", "scale_tril"))
    hdf5.check_finite(args.latents, mean, scale_tril)
    density = SAMPLERS[args.sampler](mean, scale_tril, args.seed)
    with hdf5.create(args.generated) as writer:
        writer.attributes(**model.identity, sampler=args.sampler)
        writer.axis("curve", args.galaxies)
        writer.counted(latent=d, noise=d, component=len(density.weight))
        code = writer.dataset("code", ("curve", "latent"), "f4", "1", "latent code")
        velocity = velocity_dataset(writer, model.radius.numpy())
        drawn = density.blocks(args.galaxies, args.seed)
        for rows, codes in progress(drawn, args.galaxies, "drawing and decoding", "curves"):
            code[rows] = codes = codes.astype(np.float32)
            velocity[rows] = model.velocity(model.decoder(torch.as_tensor(codes))).numpy()
        for name, axes, values in (
            ("weight", ("component",), density.weight),
            ("component_mean", ("component", "latent"), density.mean),
            ("component_scale_tril", ("component", "latent", "noise"), density.scale_tril),
        ):
            writer.dataset(name, axes, "f8", "1", "density of the codes: a Gaussian mixture")[...] = values


if __name__ == "__main__":
    commandline.run(main)
