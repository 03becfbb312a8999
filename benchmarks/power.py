"""How large a defect must be for the metrics to find it in nine of ten runs, as a table (Markdown).

Use: python benchmarks/power.py [curves]        (half an hour; the table is in docs/model-choices.md)

A defect is planted in true curves: galaxies drawn and computed anew, or changed afterwards. They are compared with as
many true curves, and with training curves, as generated ones are. A defect is found where the
metric lies outside the interval that holds 95 % of what two samples of true curves give, corrected for the number of
metrics.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import NormalDist

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from curvae.evaluation import two_sample  # noqa: E402
from curvae.evaluation.metrics_registry import metric_of  # noqa: E402
from curvae.evaluation.neighbours import TrainingCurves  # noqa: E402
from curvae.evaluation.summary import ACCURACIES  # noqa: E402
from curvae.galaxies import scaling  # noqa: E402
from curvae.galaxies.rotation import ForwardModel, rotation_curves  # noqa: E402
from curvae.runtime.threads import limit_threads  # noqa: E402

RUNS, DETECTED = 10, 9
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
SETTINGS = {**CONFIG, **CONFIG["sample_parameters"], **CONFIG["synthesize_curves"]}
FORWARD_MODEL = ForwardModel.from_settings(SETTINGS)
RADIUS = np.geomspace(SETTINGS["radius_min"], SETTINGS["radius_max"], SETTINGS["radii"])
METRICS = (*ACCURACIES, "extremes_v_max", "extremes_acceleration", "copying_probability", "support_coverage")
METRICS += ("ks_mean", "energy_distance")


def galaxies(random: np.random.Generator, n: int, **different) -> np.ndarray:
    """Parameters (n, 4) of galaxies, some settings of their relations changed."""
    relations = scaling.relations(SETTINGS | different)
    return scaling.draw_parameters(random, n, FORWARD_MODEL.log_disc_mass_range, **relations)


def curves(parameters: np.ndarray) -> np.ndarray:
    """Rotation curves (n, m) [km/s], in the precision of a file."""
    return rotation_curves(parameters, RADIUS, FORWARD_MODEL).astype(np.float32).astype(np.float64)


def scatter(random, n, size, training):
    return curves(galaxies(random, n, halo_mass_scatter=SETTINGS["halo_mass_scatter"] + size))


def shift(random, n, size, training):
    return curves(galaxies(random, n, scale_length_zero_point=SETTINGS["scale_length_zero_point"] + size))


def heavy(random, n, size, training):
    parameters = galaxies(random, n)
    parameters[: round(size * n), 1] += 6.0 * SETTINGS["halo_mass_scatter"]
    return curves(parameters)


def missing(random, n, size, training):
    parameters = galaxies(random, 2 * n)
    compact = parameters[:, 2] - parameters[:, 2].mean() < np.quantile(parameters[:, 2] - parameters[:, 2].mean(), size)
    return curves(np.concatenate([parameters[~compact], parameters[compact]])[:n])


def jagged(random, n, size, training):
    return curves(galaxies(random, n)) * np.exp(size * random.standard_normal((n, len(RADIUS))))


def truncated(random, n, size, training):
    log_v = np.log(training[:20_000])
    axes = np.linalg.eigh(np.cov(log_v.T)).eigenvectors[:, ::-1][:, : int(size)]
    return np.exp(log_v.mean(0) + (np.log(curves(galaxies(random, n))) - log_v.mean(0)) @ axes @ axes.T)


def copies(random, n, size, training):
    k = round(size * n)
    return np.concatenate([random.choice(training, k, replace=False), curves(galaxies(random, n - k))])


# What is planted, by sizes that grow.
DEFECTS: dict[str, tuple[Callable, tuple[float, ...]]] = {
    "halo mass scatter larger by [dex]": (scatter, (0.03, 0.05, 0.08)),
    "scale lengths larger by [dex]": (shift, (0.05, 0.1)),
    "share with haloes 6 standard deviations too heavy": (heavy, (0.003, 0.01, 0.03)),
    "share of the most compact discs missing": (missing, (0.03, 0.1, 0.2)),
    "independent relative error of v at each radius": (jagged, (1e-5, 3e-5, 1e-4)),
    "curves of so many principal components of ln v": (truncated, (14, 12, 10)),
    "share of copies of training curves": (copies, (0.01, 0.03, 0.1)),
}


def measured(random, n, make, training) -> list[float]:
    """The metrics of curves that `make` draws, against new true ones."""
    sample, true = make(random, n), curves(galaxies(random, n))
    metrics = two_sample.two_sample_metrics(sample, true, RADIUS, int(random.integers(2**31)))
    metrics |= TrainingCurves(training).metrics(sample, true)
    return [metrics[name][0] for name in METRICS]


def main(n: int = 4_000) -> None:
    limit_threads(1)
    training = curves(galaxies(np.random.default_rng(0), 100_000))

    def runs(make, number):
        return np.array([measured(np.random.default_rng([1, i]), n, make, training) for i in range(number)])

    null = runs(lambda random, n: curves(galaxies(random, n)), 2 * RUNS)
    deviations = NormalDist().inv_cdf(1.0 - 0.025 / len(METRICS))
    middle, width = null.mean(0), deviations * null.std(0, ddof=1)
    print(
        "| planted defect |",
        " | ".join(metric_of(name).label for name in METRICS),
        "| sizes tried |\n|" + "---|" * (len(METRICS) + 2),
        flush=True,
    )
    for name, (plant, sizes) in DEFECTS.items():
        smallest = ["-"] * len(METRICS)
        for size in reversed(sizes):
            values = runs(partial(plant, size=size, training=training), RUNS)
            detected = (np.abs(values - middle) > width).sum(0) >= DETECTED
            smallest = [f"{size:g}" if seen else larger for seen, larger in zip(detected, smallest, strict=True)]
            if not detected.any():
                break
        print(f"| {name} |", " | ".join(smallest), "|", ", ".join(f"{size:g}" for size in sizes), "|", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
