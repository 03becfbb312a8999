"""What the documentation says is so: its links, its pages on the files and on the configuration, its gallery."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
from PIL import Image
from tests.project import PROJECT

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


# Python examples of a page; those of docs/extending.md are files, which tests/workflow/test_extensions.py makes.
EXAMPLES = {"README.md": 3, "docs/files.md": 2, "docs/observed.md": 1, "docs/your-curves.md": 3}


@pytest.mark.parametrize("page", EXAMPLES)
def test_every_python_example_of_a_page_runs_as_pasted(page, finished, tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```$", (PROJECT / page).read_text(), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) == EXAMPLES[page]
    folder = shutil.copytree(finished.folder, tmp_path / "project", symlinks=True)
    decoder = folder / "results/full/seed1/exports/decoder.pt2"
    decoder.parent.mkdir()
    export = ["workflow/scripts/export_decoder.py", "--model", "results/full/seed1/model.pt", "--decoder", decoder]
    subprocess.run([sys.executable, *export], cwd=folder, check=True)
    generated = folder / "results/full/seed1/generated"  # of the tiny run, whose only sampler is another
    shutil.copy(generated / "diagonal_gaussian.h5", generated / "gaussian_mixture.h5")
    shutil.copytree(folder / "results", folder / "results/mine")
    for block in blocks:
        done = subprocess.run([sys.executable, "-"], input=block, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, block + done.stderr


@pytest.mark.parametrize("script", ["configuration.py", "metrics.py"])
def test_pages_on_settings_and_metrics_say_what_schemas_and_the_registry_say(script):
    for name, content in runpy.run_path(str(PROJECT / "docs" / script))["written"]().items():
        assert (PROJECT / name).read_text() == content, f"{name}: make docs"


def test_tables_in_the_pages_are_made_from_a_finished_run(finished, capsys):
    scripts = ("compare_runs", "covariance_table")
    compare, covariance = (runpy.run_path(str(PROJECT / f"docs/{name}.py")) for name in scripts)
    compare["main"]([str(finished.results), "--sampler", "diagonal_gaussian"])
    covariance["main"](finished.results)
    printed = capsys.readouterr().out
    for begin in (
        "| sampler diagonal_gaussian | results: full |",
        "| reconstruction RMSE",
        "| results | `full` | 1 | 0.",
    ):
        assert begin in printed


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


def matches(pattern, path):
    """Whether a path is of the pattern of a page, in which {model} etc. stand for all values."""
    return re.fullmatch(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(pattern)), path)


def test_the_page_on_files_describes_every_data_set_of_every_file(finished):
    described, seen = described_files(), set()
    for path in finished.results.rglob("*.h5"):
        name = path.relative_to(finished.results).as_posix()
        (pattern,) = [pattern for pattern in described if matches(pattern, name)]
        assert contents(path) == described[pattern], name
        seen.add(pattern)
    assert seen == set(described)


def test_the_page_on_files_names_every_kind_of_result(finished):
    named = set(re.findall(r"`([\w{}./]+)`", (PROJECT / "docs/files.md").read_text()))
    results = {path.relative_to(finished.results).as_posix() for path in finished.results.rglob("*.*")}
    for name in results:
        assert name.startswith(("figures/", "logs/", "benchmarks/", ".")) or any(matches(n, name) for n in named), name


def test_the_gallery_shows_a_small_bitmap_of_every_figure():
    docs = PROJECT / "docs"
    shown = re.findall(r"!\[[^]]+\]\((gallery/\w+\.png)\)", (docs / "gallery.md").read_text())
    assert sorted(shown) == sorted(path.relative_to(docs).as_posix() for path in (docs / "gallery").glob("*"))
    scripts = {path.stem.removeprefix("plot_") for path in (PROJECT / "workflow/scripts").glob("plot_*.py")}
    assert scripts == {Path(name).stem.removeprefix("notebook_") for name in shown}
    for name in shown:
        assert (docs / name).stat().st_size < 150_000
        with Image.open(docs / name) as image:
            assert min(image.size) > 300
