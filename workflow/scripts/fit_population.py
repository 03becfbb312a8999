"""Fit the population behind the observed galaxies: the density of codes, free of their noise.

The number of normals is that of the highest evidence of galaxies held out; the population is the mean of fits to
galaxies drawn with replacement, whose spread is its error.

Reads:  the model, posteriors of the observed galaxies, and curves generated from their prior (HDF5).
Writes: codes and curves generated from the population, with its density; the density again with the fit that each
        component belongs to, the gain in evidence by number of normals, and the galaxies left out (HDF5).
"""

import logging

import numpy as np

from rotcurves.inference.flags import well_sampled
from rotcurves.inference.generator import Generator, read_density
from rotcurves.inference.population import Draws, bag, held_out, mean_of
from rotcurves.model.files import load
from rotcurves.model.generation import write_generated
from rotcurves.runtime import commandline, streams
from rotcurves.runtime.errors import UserError
from rotcurves.runtime.threads import limit_threads
from rotcurves.storage import hdf5
from rotcurves.storage.observations import OF_POSTERIOR, read_draws, reading_posteriors

log = logging.getLogger(__name__)

SURVEY = "survey"  # name of the population among the samplers
FOLDS, FEWEST = 5, 10  # of the galaxies, and galaxies that a population takes


def read_posteriors(path, generator, most):
    """Draws of the galaxies whose posteriors were well sampled, the first `most` of each; the names of the others."""
    with reading_posteriors(path) as (names, file):
        usable = well_sampled({name: file[name][...] for name in OF_POSTERIOR})
        if usable.sum() < FEWEST:
            raise UserError(f"{path}: holds {usable.sum()} well sampled galaxies, expected at least {FEWEST}")
        code = np.stack([read_draws(path, file, "code", slice(i, i + 1))[0, :most] for i in np.flatnonzero(usable)])
    n, j, d = code.shape
    log_prior = generator.log_density(code.reshape(-1, d).astype(np.float64)).reshape(n, j)
    return Draws(code, log_prior), [name for name, well in zip(names, usable, strict=True) if not well]


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(model="model", posteriors="posteriors of the observed galaxies (HDF5)")
    parser.reads(prior="curves generated from their prior (HDF5)")
    parser.settings("fit_population")
    parser.settings("generate_curves")
    parser.settings("general", "threads", "seed")
    parser.writes(generated="codes, curves and density (HDF5)", population="the population and its fits (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    model = load(args.model)
    d = model.architecture.latent_dimension
    generator = Generator(model, read_density(args.prior, d))
    draws, left_out = read_posteriors(args.posteriors, generator, args.population_draws)
    if left_out:
        log.info("not well sampled, left out: %s", ", ".join(left_out))
    random = streams.generator(args.seed, streams.Stream.POPULATION)
    sizes = [k for k in sorted(args.population_components) if k <= len(draws.code)]
    gain = np.array([held_out(draws, k, FOLDS, random) for k in sizes])
    best = sizes[int(gain.mean(1).argmax())]
    for k, galaxies in zip(sizes, gain, strict=True):
        log.info("%d normals: held-out galaxies gain %.3f nats each over the prior", k, galaxies.mean())
    fits = bag(draws, best, args.population_fits, random)
    write_generated(args.generated, model, mean_of(fits), SURVEY, args.galaxies, args.seed)
    with hdf5.create(args.population) as writer:
        writer.attributes(**model.identity, sampler=SURVEY, normals=best, left_out=", ".join(left_out))
        writer.axis("size", np.array(sizes))
        writer.axis("galaxy", len(draws.code))
        writer.counted(latent=d, noise=d, component=sum(len(fit.weight) for fit in fits))
        text = "ln evidence under the population of other galaxies, less that under the prior"
        writer.dataset("held_out_gain", ("size", "galaxy"), "f8", "1", text)[...] = gain
        member = np.repeat(np.arange(len(fits)), [len(fit.weight) for fit in fits])
        writer.dataset("fit", ("component",), "i8", "1", "fit that a component belongs to")[...] = member
        whole = mean_of(fits)
        for name, axes, values in (
            ("weight", ("component",), whole.weight),
            ("component_mean", ("component", "latent"), whole.mean),
            ("component_scale_tril", ("component", "latent", "noise"), whole.scale_tril),
        ):
            writer.dataset(name, axes, "f8", "1", "density of the codes: a Gaussian mixture")[...] = values


if __name__ == "__main__":
    commandline.run(main)
