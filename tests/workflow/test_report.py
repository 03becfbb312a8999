"""The HTML report of a run, as a reader sees it: in a browser without network."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CATEGORIES = ["1 Data", "2 Models", "3 Generation", "4 Evaluation"]
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
        if os.environ.get("ROTCURVES_CI"):
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


def shown(page):
    """Sizes of the figure that is shown, its own and on the screen, once it is there."""
    figure = page.locator('#app img[src^="data:image/png"]')
    figure.wait_for()
    page.wait_for_function("() => [...document.querySelectorAll('#app img')].every(image => image.complete)")
    return figure.evaluate("image => [image.naturalWidth, image.naturalHeight]"), figure.bounding_box()


def test_every_figure_of_every_category_is_seen_whole(page, finished):
    seen = set()
    for category in CATEGORIES:
        click(page, category)
        toggles = page.locator("#app fieldset label").all_inner_texts() or [None]
        for toggle in toggles:
            if toggle:
                page.locator("#app fieldset label", has_text=re.compile(f"^{toggle}$")).click()
            for row in page.locator("#app tbody tr").all():
                eye = row.get_by_role("link").first
                if eye.get_attribute("download") or "table" in row.inner_text():
                    continue
                eye.click()
                (width, height), box = shown(page)
                assert min(width, height) > 500
                assert box["y"] >= 0
                assert box["y"] + box["height"] <= 900
                assert box["x"] + box["width"] <= 1440
                seen.add(page.evaluate("app.state.resultPath"))
    drawn = {path.relative_to(finished.folder).as_posix() for path in finished.folder.glob("results/figures/**/*.png")}
    assert seen == drawn


def test_the_metrics_are_a_table_to_read(page, finished):
    click(page, CATEGORIES[-1])
    page.locator("#app tbody tr", has_text="(tables)").get_by_role("link").first.click()
    text = page.frame_locator("#app iframe").locator("body").inner_text()
    rows = (finished.folder / "results/metrics.csv").read_text().splitlines()[1:]
    for metric in {row.split(",")[2] for row in rows}:
        assert metric in text


def test_the_first_page_begins_at_its_top_and_has_the_configuration_as_used(page):
    click(page, "Workflow")
    title = page.locator("#app .prose h1").first
    assert title.inner_text() == "Rotation curves of galaxies, learned and generated"
    assert title.bounding_box()["y"] >= 0
    configuration = page.locator("#app pre").inner_text()
    assert "galaxies: 300\n" in configuration  # of the tiny configuration
    assert "hubble_constant: 70" in configuration  # of config.yaml


def test_the_run_times_are_drawn(page):
    click(page, "Statistics")
    page.locator("#runtimes canvas, #runtimes svg").first.wait_for()
    page.locator("#timeline canvas, #timeline svg").first.wait_for()


def test_every_caption_reads_well_and_states_numbers_of_the_run(page, finished):
    results = page.evaluate("Object.fromEntries(Object.entries(results).map(([path, r]) => [path, r.caption]))")
    for path, caption in results.items():
        text = re.sub(r"<[^>]*>", "", caption)
        assert len(text) > 150, path
        assert not re.search(r"System Message|[{}]|None|Undefined|problematic", caption), path
    lines = (finished.folder / "results/full/seed1/metrics/prior.csv").read_text().splitlines()
    ks = float(next(line for line in lines if line.startswith("ks_mean")).split(",")[1])
    assert f"{ks:.3g}" in results["results/figures/full/seed1/generated_curves.prior.png"]
    assert {Path(path).suffix for path in results} == {".png", ".html", ".csv"}


def test_the_browser_has_nothing_to_complain_about(page):
    """Last: of all that the tests above did."""
    assert [text for text in page.complaints if not any(known in text for known in OLD_NEWS)] == []


def test_part_of_a_run_has_a_report(project, tmp_path):
    (project.folder / "results/metrics.csv").unlink()
    (project.folder / "results/full/seed1/metrics/prior.csv").unlink()
    figure = "results/figures/full/seed1/generated_curves.prior.png"
    project.run("--report", tmp_path / "part.html", figure)
    assert figure in (tmp_path / "part.html").read_text()
