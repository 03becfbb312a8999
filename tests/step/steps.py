"""What each step reads and writes, and how to run one as a user does."""

import contextlib
import functools
import importlib
import io
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCRIPTS = PROJECT / "workflow/scripts"

DATA, STYLE = {"curves": "curves.h5", "split": "split.h5"}, {"style": "paper.mplstyle"}
MODEL, LATENTS = {"model": "model.pt"}, {"latents": "latents.h5"}
GENERATED, FITS, SUMMARY = {"generated": "generated.h5"}, {"physical_fits": "fits.h5"}, {"summary": "metrics.csv"}
OBSERVED = {"observations": "observations.h5", "posteriors": "posteriors.h5"}


def figure(**files):
    """Files of a figure, whose outputs are named after its script."""
    return {**files, **STYLE}, {"pdf": "{step}.pdf", "png": "{step}.png"}


# Files that each script reads and writes, by flag, in an order in which they can run.
STEPS = {
    "sample_parameters": ({}, {"parameters": "parameters.h5"}),
    "synthesize_curves": ({"parameters": "parameters.h5"}, {"curves": "curves.h5"}),
    "split_curves": ({"curves": "curves.h5"}, {"split": "split.h5"}),
    "train_vae": (DATA, {**MODEL, "history": "history.csv"}),
    "encode_curves": ({**DATA, **MODEL}, {**LATENTS, "reconstructions": "reconstructions.h5"}),
    "generate_curves": ({**MODEL, **LATENTS}, {"generated": ("generated.h5",)}),
    "import_curves": ({"source": "curves.h5"}, {"curves": "imported.h5"}),
    "evaluate_baselines": (
        DATA,
        {"metrics": "baselines.csv", **{name: f"{name}.h5" for name in ("reference", "pca4_gaussian", "pca6_mixture")}},
    ),
    "evaluate_model": ({**DATA, **MODEL}, {"metrics": "model.csv", "errors": "errors.h5"}),
    "evaluate_samplers": ({**DATA, "generated": ("generated.h5",)}, {"metrics": "sampler.csv"}),
    "evaluate_physics": (
        {"curves": "curves.h5", "generated": ("generated.h5", "reference.h5", "pca4_gaussian.h5")},
        {"metrics": "physics.csv", "physical_fits": ("fits.h5", "reference_fits.h5", "pca4_gaussian_fits.h5")},
    ),
    "mock_observations": ({**DATA, "learned": "curves.h5"}, {"observations": "observations.h5"}),
    "import_observations": ({"table": "points.csv", "curves": "curves.h5"}, {"observations": "imported_points.h5"}),
    "infer_galaxies": (
        {"observations": "observations.h5", "curves": "curves.h5", **MODEL, **GENERATED},
        {"posteriors": "batch.h5"},
    ),
    "catalogue_galaxies": (
        {"batches": ("batch.h5",)},
        {"posteriors": "posteriors.h5", **{f"catalogue_{end}": f"galaxies.{end}" for end in ("csv", "ecsv", "fits")}},
    ),
    "evaluate_inference": (
        {"observations": "observations.h5", "posteriors": ("posteriors.h5",)},
        {"metrics": "inference.csv", "ranks": ("ranks.h5",)},
    ),
    "fit_population": (
        {**MODEL, "posteriors": "posteriors.h5", "prior_curves": "generated.h5"},
        {"generated": "population_curves.h5", "population": "population.h5"},
    ),
    "evaluate_population": (
        {**OBSERVED, **MODEL, "curves": "curves.h5", "prior_curves": "generated.h5", "population": "population.h5"}
        | {"population_posteriors": "posteriors.h5"},
        {"metrics": "population.csv", "evaluation": "evaluation.h5"},
    ),
    "draw_atlas": ({**OBSERVED, **STYLE}, {"atlas": "atlas.pdf"}),
    "summarize_metrics": (
        {
            "metrics": (
                *("model.csv", "sampler.csv", "baselines.csv"),
                *("physics.csv", "inference.csv", "population.csv"),
            ),
            "template": "metrics.html.jinja",
        },
        {**SUMMARY, "page": "metrics.html", "text": "metrics.txt"},
    ),
    "export_catalogue": ({**GENERATED, **FITS}, {"catalogue_csv": "catalogue.csv", "catalogue_fits": "catalogue.fits"}),
    "export_decoder": (MODEL, {"decoder": "decoder.pt2"}),
    "plot_calibration": figure(ranks=("ranks.h5",)),
    "plot_curves": figure(curves="curves.h5"),
    "plot_errors": figure(errors="errors.h5"),
    "plot_generated_curves": figure(**DATA, **GENERATED),
    "plot_latent_density": figure(**LATENTS, **GENERATED),
    "plot_loss_history": figure(history=("history.csv",)),
    "plot_metrics": figure(**SUMMARY),
    "plot_observed_galaxies": figure(**OBSERVED),
    "plot_parameters_latents": figure(curves="curves.h5", **LATENTS),
    "plot_population": figure(
        observations="observations.h5", prior_curves="generated.h5", generated="population_curves.h5"
    ),
    "plot_population_check": figure(evaluation="evaluation.h5"),
    "plot_population_relations": figure(evaluation="evaluation.h5", metrics="population.csv"),
    "plot_posterior_covariance": figure(metrics="model.csv"),
    "plot_posterior_draws": figure(**LATENTS),
    "plot_reconstructions": figure(reconstructions="reconstructions.h5"),
    "plot_scaling_relations": figure(reference="reference_fits.h5", physical_fits=("fits.h5",)),
    "write_provenance": (
        {"results": "curves.h5", "requirements": "requirements.txt"},
        {"checksums": "SHA256SUMS", "provenance": "provenance.json"},
    ),
}
FIGURES = [step for step in STEPS if step.startswith("plot_")]
# Files of the project that steps read.
KEPT = ("workflow/styles/paper.mplstyle", "workflow/report/metrics.html.jinja", "envs/requirements.txt")
# Settings of seconds, over those of config.yaml.
SHORT = {"galaxies": 400, "validation": 50, "test": 50, "seed": 1, "threads": 1, "posterior": "cholesky", "epochs": 3}
SHORT |= {"batch_size": 64, "principal_components": 8, "encoder_widths": [16], "decoder_widths": [16], "name": "full"}
SHORT |= {"sampled_curves": 100, "draws": 7, "samplers": ["full_gaussian"], "evaluation_curves": 20}
SHORT |= {"mocks": 3, "latent_prior": "full_gaussian", "posterior_draws": 40, "jobs": 1, "batch": 1}
SHORT |= {"max_mixture_components": 2, "population_fits": 2}
SHORT |= {"importance_samples": 20, "model": "full", "sampler": "full_gaussian", "prior": "full_gaussian"}
SHORT |= {"configuration": "{}", "project": PROJECT}


def written(step, folder):
    """Where a step writes, by flag."""
    return {flag: placed(folder, names, step=step) for flag, names in STEPS[step][1].items()}


def placed(folder, names, **parts):
    """The path of a file in a folder, or those of several."""
    one = isinstance(names, str)
    return folder / names.format(**parts) if one else tuple(folder / name for name in names)


def written_files(step, folder):
    """The files that a step writes."""
    paths = written(step, folder).values()
    return [path for several in paths for path in (several if isinstance(several, tuple) else (several,))]


@functools.cache
def flags(step):
    """Names of the flags that a step wants: it says them itself."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        importlib.import_module(step).main([])
    return re.findall(r"--([\w-]+)", said.getvalue().split(" (--help")[0])


def as_text(value):
    """A setting as it stands on a command line."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def command_line(step, values):
    """The command line of a step whose flags have these values, a tuple where a flag takes several."""
    arguments = []
    for flag in flags(step):
        value = values[flag.replace("-", "_")]
        arguments += [f"--{flag}", *map(str, value)] if isinstance(value, tuple) else [f"--{flag}={as_text(value)}"]
    return arguments


def start(step, arguments, **how):
    """Start a script as a user does."""
    command = [sys.executable, SCRIPTS / f"{step}.py", *arguments]
    return subprocess.Popen(command, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **how})


def run(step, arguments, **how):
    """Run a script to its end: its status, and what it wrote to the terminal."""
    process = start(step, arguments, **how)
    outputs = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, *outputs)
