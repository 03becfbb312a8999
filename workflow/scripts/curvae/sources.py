"""Local modules that a script imports, directly or transitively, and the schemas of its settings."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def _named_in(path: str, folder: str) -> frozenset[str]:
    """Files that a Python file names itself: modules below `folder`, their packages, and schemas of settings."""

    def module(name: str) -> Iterator[str]:
        parts = [part for part in name.split(".") if part]
        for end in range(1, len(parts) + 1):
            stem = os.path.join(folder, *parts[:end])
            yield from filter(os.path.isfile, (f"{stem}.py", os.path.join(stem, "__init__.py")))

    package = Path(path).parent.relative_to(folder).parts
    files = set()
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                files.update(module(alias.name))
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, node.module or ""])
            for alias in node.names:
                files.update(module(f"{base}.{alias.name}"))
        elif (
            isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "settings"
        ):  # parser.settings("train_vae")
            files.add(os.path.normpath(os.path.join(folder, "../schemas", f"{ast.literal_eval(node.args[0])}.yaml")))
    return frozenset(files)


def sources(script: str) -> list[str]:
    """Files of all modules beside or below a script's folder that it is made of, and of its schemas, sorted."""
    files, queue = set(), [script]
    while queue:
        path = queue.pop()
        if path.endswith(".py"):
            new = _named_in(path, os.path.dirname(script)) - files
            files |= new
            queue += new
    return sorted(files)
