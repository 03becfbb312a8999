"""Every figure is drawn from the files of a run, and from what is left where some curves are no numbers."""

import re
import shutil

import h5py
import matplotlib.figure
import matplotlib.image
import matplotlib.text
import numpy as np
import pytest
from tests.step.steps import FIGURES

from curvae.figures import drawing, figure_files, style
from curvae.figures.observed import draw_galaxy
from curvae.storage.observations import Galaxy


@pytest.mark.parametrize("step", FIGURES)
def test_a_figure_fits_a_column_of_a_journal_in_vectors_without_a_date_and_in_pixels(step, perform, whole, tmp_path):
    perform(whole, tmp_path, step)
    pdf = (tmp_path / f"{step}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf
    assert b"/Subtype /Type3" not in pdf  # fonts that journals refuse
    pixels = matplotlib.image.imread(tmp_path / f"{step}.png")
    width = pixels.shape[1] / 300  # dots per inch of the style
    assert min(abs(width - column) for column in (style.SINGLE, style.DOUBLE)) < 0.01
    assert 0.01 < (pixels[..., :3] < 0.9).any(2).mean() < 0.6  # ink


@pytest.mark.parametrize(
    ("step", "flag", "name"),
    [
        ("plot_generated_curves", "generated", "velocity"),
        ("plot_scaling_relations", "physical_fits", "parameters"),
    ],
)
def test_a_figure_leaves_out_what_is_no_number(step, flag, name, perform, whole, tmp_path, monkeypatch):
    path = tmp_path / "input.h5"
    shutil.copy(whole / {"generated": "generated.h5", "physical_fits": "fits.h5"}[flag], path)
    with h5py.File(path, "r+") as file:
        file[name][:3, 1] = np.nan
    given = []
    monkeypatch.setattr(figure_files, "save_figure", lambda args, plot, *data: given.append(plot(*data)))
    perform(whole, tmp_path, step, **{flag: path})
    texts = [text.get_text() for text in given[0].findobj(matplotlib.text.Text)]
    assert any(re.search(r"\b3\b.*(left out|without a fit)", text) for text in texts)


def test_running_quantiles_are_those_of_bins_of_equally_many_points():
    random = np.random.default_rng(1)
    x = random.permutation(np.linspace(0.0, 1.0, 10_000))
    middle, quantiles = drawing.running_quantiles(x, 3.0 * x + random.standard_normal(10_000), 4)
    np.testing.assert_allclose(middle, [0.125, 0.375, 0.625, 0.875], atol=1e-3)
    spread = np.hypot(1.0, 3.0 * 0.25 / np.sqrt(12.0))  # of the noise and of the slope within a bin
    for rows, deviations in zip(quantiles, (-1.96, -0.994, 0.0, 0.994, 1.96), strict=True):
        np.testing.assert_allclose(rows, 3.0 * middle + deviations * spread, atol=0.1)


def test_the_axis_of_a_galaxy_holds_its_points_with_their_errors_and_two_thirds_of_the_curves():
    radius = np.geomspace(0.1, 50.0, 50)
    heights = np.random.default_rng(1).lognormal(np.log(100.0), 0.7, 1000)
    curves = heights[:, np.newaxis] * radius**0.2  # far less known than the only points, and far higher
    points = Galaxy(np.array([0.2, 0.3]), np.array([70.0, 75.0]), np.array([3.0, 3.0]))
    axes = matplotlib.figure.Figure().add_subplot()
    draw_galaxy(axes, points, radius, curves, 0.0)
    assert axes.get_ylim()[0] <= 0.0
    assert (curves[:, -1] < axes.get_ylim()[1]).mean() > 0.84
    sharp = Galaxy(np.array([0.2, 0.3]), np.array([900.0, 2.0]), np.array([90.0, 30.0]))
    axes = matplotlib.figure.Figure().add_subplot()
    draw_galaxy(axes, sharp, radius, curves / 1000.0, 0.0)
    assert axes.get_ylim()[0] < -28.0
    assert axes.get_ylim()[1] > 990.0


def test_errors_are_drawn_with_what_the_error_model_adds_behind_the_published_ones():
    radius = np.geomspace(0.1, 50.0, 50)
    galaxy = Galaxy(np.array([1.0, 3.0]), np.array([70.0, 75.0]), np.array([3.0, 4.0]))
    axes = matplotlib.figure.Figure().add_subplot()
    draw_galaxy(axes, galaxy, radius, np.full((9, 50), 80.0), 0.05)
    enlarged, published = axes.containers
    assert enlarged.get_label() == "with added error"
    for bars, error in ((enlarged, [5.0, np.sqrt(32.0)]), (published, galaxy.error)):
        (lines,) = bars.lines[2]
        np.testing.assert_allclose([np.ptp(line[:, 1]) / 2.0 for line in lines.get_segments()], error)
    assert enlarged.lines[2][0].get_zorder() < published.lines[2][0].get_zorder()


def test_axes_hold_all_values_but_the_rarest():
    low, high = drawing.data_range(np.concatenate([np.linspace(-1.0, 1.0, 9999), [1e6]]))
    assert -1.5 < low < -1.0 < 1.0 < high < 1.5
    falling = np.linspace(2.0, 1.0, 100)
    assert drawing.settled_range(falling)[1] > 2.0
    assert 1.7 < drawing.settled_range(np.append(falling, 1e6))[1] < 2.0
    values = np.random.default_rng(1).standard_normal(20_000)
    heights = drawing.histogram(matplotlib.figure.Figure().add_subplot(), values, (-1.0, 1.0))
    assert heights.sum() * 2.0 / len(heights) == pytest.approx(0.683, abs=0.01)
