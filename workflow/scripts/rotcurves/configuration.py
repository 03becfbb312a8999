"""Checks the configuration before anything runs: every problem at once, one line each.

The closed schema says what keys and values there are; what a schema cannot say is checked beside it.
"""

import difflib
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import jsonschema
import yaml

from rotcurves.errors import UserError

# Training curves below which neither components nor the baselines can be made.
FEWEST = 50


def whole_pattern(validator, pattern, instance, schema) -> Iterator[jsonschema.ValidationError]:
    """As JSON schema says, `$` is the end of a text; to Python it is also before a newline at the end."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError("not of the form")


VALIDATOR = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": whole_pattern})


def check(config: Mapping, schema: Mapping, files: Iterable[str | Path] = ()) -> dict:
    """Return the configuration with its values retyped (see `retyped`) and without models that are null.

    Raises UserError, which names every problem.
    `files` are the YAML files it was read from, searched for keys that stand there twice.
    """
    try:
        config = retyped(config)
    except RecursionError as error:
        raise UserError("the configuration is not valid: a YAML anchor (&) is used (*) within itself") from error
    if isinstance(config.get("models"), dict):  # Snakemake lays files over each other, and can take nothing away
        config["models"] = {name: model for name, model in config["models"].items() if model is not None}
    problems = [problem for file in files for problem in repeated_keys(file)]
    problems += [f"{key}: got {value}, expected a finite number" for key, value in not_finite(config)]
    if not problems:
        errors = VALIDATOR(schema).iter_errors(config)
        problems = [
            line for error in sorted(errors, key=lambda error: dotted(error.absolute_path)) for line in explain(error)
        ]
    if not problems:
        problems = list(contradictions(config))
    if problems:
        raise UserError("\n".join(["the configuration is not valid:", *dict.fromkeys(problems)]))
    return config


def retyped(value):
    """The value with its numbers as they are meant: 1e-3, which YAML reads as text, as 0.001, and 5.0 as 5.

    --config gives every nested value as text, too. Whole numbers that are no floating-point numbers are infinite.
    """
    if isinstance(value, Mapping):
        return {retyped(key) if isinstance(key, int) else key: retyped(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [retyped(entry) for entry in value]
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return math.inf if value > 0 else -math.inf
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            number = json.loads(value)
        except ValueError:
            return value
        return retyped(number) if isinstance(number, int | float) and not isinstance(number, bool) else value
    return value


def repeated_keys(path: str | Path) -> Iterator[str]:
    """Yield a line for each key that stands twice in one mapping of a YAML file."""

    def search(node: yaml.Node, prefix: str) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                name = f"{prefix}{key.value}"
                if key.value in seen:
                    yield f"{one_line(name)}: stands twice in {path} (line {key.start_mark.line + 1}), expected once"
                seen.add(key.value)
                yield from search(value, f"{name}.")
        elif isinstance(node, yaml.SequenceNode):
            for entry in node.value:
                yield from search(entry, prefix)

    with open(path, encoding="utf-8") as file:
        try:
            node = yaml.compose(file)
        except yaml.YAMLError:  # Snakemake has read it: JSON that is no YAML
            return
    if node is not None:
        yield from search(node, "")


def not_finite(value, path: tuple = ()) -> Iterator[tuple[str, float]]:
    """Yield key and value of every NaN or infinity."""
    if isinstance(value, Mapping | list):
        for key, entry in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from not_finite(entry, (*path, key))
    elif isinstance(value, float) and not math.isfinite(value):
        yield dotted(path), value


def explain(error: jsonschema.ValidationError) -> Iterator[str]:
    """Yield one line for each thing that is wrong: the key, what it got, what was expected."""
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for name in sorted(set(map(str, error.instance)) - set(known)):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"expected one of: {', '.join(known)}"
            yield f"{dotted([*path, name])}: unknown key, {hint}"
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield f"{dotted([*path, name])}: missing, expected a value as in config.yaml"
    else:
        if "propertyNames" in error.schema_path:
            path.append(error.instance)
        yield f"{dotted(path)}: got {shown(error.instance)}, expected {expected(error.schema)}"


def dotted(path: Iterable[str | int]) -> str:
    """The way to a value: a.b[0]."""
    words = [f"[{key}]" if isinstance(key, int) else f".{one_line(str(key))}" for key in path]
    return "".join(words).removeprefix(".")


def shown(value) -> str:
    """A value as JSON, or as Python writes it if JSON has no such value, in one line."""
    try:
        return one_line(json.dumps(value, ensure_ascii=False))
    except TypeError:
        return one_line(str(value))


def one_line(text: str) -> str:
    """The beginning of a text, all of it printable."""
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def expected(schema: Mapping) -> str:
    """Say in words what a part of the schema accepts."""
    if "anyOf" in schema:
        words = " or ".join(expected(choice) for choice in schema["anyOf"])
    elif "const" in schema:
        words = f"'{schema['const']}'"
    elif "enum" in schema:
        words = f"one of: {', '.join(map(str, schema['enum']))}"
    else:
        kind = schema.get("type", "value")
        words = {
            "integer": "a whole number",
            "number": "a number",
            "string": "text",
            "array": "a list",
            "object": "a mapping of keys to values",
        }.get(kind, f"a {kind}")
        for bound, phrase in {
            "minimum": "at least",
            "exclusiveMinimum": "above",
            "maximum": "at most",
            "minItems": "of at least",
            "maxItems": "of at most",
            "minProperties": "of at least",
            "pattern": "of the form",
            "maxLength": "of at most",
        }.items():
            if bound in schema:
                words += f", {phrase} {schema[bound]}"
        if schema.get("uniqueItems"):
            words += ", none of them twice"
        if "not" in schema:
            words += f", none of: {', '.join(schema['not']['enum'])}"
    return f"{words} ({schema['description']})" if "description" in schema else words


def contradictions(config: Mapping) -> Iterator[str]:
    """Yield a line for each pair of values that are valid alone and impossible together."""
    sample, curves, split = (config[step] for step in ("sample_parameters", "synthesize_curves", "split_curves"))
    if split["validation"] + split["test"] >= sample["galaxies"]:
        yield (
            f"split_curves: got {split['validation']} validation and {split['test']} test curves, expected fewer than "
            f"the {sample['galaxies']} of sample_parameters.galaxies together"
        )
    elif sample["galaxies"] - split["validation"] - split["test"] < FEWEST:
        yield (
            f"sample_parameters.galaxies: got {sample['galaxies']}, of which {split['validation'] + split['test']} are "
            f"for validation and test, expected at least {FEWEST} more for training"
        )
    compared = config["evaluation_curves"]
    if 2 * compared > split["test"]:
        yield (
            f"evaluation_curves: got {compared}, expected at most half of split_curves.test ({split['test']}): "
            "test curves are also compared with test curves"
        )
    if compared > config["generate_curves"]["galaxies"]:
        yield (
            f"evaluation_curves: got {compared}, expected at most generate_curves.galaxies "
            f"({config['generate_curves']['galaxies']})"
        )
    if sample["log_disc_mass_min"] >= sample["log_disc_mass_max"]:
        yield (
            f"sample_parameters.log_disc_mass_min: got {sample['log_disc_mass_min']}, expected less than "
            f"log_disc_mass_max ({sample['log_disc_mass_max']})"
        )
    if curves["radius_min"] >= curves["radius_max"]:
        yield (
            f"synthesize_curves.radius_min: got {curves['radius_min']}, expected less than "
            f"radius_max ({curves['radius_max']})"
        )
    for name, model in config["models"].items():
        settings = {**config["train_vae"], **model}
        if settings["representation"] == "components" and settings["components"] > curves["radii"]:
            yield (
                f"models.{name}: got {settings['components']} components, expected at most the "
                f"{curves['radii']} of synthesize_curves.radii"
            )
