# What all rules share: where the code is, the checked configuration, the flags of a step.

import itertools
import os
import sys
from pathlib import Path

import yaml

# Relative, so that neither moving the project nor running it from elsewhere changes an input's name.
HERE = os.path.relpath(os.path.join(str(workflow.current_basedir), "../.."))
SCRIPTS = os.path.normpath(os.path.join(HERE, "workflow/scripts"))
STYLE = os.path.normpath(os.path.join(HERE, "workflow/styles/paper.mplstyle"))

sys.path.insert(0, SCRIPTS)
from rotcurves import configuration
from rotcurves.closure import local_modules
from rotcurves.errors import UserError
from snakemake.io import strip_wildcard_constraints

# A cluster sends SIGTERM, before it kills, to all processes of a job: bash waits for the step, which cleans up.
shell.prefix("set -euo pipefail; trap : TERM; ")


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

GALAXIES = config["sample_parameters"]["galaxies"]


def binary(digits):
    """All numbers of so many binary digits, as they stand in the names of files: 00, 01, 10, 11; "" for none."""
    return ["".join(number) for number in itertools.product("01", repeat=digits)]


# Curves are in 16 files, part0000 to part1111, whatever the number of shards: the first digits say which shard makes
# them. So neither the bytes nor the list of the results depend on how the work is shared.
FILE_DIGITS = 4
SHARD_DIGITS = config["synthesize_curves"]["shards"].bit_length() - 1
SHARDS = [f"part{number}" for number in binary(SHARD_DIGITS)]
CURVES_OF_SHARD = expand("<results>/curves/{{shard}}{rest}.h5", rest=binary(FILE_DIGITS - SHARD_DIGITS))


wildcard_constraints:
    shard="|".join(SHARDS),
    model="|".join(config["models"]),
    seed="|".join(map(str, config["training_seeds"])),
    sampler="|".join(config["samplers"]),


def code(step):
    """The step's script and all local modules that it imports, directly or not; for a figure the style, too.

    Snakemake compares their contents, so an edit reruns exactly the steps that use the edited file.
    """
    script = os.path.join(SCRIPTS, f"{step}.py")
    style = {"style": STYLE} if step.startswith("plot_") else {}
    return {"script": script, "modules": local_modules(script), **style}


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


def synthesis_flags(wildcards):
    """The flags of the synthesis of one shard."""
    shard = SHARDS.index(wildcards.shard)
    return flags("synthesize_curves", hubble_constant=config["hubble_constant"], shard=shard)


def training_flags(wildcards):
    """The flags of one model's training: what the models share, changed by what the model differs in."""
    return flags("train_vae", device=config["device"], threads=config["threads"], **config["models"][wildcards.model])


def evaluation_flags(step, **others):
    """The flags of a step that compares curves with test curves."""
    shared = {"evaluation_curves": config["evaluation_curves"], "seed": config["seed"], "threads": config["threads"]}
    return flags(step, **shared, **others)


def memory(own, curves=0, each=0.0):
    """Memory that a job asks a cluster for [MB], by attempt.

    What Snakemake needs in the job, `own` of the step, and `each` kB for every curve that the step holds at once.
    """
    needed = 500 + own + int(each * curves / 1000)
    return lambda wildcards, attempt: attempt * needed


def minutes(first):
    """Time that a job asks a cluster for, by attempt."""
    return lambda wildcards, attempt: attempt * first


def each_model(path, **wildcards):
    """The path for every model and training seed, and for all values of further wildcards."""
    return expand(path, model=config["models"], seed=config["training_seeds"], **wildcards)


def result_patterns(steps=""):
    """Outputs of the steps so far with this in their names, as they stand in the rules: {model} etc. not filled in."""
    ours = [step for step in workflow.rules if os.path.dirname(step.snakefile) == str(workflow.current_basedir)]
    outputs = [output for step in ours if steps in step.name for output in step.output]
    return sorted(map(strip_wildcard_constraints, outputs))


def checksum_flags(wildcards):
    """Patterns and values rather than files, which may be more than a command line holds."""
    values = {"model": list(config["models"]), "seed": config["training_seeds"], "sampler": config["samplers"]}
    return flags("write_checksums", results=PATTERNS, shard=SHARDS, **values)
