"""Which files of this project a script is made of."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path


def local_imports(path: str, folder: str) -> Iterator[str]:
    """Files of the modules below `folder` that a Python file imports itself."""
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            stem = os.path.join(folder, *name.split("."))
            yield from filter(os.path.isfile, (f"{stem}.py", f"{stem}/__init__.py"))


def local_modules(script: str) -> list[str]:
    """Files of all modules beside or below a script's folder that it imports, directly or not, sorted."""
    found, queue = set(), [script]
    while queue:
        new = set(local_imports(queue.pop(), os.path.dirname(script))) - found
        found |= new
        queue += new
    return sorted(found)
