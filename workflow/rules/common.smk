# What all rules share: where the code is, the checked configuration, flags, resources.

import os
import sys

# Relative, so that neither moving the project nor running it from elsewhere changes an input's name.
HERE = os.path.relpath(os.path.join(str(workflow.current_basedir), "../.."))


def project(path):
    """The path of a file of the project."""
    return os.path.normpath(os.path.join(HERE, path))


sys.path.insert(0, project("workflow/scripts"))
from curvae import configuration
from curvae.runtime import settings
from curvae.runtime.errors import UserError
from curvae.densities import POPULATION
from curvae.sources import sources
from snakemake.io import strip_wildcard_constraints
from snakemake.settings.types import DeploymentMethod

# `python` of the steps is that of Snakemake, activated or not; conda, where it is used, activates that of a step.
if DeploymentMethod.CONDA not in workflow.deployment_settings.deployment_method:
    os.environ.update(PATH=f"{os.path.dirname(sys.executable)}:{os.getenv('PATH')}")

# A cluster sends SIGTERM, before it kills, to all processes of a job: bash waits for the training's checkpoint.
shell.prefix("set -euo pipefail; trap : TERM; ")

# The command of a step: its files, which have the same names here and as flags, and its settings.
STEP = r"""
    python {input.script:q} {params.files:q} \
        {params.settings:q} 2>{log:q}
"""
# The same to the terminal, too: of a file of the user's, what is left out and what is odd.
STEP_AND_TERMINAL = STEP.replace("2>{log:q}", "2> >(tee {log:q} >&2)")

try:
    config = configuration.check(config, workflow.configfiles)
except UserError as error:
    raise WorkflowError(str(error))

SIMULATED = config["curves"] is None
# Samplers of the codes of training curves, {sampler} in the rules: galaxies of a survey need not be like these.
CODE_SAMPLERS = [sampler for sampler in config["samplers"] if sampler != POPULATION]
# Samplers whose density is the prior of observed galaxies, {prior}: the population is fitted to what the first infers.
LATENT_PRIOR = config["infer_galaxies"]["latent_prior"]
PRIORS = [LATENT_PRIOR, *(sampler for sampler in config["samplers"] if sampler == POPULATION)]
SURVEY_NAME = configuration.survey_name(config)


# Below <survey> is what depends on the observed galaxies, so that several surveys share the models in <results>.
pathvars:
    survey=f"<results>/surveys/{SURVEY_NAME}" if SURVEY_NAME else "<results>",


wildcard_constraints:
    model="|".join(config["models"]),
    seed="|".join(map(str, config["training_seeds"])),
    sampler="|".join(CODE_SAMPLERS),
    prior="|".join(PRIORS),


def code(step):
    """The step's script, and all that it is made of: local modules, schemas of its settings, the style of a figure.

    Snakemake compares their contents, so an edit reruns exactly the steps that use the edited file.
    """
    script = project(f"workflow/scripts/{step}.py")
    style = {"style": project("workflow/styles/paper.mplstyle")} if step.startswith(("plot_", "draw_")) else {}
    return {"script": script, "sources": sources(script), **style}


def figure(path, category, result, below="<results>"):
    """The outputs of a figure: vectors, and a bitmap that the report shows."""
    labels = {name: f"{{{name}}}" for name in ("model", "seed", "sampler") if f"{{{name}}}" in path} | {
        "result": result
    }
    caption = f"../report/{os.path.basename(path).split('.')[0]}.rst"
    bitmap = report(f"{below}/figures/{path}.png", caption=caption, category=category, labels=labels)
    return {"pdf": f"{below}/figures/{path}.pdf", "png": bitmap}


def file_flags(wildcards, input, output):
    """A flag for each named input, besides the code, and output: --curves results/curves.h5."""
    named = {**dict(input.items()), **dict(output.items())}
    return flatten([f"--{name.replace('_', '-')}", named[name]] for name in named if name not in ("script", "sources"))


def section(step, *general, **others):
    """Flags of a step's section of the configuration, general settings, and others, in which wildcards may stand.

    One value: Snakemake compares params without names, and would miss two settings that exchange their values.
    """
    return settings.flags({**config.get(step, {}), **{name: config[name] for name in general}, **others})


def flags(step="", *general, **others):
    """The params of a step whose command is STEP: apart, since Snakemake does not see changes of what has files in it."""
    return {"files": file_flags, "settings": section(step, *general, **others)}


def cluster_resources(memory, minutes, times=0.0):
    """What a job asks a cluster for: memory [MB], and so many times its inputs, read in pieces; time; more by attempt."""
    return {
        "mem_mb": lambda wildcards, input, attempt: attempt * (500 + memory + int(times * min(input.size_mb, 2000))),
        "runtime": lambda wildcards, attempt: attempt * minutes,
    }


# The values of the wildcards of all results.
WILDCARDS = {"model": config["models"], "seed": config["training_seeds"], "sampler": CODE_SAMPLERS, "prior": PRIORS}


def each_model(path):
    """The path for every model and training seed, and for every sampler and prior where they stand in it."""
    return expand(path, **WILDCARDS)


def prior_curves(wildcards):
    """The curves generated from a prior, whose file holds its density: the population depends on the survey."""
    if wildcards.prior == POPULATION:
        return "<survey>/{model}/seed{seed}/generated/population.h5"
    return "<results>/{model}/seed{seed}/generated/{prior}.h5"


def result_patterns(*steps, without=()):
    """Outputs of the rules so far whose names begin so, as they stand in the rules: {model} etc. not filled in."""
    renamed = workflow.modifier.local_rulename_modifier or str  # another workflow gives rules of a module other names
    wanted, unwanted = tuple(map(renamed, steps or [""])), set(map(renamed, without))
    ours = [rule for rule in workflow.rules if os.path.dirname(rule.snakefile) == str(workflow.current_basedir)]
    named = [rule for rule in ours if rule.name.startswith(wanted) and rule.name not in unwanted]
    return sorted({strip_wildcard_constraints(output) for rule in named for output in rule.output})
