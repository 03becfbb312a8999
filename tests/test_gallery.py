"""The gallery shows what is there, in files that a repository can hold."""

import re
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_gallery_shows_every_bitmap_and_each_is_small():
    shown = re.findall(r"!\[[^]]+\]\((gallery/\w+\.png)\)", (DOCS / "gallery.md").read_text())
    assert sorted(shown) == sorted(path.relative_to(DOCS).as_posix() for path in (DOCS / "gallery").glob("*"))
    for name in shown:
        assert (DOCS / name).stat().st_size < 150_000
        with Image.open(DOCS / name) as image:
            assert min(image.size) > 300


def test_the_gallery_has_a_figure_of_every_plot_script():
    scripts = {path.stem.removeprefix("plot_") for path in (DOCS.parent / "workflow/scripts").glob("plot_*.py")}
    assert scripts == {path.stem for path in (DOCS / "gallery").glob("*.png")}
