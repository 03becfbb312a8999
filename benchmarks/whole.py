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
from data import PROJECT, Row, alternate, cost, flags, ratios, seconds, settings
from rotcurves.velocity import rotation_curves

SCRIPTS = PROJECT / "workflow/scripts"
SIZES = (100_000, 1_000_000)
LARGE = 10_000_000
# Runs a command and writes what it used; a process of its own, since the system tells it of all children together.
USED = """
import resource, subprocess, sys
from pathlib import Path
subprocess.run(sys.argv[2:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
Path(sys.argv[1]).write_text(f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}")
"""


def notebook() -> list[Row]:
    """The notebook preset on two cores, evaluation included, against the notebook in one process; by the clock."""
    with TemporaryDirectory() as folder:
        folder = Path(folder)

        def ours(run):
            out = folder / f"run{run}"
            # Snakemake runs the `python` of the path, which must be the one that has everything.
            path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
            command = ["-m", "snakemake", "--cores", "2", "--quiet", "all", "--directory", out]
            command += [
                "--snakefile",
                PROJECT / "Snakefile",
                "--configfile",
                PROJECT / "workflow/presets/notebook.yaml",
            ]
            taken = process(command, {"PATH": path})[0]
            shutil.rmtree(out)
            return taken

        def theirs(run):
            return process([PROJECT / "benchmarks/original.py", folder])[0]

        found = alternate({"original": theirs, "ours": ours})
    measured = f"{seconds(found['ours'])} / {seconds(found['original'])}"
    what = "notebook preset, all steps and figures, 2 cores / the notebook in one process"
    return [Row(what, measured, ratios(found["ours"], found["original"]), "<= 0.6")]


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
    physics = yaml.safe_load((PROJECT / "config.yaml").read_text())["synthesize_curves"]

    def ours():
        for start in range(0, curves, 8192):
            rotation_curves(
                log_galaxies[start : start + 8192],
                original.RADIUS,
                70.0,
                physics["overdensity"],
                physics["gravitational_constant"],
            )

    with np.errstate(all="ignore"):
        found = alternate({"ours": lambda run: cost(ours), "loop": lambda run: cost(lambda: original.curves(galaxies))})
    rates = [curves / np.median(found[name]) for name in ("ours", "loop")]
    what = "synthesis: array code / loop over galaxies"
    return [Row(what, f"{rates[0]:,.0f} / {rates[1]:,.0f} curves/s", ratios(found["loop"], found["ours"]), "")]


def one_chain(folder: Path, curves: int) -> dict[str, tuple[float, float]]:
    """Seconds, less those of its start, and memory [GB] of each step with so many curves; one epoch of training."""
    config = yaml.safe_load((PROJECT / "config.yaml").read_text())
    path = {name: folder / f"{name}.h5" for name in ("parameters", "curves", "split", "latents", "reconstructions")}
    seeded = {"seed": 1, "threads": 1}
    hubble = {"hubble_constant": config["hubble_constant"], "parameters": path["parameters"]}
    data = {"curves": path["curves"], "split": path["split"]}
    model = {"model": folder / "model.pt"}
    written = {"history": folder / "history.csv", "checkpoint": folder / "checkpoint"}
    training = {**vars(settings(epochs=1)), "device": "cpu", "threads": 1}
    steps = {
        "sample_parameters": {**config["sample_parameters"], **hubble, "galaxies": curves, "seed": 1},
        "synthesize_curves": {**config["synthesize_curves"], **hubble, "shard": 0, "curves": path["curves"]},
        "split_curves": {**data, **config["split_curves"], "seed": 1},
        "train_vae": {**data, **training, **model, **written},
        "encode_curves": {**data, **config["encode_curves"], **seeded, **model}
        | {name: path[name] for name in ("latents", "reconstructions")},
        "generate_curves": {**model, **seeded, "latents": path["latents"], "sampler": "multinormal"}
        | {"galaxies": curves, "generated": folder / "generated.h5"},
    }
    taken = {}
    for step, values in steps.items():
        _, start, _ = process([SCRIPTS / f"{step}.py", "--help"])
        _, whole, memory = process([SCRIPTS / f"{step}.py", *flags(values)])
        taken[step] = whole - start, memory
    return taken


def scale(sizes=SIZES) -> list[Row]:
    """Each step with more and more curves, once each."""
    taken = {}
    for curves in sizes:
        with TemporaryDirectory() as folder:
            taken[curves] = one_chain(Path(folder), curves)
    rows, (small, *others) = [], sizes
    for step in taken[small]:
        for curves in others:
            per_million = [1e6 * taken[n][step][0] / n for n in (curves, small)]
            memory = [taken[n][step][1] for n in (curves, small)]
            sizes_in_words = f"{step}, {curves:,} curves / {small:,}"
            measured = f"{per_million[0]:.1f} / {per_million[1]:.1f} s per million"
            rows.append(Row(f"cost: {sizes_in_words}", measured, [per_million[0] / per_million[1]], "<= 1.15"))
            measured = f"{memory[0]:.2f} / {memory[1]:.2f} GB"
            rows.append(Row(f"peak memory: {sizes_in_words}", measured, [memory[0] / memory[1]], ""))
    return rows


def scale_large() -> list[Row]:
    """Up to ten million curves; memory is compared with that of a million."""
    return scale((SIZES[-1], LARGE))
