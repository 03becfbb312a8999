"""The rooms of the library: which may import which, what each alone needs, and one name for one thing."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "workflow/scripts/rotcurves"
# What a room, or a module beside the rooms, may import of ours besides itself.
ROOMS = {
    "__init__": set(),
    "runtime": set(),
    "storage": {"runtime"},
    "galaxies": {"runtime"},
    "sampling": {"runtime"},
    "model": {"runtime", "storage"},
    "inference": {"runtime", "storage", "galaxies", "sampling", "model"},
    "evaluation": {"runtime", "storage", "galaxies", "sampling", "model", "inference"},
    "figures": {"runtime", "storage"},
    "configuration": {"runtime", "sampling"},
    "sources": set(),
}
# Packages, and the rooms that alone import them.
ALONE = {"h5py": {"storage"}, "torch": {"model", "inference", "evaluation"}, "sklearn": {"evaluation"}}
ALONE |= {package: {"figures"} for package in ("matplotlib", "corner")}


def read(path):
    """Name of a module within the library, galaxies.scaling, and its syntax tree."""
    return ".".join(path.relative_to(LIBRARY).with_suffix("").parts), ast.parse(path.read_text())


def room(name):
    return name.split(".")[0]


def imported(tree):
    """Dotted names that a module imports, those within functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(tree):
    """Modules of the library that a module imports."""
    names = [name.removeprefix("rotcurves.") for name in imported(tree) if name.startswith("rotcurves.")]
    parents = {name: name.rpartition(".")[0] for name in names}
    return {next(x for x in (name, up, f"{up}.__init__") if x in TREES) for name, up in parents.items()}


TREES = dict(map(read, sorted(LIBRARY.rglob("*.py"))))
GRAPH = {name: ours(tree) for name, tree in TREES.items()}


def test_a_room_imports_only_those_that_it_may_and_no_metric_knows_of_a_command_line():
    imports = {(module, other) for module, others in GRAPH.items() for other in others}
    assert imports <= {(module, other) for module in TREES for other in TREES}
    assert {room(name) for name in TREES} == set(ROOMS)
    assert {(a, b) for a, b in imports if room(b) not in {room(a), *ROOMS[room(a)]}} == set()
    assert {a for a, b in imports if room(a) == "evaluation" and b == "runtime.commandline"} == set()


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(GRAPH).prepare()


def test_packages_for_one_purpose_are_imported_in_one_room():
    found = {(package.split(".")[0], room(name)) for name, tree in TREES.items() for package in imported(tree)}
    assert {package: where for package, where in found if package in ALONE and where not in ALONE[package]} == {}


def public(tree):
    """Names that a module defines for others; not its log."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and "getLogger" not in ast.dump(node.value):
            yield from (name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name))


def test_no_public_name_is_defined_twice_but_by_modules_of_which_one_builds_on_the_other():
    names = [(name, module) for module, tree in TREES.items() for name in public(tree) if not name.startswith("_")]
    pairs = [(name, a, b) for name, a in names for other, b in names if name == other and a < b]
    assert [(name, a, b) for name, a, b in pairs if a not in GRAPH[b] and b not in GRAPH[a]] == []
