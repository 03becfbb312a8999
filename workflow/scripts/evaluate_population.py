"""Measure the population behind the observed galaxies: its evidence, what it makes the survey see, its error.

Beside it stand the prior, and the naive way: a mixture fitted to the mean code of each galaxy. Of mocks it is measured,
too, how near all are to the noise-free curves, and how well single curves are completed.

Reads:  observed galaxies, the curves that the model has learned (HDF5; what they were computed with), the model, curves
        generated from the prior, posteriors under it and under the population, and the population's fits (HDF5).
Writes: the metrics (CSV); for figures, gains in evidence of galaxies held out, by number of normals, summaries of the
        observed points and of those predicted, and parameters of generated galaxies (HDF5).
"""

import numpy as np

from curvae.densities import POPULATION
from curvae.evaluation import physical_fits
from curvae.evaluation import population_metrics as metrics
from curvae.evaluation.summary import write_metrics
from curvae.galaxies.rotation import CONSTANTS
from curvae.inference.error_models import ErrorModel
from curvae.inference.generator import Generator, read_density
from curvae.inference.parameters import parameters_of
from curvae.inference.population import Draws, fit, held_out, mean_of, read_draws_of, read_fits
from curvae.model.files import load_for
from curvae.runtime import commandline, streams
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5
from curvae.storage.curves import described, read_attribute, read_attributes
from curvae.storage.observations import read_observations
from curvae.storage.posteriors import read_draws, reading_posteriors_of

PRIOR, NAIVE, TRUTH = "prior", "posterior_mean_mixture", "truth"
TRIED, FOLDS = (1, 2, 3, 5, 8), 5  # numbers of normals that are compared, and parts of the galaxies
MOST_FITTED = 5000  # galaxies in all fits of the population whose gain is measured: of many, fewer fits are as good
CURVES = 2000  # of which relations are found


def quantiles_of(path, galaxies, observations):
    """Velocities (5, n, m) [km/s] at the levels of `completion_metrics`, from the draws of n galaxies."""
    with reading_posteriors_of(path, galaxies, observations) as (names, file):
        each = (read_draws(path, file, "velocity", slice(i, i + 1))[0] for i in range(len(names)))
        return np.stack([np.quantile(draws, metrics.LEVELS, axis=0) for draws in each], 1)


def relations(model, generator, theta, settings):
    """Relations of generated galaxies by name, and their parameters (n, p), from codes (n, d or more).

    Scatters are those of the central galaxies: the tails of a mixture of few normals are the least known of it.
    """
    code = theta[:, : generator.density.mean.shape[1]]
    velocity = generator.at(generator.radius).velocity(generator.coefficients(code))
    parameters, _ = parameters_of(model, code, velocity, [settings[name] for name in CONSTANTS])
    return physical_fits.relations_of(parameters, settings, central=True), parameters


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(observations="observed galaxies (HDF5)", curves="training curves (HDF5)", model="model")
    parser.reads(prior_curves="curves generated from the prior (HDF5)", posteriors="posteriors under it (HDF5)")
    parser.reads(population="fits of the population (HDF5)", population_posteriors="posteriors under it (HDF5)")
    parser.settings("infer_galaxies", "error_model", "error_floor")
    parser.settings("general", "threads", "seed")
    parser.writes(metrics="table of metrics (CSV)", evaluation="what figures show (HDF5)")
    args = parser.parse_args(argv)
    limit_threads(args.threads)
    with hdf5.reading(args.curves, radius=("radius",)) as file:
        model = load_for(args.model, file["radius"][...], args.curves)
    d = model.architecture.latent_dimension
    generator, errors = (
        Generator(model, read_density(args.prior_curves, d)),
        ErrorModel(args.error_model, args.error_floor),
    )
    simulated = read_attribute(args.curves, CONSTANTS[0], None) is not None
    names = described(args.curves)[0]
    galaxies = read_observations(args.observations)
    with reading_posteriors_of(args.posteriors, galaxies, args.observations):
        pass
    draws, usable, _ = read_draws_of(args.posteriors, generator)
    fits, normals = read_fits(args.population, d), int(read_attributes(args.population, "normals")["normals"])

    random = streams.generator(args.seed, streams.Stream.POPULATION, 1)
    tried = sorted({k for k in (*TRIED, normals) if k <= len(draws.code)})
    gain = np.array([held_out(draws, k, FOLDS, random) for k in tried])
    chosen = held_out(draws, normals, FOLDS, random, max(1, min(len(fits), MOST_FITTED // len(draws.code))))

    random = streams.generator(args.seed, streams.Stream.POPULATION, 2)
    seen = galaxies[: metrics.MOST]
    n = max(metrics.REPLICATES * len(seen), CURVES)
    means = Draws(draws.code.mean(1, keepdims=True), np.zeros((len(draws.code), 1)))
    theta = {
        PRIOR: np.concatenate([generator.density.sample(n, args.seed), errors.draw(n, random)], 1),
        NAIVE: fit(means, normals, random).sample(n, args.seed),
        POPULATION: mean_of(fits).sample(n, args.seed),
    }
    observed = np.concatenate([metrics.summaries(galaxy.radius, galaxy.velocity[None]) for galaxy in seen])
    predicted, parameters = {}, {}
    found = {name: {} for name in theta}
    for name, points in theta.items():
        points = points[: metrics.REPLICATES * len(seen)]
        predicted[name] = metrics.observe(generator, points, seen, errors, random)
        found[name] |= metrics.predictive_metrics(observed, predicted[name], args.seed)
        beyond = (np.abs(points[:, :d]) > metrics.EDGE).any(1).mean()
        found[name]["population_out_of_range_code_share"] = (beyond, np.sqrt(beyond * (1.0 - beyond) / len(points)))
    found[POPULATION]["population_held_out_gain"] = (chosen.mean(), chosen.std() / np.sqrt(len(chosen)))
    found[POPULATION]["population_galaxies"] = (int(usable.sum()), None)

    if galaxies[0].truth:
        truth = np.array([galaxy.truth["velocity"] for galaxy in galaxies])
        for name, points in theta.items():
            code = points[: len(truth), :d]
            velocity = generator.at(generator.radius).velocity(generator.coefficients(code))
            found[name] |= metrics.truth_metrics(velocity, truth, args.seed)
        for name, path in ((PRIOR, args.posteriors), (POPULATION, args.population_posteriors)):
            quantiles = quantiles_of(path, galaxies, args.observations)
            found[name] |= metrics.completion_metrics(quantiles, truth, generator.radius, galaxies)

    if simulated:
        settings = read_attributes(args.curves, *physical_fits.SETTINGS)
        of_fits = [relations(model, generator, one.sample(CURVES, args.seed), settings)[0] for one in fits]
        for name, points in theta.items():
            whole, parameters[name] = relations(model, generator, points[:CURVES], settings)
            found[name] |= metrics.bootstrapped(whole, of_fits if name == POPULATION else ())
        if galaxies[0].truth:
            parameters[TRUTH] = np.array([galaxy.truth["parameters"] for galaxy in galaxies])
            found[TRUTH] = metrics.bootstrapped(physical_fits.relations_of(parameters[TRUTH], settings, central=True))

    found[read_attributes(args.prior_curves, "sampler")["sampler"]] = found.pop(PRIOR)  # its name among the samplers
    write_metrics(args.metrics, *(({**model.identity, "sampler": name}, results) for name, results in found.items()))
    with hdf5.create(args.evaluation) as writer:
        writer.attributes(**model.identity, normals=normals)
        writer.axis("size", np.array(tried))
        writer.axis("galaxy", len(draws.code))
        text = "ln evidence of galaxies under the population of others, less that under the prior [nats]"
        writer.dataset("held_out_gain", ("size", "galaxy"), "f8", "1", text)[...] = gain
        writer.axis("summary", list(metrics.SUMMARIES))
        for what, samples, axis in (
            ("summaries", {"observed": observed, **predicted}, "summary"),
            ("parameters", parameters, "parameter"),
        ):
            if what == "parameters" and samples:
                writer.axis("parameter", names)
            for name, values in samples.items():
                writer.axis(f"{name}_{what}_row", len(values))
                dataset = writer.dataset(
                    f"{name}_{what}", (f"{name}_{what}_row", axis), "f8", "mixed", f"{what}: {name}"
                )
                dataset[...] = values


if __name__ == "__main__":
    commandline.run(main)
