"""Whole steps as a user runs them: the notebook preset, synthesis, and every step with a million curves."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import yaml

import original
from curvae.galaxies.rotation import ForwardModel, rotation_curves
from data import PROJECT, Row, alternate, cost, flags, ratios, seconds, settings

SCRIPTS = PROJECT / "workflow/scripts"
SIZES = (100_000, 1_000_000)
LARGE_SIZES = (1_000_000, 10_000_000)
# Of the notebook, of each model, and curves.
NOTEBOOK_FIGURES = ("reconstructions", "posterior_draws", "parameters_latents", "latent_density", "generated_curves")
# Runs a command and writes what it used; a process of its own, since the system tells it of all children together.
USED = """
import resource, subprocess, sys
from pathlib import Path
subprocess.run(sys.argv[2:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
Path(sys.argv[1]).write_text(f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}")
"""


def notebook() -> list[Row]:
    """The notebook preset on two cores, as far as the notebook goes and whole, against the notebook; by the clock."""
    # Snakemake runs the `python` of the path, which must be the one that has everything.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    models = yaml.safe_load((PROJECT / "config.yaml").read_text())["models"]
    drawn = ["curves.pdf", *(f"{model}/seed1/{name}.pdf" for model in models for name in NOTEBOOK_FIGURES)]
    with TemporaryDirectory() as folder:
        folder = Path(folder)

        def ours(*targets):
            def once(run):
                out = folder / f"run{run}"
                command = ["-m", "snakemake", "--cores", "2", "--quiet", "all", "--directory", out]
                command += ["--snakefile", PROJECT / "Snakefile"]
                command += ["--configfile", PROJECT / "workflow/presets/notebook.yaml", "--", *targets]
                taken = process(command, {"PATH": path})[0]
                shutil.rmtree(out)
                return taken

            return once

        def theirs(run):
            return process([PROJECT / "benchmarks/original.py", folder])[0]

        figures = [f"results/notebook/figures/{name}" for name in drawn]
        runs = alternate({"original": theirs, "figures": ours(*figures), "all": ours()})
    return [
        Row(
            f"notebook preset, {what}, 2 cores / the notebook in one process",
            f"{seconds(runs[name])} / {seconds(runs['original'])}",
            ratios(runs[name], runs["original"]),
            target,
        )
        for name, what, target in (
            ("figures", "its steps and figures", "<= 0.9"),
            ("all", "evaluation and all figures too", ""),
        )
    ]


def process(command, environment=None) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor and peak resident memory [GB] of a Python process.

    Raises CalledProcessError if it fails.
    """
    with TemporaryDirectory() as folder:
        used = Path(folder) / "used"
        before = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", USED, used, sys.executable, *map(str, command)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        taken = time.perf_counter() - before
        processor, memory = map(float, used.read_text().split())
        return taken, processor, memory / 1e6


def synthesis(curves: int = 50_000) -> list[Row]:
    """Array code against a loop over galaxies."""
    galaxies = original.parameters(curves, np.random.default_rng(1))
    log_galaxies = np.log10(galaxies)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text())
    settings = config | config["sample_parameters"] | config["synthesize_curves"] | {"hubble_constant": 70.0}
    forward_model = ForwardModel.from_settings(settings)

    def ours():
        for start in range(0, curves, 8192):
            rotation_curves(log_galaxies[start : start + 8192], original.RADIUS, forward_model)

    with np.errstate(all="ignore"):
        runs = alternate({"ours": lambda run: cost(ours), "loop": lambda run: cost(lambda: original.curves(galaxies))})
    rates = [curves / np.median(runs[name]) for name in ("ours", "loop")]
    what = "synthesis: array code / loop over galaxies"
    return [Row(what, f"{rates[0]:,.0f} / {rates[1]:,.0f} curves/s", ratios(runs["loop"], runs["ours"]), "")]


def one_chain(curves: int) -> dict[str, tuple[float, float]]:
    """Seconds per million curves, less those of its start, and memory [GB] of each step; one epoch of training."""
    with TemporaryDirectory() as folder:
        taken = {}
        for step, values in chain(Path(folder), curves).items():
            _, start, _ = process([SCRIPTS / f"{step}.py", "--help"])
            _, whole, memory = process([SCRIPTS / f"{step}.py", *flags(values)])
            taken[step] = 1e6 * (whole - start) / curves, memory
        return taken


def chain(folder: Path, curves: int) -> dict[str, dict]:
    """The flags of each step with so many curves, in order."""
    config = yaml.safe_load((PROJECT / "config.yaml").read_text())
    path = {name: folder / f"{name}.h5" for name in ("parameters", "curves", "split", "latents", "reconstructions")}
    seeded = {"seed": 1, "threads": 1}
    hubble = {"hubble_constant": config["hubble_constant"], "parameters": path["parameters"]}
    data = {"curves": path["curves"], "split": path["split"]}
    model = {"model": folder / "model.pt"}
    written = {"history": folder / "history.csv"}
    training = {**vars(settings(epochs=1)), "device": "cpu", "threads": 1}
    return {
        "sample_parameters": {**config["sample_parameters"], **hubble, "galaxies": curves, "seed": 1},
        "synthesize_curves": {**config["synthesize_curves"], **hubble, "curves": path["curves"]},
        "split_curves": {**data, **config["split_curves"], "seed": 1},
        "train_vae": {**data, **training, **model, **written},
        "encode_curves": {**data, **config["encode_curves"], **seeded, **model}
        | {name: path[name] for name in ("latents", "reconstructions")},
        "generate_curves": {**model, **seeded, "latents": path["latents"], "samplers": ["full_gaussian"]}
        | {"galaxies": curves, "generated": folder / "generated.h5"},
    }


def scale(sizes=SIZES, memory_target="") -> list[Row]:
    """Each step with more curves, against fewer."""
    few, many = sizes
    runs = alternate({curves: lambda run, curves=curves: one_chain(curves) for curves in sizes})
    rows = []
    for step in runs[few][0]:
        against = f"{step}, {many:,} curves / {few:,}"
        for what, which, unit, target in (
            ("cost", 0, "s per million", "<= 1.15"),
            ("peak memory", 1, "GB", memory_target),
        ):
            below, above = ([taken[step][which] for taken in runs[curves]] for curves in sizes)
            measured = f"{np.median(above):.2f} / {np.median(below):.2f} {unit}"
            rows.append(Row(f"{what}: {against}", measured, ratios(above, below), target))
    return rows


def scale_large() -> list[Row]:
    """The same with ten million curves."""
    return scale(LARGE_SIZES, memory_target="<= 1.1")
