"""Draw new codes from densities fitted to the latent codes and decode them to rotation curves.

Reads:  the model and the codes of its training curves (HDF5).
Writes: for each sampler codes, their curves [km/s] over radius [kpc], and the density itself as a Gaussian mixture
        (HDF5).
"""

import numpy as np

from curvae.densities.samplers import SAMPLERS
from curvae.model.files import load
from curvae.model.generation import write_generated
from curvae.runtime import commandline
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5

# Training curves whose codes a density is fitted to, the first; their order is random.
MOST_CODES = 500_000
NAMES = {"type": "array", "minItems": 1, "items": {"enum": list(SAMPLERS)}}


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(model="model", latents="latent codes (HDF5)")
    parser.flag("samplers", "densities of the codes, as in a,b", type=commandline.reader(NAMES))
    parser.settings("generate_curves")
    parser.settings("general", "threads", "seed")
    parser.writes_all(generated="codes, curves and density (HDF5), one file for each sampler")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    model = load(args.model)
    d = model.architecture.latent_dimension
    with hdf5.reading(args.latents, mean=("curve", d), scale_tril=("curve", d, d)) as source:
        mean, scale_tril = (source[name][:MOST_CODES].astype(np.float64) for name in ("mean", "scale_tril"))
    hdf5.check_finite(args.latents, mean, scale_tril)
    for sampler, path in commandline.pairs(args, "samplers", "generated"):
        density = SAMPLERS[sampler](mean, scale_tril, args.seed)
        write_generated(path, model, density, sampler, args.galaxies, args.seed)


if __name__ == "__main__":
    commandline.run(main)
