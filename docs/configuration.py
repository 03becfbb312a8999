"""Write what the schemas say of each setting into docs/configuration.md and into config.yaml: make docs"""

import re
import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "workflow/scripts"))
from curvae.runtime import settings  # noqa: E402

HEAD = """\
# The configuration

<!-- Made by `make docs` from config.yaml and workflow/schemas/: change those. -->

Every choice of the experiment stands in [`config.yaml`](../config.yaml). Another experiment is a file of differences,
laid over it, such as the [presets](../workflow/presets/):

```sh
snakemake --cores 4 --configfile workflow/presets/notebook.yaml
```

A section named after a step holds the flags of that step's script: `batch_size` of `train_vae` is
`train_vae.py --batch-size`. An unknown key, or a value that is not accepted, is refused before anything runs.
"""


def meaning(schema: dict) -> str:
    """What a setting means, and its unit."""
    unit = f" [{schema['unit']}]" if "unit" in schema else ""
    return f"{schema.get('description', '')}{unit}"


def schema_of(path: list[str], root: dict) -> dict:
    """The schema of the setting at a path of keys; nothing below `models`, whose settings are those of train_vae."""
    for key in path:
        root = root.get("properties", {}).get(key, {})
    return root


def commented(text: str, root: dict) -> str:
    """config.yaml with the meaning of each setting as the comment beside its value, and what it accepts."""
    lines, path = [], []
    for line in text.splitlines():
        if setting := re.match(r"( *)(\w+):(.*?)( #.*)?$", line):
            indent, key, value, _ = setting.groups()
            path = [*path[: len(indent) // 2], key]
            schema = schema_of(path, root)
            words = meaning(schema)
            choices = f": {settings.accepted(schema)}" if "enum" in schema else ""
            line = f"{indent}{key}:{value}" + (f" # {words}{choices}" if words else "")
        lines.append(line)
    return "\n".join(lines) + "\n"


def table(values: dict, schemas: dict) -> list[str]:
    """Rows of key, default, what it means, what is accepted."""
    rows = ["| key | default | meaning | accepted |", "|---|---|---|---|"]
    for key, value in values.items():
        default = yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
        cells = (f"`{key}`", f"`{default}`", meaning(schemas[key]), settings.accepted(schemas[key]))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [*rows, ""]


def page(text: str, root: dict) -> str:
    """docs/configuration.md."""
    config = yaml.safe_load(text)
    general = {key: value for key, value in config.items() if not isinstance(value, dict)}
    lines = [HEAD, "## Of the whole workflow", "", *table(general, root["properties"])]
    for name, section in config.items():
        if name == "models":
            lines += ["## models", "", "Each takes any key of [train_vae](#train_vae). By default:", "", "```yaml"]
            lines += [yaml.safe_dump({name: section}, sort_keys=False).strip(), "```", ""]
        elif isinstance(section, dict):
            lines += [f"## {name}", "", *table(section, root["properties"][name]["properties"])]
    return "\n".join(lines).rstrip("\n") + "\n"


def written() -> dict[str, str]:
    """What both files should hold, by their paths in the project."""
    root = settings.schema("config.schema.yaml")
    text = commented((PROJECT / "config.yaml").read_text(encoding="utf-8"), root)
    return {"config.yaml": text, "docs/configuration.md": page(text, root)}


if __name__ == "__main__":
    for name, content in written().items():
        (PROJECT / name).write_text(content, encoding="utf-8")
