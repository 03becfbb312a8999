"""What is inferred of observed galaxies, beside what is true of them and what their curves say of their parameters."""

import re
import shutil

import h5py
import matplotlib.text
import numpy as np
import pytest
from tests.reading import read
from tests.step.steps import KEPT, PROJECT

from curvae.figures import figure_files
from curvae.galaxies.observables import SHAPE
from curvae.inference.parameters import parameters_of, read_forward_model
from curvae.model.files import load
from curvae.storage.curves import described

GOOD = {"ess": 2000.0, "pareto_k": 0.1, "physical_distance_relative": 0.0, "fit_probability": 0.5, "outside": 0.0}
GOOD |= {"added_error": 0.02}
INFERENCE = ("mock_observations", "infer_galaxies", "catalogue_galaxies", "evaluate_inference")


def test_parameters_keep_their_names_units_and_labels(whole):
    known = described(whole / "curves.h5")
    assert described(whole / "posteriors.h5", axes=3) == known
    assert described(whole / "ranks.h5") == known


def test_ranks_are_beside_the_true_parameters_and_the_inferred_ones(whole):
    (true,) = read(whole / "observations.h5", "true_parameters")
    (draws,) = read(whole / "posteriors.h5", "parameters")
    ranks, kept, median, low, high = read(whole / "ranks.h5", "parameters", "true", "median", "low", "high")
    np.testing.assert_array_equal(kept, true)
    np.testing.assert_allclose(median, np.median(draws, axis=1), rtol=1e-6)
    assert ((low <= median) & (median <= high)).all()
    assert (ranks[true < median] <= 0.5).all()
    assert (ranks[true > median] >= 0.5).all()


def test_few_curves_have_as_many_mocks_as_test_curves(data, perform, tmp_path):
    perform(data, tmp_path, "mock_observations", mocks=1_000_000)
    (galaxies,) = read(tmp_path / "observations.h5", "galaxy")
    (test,) = read(data / "split.h5", "test")
    assert sorted(galaxies) == sorted(f"mock{row}".encode() for row in test)


def test_parameters_of_the_prior_are_those_of_draws_from_its_density(whole):
    (found,) = read(whole / "posteriors.h5", "prior_parameters")
    model = load(whole / "model.pt")
    code, velocity = read(whole / "generated.h5", "code", "velocity")
    generated, _ = parameters_of(model, code, velocity, read_forward_model(whole / "curves.h5"))
    error = generated.std(0) / np.sqrt(len(generated))
    assert (np.abs(found.mean(0) - generated.mean(0)) < 5.0 * error).all()


def test_curves_of_a_file_without_parameters_are_inferred_with_what_every_curve_has(data, perform, tmp_path):
    for name in KEPT:
        shutil.copy(PROJECT / name, tmp_path)
    with h5py.File(data / "curves.h5") as file, h5py.File(tmp_path / "mine.h5", "w") as mine:
        mine["velocity"], mine["radius"] = file["velocity"][...], file["radius"][...]
    perform(tmp_path, tmp_path, "import_curves", source=tmp_path / "mine.h5")
    (tmp_path / "imported.h5").rename(tmp_path / "curves.h5")
    steps = ("split_curves", "train_vae", "encode_curves", "generate_curves", *INFERENCE, "plot_calibration")
    perform(tmp_path, tmp_path, *steps)
    assert described(tmp_path / "ranks.h5") == tuple(map(list, SHAPE))
    velocity, parameters = read(tmp_path / "posteriors.h5", "velocity", "parameters")
    assert parameters.shape == (*velocity.shape[:2], 3)
    assert (tmp_path / "plot_calibration.png").exists()


@pytest.fixture
def pages(whole, perform, tmp_path, monkeypatch):
    """Function from changes of the posteriors, and of the name of the first galaxy, to the texts on each page."""
    for name in ("observations.h5", "posteriors.h5", "paper.mplstyle"):
        shutil.copy(whole / name, tmp_path)

    def texts(name="mock", **numbers):
        for file in ("observations.h5", "posteriors.h5"):
            with h5py.File(tmp_path / file, "r+") as changed:
                changed["galaxy"][0] = name
                for dataset, values in numbers.items():
                    if dataset in changed:
                        changed[dataset][...] = values
        drawn = []
        monkeypatch.setattr(
            figure_files, "save_pages", lambda args, plot, pages: drawn.extend(plot(*data) for data in pages)
        )
        perform(tmp_path, tmp_path, "draw_atlas")
        return [[text.get_text() for text in page.findobj(matplotlib.text.Text)] for page in drawn]

    return texts


def test_an_atlas_has_a_page_for_each_galaxy_with_its_parameters_and_what_speaks_against_it(whole, pages):
    texts = pages(**GOOD | {"prior_density_rank": [0.5, 0.001, 0.5]})
    _, *names = read(whole / "observations.h5", "galaxy")[0]
    _, _, labels = described(whole / "curves.h5")
    assert len(texts) == 3
    assert all(set(labels) <= set(page) for page in texts)
    assert "mock" in texts[0]
    assert f"{names[0].decode()} (atypical)" in texts[1]
    assert names[1].decode() in texts[2]
    assert any(re.match(r"\d+ points, .* of v added", text) for text in texts[0])


def test_any_name_of_a_galaxy_stands_on_its_page(pages, perform, tmp_path):
    name = r"M$_31^ \alpha$ {%}"
    assert any(name in text for text in pages(name=name)[0])


def test_an_atlas_is_one_document_without_a_date(whole):
    content = (whole / "atlas.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", content)) == 3
    assert b"CreationDate" not in content
    assert b"/Subtype /Type3" not in content
