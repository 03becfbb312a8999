"""How good the inference of observed galaxies is, as the tables (Markdown) of docs/observed.md.

    python benchmarks/observed.py results TABLE               all parts, of model `full` of a finished run
    python benchmarks/observed.py results TABLE exact cost    some of them, by name

TABLE is a table of real galaxies that `import_observations` reads, as the mass models of SPARC. The settings are those
of the run, of the default or of preset `survey`. Parts: `exact` against the posterior with scaling relations and
rotation curves themselves instead of density and decoder; `outside`, what is flagged of galaxies that are not of the
family; `interpolation` between the radii of the models; `errors`, the models of errors beside each other; `hidden`
points of real galaxies, beside simpler ways; `cost`. Half an hour of one core.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import least_squares
from scipy.special import ndtr

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "workflow/scripts"
sys.path.insert(0, str(SCRIPTS))

import import_observations  # noqa: E402
import infer_galaxies  # noqa: E402
import mock_observations  # noqa: E402
from curvae.densities.em import fit_student_mixture  # noqa: E402
from curvae.evaluation.physical_fits import SETTINGS  # noqa: E402
from curvae.galaxies import scaling  # noqa: E402
from curvae.galaxies.halo_profiles import PROFILES  # noqa: E402
from curvae.galaxies.rotation import ForwardModel, rotation_curves  # noqa: E402
from curvae.inference import galaxy as galaxy_inference  # noqa: E402
from curvae.inference.error_models import ErrorModel  # noqa: E402
from curvae.inference.flags import read_reasons  # noqa: E402
from curvae.inference.galaxy import GalaxyInference  # noqa: E402
from curvae.inference.galaxy_posterior import LogPosterior, PriorSample, infer  # noqa: E402
from curvae.inference.generator import load_generator  # noqa: E402
from curvae.inference.importance import (  # noqa: E402
    ess,
    pareto_k,
    systematic,
    weights,
)
from curvae.inference.mocks import Survey  # noqa: E402
from curvae.runtime.settings import flags  # noqa: E402
from curvae.runtime.threads import limit_threads  # noqa: E402
from curvae.storage import hdf5  # noqa: E402
from curvae.storage.curves import read_attributes  # noqa: E402
from curvae.storage.observations import Galaxy, read_observations  # noqa: E402
from curvae.storage.posteriors import POSTERIOR_SUMMARIES  # noqa: E402
from curvae.storage.split import reading_split  # noqa: E402

MOCKS, DRAWS = 60, 4000  # compared with the exact posterior; of each, draws of ours
EXACT_DRAWS, EXACT_SIZE, EXACT_TRIES = 20_000, 10_000, 6  # importance draws, and effective ones that end the tries
CURVES, RADII = 20_000, 200  # test curves, and radii of each, between the radii of the models
FLOOR = 0.05  # fraction of v, where the errors have a floor
SIMPLE = ErrorModel("floor", FLOOR)  # of predictions that learn no scatter
FEWEST, HIDDEN = 8, 0.3  # points of a galaxy, and the share of them, the outermost, that is hidden
BOUNDS = np.array([[5.0, 13.0], [7.0, 16.0], [-2.3, 3.0], [-0.5, 2.5], [-3.0, 2.0]]).T  # of maximum-likelihood fits
OUTSIDE, OFF = 50, 3.0  # galaxies of each kind that is not of the family; exact standard deviations that are too many
SURVEYS = (100, 1000)  # mocks, whose cost is compared


class Run:
    """A finished run and a table of real galaxies; what is made of them goes to a folder."""

    def __init__(self, results: Path, model: str, table: Path, folder: Path):
        self.folder, self.table = folder, table
        self.curves, self.split = str(results / "curves.h5"), str(results / "split.h5")
        self.model = str(results / model / "seed1/model.pt")
        self.config = json.loads((results / "provenance.json").read_text())["configuration"]
        self.inference = {**self.config["infer_galaxies"], "seed": 1, "threads": 1}
        self.generated = str(results / model / f"seed1/generated/{self.inference['latent_prior']}.h5")
        self.errors = ErrorModel(self.inference["error_model"], self.inference["error_floor"])
        self.generator = load_generator(self.model, self.generated)

    def real(self) -> str:
        """Observations of the table."""
        path = str(self.folder / "real.h5")
        names = {"table": self.table, "curves": self.curves, "observations": path}
        import_observations.main(flags(self.config["import_observations"] | names))
        return path

    def mocks(self, n: int, **different) -> str:
        """Observations of n mocks."""
        path = str(self.folder / f"mocks{n}.h5")
        names = {"curves": self.curves, "learned": self.curves, "split": self.split, "observations": path}
        shared = {name: self.inference[name] for name in ("error_model", "error_floor", "seed")} | different
        mock_observations.main(flags(self.config["mock_observations"] | shared | names | {"mocks": n}))
        return path

    def flags(self, observations: str, **different) -> list[str]:
        """Of `infer_galaxies`, for observations whose posteriors come to lie beside them."""
        names = {"curves": self.curves, "model": self.model, "generated": self.generated, "batch": 1}
        names |= {"observations": observations, "posteriors": observations.replace(".h5", ".posteriors.h5")}
        return flags(self.inference | names | different)

    def posteriors(self, observations: str, **different) -> SimpleNamespace:
        """What `infer_galaxies` writes about observations, the galaxies themselves, and which are flagged."""
        infer_galaxies.main(self.flags(observations, **different))
        wanted = ("parameters", "velocity", *POSTERIOR_SUMMARIES)
        path = observations.replace(".h5", ".posteriors.h5")
        with hdf5.reading(path) as file:
            inferred = {name: file[name][...] for name in wanted}
            flagged = np.array([bool(words) for words in read_reasons(path, file)])
        galaxies = read_observations(observations)
        return SimpleNamespace(galaxies=galaxies, flagged=flagged, **inferred)


class Physics:
    """Scaling relations and rotation curves themselves, with the methods of a Generator: its codes are parameters."""

    def __init__(self, run: Run):
        s = read_attributes(run.curves, *SETTINGS)
        self.forward_model, self.relations = ForwardModel.from_settings(s), scaling.relations(s)
        galaxies, profile = run.config["sample_parameters"], self.forward_model.halo_profile
        self.core_range = (galaxies["log_core_radius_min"], galaxies["log_core_radius_max"]) if profile.core else None
        self.names = [each.name for each in scaling.parameters_of_galaxies(profile)]
        self.density, self.d = self, len(self.names)

    def sample(self, n: int, random: np.random.Generator) -> np.ndarray:
        return scaling.draw_parameters(
            random, n, self.forward_model.log_disc_mass_range, **self.relations, log_core_radius_range=self.core_range
        )

    def means(self, parameters: np.ndarray) -> dict[str, np.ndarray]:
        """Mean of the ordinate of each relation (n,) at the abscissa that the galaxies (n, p) have."""
        return {name: each.mean(parameters[:, scaling.RELATIONS[name][0]]) for name, each in self.relations.items()}

    def log_prob(self, parameters: np.ndarray) -> np.ndarray:
        log_density = np.zeros(len(parameters))
        for column, limits in ((0, self.forward_model.log_disc_mass_range), (4, self.core_range)):
            if limits:
                within = (parameters[:, column] >= limits[0]) & (parameters[:, column] <= limits[1])
                log_density += np.where(within, -np.log(limits[1] - limits[0]), -np.inf)
        for name, mean in self.means(parameters).items():
            scatter = self.relations[name].scatter
            away = (parameters[:, scaling.RELATIONS[name][1]] - mean) / scatter
            log_density -= 0.5 * np.square(away) + np.log(scatter * np.sqrt(2.0 * np.pi))
        return log_density

    def decode_components(self, parameters: np.ndarray) -> np.ndarray:
        return parameters

    def at(self, radius: np.ndarray) -> SimpleNamespace:
        def velocity(parameters):
            return rotation_curves(parameters, radius, self.forward_model).astype(np.float32)

        return SimpleNamespace(velocity=velocity)


def exact_posterior(galaxy: Galaxy, physics: Physics, prior_sample: PriorSample, errors: ErrorModel, random):
    """Parameters (n, p) of the exact posterior, log weights (n,): our engine from draws of the exact prior, then more.

    Nothing in it comes from a network; it differs from brute force only in how many draws it needs.
    """
    target = LogPosterior(galaxy, physics, errors)
    first = infer(galaxy, physics, prior_sample, errors, DRAWS, random)
    points = np.concatenate([first.code, first.extra], 1)
    best = -np.inf, None, None
    for attempt in range(EXACT_TRIES):
        proposal = fit_student_mixture(points, np.full(len(points), 1.0 / len(points)), 8 + 2 * attempt, random)
        theta = proposal.sample(EXACT_DRAWS, random)
        prior, likelihood = target(theta)
        log_weight = prior + likelihood - proposal.log_prob(theta)
        best = max(best, (ess(log_weight), theta, log_weight), key=lambda tried: tried[0])
        if best[0] > EXACT_SIZE:
            break
        points = best[1][systematic(best[2], DRAWS, random)]
    return best[1][:, : target.d], best[2]


def moments(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of weighted rows."""
    mean = weight @ x
    return mean, np.sqrt(weight @ np.square(x - mean))


def compared(inferred: SimpleNamespace, run: Run, chosen: Sequence[int]) -> dict[str, np.ndarray]:
    """Of some galaxies: differences of means over exact standard deviations, and ratios of standard deviations.

    `of_...` are ours, `again_...` the exact posterior a second time.
    """
    physics, radius = Physics(run), run.generator.radius
    prior_sample = PriorSample(physics, np.random.default_rng(1))
    results = {name: [] for name in ("of_parameters", "of_ratio", "of_velocity", "again_parameters", "again_ratio")}
    results |= {"effective": [], "k": []}
    for i in chosen:
        exact = [
            exact_posterior(inferred.galaxies[i], physics, prior_sample, run.errors, np.random.default_rng([seed, i]))
            for seed in (1, 2)
        ]
        theta, log_weight = exact[0]
        mean, sd = moments(theta, weights(log_weight))
        curve = moments(physics.at(radius).velocity(theta), weights(log_weight))
        equal = np.full(DRAWS, 1.0 / DRAWS)
        ours, our_curve = moments(inferred.parameters[i], equal), moments(inferred.velocity[i], equal)
        again = moments(exact[1][0], weights(exact[1][1]))
        for name, other in (("of", ours), ("again", again)):
            results[f"{name}_parameters"].append((other[0] - mean) / sd)
            results[f"{name}_ratio"].append(other[1] / sd)
        results["of_velocity"].append((our_curve[0] - curve[0]) / curve[1])
        results["effective"].append(ess(log_weight))
        results["k"].append(pareto_k(log_weight))
    return {name: np.array(values) for name, values in results.items()}


def quantiles(x: np.ndarray, *levels: float) -> str:
    return " / ".join(f"{value:.3g}" for value in np.quantile(np.abs(x), levels))


def table(head: str, *rows: str) -> None:
    columns = head.count("|") + 1
    print("\n".join([f"\n| {head} |", "|" + "---|" * columns, *(f"| {row} |" for row in rows)]), flush=True)


def exact(run: Run) -> None:
    """Means and standard deviations against the exact posterior: mocks, then real galaxies, flagged ones apart."""
    report(run, "mocks", run.posteriors(run.mocks(MOCKS), posterior_draws=DRAWS), np.ones(MOCKS, bool))
    real = run.posteriors(run.real(), posterior_draws=DRAWS)
    report(run, "real galaxies without a flag", real, ~real.flagged)
    report(run, "flagged real galaxies", real, real.flagged)


def report(run: Run, title: str, inferred: SimpleNamespace, chosen: np.ndarray) -> None:
    """The table of some galaxies."""
    c = compared(inferred, run, np.flatnonzero(chosen))
    rows = []
    for kind, of in {"ours": "of", "exact again": "again"}.items():
        away, ratio = c[f"{of}_parameters"], c[f"{of}_ratio"]
        near = np.mean(np.abs(ratio - 1.0) < 0.1)
        rows += [
            f"{kind}: {name} | {quantiles(away[:, p], 0.5, 0.9, 1.0)} | {quantiles(ratio[:, p], 0.05, 0.95)}"
            for p, name in enumerate(Physics(run).names)
        ]
        rows.append(
            f"{kind}: all | {quantiles(away, 0.5, 0.9, 1.0)} | {quantiles(ratio, 0.05, 0.95)}, {near:.1%} in .9 - 1.1"
        )
    head = "difference of means over sd: median / 90 % / max | ratio of sds: 5 / 95 %"
    table(f"{chosen.sum()} {title} | {head}", *rows)
    print(
        f"\nv at the models' radii, difference over sd: 50 / 99 / 100 % {quantiles(c['of_velocity'], 0.5, 0.99, 1.0)}"
    )
    for limit in (0.3, 0.5, 1.0):
        print(f"some parameter off by more than {limit} sd: {(np.abs(c['of_parameters']).max(1) > limit).sum()}")
    print(f"exact: least effective size {c['effective'].min():.0f}, largest k {c['k'].max():.2f}", flush=True)
    np.savez(run.folder / f"{title.replace(' ', '_')}.npz", chosen=np.flatnonzero(chosen), **c)


def shifted(parameters: np.ndarray, physics: Physics, log_disc_mass: float) -> np.ndarray:
    """The galaxies (n, p) with another disc mass, as far from the relations as before."""
    moved, away = parameters.copy(), {}
    for name, mean in physics.means(parameters).items():
        away[name] = parameters[:, scaling.RELATIONS[name][1]] - mean
    moved[:, 0] = log_disc_mass
    for name in ("halo_mass", "scale_length", "concentration"):
        moved[:, scaling.RELATIONS[name][1]] = physics.means(moved)[name] + away[name]
    return moved


def strangers(parameters: np.ndarray, radius: np.ndarray, physics: Physics) -> dict[str, np.ndarray]:
    """Curves (n, m) [km/s] of each kind of galaxy that is not of the family, made of galaxies (n, p) that are."""
    curves = rotation_curves(parameters, radius, physics.forward_model)
    at = np.abs(radius - 3.0).argmin()  # kpc
    inner, factor = curves[:, [at]], radius / radius[at]
    heavy_halo, compact = parameters.copy(), parameters.copy()
    heavy_halo[:, 1] = physics.means(parameters)["halo_mass"] + 5.0 * physics.relations["halo_mass"].scatter
    compact[:, 2] = physics.means(parameters)["scale_length"] - 4.0 * physics.relations["scale_length"].scatter
    cored = np.column_stack([parameters[:, :4], np.full(len(parameters), np.log10(200.0))])
    point_mass = physics.forward_model.gravitational_constant * 10.0 ** parameters[:, :1] / radius
    low, high = physics.forward_model.log_disc_mass_range
    changed = {
        "disc mass 0.5 dex above the range": shifted(parameters, physics, high + 0.5),
        "disc mass 0.5 dex below the range": shifted(parameters, physics, low - 0.5),
        "halo mass 5 sigma above its relation": heavy_halo,
        "scale length 4 sigma below its relation": compact,
    }
    kinds = {name: rotation_curves(galaxies, radius, physics.forward_model) for name, galaxies in changed.items()}
    core_nfw = replace(physics.forward_model, halo_profile=PROFILES["core_nfw"])
    kinds["core of 200 kpc"] = rotation_curves(cored, radius, core_nfw)
    return kinds | {
        "bulge, a point of 0.3 disc masses": np.sqrt(curves**2 + 0.3 * point_mass),
        "v rises as R^0.8": inner * factor**0.8,
        "Keplerian beyond 3 kpc": np.where(factor > 1.0, inner / np.sqrt(factor), curves),
        "wiggles of 10 % in ln R": curves * (1.0 + 0.1 * np.sin(2.0 * np.pi * np.log(radius) / 0.7)),
    }


def outside(run: Run) -> None:
    """Galaxies that are not of the family, seen as mocks are: how many are off, and how many of these are flagged."""
    physics, radius = Physics(run), run.generator.radius
    with reading_split(run.curves, run.split, "test") as (_, parts), hdf5.reading(run.curves) as file:
        parameters = hdf5.take(file["parameters"], parts["test"].rows()[:OUTSIDE])
    settings = run.config["mock_observations"]
    survey = Survey(*((settings[name], settings[f"{name}_scatter"]) for name in Survey.__dataclass_fields__))
    inference = GalaxyInference(run.generator, run.errors, physics.forward_model, seed=1)
    prior_sample, rows = PriorSample(physics, np.random.default_rng(1)), []
    family = {"of the family": rotation_curves(parameters, radius, physics.forward_model)}
    total = np.zeros(3, int)
    for kind, curves in (family | strangers(parameters, radius, physics)).items():
        off = np.zeros(OUTSIDE, bool)
        seen = [
            Galaxy(*mock_observations.observe(survey, run.errors, radius, curve, np.random.default_rng([2, i])))
            for i, curve in enumerate(curves)
        ]
        raised = []
        for i, galaxy in enumerate(seen):
            posterior = inference.infer(galaxy, DRAWS, i + 1)
            exact = infer(galaxy, physics, prior_sample, run.errors, DRAWS, np.random.default_rng([3, i])).code
            off[i] = (np.abs(posterior.parameters.mean(0) - exact.mean(0)) > OFF * exact.std(0)).any()
            raised.append(posterior.flags)
        words = Counter(word for text in raised for word in text.split())
        flagged = np.array([bool(text) for text in raised])
        counts = np.array([off.sum(), (off & flagged).sum(), (flagged & ~off).sum()])
        total += counts if kind not in family else 0
        why = ", ".join(f"{name} {number}" for name, number in words.most_common())
        rows.append(f"{kind} | {' | '.join(map(str, counts))} | {why}")
    rows.append(f"all but those of the family | {' | '.join(map(str, total))} | {total[1] / total[0]:.0%} of those off")
    table(
        f"{OUTSIDE} galaxies of each kind | off by more than {OFF:g} sd | of these flagged | others flagged | by", *rows
    )


def interpolation(run: Run) -> None:
    """The cubic in (ln R, ln v) between the radii of the models, against rotation curves."""
    physics, radius = Physics(run), run.generator.radius
    random = np.random.default_rng(1)
    with reading_split(run.curves, run.split, "test") as (_, parts), hdf5.reading(run.curves) as file:
        parameters = hdf5.take(file["parameters"], parts["test"].rows()[:CURVES])
    at = np.exp(random.uniform(*np.log(radius[[0, -1]]), RADII))
    true = rotation_curves(parameters, at, physics.forward_model)
    known = np.log(rotation_curves(parameters, radius, physics.forward_model))
    error = np.abs(np.exp(CubicSpline(np.log(radius), known, axis=1)(np.log(at))) / true - 1.0)
    rows = [
        f"{name} | {quantiles(error, level)}" for name, level in (("median", 0.5), ("99 %", 0.99), ("99.9 %", 0.999))
    ]
    table(f"{len(parameters)} curves, {RADII} radii | relative error", *rows, f"largest | {error.max():.3g}")
    inner = error[:, at < radius[1]].max(1)
    print(f"\nlargest beyond the second radius {error[:, at > radius[1]].max():.3g}, within it {inner.max():.3g}")


def errors(run: Run) -> None:
    """Models of the errors: evidence and hidden points of real galaxies, coverage of mocks that scatter by each."""
    rows, models = [], [ErrorModel(kind, FLOOR) for kind in ("none", "floor", "scatter")]
    prior_sample = PriorSample(run.generator, np.random.default_rng(1))
    real = read_observations(run.real())
    for model in models:
        posteriors = [
            infer(galaxy, run.generator, prior_sample, model, 1000, np.random.default_rng([3, i]))
            for i, galaxy in enumerate(real)
        ]
        chi2 = []
        scores = []
        for i, galaxy in enumerate(real):
            curves = run.generator.at(galaxy.radius).velocity(run.generator.decode_components(posteriors[i].code))
            chi2.append(np.square((galaxy.velocity - np.median(curves, 0)) / galaxy.error).mean())
            if len(galaxy.radius) >= FEWEST:
                scores.append(hidden_points(galaxy, run.generator, prior_sample, model, np.random.default_rng([3, i])))
        in68, in95, rms, log_density = np.array(scores).T
        evidence = sum(posterior.log_evidence for posterior in posteriors)
        rows.append(
            f"{model.kind} | {evidence:,.0f} | {np.median(chi2):.2f} | {in68.mean():.2f} / {in95.mean():.2f} | "
            f"{np.median(rms):.1%} / {np.quantile(rms, 0.9):.1%} | {np.maximum(log_density, -50.0).mean():.2f}"
        )
    head = "error model | sum of ln evidence | chi2 a point, median | hidden points: coverage 68 / 95 %"
    table(f"{head} | error: median / 90 % | ln density a point", *rows)
    rows, physics = [], Physics(run)
    for truth in models:
        path = run.mocks(MOCKS * 2, error_model=truth.kind)
        seen = read_observations(path)
        for model in models:
            inference = GalaxyInference(run.generator, model, physics.forward_model, seed=1)
            inside = []
            for i, one in enumerate(seen):
                galaxy = Galaxy(one.radius, one.velocity, one.error)
                drawn = inference.infer(galaxy, 1000, i + 1).parameters
                rank = (drawn < one.truth["parameters"]).mean(0)
                inside.append([np.abs(rank - 0.5) < 0.5 * level for level in (0.68, 0.95)])
            share = np.mean(inside, 0)
            rows.append(f"{truth.kind} | {model.kind} | " + " | ".join(f"{a:.2f} / {b:.2f}" for a, b in share.T))
    table("mocks scatter by | inferred with | " + " | ".join(f"{name}: 68 / 95 %" for name in physics.names), *rows)


def hidden_points(galaxy: Galaxy, generator, prior_sample: PriorSample, model: ErrorModel, random) -> tuple[float, ...]:
    """Scores (see `scored`) of the outermost points of a galaxy, predicted from the others."""
    inner, outer = parted(galaxy)
    own = infer(inner, generator, prior_sample, model, 1000, random)
    curve = generator.at(outer.radius).velocity(generator.decode_components(own.code))
    return scored(np.median(curve, 0), curve, model.variance(curve, outer.error, own.extra), outer)


def parted(galaxy: Galaxy) -> tuple[Galaxy, Galaxy]:
    """The inner points of a galaxy, and the outermost ones."""
    seen = len(galaxy.radius) - max(1, round(HIDDEN * len(galaxy.radius)))
    return tuple(
        Galaxy(galaxy.radius[rows], galaxy.velocity[rows], galaxy.error[rows])
        for rows in (slice(seen), slice(seen, None))
    )


def hidden(run: Run) -> None:
    """Predictions of the outermost points from the others, by us and in simpler ways."""
    inferred = run.posteriors(run.real())
    prior_sample = PriorSample(run.generator, np.random.default_rng(1))
    physics = Physics(run)
    starts = physics.sample(20_000, np.random.default_rng(2))
    record = {name: [] for name in ("ours", "Gaussian process", "flat line", "maximum likelihood")}
    flagged = []
    for i, galaxy in enumerate(inferred.galaxies):
        if len(galaxy.radius) < FEWEST:
            continue
        flagged.append(inferred.flagged[i])
        inner, outer = parted(galaxy)
        random = np.random.default_rng([3, i])
        record["ours"].append(hidden_points(galaxy, run.generator, prior_sample, run.errors, random))
        for name, predicted in (
            ("Gaussian process", gaussian_process(inner, outer)),
            ("flat line", flat_line(inner, outer)),
            ("maximum likelihood", maximum_likelihood(inner, outer, physics, starts, random)),
        ):
            record[name].append(scored(*predicted, outer))
    flagged = np.array(flagged)
    for title, chosen in (("all", flagged | True), ("without a flag", ~flagged)):
        rows = []
        for name, values in record.items():
            in68, in95, rms, log_density = np.array(values)[chosen].T
            shares = f"{in68.mean():.3f} / {in95.mean():.3f}"
            errors = f"{np.median(rms):.1%} / {np.quantile(rms, 0.9):.1%}"
            rows.append(f"{name} | {shares} | {errors} | {np.maximum(log_density, -50.0).mean():.2f}")
        table(f"{chosen.sum()} galaxies, {title} | coverage 68 / 95 % | rms error: median / 90 % | ln density", *rows)


def scored(estimate: np.ndarray, curve: np.ndarray, variance: np.ndarray, hidden: Galaxy) -> tuple[float, ...]:
    """Of hidden points: shares in the central intervals, rms error of the estimate over that of v, ln density a point.

    Predicted are an estimate (m,), draws (n, m) of the curve, and the variances (1 or n, m) of points about them.
    """
    away = (hidden.velocity - curve) / np.sqrt(variance)
    rank = ndtr(away).mean(0)
    shares = (float(np.mean(np.abs(rank - 0.5) < 0.5 * level)) for level in (0.68, 0.95))
    error = estimate - hidden.velocity
    density = np.mean(np.exp(-0.5 * np.square(away)) / np.sqrt(2.0 * np.pi * variance), 0)
    rms = np.sqrt(np.mean(np.square(error)) / np.mean(np.square(hidden.velocity)))
    return *shares, float(rms), float(np.log(np.maximum(density, 1e-300)).mean())


def gaussian_process(seen: Galaxy, hidden: Galaxy):
    """In (ln R, ln v), with a learned white scatter (scikit-learn)."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = ConstantKernel(0.3, (1e-3, 10.0)) * RBF(1.0, (0.1, 10.0)) + WhiteKernel(1e-3, (1e-6, 0.1))
    v = np.maximum(seen.velocity, 1.0)
    relative = np.clip(seen.error / v, 0.003, 0.5)
    process = GaussianProcessRegressor(kernel, alpha=relative**2, n_restarts_optimizer=1, random_state=0)
    middle = np.log(v).mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of scatter at its lower bound: curves without any
        process.fit(np.log(seen.radius)[:, None], np.log(v) - middle)
    mean, sd = process.predict(np.log(hidden.radius)[:, None], return_std=True)
    curve = np.exp(middle + mean + sd * np.random.default_rng(1).standard_normal((1000, len(mean))))
    return np.exp(middle + mean), curve, np.square(hidden.error)[None]


def floored(curve: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Variances (n, m) of points with errors (m,) about curves (n, m), with a floor."""
    return SIMPLE.variance(curve, error, np.empty((1, 0)))


def flat_line(seen: Galaxy, hidden: Galaxy):
    """The velocity of the outermost point that is seen, with its errors."""
    last = np.full((1, len(hidden.radius)), seen.velocity[-1])
    return last[0], last, floored(last[:, :1], seen.error[-1:]) + floored(last, hidden.error)


def maximum_likelihood(seen: Galaxy, hidden: Galaxy, physics: Physics, starts, random):
    """The best disc and halo, and draws from the covariance of its parameters, scaled up where chi squared is large."""
    error = np.sqrt(floored(seen.velocity[None], seen.error)[0])

    def residual(parameters):
        return (rotation_curves(parameters[None], seen.radius, physics.forward_model)[0] - seen.velocity) / error

    p = starts.shape[1]
    bounds, scale = BOUNDS[:, :p], [1.0, 1.0, 0.5, 0.3, 0.5][:p]
    curves = rotation_curves(starts, seen.radius, physics.forward_model)
    order = np.argsort(np.square((curves - seen.velocity) / error).sum(1))[[0, 1, 5, 50]]
    fits = [least_squares(residual, starts[i], bounds=bounds, x_scale=scale, max_nfev=100) for i in order]
    best = min(fits, key=lambda fit: fit.cost)
    factor = max(1.0, 2.0 * best.cost / max(len(seen.radius) - p, 1))
    values, vectors = np.linalg.eigh(np.linalg.pinv(best.jac.T @ best.jac + 1e-8 * np.eye(p)) * factor)
    away = random.standard_normal((1000, p)) * np.sqrt(np.clip(values, 0.0, 1.0))
    drawn = np.clip(best.x + away @ vectors.T, *bounds)
    estimate, *curve = rotation_curves(np.vstack([best.x, drawn]), hidden.radius, physics.forward_model)
    curve = np.array(curve)
    return estimate, curve, floored(curve, hidden.error)


def timed(function: Callable, clock: list[float]) -> Callable:
    """The same function, which adds the processor's seconds of each call to a list."""

    def call(*arguments):
        before = time.process_time()
        result = function(*arguments)
        clock.append(time.process_time() - before)
        return result

    return call


def yardstick() -> float:
    """The processor's seconds of a fixed piece of work, the least of five: what other machines may be compared by."""
    x = np.random.default_rng(1).standard_normal((2000, 500)).astype(np.float32)
    clock = []
    work = timed(lambda: [np.exp(x @ (x.T @ x / 1e6)) for _ in range(10)], clock)
    for _ in range(5):
        work()
    return min(clock)


def cost(run: Run) -> None:
    """Seconds and memory: the real galaxies step by step, and mocks by their number."""
    observations = run.real()
    clocks = {"infer": [], "parameters_of": []}
    for name, clock in clocks.items():
        setattr(galaxy_inference, name, timed(getattr(galaxy_inference, name), clock))
    before, total = yardstick(), []
    inferred = timed(run.posteriors, total)(observations)
    rows = [
        f"in all | {total[0]:.1f}",
        f"sampling, all galaxies | {sum(clocks['infer']):.1f}",
        f"sampling, a galaxy: median / 90 % / max | {quantiles(clocks['infer'], 0.5, 0.9, 1.0)}",
        f"parameters, all galaxies | {sum(clocks['parameters_of'][1:]):.1f}",  # the first is of the prior
    ]
    table(f"{len(inferred.galaxies)} real galaxies, 1,000 draws each | seconds of one core", *rows)
    print(f"\nyardstick before and after: {before:.3f} / {yardstick():.3f} s")
    for name, values in (("effective size", inferred.ess), ("minus Pareto k", -inferred.pareto_k)):
        print(f"{name}: min / 1 % / median {' / '.join(f'{q:.3g}' for q in np.quantile(values, [0.0, 0.01, 0.5]))}")
    print(f"effective size < 1,000: {(inferred.ess < 1000).sum()}; k > 0.7: {(inferred.pareto_k > 0.7).sum()}")
    print(f"flagged: {inferred.flagged.sum()}; chi2 a point: median {np.median(inferred.chi2 / inferred.points):.2f}")
    rows, earlier = [], (0, 0.0)
    for n in SURVEYS:
        step = [sys.executable, str(SCRIPTS / "infer_galaxies.py"), *run.flags(run.mocks(n))]
        process = subprocess.Popen(step, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = used.ru_utime + used.ru_stime
        each = (seconds - earlier[1]) / (n - earlier[0])
        failed = "" if status == 0 else " (failed)"
        rows.append(f"{n:,}{failed} | {seconds:.1f} | {1e3 * each:.0f} | {used.ru_maxrss / 1e3:.0f}")
        earlier = n, seconds
    table("mocks | seconds of one core | ms for one more galaxy | peak memory [MB]", *rows)


PARTS = {part.__name__: part for part in (exact, outside, interpolation, errors, hidden, cost)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="folder of a finished run, of the default or of preset survey")
    parser.add_argument("table", type=Path, help="table of real galaxies")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"what to measure: {', '.join(PARTS)}")
    parser.add_argument("--model", default="full", help="name of the model")
    parser.add_argument("--keep", type=Path, help="folder for what is made on the way; removed if none is given")
    args = parser.parse_args()
    limit_threads(1)
    with TemporaryDirectory() as folder:
        run = Run(args.results, args.model, args.table, args.keep or Path(folder))
        for part in args.parts or PARTS:
            print(f"\n## {part}: {PARTS[part].__doc__}", flush=True)
            PARTS[part](run)


if __name__ == "__main__":
    main()
