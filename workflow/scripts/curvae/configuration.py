"""Checks the configuration before anything runs: every problem at once, one line each.

The closed schema says what keys and values there are; what a schema cannot say is checked beside it.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from curvae.densities import POPULATION
from curvae.runtime import settings
from curvae.runtime.errors import UserError
from curvae.runtime.settings import one_line

# Folders beside those of the models.
RESERVED = ("figures", "logs", "benchmarks", "baseline", "baselines", "surveys")
# What settings and samplers of earlier states are called now.
RENAMED = {
    "components": "principal_components",
    "sigma_annealing": "sigma_floor_fraction",
    "batches": "jobs",
    "population_components": "max_mixture_components",
    "normal": "diagonal_gaussian",
    "multinormal": "full_gaussian",
    "mixture": "gaussian_mixture",
    "survey": "population",
}
RENAMED_IN = {"infer_galaxies": {"prior": "latent_prior"}, "samplers": {"prior": "standard_normal"}}
FORMATS = {
    "model_name": lambda name: re.fullmatch("[a-z][a-z0-9_]{0,99}", str(name)) and name not in RESERVED,
    "survey_name": lambda name: re.fullmatch("[a-z0-9][a-z0-9_-]{0,99}", str(name)),
    "folder": lambda path: re.fullmatch("([A-Za-z0-9_./][A-Za-z0-9_./-]*)?[A-Za-z0-9_.]", str(path)),
}


def check(config: Mapping, files: Iterable[str | Path] = ()) -> dict:
    """Return the configuration with its values retyped (`settings.retyped`) and without models that are null.

    Raises UserError, which names every problem.
    `files` are the YAML files it was read from, searched for duplicate keys.
    """
    schema = settings.schema("config.schema.yaml")
    try:
        config = settings.retyped(config)
    except RecursionError as error:
        raise UserError("the configuration is not valid: a YAML anchor (&) is used (*) within itself") from error
    if isinstance(config.get("models"), dict):  # Snakemake lays files over each other, and can take nothing away
        config["models"] = {name: model for name, model in config["models"].items() if model is not None}
    problems = [problem for file in files for problem in repeated_keys(file)]
    errors = sorted(settings.problems(config, schema, **FORMATS), key=lambda error: dotted(error.absolute_path))
    problems += [line for error in errors for line in explain(error)]
    problems += missing(config, schema)
    problems = problems or list(contradictions(config))
    if problems:
        raise UserError("\n".join(["the configuration is not valid:", *dict.fromkeys(problems)]))
    return config


def survey_name(config: Mapping) -> str:
    """Name of the folder of what depends on the observed galaxies; "" for mocks of this run, which need none.

    `auto` is the name of the table or folder in lower case, with _ for other characters; "" if nothing is left of it.
    """
    observations, name = config["observations"], config["survey_name"]
    if observations in (None, "mock"):
        return ""
    if name != "auto":
        return name
    path = Path(observations)
    return re.sub("[^a-z0-9_-]+", "_", (path.name if path.is_dir() else path.stem).lower()).strip("_-")


def repeated_keys(path: str | Path) -> Iterator[str]:
    """Yield a line for each duplicate key of a mapping in a YAML file."""

    def search(node: yaml.Node, prefix: str) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                name = f"{prefix}{key.value}"
                if key.value in seen:
                    yield f"{one_line(name, 60)}: duplicate key in {path} (line {key.start_mark.line + 1})"
                seen.add(key.value)
                yield from search(value, f"{name}.")
        elif isinstance(node, yaml.SequenceNode):
            for entry in node.value:
                yield from search(entry, prefix)

    with open(path, encoding="utf-8") as file:
        try:
            node = yaml.compose(file, settings.LOADER)
        except yaml.YAMLError:  # Snakemake has read it: JSON that is no YAML
            return
    if node is not None:
        yield from search(node, "")


def missing(config: Mapping, schema: Mapping) -> Iterator[str]:
    """Yield a line for each setting that has no value: all but the paths and what models differ in must have one."""
    for name, part in schema["properties"].items():
        if name != "pathvars" and name not in config:
            yield f"{name}: missing, expected a value as in config.yaml"
        elif name not in ("pathvars", "models") and isinstance(config.get(name), dict) and "properties" in part:
            yield from (f"{name}.{line}" for line in missing(config[name], part))


def explain(error) -> Iterator[str]:
    """Yield one line for each thing that jsonschema found wrong, behind the key."""
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        for name in sorted(set(map(str, error.instance)) - set(known)):
            # A setting that was written without its section, rather than a misspelt one.
            meant = [f"{section}.{name}" for section in known if name in known[section].get("properties", ())]
            meant = meant or difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else f"expected: {', '.join(known)}"
            if (new := renamed(path, name)) in known:
                hint = f"it is now called '{new}'"
            yield f"{dotted([*path, name])}: unknown key, {hint}"
    else:
        if "propertyNames" in error.absolute_schema_path:
            path.append(str(error.instance))
        new = renamed(path, error.instance) if error.validator == "enum" else None
        known = new is not None and new in error.schema["enum"]
        yield f"{dotted(path)}: " + (
            f"'{error.instance}' is now called '{new}'" if known else settings.explained(error)
        )


def renamed(path: list, name: object) -> str | None:
    """What a setting or value of earlier states, in the section of this path, is called now; None if never renamed."""
    section = RENAMED_IN.get(str(path[0]), {}) if path else {}
    return (RENAMED | section).get(name) if isinstance(name, str) else None


def dotted(path: Iterable[str | int]) -> str:
    """The way to a value: a.b[0]."""
    words = [f"[{key}]" if isinstance(key, int) else f".{one_line(str(key), 60)}" for key in path]
    return "".join(words).removeprefix(".")


def contradictions(config: Mapping) -> Iterator[str]:
    """Yield a line for each pair of values that are valid alone and impossible together, or not of these files."""
    compared, generated = config["evaluation_curves"], config["generate_curves"]["galaxies"]
    if compared > generated:
        yield f"evaluation_curves: {compared} is more than generate_curves.galaxies ({generated})"
    for step, key in (
        ("sample_parameters", "log_disc_mass"),
        ("sample_parameters", "log_core_radius"),
        ("synthesize_curves", "radius"),
    ):
        low, high = (config[step][f"{key}_{end}"] for end in ("min", "max"))
        if low >= high:
            yield f"{step}.{key}_min: {low} is not less than {key}_max ({high})"
    prior = config["infer_galaxies"]["latent_prior"]
    if config["observations"] is not None and prior not in config["samplers"]:
        yield f"infer_galaxies.latent_prior: {prior} is not one of the samplers ({', '.join(config['samplers'])})"
    if prior == POPULATION:
        yield "infer_galaxies.latent_prior: population is fitted to what another prior infers, expected another"
    if POPULATION in config["samplers"] and config["observations"] is None:
        yield "samplers: population is the population of observed galaxies, but observations is null"
    table = config["observations"]
    if table not in (None, "mock") and not any(Path(table, name).is_file() for name in ("", "split.h5")):
        yield f"observations: no such file: {one_line(table, 200)}; expected mock, null, a table or results of a run"
    elif table not in (None, "mock") and not survey_name(config):
        yield f"survey_name: auto finds no letter or digit in {one_line(table, 200)}; expected a name"
    if config["curves"] is not None:
        path, made = Path(config["curves"]), Path(config["pathvars"]["results"], "curves.h5")
        if not path.is_file():
            yield f"curves: no such file: {one_line(str(path), 200)}"
        elif path.resolve() == made.resolve():
            yield f"curves: {path} is a result of the workflow itself; copy it, or set another pathvars.results"
