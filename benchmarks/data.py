"""What the benchmarks share: the project's settings, data sets made by its own steps, and clocks."""

import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

import sample_parameters
import split_curves
import synthesize_curves
import train_vae
from curvae.model.training import TrainingSettings
from curvae.runtime.settings import flags

PROJECT = Path(__file__).resolve().parents[1]
CURVES = 470_000  # to train on, where a setting depends on them
REPEATS = 5  # alternating runs of a row


@dataclass
class Row:
    """A line of the table: what was compared, the medians in words, the ratio of each run, and what is aimed at."""

    what: str
    measured: str
    ratios: Sequence[float]
    target: str


def settings(model: str | None = None, **different) -> TrainingSettings:
    """The training settings of the default configuration, or of a model of the notebook preset, for its curves."""
    config = yaml.safe_load((PROJECT / "config.yaml").read_text())
    preset = yaml.safe_load((PROJECT / "workflow/presets/notebook.yaml").read_text())
    of_model = {**preset["train_vae"], **preset["models"][model]} if model else {}
    ours = {"name": "benchmark", "seed": 1, "latent_dimension": 4}  # of the galaxies that we simulate
    return train_vae.resolve(Namespace(**{**config["train_vae"], **ours, **of_model, **different}), CURVES)


def make_data(folder: Path, galaxies: int, validation: int, test: int) -> dict[str, str]:
    """Make `parameters`, `curves` and `split` of the default galaxies; their paths."""
    config = yaml.safe_load((PROJECT / "config.yaml").read_text())
    path = {name: str(folder / f"{name}.h5") for name in ("parameters", "curves", "split")}
    shared = {"hubble_constant": config["hubble_constant"], "parameters": path["parameters"]}
    sample = {**config["sample_parameters"], **shared, "galaxies": galaxies, "seed": 1}
    sample_parameters.main(flags(sample))
    synthesize_curves.main(flags({**config["synthesize_curves"], **shared, "curves": path["curves"]}))
    sizes = {"validation": validation, "test": test, "seed": 1}
    split_curves.main(flags({"curves": path["curves"], "split": path["split"], **sizes}))
    return path


def alternate(candidates: Mapping[str, Callable[[int], float]], repeats: int = REPEATS) -> dict[str, list[float]]:
    """The number, mostly seconds, that each candidate returns in run 1, 2, ...: all of them in every run."""
    measured = {name: [] for name in candidates}
    for run in range(1, repeats + 1):
        for name, measure in candidates.items():
            measured[name].append(measure(run))
    return measured


def cost(work: Callable[[], object], times: int = 1, clock: Callable[[], float] = time.process_time) -> float:
    """Seconds that one call takes, of several in a row; seconds of the processor unless another clock is given."""
    before = clock()
    for _ in range(times):
        work()
    return (clock() - before) / times


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The ratio of each run."""
    return [a / b for a, b in zip(above, below, strict=True)]


def seconds(values: Sequence[float]) -> str:
    """Their median, in a readable unit."""
    value = statistics.median(values)
    return f"{value:.2f} s" if value >= 0.1 else f"{1e3 * value:.2f} ms"
