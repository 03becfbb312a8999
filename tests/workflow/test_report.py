"""The HTML report of a run, as a reader sees it: in a browser without network."""

import os
import re
import shutil

import pytest
from playwright.sync_api import sync_playwright

from curvae.storage.tables import read_table

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("report")]  # one browser looks at one report
CATEGORIES = ["1 Results", "2 Data", "3 Models", "4 Generation", "5 Observed galaxies", "6 Run"]
NO_FIGURES = ("all metrics", "CSV", "configuration")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# What Snakemake's own page says of itself in every report.
OLD_NEWS = ("cdn.tailwindcss.com should not be used in production", "The input spec uses Vega-Lite v3")


@pytest.fixture(scope="module")
def report(finished, tmp_path_factory):
    """The report of the finished tiny run."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    finished.run("--report", path)
    return path


@pytest.fixture(scope="module")
def page(report):
    """The report in a browser of 1440 x 900 without network, and all that the browser complained about."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        reason = f"no browser here, of {', '.join(BROWSERS)}"
        if os.environ.get("CURVAE_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=browser, args=options)
        page = started.new_context(viewport={"width": 1440, "height": 900}, offline=True).new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: page.complaints.append(request.url[:200]))
        page.goto(report.as_uri())
        page.get_by_role("link", name="Statistics").wait_for()
        yield page
        started.close()


def click(page, name):
    """Go to the menu and click what has this name."""
    page.evaluate("app.setView({navbarMode: 'menu'})")
    page.get_by_role("link", name=name).click()


def test_every_figure_of_every_category_is_seen_whole(page, finished):
    seen = set()
    for category in CATEGORIES:
        click(page, category)
        for row in page.locator("#app tbody tr").all():
            if any(other in row.inner_text() for other in NO_FIGURES):
                continue
            row.get_by_role("link").first.click()
            figure = page.locator('#app img[src^="data:image/png"]')
            figure.wait_for()
            page.wait_for_function("() => [...document.querySelectorAll('#app img')].every(image => image.complete)")
            assert min(figure.evaluate("image => [image.naturalWidth, image.naturalHeight]")) > 500
            box = figure.bounding_box()
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 900
            assert box["x"] + box["width"] <= 1440
            seen.add(page.evaluate("app.state.resultPath"))
    drawn = {path.relative_to(finished.folder).as_posix() for path in finished.results.glob("figures/**/*.png")}
    assert seen == drawn


def test_the_results_come_first_with_a_page_of_all_metrics(page, finished):
    click(page, CATEGORIES[0])
    page.locator("#app tbody tr", has_text="all metrics").get_by_role("link").first.click()
    shown = page.frame_locator("#app iframe")
    text = shown.locator("body").inner_text()
    for metric in {row["metric"] for row in read_table(finished.results / "metrics.csv", ["metric"])}:
        assert metric in text
    shown.get_by_role("link", name="copying_probability").click()
    assert shown.locator("dt:target").inner_text().startswith("copying_probability")


def test_the_first_page_begins_at_its_top_and_says_what_was_done(page):
    click(page, "Workflow")
    title = page.locator("#app .prose h1").first
    assert title.inner_text() == "Rotation curves of galaxies, learned and generated"
    assert title.bounding_box()["y"] >= 0
    assert "300 galaxies were drawn" in page.locator("#app .prose").inner_text()  # of the tiny configuration


def test_every_caption_reads_well(page):
    results = page.evaluate("Object.fromEntries(Object.entries(results).map(([path, r]) => [path, r.caption]))")
    for path, caption in results.items():
        text = re.sub(r"<[^>]*>", "", caption)
        assert len(text) > 100, path
        assert not re.search(r"System Message|[{}]|None|Undefined|problematic", caption), path


def test_the_browser_has_nothing_to_complain_about(page):
    """Last: of all that the tests above did."""
    assert [text for text in page.complaints if not any(known in text for known in OLD_NEWS)] == []
