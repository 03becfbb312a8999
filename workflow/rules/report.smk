# What the captions of `snakemake --report` can state: numbers measured in the run, and its configuration.
# Snakemake gives them no other way to a file than the names that every template knows.

from functools import partial

from jinja2 import defaults
from rotcurves.captions import measured

defaults.DEFAULT_NAMESPACE.update(
    measured=partial(measured, config.get("pathvars", {}).get("results", "results")),
    configuration=yaml.safe_dump(config, sort_keys=False),
)
