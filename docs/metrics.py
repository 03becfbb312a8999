"""Write the registry of metrics into docs/files.md, as tables: make docs"""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "workflow/scripts"))
from curvae.evaluation.metrics_registry import GROUPS  # noqa: E402

MADE = re.compile("(<!-- Made by `make docs` .*? -->\n).*(<!-- End of what `make docs` made. -->\n)", re.DOTALL)


def tables() -> str:
    """A table for each group of metrics."""
    lines = []
    for title, group in GROUPS.items():
        lines += [f"### {title}", "", "| metric | unit | best | meaning |", "|---|---|---|---|"]
        for metric in group:
            best = "" if metric.best is None else metric.best
            lines.append(f"| `{metric.name}` | {metric.unit} | {best} | {metric.meaning} |")
        lines.append("")
    return "\n".join(lines)


def written() -> dict[str, str]:
    """What docs/files.md should hold."""
    text = (PROJECT / "docs/files.md").read_text(encoding="utf-8")
    return {"docs/files.md": MADE.sub(lambda made: f"{made[1]}\n{tables()}\n{made[2]}", text)}


if __name__ == "__main__":
    for name, content in written().items():
        (PROJECT / name).write_text(content, encoding="utf-8")
