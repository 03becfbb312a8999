"""What the documentation says is so: its links, listings of the tree and of files, its page on the configuration."""

import re
import runpy
import subprocess
from pathlib import Path

import h5py
import pytest

PROJECT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted(PROJECT.glob("docs/*.md")), *sorted(PROJECT.glob("config/*.md"))]


def prose(page):
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(page):
    """The anchors that GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ +(.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"", prose(page))
    for link in filter(None, (a or b for a, b in links)):
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(PROJECT), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_linked_from_the_readme():
    linked = re.findall(r"\]\((docs/[\w.-]+\.md)\)", (PROJECT / "README.md").read_text())
    assert set(linked) == {f"docs/{page.name}" for page in PAGES if page.parent.name == "docs"}


def test_the_page_on_the_configuration_is_what_its_schema_says():
    page = runpy.run_path(str(PROJECT / "docs/configuration.py"))["page"]()
    assert (PROJECT / "docs/configuration.md").read_text() == page, "make docs"


def test_the_layout_in_the_readme_is_that_of_the_tree():
    layout = (PROJECT / "README.md").read_text().split("## Layout")[1].split("```")[1]
    listed, folder = set(), ""
    for line in layout.strip().splitlines():
        name = line.split()[0]
        listed.add(f"{folder if line.startswith('  ') else ''}{name}")
        folder = name if line == name else folder
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True)
    tree = {path for path in tracked.stdout.splitlines() if not path.startswith(".")}
    names = {re.match(r"(workflow/)?[^/]+/?", path).group() for path in tree}
    names |= {re.match(r"profiles/[^/]+/", path).group() for path in tree if path.startswith("profiles/")}
    names |= {"workflow/", "workflow/scripts/rotcurves/"}
    assert listed == names - {"profiles/"}
    (rules,) = [line for line in layout.splitlines() if line.startswith("  rules/")]
    stages = rules.partition(": ")[2].removesuffix(" (.smk)").split(", ")
    assert set(stages) == {path.stem for path in PROJECT.glob("workflow/rules/*.smk")}


def described_files():
    """For each HDF5 file in docs/files.md its pattern and its data sets: axes, type and unit by name."""
    sections = re.split(r"^### `(.+)`$", (PROJECT / "docs/files.md").read_text(), flags=re.MULTILINE)[1:]
    row = re.compile(r"^\| `(\w+)` \| ([\w, ]+) \| (\w+) \| ([\w/]*) ?\| ", flags=re.MULTILINE)
    return {
        name: {dataset: (axes, kind, unit) for dataset, axes, kind, unit in row.findall(text.split("\n## ")[0])}
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def contents(path):
    """Axes, type and unit by name of the data sets in an HDF5 file that hold values."""

    def axes(file, dataset):
        if dataset.is_scale:
            return [Path(dataset.name).name]
        scales = {file[name]: name for name in file if file[name].is_scale}
        return [scales[dimension[0]] for dimension in dataset.dims]

    with h5py.File(path) as file:
        return {
            name: (
                ", ".join(axes(file, dataset)),
                "text" if dataset.dtype.kind == "O" else str(dataset.dtype),
                dataset.attrs.get("units", ""),
            )
            for name, dataset in file.items()
            if not dataset.attrs.get("NAME", b"").startswith(b"This is a netCDF dimension but")
        }


def test_the_page_on_files_describes_every_data_set_of_every_file(finished):
    described, results = described_files(), finished.folder / "results"
    found = set()
    for path in results.rglob("*.h5"):
        name = path.relative_to(results).as_posix()
        if name.startswith("curves/"):
            name = "curves.h5"
        (pattern,) = [p for p in described if re.fullmatch(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(p)), name)]
        assert contents(path) == described[pattern], name
        found.add(pattern)
    assert found == set(described)


def test_the_page_on_files_names_every_kind_of_result(finished):
    page, results = (PROJECT / "docs/files.md").read_text(), finished.folder / "results"
    names = set(re.findall(r"`([\w{}./]+)`", page))
    for path in results.rglob("*.*"):
        name = path.relative_to(results).as_posix()
        if name.startswith(("figures/", "logs/", "benchmarks/", "curves/", ".")):
            continue
        patterns = [re.sub(r"\\{\w+\\}", r"\\w+", re.escape(known)) for known in names]
        assert any(re.fullmatch(pattern, name) for pattern in patterns), name
