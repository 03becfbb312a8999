# Learn the distribution of galaxy rotation curves and generate new ones: see README.md.

import os
import sys

from snakemake.utils import min_version

min_version("9.12")


configfile: os.path.normpath(os.path.join(os.path.relpath(str(workflow.current_basedir)), "config.yaml"))


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/simulate.smk" if SIMULATED else "workflow/rules/import.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/figures.smk"


if SIMULATED:

    include: "workflow/rules/physics.smk"


if config["observations"] is not None:

    include: "workflow/rules/observe.smk"


if POPULATION in config["samplers"]:

    include: "workflow/rules/population.smk"


include: "workflow/rules/gather.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/exports.smk"


rule all:
    """Target: everything."""
    input:
        rules.data.input,
        rules.models.input,
        rules.latents.input,
        rules.generated.input,
        rules.metrics.input,
        rules.figures.input,
        rules.checksums.input,
        MADE_ON_DEMAND,


onerror:
    # Of some hundred lines the one that matters, last.
    for path in log:
        with open(path) as lines:
            for line in dict.fromkeys(line for line in lines if line.startswith("error: ")):
                print(line, end="", file=sys.stderr)
