"""Write docs/configuration.md, which config.yaml and its schema say word for word: python docs/configuration.py"""

import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "workflow/scripts"))
from rotcurves.configuration import expected  # noqa: E402

HEAD = """\
# The configuration

<!-- Made by `make docs` from config.yaml and workflow/schemas/config.schema.yaml: change those. -->

Every choice of the experiment stands in [`config.yaml`](../config.yaml). Another experiment is a file of differences,
laid over it, such as the [presets](../workflow/presets/):

```sh
snakemake --cores 4 --configfile workflow/presets/notebook.yaml
```

A section named after a step holds the flags of that step's script: `batch_size` of `train_vae` is
`train_vae.py --batch-size`. A key that is not below, or a value that is not accepted, is refused before anything runs.
"""


def resolved(schema: dict, root: dict) -> dict:
    """A part of the schema with what it refers to."""
    reference = schema.get("$ref")
    return {**(root["$defs"][reference.rsplit("/", 1)[-1]] if reference else {}), **schema}


def accepted(schema: dict, root: dict) -> str:
    """What a part of the schema accepts, in words."""
    schema = resolved(schema, root)
    shown = {key: f"`{value}`" if key == "pattern" else value for key, value in schema.items() if key != "description"}
    words = expected(shown)
    if "items" in schema:
        words += f"; each {accepted(schema['items'], root)}"
    return words.replace("|", "\\|")


def comments(text: str) -> dict:
    """For each key of config.yaml, by its path, the comment beside it, or above it if it has a section."""
    lines, found = text.splitlines(), {}

    def above(line: int) -> list[str]:
        return [*above(line - 1), lines[line - 1].removeprefix("# ")] if lines[line - 1].startswith("#") else []

    def search(node: yaml.MappingNode, path: tuple) -> None:
        for key, value in node.value:
            here, line = (*path, key.value), key.start_mark.line
            beside = lines[line].partition(" # ")[2]
            found[here] = " ".join(([] if path else above(line)) + ([beside] if beside else []))
            if isinstance(value, yaml.MappingNode):
                search(value, here)

    search(yaml.compose(text), ())
    return found


def table(keys: dict, schemas: dict, root: dict, said: dict, path: tuple = ()) -> list[str]:
    """Rows of key, default, what it means, what is accepted."""
    rows = ["| key | default | meaning | accepted |", "|---|---|---|---|"]
    for key, value in keys.items():
        default = yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
        meaning = said[(*path, key)].replace("|", "\\|")
        rows.append(f"| `{key}` | `{default}` | {meaning} | {accepted(schemas[key], root)} |")
    return [*rows, ""]


def page() -> str:
    """The page."""
    text = (PROJECT / "config.yaml").read_text(encoding="utf-8")
    root = yaml.safe_load((PROJECT / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8"))
    config, said, schemas = yaml.safe_load(text), comments(text), root["properties"]
    general = {key: value for key, value in config.items() if not isinstance(value, dict)}
    lines = [HEAD, "## Of the whole workflow", "", *table(general, schemas, root, said)]
    for name, section in config.items():
        if not isinstance(section, dict):
            continue
        lines += [f"## {name}", ""]
        if said[(name,)]:
            lines += [f"{said[(name,)]}", ""]
        if name == "models":
            lines += ["Each takes any key of [train_vae](#train_vae). By default:", "", "```yaml"]
            lines += [yaml.safe_dump({name: section}, sort_keys=False).strip(), "```", ""]
        else:
            lines += table(section, resolved(schemas[name], root)["properties"], root, said, (name,))
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    (PROJECT / "docs/configuration.md").write_text(page(), encoding="utf-8")
