"""The packages of the library: which may import which, and what each alone needs."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "workflow/scripts/curvae"
# What a package, or a module beside the packages, may import of ours besides itself.
PACKAGES = {
    "__init__": set(),
    "runtime": set(),
    "storage": {"runtime"},
    "galaxies": {"runtime"},
    "densities": {"runtime", "storage"},
    "readers": {"runtime", "storage"},
    "model": {"runtime", "storage", "densities"},
    "inference": {"runtime", "storage", "galaxies", "densities", "model"},
    "evaluation": {"runtime", "storage", "galaxies", "densities", "model", "inference"},
    "figures": {"runtime", "storage"},
    "configuration": {"runtime", "densities"},
    "sources": set(),
}
# Packages of others, and those of ours that alone import them.
ALONE = {"h5py": {"storage", "readers"}, "torch": {"model", "inference", "evaluation"}, "sklearn": {"evaluation"}}
ALONE |= {package: {"figures"} for package in ("matplotlib", "corner")}


def read(path):
    """Name of a module within the library, galaxies.scaling, and its syntax tree."""
    return ".".join(path.relative_to(LIBRARY).with_suffix("").parts), ast.parse(path.read_text())


def package_of(name):
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
    names = [name.removeprefix("curvae.") for name in imported(tree) if name.startswith("curvae.")]
    parents = {name: name.rpartition(".")[0] for name in names}
    return {next(x for x in (name, up, f"{up}.__init__") if x in TREES) for name, up in parents.items()}


TREES = dict(map(read, sorted(LIBRARY.rglob("*.py"))))
GRAPH = {name: ours(tree) for name, tree in TREES.items()}


def test_a_package_imports_only_those_that_it_may_and_no_metric_knows_of_a_command_line():
    imports = {(module, other) for module, others in GRAPH.items() for other in others}
    assert imports <= {(module, other) for module in TREES for other in TREES}
    assert {package_of(name) for name in TREES} == set(PACKAGES)
    assert {(a, b) for a, b in imports if package_of(b) not in {package_of(a), *PACKAGES[package_of(a)]}} == set()
    assert {a for a, b in imports if package_of(a) == "evaluation" and b == "runtime.commandline"} == set()


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(GRAPH).prepare()


def test_packages_for_one_purpose_are_imported_in_one_package_of():
    found = {(package.split(".")[0], package_of(name)) for name, tree in TREES.items() for package in imported(tree)}
    assert {package: where for package, where in found if package in ALONE and where not in ALONE[package]} == {}
