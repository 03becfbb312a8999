"""Draw new codes from a density fitted to the latent codes and decode them to rotation curves.

Reads:  the model and the codes of its training curves (HDF5).
Writes: codes, their curves [km/s] over radius [kpc], and the density itself as a Gaussian mixture (HDF5).
"""

import numpy as np

from rotcurves.model.files import load
from rotcurves.model.generation import write_generated
from rotcurves.runtime import commandline
from rotcurves.runtime.threads import limit_threads
from rotcurves.sampling.samplers import SAMPLERS
from rotcurves.storage import hdf5

# Training curves whose codes a density is fitted to, the first; their order is random.
MOST_CODES = 500_000


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
    write_generated(args.generated, model, density, args.sampler, args.galaxies, args.seed)


if __name__ == "__main__":
    commandline.run(main)
