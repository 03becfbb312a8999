"""Fit the population behind the observed galaxies: the density of codes, free of their noise.

With errors of a free scatter, the density of codes and of the scatter. The population is the mean of fits to galaxies
drawn with replacement, whose spread is its error.

Reads:  the model, posteriors of the observed galaxies, and curves generated from their prior (HDF5).
Writes: codes and curves generated from the population, with its density and what it says of the extra scatter; all
        fits, and which galaxies were left out, since their posteriors were not well sampled (HDF5).
"""

import logging

from curvae.densities import POPULATION
from curvae.densities.files import read_density
from curvae.inference.generator import Generator
from curvae.inference.population import bootstrap_fits, components_for, mean_of, read_draws_of, scatter_of, write_fits
from curvae.model.files import load
from curvae.model.generation import write_generated
from curvae.runtime import commandline, streams
from curvae.runtime.threads import limit_threads

log = logging.getLogger(__name__)


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(model="model", posteriors="posteriors of the observed galaxies (HDF5)")
    parser.reads(prior_curves="curves generated from their prior (HDF5)")
    parser.settings("fit_population")
    parser.settings("generate_curves")
    parser.settings("general", "threads", "seed")
    parser.writes(generated="codes, curves and density (HDF5)", population="fits of the population (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    model = load(args.model)
    d = model.architecture.latent_dimension
    generator = Generator(model, read_density(args.prior_curves, d))
    draws, usable, names = read_draws_of(args.posteriors, generator)
    left_out = [name for name, well in zip(names, usable, strict=True) if not well]
    if left_out:
        log.info("not well sampled, left out: %s", ", ".join(left_out))
    random = streams.generator(args.seed, streams.Stream.POPULATION)
    k = components_for(len(draws.code), args.max_mixture_components)
    fits = bootstrap_fits(draws, k, args.population_fits, random)
    population = mean_of(fits)
    about = scatter_of(population) if draws.code.shape[2] > d else {}
    write_generated(args.generated, model, population.leading(d), POPULATION, args.galaxies, args.seed, **about)
    write_fits(args.population, fits, left_out, **model.identity, sampler=POPULATION, n_components=k)


if __name__ == "__main__":
    commandline.run(main)
