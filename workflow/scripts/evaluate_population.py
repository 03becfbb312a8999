"""Measure the population behind the observed galaxies: its evidence, what it makes the survey see, its error.

The same is measured of the prior, and of a mixture fitted to the mean code of each galaxy; for mocks also the distance
to the noise-free curves and the accuracy of completed curves.

Reads:  observed galaxies, the curves that the model has learned (HDF5; what they were computed with), the model, curves
        generated from the prior, posteriors under it and under the population, and the population's fits (HDF5).
Writes: the metrics (CSV); for figures, gains in evidence of held-out galaxies by number of components, summaries of
        observed and of predicted points, and parameters of generated galaxies (HDF5).
"""

from collections import ChainMap
from dataclasses import dataclass

import numpy as np

from curvae.densities import POPULATION
from curvae.densities.files import read_density, sample
from curvae.evaluation import physical_fits
from curvae.evaluation import population_metrics as metrics
from curvae.evaluation.summary import write_metrics
from curvae.galaxies.rotation import ForwardModel
from curvae.inference.error_models import ErrorModel
from curvae.inference.generator import Generator
from curvae.inference.parameters import parameters_of
from curvae.inference.population import Draws, fit, held_out, mean_of, read_draws_of, read_fits
from curvae.model.files import load_for
from curvae.runtime import commandline, streams
from curvae.runtime.intervals import QUANTILES
from curvae.runtime.threads import limit_threads
from curvae.storage import hdf5
from curvae.storage.curves import described, read_attribute, read_attributes
from curvae.storage.observations import read_observations
from curvae.storage.posteriors import read_draws, reading_posteriors_of

PRIOR, MEANS, TRUTH = "prior", "posterior_mean_mixture", "truth"
TRIED, FOLDS = (1, 2, 3, 5, 8), 5  # numbers of components that are compared, and parts of the galaxies
MOST_FITTED = 5000  # galaxies in all fits of the population whose gain is measured: of many, fewer fits are as good
CURVES = 2000  # of which relations are found


@dataclass(frozen=True)
class Survey:
    """Observed galaxies, draws from their posteriors under the prior, and the fits of their population."""

    galaxies: list
    draws: Draws
    fits: list
    n_components: int
    usable: int  # galaxies that were well sampled


def read_survey(args, generator: Generator) -> Survey:
    galaxies = read_observations(args.observations)
    with reading_posteriors_of(args.posteriors, galaxies, args.observations):
        pass
    draws, usable, _ = read_draws_of(args.posteriors, generator)
    n_components = int(read_attributes(args.population, "n_components")["n_components"])
    return Survey(galaxies, draws, read_fits(args.population, generator.d), n_components, int(usable.sum()))


def gains(survey: Survey, seed: int) -> tuple[list[int], np.ndarray, dict]:
    """Numbers of components tried, gains in evidence (size, n) [nats] of held-out galaxies, metrics of the fit."""
    random = streams.generator(seed, streams.Stream.POPULATION, 1)
    draws = survey.draws
    n = len(draws.code)
    tried = sorted({k for k in (*TRIED, survey.n_components) if k <= n})
    gain = np.array([held_out(draws, k, FOLDS, random) for k in tried])
    fits = max(1, min(len(survey.fits), MOST_FITTED // n))
    of_fit = held_out(draws, survey.n_components, FOLDS, random, fits)
    held_out_gain = of_fit.mean(), of_fit.std() / np.sqrt(n)
    return tried, gain, {"population_held_out_gain": held_out_gain, "population_galaxies": (survey.usable, None)}


def draw_populations(survey, generator, errors, n, seed, random) -> dict[str, np.ndarray]:
    """n codes, and where free the extra scatter, of the prior, a mixture of posterior means, and the population."""
    draws = survey.draws
    means = Draws(draws.code.mean(1, keepdims=True), np.zeros((len(draws.code), 1)))
    return {
        PRIOR: np.concatenate([sample(generator.density, n, seed), errors.draw(n, random)], 1),
        MEANS: sample(fit(means, survey.n_components, random), n, seed),
        POPULATION: sample(mean_of(survey.fits), n, seed),
    }


def predict(theta, survey, generator, errors, seed, random) -> tuple[dict, dict]:
    """Summaries of the observed points and of what each population shows at the same radii; metrics by population."""
    seen = survey.galaxies[: metrics.MOST]
    observed = np.concatenate([metrics.summaries(galaxy.radius, galaxy.velocity[None]) for galaxy in seen])
    summaries, results = {"observed": observed}, {}
    for name, points in theta.items():
        points = points[: metrics.REPLICATES * len(seen)]
        summaries[name] = metrics.observe(generator, points, seen, errors, random)
        beyond = (np.abs(points[:, : generator.d]) > metrics.EDGE).any(1).mean()
        results[name] = metrics.predictive_metrics(observed, summaries[name], seed) | {
            "population_out_of_range_code_share": (beyond, np.sqrt(beyond * (1.0 - beyond) / len(points)))
        }
    return summaries, results


def compare_with_truth(theta, survey, generator, args) -> dict:
    """Metrics by population of mocks: distance to the noise-free curves, accuracy of completed curves."""
    truth = np.array([galaxy.truth["velocity"] for galaxy in survey.galaxies])
    results = {}
    for name, points in theta.items():
        velocity = generator.curves(points[: len(truth), : generator.d])
        results[name] = metrics.truth_metrics(velocity, truth, args.seed)
    for name, path in ((PRIOR, args.posteriors), (POPULATION, args.population_posteriors)):
        quantiles = quantiles_of(path, survey.galaxies, args.observations)
        results[name] |= metrics.completion_metrics(quantiles, truth, generator.radius, survey.galaxies)
    return results


def compare_relations(theta, survey, generator, settings, seed) -> tuple[dict, dict]:
    """Parameters of galaxies of each population and, for mocks, true ones; metrics of their scaling relations."""
    of_fits = [relations(generator, sample(one, CURVES, seed), settings)[0] for one in survey.fits]
    parameters, results = {}, {}
    for name, points in theta.items():
        whole, parameters[name] = relations(generator, points[:CURVES], settings)
        results[name] = metrics.bootstrapped(whole, of_fits if name == POPULATION else ())
    if survey.galaxies[0].truth:
        parameters[TRUTH] = np.array([galaxy.truth["parameters"] for galaxy in survey.galaxies])
        of_truth = physical_fits.relations_of(parameters[TRUTH], settings, central=True)
        results[TRUTH] = metrics.bootstrapped(of_truth)
    return parameters, results


def quantiles_of(path, galaxies, observations):
    """Velocities (5, n, m) [km/s] at the levels of `completion_metrics`, from the draws of n galaxies."""
    with reading_posteriors_of(path, galaxies, observations) as (names, file):
        each = (read_draws(path, file, "velocity", slice(i, i + 1))[0] for i in range(len(names)))
        return np.stack([np.quantile(draws, QUANTILES, axis=0) for draws in each], 1)


def relations(generator, theta, settings):
    """Relations of generated galaxies by name, and their parameters (n, p), from codes (n, d or more).

    Scatters are those of the central galaxies: the tails of a mixture of few components are the least known of it.
    """
    code = theta[:, : generator.d]
    forward_model = ForwardModel.from_settings(settings)
    parameters, _ = parameters_of(generator.model, code, generator.curves(code), forward_model)
    return physical_fits.relations_of(parameters, settings, central=True), parameters


def write_evaluation(path, survey, tried, gain, samples, names, identity) -> None:
    """Write what figures show; `samples` are summaries and parameters by population, `names` those of parameters."""
    with hdf5.create(path) as writer:
        writer.attributes(**identity, n_components=survey.n_components)
        writer.axis("size", np.array(tried))
        writer.axis("galaxy", len(survey.draws.code))
        text = "ln evidence of galaxies under the population of others, less that under the prior [nats]"
        writer.dataset("held_out_gain", ("size", "galaxy"), "f8", "1", text)[...] = gain
        columns = {"summary": list(metrics.SUMMARIES), "parameter": names}
        for what, of_populations in samples.items():
            axis = {"summaries": "summary", "parameters": "parameter"}[what]
            if of_populations:
                writer.axis(axis, columns[axis])
            for name, values in of_populations.items():
                row = f"{name}_{what}_row"
                writer.axis(row, len(values))
                writer.dataset(f"{name}_{what}", (row, axis), "f8", "mixed", f"{what}: {name}")[...] = values


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
    generator = Generator(model, read_density(args.prior_curves, model.architecture.latent_dimension))
    errors = ErrorModel(args.error_model, args.error_floor)
    survey, parameter_names = read_survey(args, generator), described(args.curves)[0]

    tried, gain, of_fit = gains(survey, args.seed)
    random = streams.generator(args.seed, streams.Stream.POPULATION, 2)
    n = max(metrics.REPLICATES * min(len(survey.galaxies), metrics.MOST), CURVES)
    theta = draw_populations(survey, generator, errors, n, args.seed, random)
    summaries, of_predictions = predict(theta, survey, generator, errors, args.seed, random)
    results = [of_predictions, {POPULATION: of_fit}]
    if survey.galaxies[0].truth:
        results.append(compare_with_truth(theta, survey, generator, args))
    parameters = {}
    if read_attribute(args.curves, "hubble_constant", None) is not None:
        settings = read_attributes(args.curves, *physical_fits.SETTINGS)
        parameters, of_relations = compare_relations(theta, survey, generator, settings, args.seed)
        results.append(of_relations)

    sampler = {PRIOR: read_attributes(args.prior_curves, "sampler")["sampler"]}
    names = dict.fromkeys(name for result in results for name in result)
    by_name = {name: dict(ChainMap(*(result.get(name, {}) for result in results))) for name in names}
    write_metrics(args.metrics, *(({**model.identity, "sampler": sampler.get(n, n)}, by_name[n]) for n in by_name))
    samples = {"summaries": summaries, "parameters": parameters}
    write_evaluation(args.evaluation, survey, tried, gain, samples, parameter_names, model.identity)


if __name__ == "__main__":
    commandline.run(main)
