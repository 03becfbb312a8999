"""Infer the codes, curves and parameters of observed galaxies, each given all its points.

Reads:  observed galaxies and training curves (HDF5; of the latter what they were computed with), the model, and curves
        generated from the density that is the prior of the codes (HDF5).
Writes: draws from the posterior of each galaxy: codes, curves at the model's radii, parameters; evidence, how well it
        was sampled, and how typical, physical and well fitted it is; parameters of draws from the prior (HDF5).
"""

import numpy as np

from rotcurves.galaxies.rotation import CONSTANTS
from rotcurves.galaxies.scaling import MASS_RANGE
from rotcurves.inference.errors import ErrorModel
from rotcurves.inference.generator import Generator, read_density
from rotcurves.inference.parameters import parameters_of, within_prior
from rotcurves.inference.posterior import Galaxy, Library, infer
from rotcurves.model.files import load_for
from rotcurves.runtime import commandline, streams
from rotcurves.runtime.errors import UserError
from rotcurves.runtime.progress import progress
from rotcurves.runtime.threads import limit_threads
from rotcurves.storage import hdf5
from rotcurves.storage.curves import described, read_attribute, read_attributes
from rotcurves.storage.observations import EXTRA, OF_POSTERIOR, posterior_datasets, read_observations

PRIOR_DRAWS = 2000  # draws from the prior whose parameters are kept, to draw posteriors over them


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
    if (sampler := read_attributes(args.generated, "sampler")["sampler"]) != args.prior:
        raise UserError(f"{args.generated}: is of sampler {sampler}, but the prior is {args.prior}")
    generator = Generator(model, read_density(args.generated, d))
    simulated = read_attribute(args.curves, CONSTANTS[0], None) is not None
    constants = tuple(read_attributes(args.curves, *CONSTANTS).values()) if simulated else None
    limits = tuple(read_attributes(args.curves, *MASS_RANGE).values()) if simulated else (-np.inf, np.inf)
    about = described(args.curves)
    if list(model.architecture.parameters) != about[0]:
        raise UserError(f"{args.curves}: its parameters are not those that {args.model} was trained with")
    # A population has its own prior of a free scatter.
    scatter = {name: getattr(ErrorModel, name) for name in ("log_scatter", "scatter_width")}
    scatter = {name: read_attribute(args.generated, name, value) for name, value in scatter.items()}
    errors = ErrorModel(args.error_model, args.error_floor, **scatter)
    galaxies = read_observations(args.observations)
    rows = np.array_split(np.arange(len(galaxies)), args.batches)[args.batch - 1]
    if not len(rows):
        raise UserError(f"{args.observations}: holds {len(galaxies)} galaxies, fewer than batches ({args.batches})")
    library = Library(generator, streams.generator(args.seed, streams.Stream.INFERENCE))
    n, whole = args.posterior_draws, generator.at(generator.radius)
    first = library.code[:PRIOR_DRAWS]
    prior, _ = parameters_of(model, first, whole.velocity(generator.coefficients(first)), constants)
    with hdf5.create(args.posteriors) as writer:
        writer.attributes(**model.identity)
        names = [galaxies[row].name for row in rows]
        free = bool(errors.parameters)
        datasets = posterior_datasets(writer, names, n, d, model.radius.numpy(), about, prior, free)
        for i in progress(range(len(rows)), len(rows), "inferring", "galaxies"):
            seen = galaxies[rows[i]]
            random = streams.generator(args.seed, streams.Stream.INFERENCE, int(rows[i]) + 1)
            galaxy = Galaxy(seen.radius, seen.velocity, seen.error)
            found = infer(galaxy, generator, library, errors, n, random)
            curve = whole.velocity(generator.coefficients(found.code))
            parameters, distance = parameters_of(model, found.code, curve, constants)
            kept = within_prior(parameters[:, 0], limits, random)
            known = {
                "code": found.code[kept],
                "velocity": curve[kept],
                "parameters": parameters[kept],
                EXTRA: found.extra[kept, 0] if free else None,
                "points": len(seen.radius),
                "left_out": seen.left_out,
                "typicality": np.median(library.typicality(generator.log_density(found.code[kept]))),
                "physical_distance": np.median(distance[kept]),
                **{name: getattr(found, name) for name in OF_POSTERIOR if hasattr(found, name)},
            }
            for name, dataset in datasets.items():
                dataset[i] = known[name]


if __name__ == "__main__":
    commandline.run(main)
