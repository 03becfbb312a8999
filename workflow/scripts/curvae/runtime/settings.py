"""Settings: their names, types, ranges, units and meaning stand in workflow/schemas, and nowhere else.

The same check serves a value in the configuration and on a command line.
"""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[3] / "schemas"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, five times as fast, where PyYAML was built with it


def schema(name: str) -> dict:
    """A schema file, with the parts of other files that it refers to in their places."""

    def resolved(node):
        if isinstance(node, list):
            return [resolved(entry) for entry in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            file, _, pointer = node["$ref"].partition("#/")
            target = schema(file)
            for key in filter(None, pointer.split("/")):
                target = target[key]
            return target
        return {key: resolved(entry) for key, entry in node.items()}

    return resolved(yaml.load((FOLDER / name).read_text(encoding="utf-8"), LOADER))


def problems(value, schema: Mapping, **formats) -> Iterator:
    """Yield what jsonschema finds wrong with a value, numbers that are not finite included.

    `formats` are functions by name that tell whether a text is of a format.
    """
    import jsonschema  # a tenth of a second, which steps without settings do not pay

    def number(_, value):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    checker = jsonschema.FormatChecker(())
    for name, accepts in formats.items():
        checker.checks(name.replace("_", " "))(accepts)
    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("number", number)
    validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=types)
    yield from validator(schema, format_checker=checker).iter_errors(value)


def explained(error) -> str:
    """One line for what jsonschema found: its own message, with a long value cut, and the setting's meaning."""
    message = error.message.replace(repr(error.instance), shown(error.instance))
    if error.validator == "anyOf":
        message = f"{shown(error.instance)} is not: {accepted(error.schema)}"
    meaning = error.schema.get("description")
    return one_line(f"{message} ({meaning})" if meaning else message, 300)


def shown(value) -> str:
    """A value as Python writes it, the beginning of it if it is long."""
    return one_line(repr(value), 60)


def one_line(text: str, length: int) -> str:
    """The beginning of a text, all of it printable."""
    text = text if len(text) <= length else f"{text[: length - 3]}..."
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def retyped(value):
    """The value with its numbers as they are meant: 1e-3, which YAML reads as text, as 0.001, and 5.0 as 5.

    Snakemake's --config gives every nested value as text, too, and null at all places. Integers beyond all floats
    count as infinite.
    """
    if isinstance(value, Mapping):
        return {retyped(key) if isinstance(key, int) else key: retyped(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [retyped(entry) for entry in value]
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return math.inf if value > 0 else -math.inf
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value == "null":
        return None
    if isinstance(value, str):
        try:
            number = json.loads(value)
        except ValueError:
            return value
        return retyped(number) if isinstance(number, int | float) and not isinstance(number, bool) else value
    return value


def flags(values: Mapping) -> list[str]:
    """Settings as flags of a command line, sorted: --learning-rate=0.01, and a list as --encoder-widths=64,32."""
    texts = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    return [f"--{name.replace('_', '-')}={texts[name]}" for name in sorted(texts)]


def accepted(schema: Mapping) -> str:
    """What a setting accepts, in words: `integer from 1 to 64`, `learned | number above 0, to 1000`."""
    if "anyOf" in schema:
        return " | ".join(map(accepted, schema["anyOf"]))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "items" in schema:
        return f"list, each: {accepted(schema['items'])}"
    if "properties" in schema or "type" not in schema or "maximum" not in schema:
        return {"string": "text", "object": "mapping", "null": "null"}.get(schema.get("type"), "any")
    low = f"above {schema['exclusiveMinimum']}," if "exclusiveMinimum" in schema else f"from {schema['minimum']}"
    return f"{schema['type']} {low} to {schema['maximum']}"
