"""How good the population behind a survey is, over mock surveys: the tables (Markdown) of docs/population.md.

    python benchmarks/population.py results                                of a finished run of preset `survey`
    python benchmarks/population.py results --surveys 150:3 500:3 2000:1   galaxies, and surveys of so many

The galaxies of a mock survey have relations of their own and no cores, and are seen as the mocks of the run are. Each
survey goes through the steps of the workflow, with the model and the prior of the run. A second for three galaxies, and
some minutes for each survey, of one core.
"""

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

import evaluate_inference  # noqa: E402
import evaluate_population  # noqa: E402
import fit_population  # noqa: E402
import infer_galaxies  # noqa: E402
from curvae.densities import POPULATION  # noqa: E402
from curvae.evaluation.physical_fits import SETTINGS  # noqa: E402
from curvae.evaluation.summary import read_metrics  # noqa: E402
from curvae.galaxies import scaling  # noqa: E402
from curvae.galaxies.rotation import ForwardModel, rotation_curves  # noqa: E402
from curvae.inference.error_models import ErrorModel  # noqa: E402
from curvae.inference.mocks import Survey  # noqa: E402
from curvae.runtime.settings import flags  # noqa: E402
from curvae.runtime.threads import limit_threads  # noqa: E402
from curvae.storage import hdf5  # noqa: E402
from curvae.storage.curves import read_attributes  # noqa: E402
from curvae.storage.observations import Galaxy, write_observations  # noqa: E402
from mock_observations import observe  # noqa: E402

NO_CORE = -6.0  # log10 kpc
# Mean and width of the disc masses, None for those of the default; slope, zero point and scatter of the relations.
KINDS = {
    "hump": {
        "log_disc_mass": (10.3, 0.5),
        "scale_length": (0.3, 0.5, 0.2),
        "halo_mass": (0.6, 11.8, 0.15),
        "concentration": (-0.101, 0.905, 0.08),
    },
    "default": {
        "log_disc_mass": None,
        "scale_length": (0.3, 0.5, 0.4),
        "halo_mass": (0.75, 12.0, 0.25),
        "concentration": (-0.101, 0.905, 0.11),
    },
}
PARTS = ("slope", "zero_point", "scatter")
ROWS = {
    "accuracy of a network, curves against true ones": ("population_c2st_network", POPULATION),
    "accuracy of trees": ("population_c2st_boosting", POPULATION),
    "accuracy of a network, mixture of posterior means": ("population_c2st_network", "posterior_mean_mixture"),
    "Kolmogorov-Smirnov distance, mean over radii": ("population_distance", POPULATION),
    "gain in evidence of held-out galaxies [nats each]": ("population_held_out_gain", POPULATION),
    "error of ln v beyond the points, under the prior": ("population_completion_error", "gaussian_mixture"),
    "error of ln v beyond the points, under the population": ("population_completion_error", POPULATION),
    "coverage of v beyond the points (68 %), prior": ("population_completion_interval_coverage_68", "gaussian_mixture"),
    "coverage of v beyond the points (68 %), population": ("population_completion_interval_coverage_68", POPULATION),
    "coverage of the halo mass (68 %), prior": ("inference_interval_coverage_68_log_halo_mass", "gaussian_mixture"),
    "coverage of the halo mass (68 %), population": ("inference_interval_coverage_68_log_halo_mass", POPULATION),
    "flagged, prior": ("inference_flagged", "gaussian_mixture"),
    "flagged, population": ("inference_flagged", POPULATION),
}


def draw(kind: dict, n: int, settings: dict, random: np.random.Generator) -> np.ndarray:
    """Parameters (n, 5) of galaxies of a kind, without cores."""
    own = {f"{name}_{part}": kind[name][i] for name in scaling.RELATIONS for i, part in enumerate(PARTS)}
    relations = scaling.relations(settings | own)
    parameters = scaling.draw_parameters(random, n, (9.0, 12.0), **relations, log_core_radius_range=(NO_CORE, NO_CORE))
    if kind["log_disc_mass"]:  # the same deviations from the relations, at other disc masses
        mean, width = kind["log_disc_mass"]
        moved = parameters.copy()
        moved[:, 0] = mean + width * random.standard_normal(n)
        for name, (of, column) in scaling.RELATIONS.items():
            away = parameters[:, column] - relations[name].mean(parameters[:, of])
            moved[:, column] = relations[name].mean(moved[:, of]) + away
        return moved
    return parameters


class Run:
    """A finished run of a wide family, whose model and prior all mock surveys share."""

    def __init__(self, results: Path, model: str):
        self.config = json.loads((results / "provenance.json").read_text())["configuration"]
        self.curves, self.folder = str(results / "curves.h5"), results / model / "seed1"
        self.settings = read_attributes(self.curves, *SETTINGS)
        self.prior = self.config["infer_galaxies"]["latent_prior"]

    def observe(self, path: Path, parameters: np.ndarray, random: np.random.Generator) -> None:
        """Write mock galaxies with these parameters (n, 5), seen as the mocks of the run are."""
        settings, inference = self.config["mock_observations"], self.config["infer_galaxies"]
        survey = Survey(*((settings[name], settings[f"{name}_scatter"]) for name in Survey.__dataclass_fields__))
        errors = ErrorModel(inference["error_model"], inference["error_floor"])
        with hdf5.reading(self.curves, radius=("radius",)) as file:
            radius = file["radius"][...]
        curves = rotation_curves(parameters, radius, ForwardModel.from_settings(self.settings))
        galaxies = [
            Galaxy(
                *observe(survey, errors, radius, curve, random),
                f"mock{i}",
                truth={"velocity": curve, "parameters": parameters[i]},
            )
            for i, curve in enumerate(curves)
        ]
        write_observations(path, galaxies)

    def measure(self, kind: dict, n: int, number: int, folder: Path) -> dict[tuple[str, str], tuple[float, float]]:
        """Metrics of a mock survey by metric and sampler: (value, standard error)."""
        random = np.random.default_rng([n, number])
        observations = folder / "observations.h5"
        self.observe(observations, draw(kind, n, self.settings, random), random)
        model, prior_curves = self.folder / "model.pt", self.folder / f"generated/{self.prior}.h5"
        general = {"seed": 1, "threads": 1}
        names = {"observations": observations, "curves": self.curves, "model": model} | general
        inferring = self.config["infer_galaxies"] | names | {"batch": 1, "batches": 1}
        posteriors, generated = (folder / f"{name}.h5" for name in ("posteriors", "generated"))
        infer_galaxies.main(flags(inferring | {"generated": prior_curves, "posteriors": posteriors}))
        population = {"model": model, "posteriors": posteriors, "prior_curves": prior_curves}
        fitted = population | {"generated": generated, "population": folder / "population.h5"}
        galaxies = {"galaxies": self.config["generate_curves"]["galaxies"]}
        fit_population.main(flags(self.config["fit_population"] | general | galaxies | fitted))
        again = folder / "again.h5"
        infer_galaxies.main(
            flags(inferring | {"generated": generated, "posteriors": again, "latent_prior": POPULATION})
        )
        errors = {name: self.config["infer_galaxies"][name] for name in ("error_model", "error_floor")}
        evaluated = {"population": folder / "population.h5", "population_posteriors": again}
        tables = {"metrics": folder / "population.csv", "evaluation": folder / "evaluation.h5"}
        evaluate_population.main(flags(names | errors | population | evaluated | tables))
        metrics = metrics_of(folder / "population.csv")
        for sampler, path in ((self.prior, posteriors), (POPULATION, again)):
            files = {"observations": observations, "posteriors": path, "ranks": folder / "ranks.h5"}
            evaluate_inference.main(flags(files | {"metrics": folder / "inference.csv"}))
            of_galaxies = metrics_of(folder / "inference.csv")
            metrics |= {(name, sampler): value for (name, _), value in of_galaxies.items()}
        return metrics


def metrics_of(path: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """A table of metrics by metric and sampler: (value, standard error)."""
    return {(row["metric"], row["sampler"]): (row["value"], row["standard_error"]) for row in read_metrics(path)}


def relation_rows(kind: dict, surveys: list[dict]) -> dict[str, str]:
    """Bias of slope, zero point and scatter over its error, and how often the 68 % interval holds the truth."""
    rows = {}
    for name in ("halo_mass", "concentration"):
        for part, true in zip(PARTS, kind[name], strict=True):
            value, error = np.array([one[f"population_relation_{name}_{part}", POPULATION] for one in surveys]).T
            within = int((np.abs(value - true) <= error).sum())
            words = f"{np.mean(value):.3f} ± {np.mean(error):.3f} ({true:g}), held in {within} of {len(surveys)}"
            rows[f"{name.replace('_', ' ')}: {part.replace('_', ' ')}"] = words
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="folder of a finished run of preset survey")
    parser.add_argument("--model", default="full", help="name of the model")
    parser.add_argument("--surveys", nargs="+", default=["150:3", "500:3"], help="galaxies:number of surveys")
    args = parser.parse_args()
    limit_threads(1)
    run = Run(args.results, args.model)
    for kind, about in KINDS.items():
        columns = {}
        for n, number in (map(int, pair.split(":")) for pair in args.surveys):
            with TemporaryDirectory() as folder:
                surveys = [run.measure(about, n, i, Path(folder)) for i in range(number)]
            medians = {words: f"{np.median([one[key][0] for one in surveys]):.3g}" for words, key in ROWS.items()}
            columns[f"{number} of {n:,} galaxies"] = medians | relation_rows(about, surveys)
            print(f"{kind}: {number} surveys of {n} galaxies done", file=sys.stderr, flush=True)
        print(f"\n| {kind} | {' | '.join(columns)} |\n|{'---|' * (1 + len(columns))}")
        for row in next(iter(columns.values())):
            print(f"| {row} | {' | '.join(column[row] for column in columns.values())} |", flush=True)


if __name__ == "__main__":
    main()
