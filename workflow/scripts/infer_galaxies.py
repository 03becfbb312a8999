"""Infer the codes, curves and parameters of observed galaxies, each given all its points.

Reads:  observed galaxies and training curves (HDF5; of the latter what they were computed with), the model, and curves
        generated from the density that is the prior of the codes (HDF5).
Writes: draws from the posterior of each galaxy: codes, curves at the model's radii, parameters; evidence, how well it
        was sampled, and how typical, physical and well fitted it is; parameters of draws from the prior (HDF5).
"""

import numpy as np

from curvae.densities.files import read_density
from curvae.inference.error_models import ErrorModel
from curvae.inference.flags import attributes_of
from curvae.inference.galaxy import GalaxyInference
from curvae.inference.generator import Generator
from curvae.inference.parameters import read_forward_model
from curvae.model.files import load_for
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.runtime.progress import progress
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5
from curvae.storage.curves import described, read_attribute, read_attributes
from curvae.storage.observations import read_observations
from curvae.storage.posteriors import posterior_datasets


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(observations="observed galaxies (HDF5)", curves="training curves (HDF5)", model="model")
    parser.reads(generated="curves generated from the prior (HDF5)")
    parser.settings("infer_galaxies")
    parser.settings("general", "threads", "seed")
    parser.flag("batch", "number of this batch, from 1", type=int)
    parser.writes(posteriors="posteriors of the galaxies (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    with hdf5.reading(args.curves, velocity=("curve", "radius"), radius=("radius",)) as file:
        model = load_for(args.model, file["radius"][...], args.curves)
    d = model.architecture.latent_dimension
    if (sampler := read_attributes(args.generated, "sampler")["sampler"]) != args.latent_prior:
        raise UserError(f"{args.generated}: is of sampler {sampler}, but the prior is {args.latent_prior}")
    generator = Generator(model, read_density(args.generated, d))
    about = described(args.curves)
    if list(model.architecture.parameters) != about[0]:
        raise UserError(f"{args.curves}: its parameters are not those that {args.model} was trained with")
    # A population has its own prior of a free scatter.
    scatter = {name: getattr(ErrorModel, name) for name in ("log_scatter", "scatter_width")}
    scatter = {name: read_attribute(args.generated, name, value) for name, value in scatter.items()}
    errors = ErrorModel(args.error_model, args.error_floor, **scatter)
    galaxies = read_observations(args.observations)
    rows = np.array_split(np.arange(len(galaxies)), args.jobs)[args.batch - 1]
    if not len(rows):
        raise UserError(f"{args.observations}: holds {len(galaxies)} galaxies, fewer than jobs ({args.jobs})")
    inference = GalaxyInference(generator, errors, read_forward_model(args.curves), args.seed)
    with hdf5.create(args.posteriors) as writer:
        writer.attributes(**model.identity, **attributes_of(inference.limits))
        names = [galaxies[row].name for row in rows]
        shape = args.posterior_draws, d, model.radius.numpy()
        prior, free = inference.prior_parameters, bool(errors.parameters)
        datasets = posterior_datasets(writer, names, *shape, about, prior, free)
        for i in progress(range(len(rows)), len(rows), "inferring", "galaxies"):
            galaxy = galaxies[rows[i]]
            posterior = inference.infer(galaxy, args.posterior_draws, int(rows[i]) + 1)
            counts = {"points": len(galaxy.radius), "left_out": galaxy.left_out}
            values = {**vars(posterior), **posterior.numbers, **counts}
            for name, dataset in datasets.items():
                dataset[i] = values[name]


if __name__ == "__main__":
    commandline.run(main)
