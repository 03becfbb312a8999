# What all rules share: where the code is, the checked configuration, the flags of a step.

import ast
import os
import sys
from pathlib import Path

import yaml

# Relative, so that neither moving the project nor running it from elsewhere changes an input's name.
HERE = os.path.relpath(workflow.basedir)
SCRIPTS = os.path.normpath(os.path.join(HERE, "workflow/scripts"))
STYLE = os.path.normpath(os.path.join(HERE, "workflow/styles/paper.mplstyle"))

ENDINGS = ["pdf", "png"]
FIGURES = ["curves", "metrics", "errors"]
MODEL_FIGURES = ["reconstructions", "loss_history", "posterior_draws", "parameters_latents", "latent_density"]
SAMPLER_FIGURES = ["generated_curves", "scaling_relations", "curvature"]

sys.path.insert(0, SCRIPTS)
from rotcurves import configuration
from rotcurves.errors import UserError


def checked_config():
    """The configuration, valid and retyped; or one line for each thing wrong with it."""
    schema = Path(HERE, "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8")
    try:
        return configuration.check(config, yaml.safe_load(schema), workflow.configfiles)
    except UserError as error:
        raise WorkflowError(str(error))


config = checked_config()

MASS_RANGE = {key: config["sample_parameters"][key] for key in ("log_disc_mass_min", "log_disc_mass_max")}
# What the physics of a curve needs besides its galaxy's parameters, and where the scaling relations are measured.
PHYSICS = {
    **MASS_RANGE,
    "hubble_constant": config["hubble_constant"],
    "overdensity": config["synthesize_curves"]["overdensity"],
    "gravitational_constant": config["synthesize_curves"]["gravitational_constant"],
    "log_disc_mass_pivot": config["sample_parameters"]["log_disc_mass_pivot"],
    "concentration_pivot": config["sample_parameters"]["concentration_pivot"],
}


wildcard_constraints:
    model="|".join(config["models"]),
    seed="|".join(map(str, config["training_seeds"])),
    sampler="|".join(config["samplers"]),


def local_imports(path):
    """Files of the modules below `SCRIPTS` that a Python file imports itself."""
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            stem = os.path.join(SCRIPTS, *name.split("."))
            yield from filter(os.path.isfile, (f"{stem}.py", f"{stem}/__init__.py"))


def code(step):
    """The step's script and all local modules that it imports, directly or not.

    Snakemake compares their contents, so an edit reruns exactly the steps that use the edited file.
    """
    script = os.path.join(SCRIPTS, f"{step}.py")
    found, queue = set(), [script]
    while queue:
        new = set(local_imports(queue.pop())) - found
        found |= new
        queue += new
    return {"script": script, "modules": sorted(found)}


def text(value):
    """A setting as it stands on a command line: 5 and 5.0 are the same number, a list is 64,32."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def flags(step, **others):
    """The flags of a step: its section of the configuration and others, sorted.

    One value, since Snakemake compares params without their names: two settings that
    exchange their values must not look like no change.
    """
    settings = {**config.get(step, {}), **others}
    return [f"--{key.replace('_', '-')}={text(settings[key])}" for key in sorted(settings)]


def training_flags(wildcards):
    """The flags of one model's training: what the models share, changed by what the model differs in."""
    return flags("train_vae", device=config["device"], threads=config["threads"], **config["models"][wildcards.model])


def evaluation_flags(step, **others):
    """The flags of a step that compares curves with test curves."""
    shared = {"evaluation_curves": config["evaluation_curves"], "seed": config["seed"], "threads": config["threads"]}
    return flags(step, **shared, **others)


def each_model(path, **wildcards):
    """The path for every model and training seed, and for all values of further wildcards."""
    return expand(path, model=config["models"], seed=config["training_seeds"], **wildcards)
