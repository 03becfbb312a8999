"""Other halo profiles than the default: every file names the profile and its parameters, and every step takes them."""

import shutil

import numpy as np
import pytest
from astropy.table import Table
from tests.reading import read
from tests.step.steps import FIGURES, KEPT, PROJECT, STEPS

from curvae.evaluation.samples import write_baseline
from curvae.galaxies.halo_profiles import PROFILES
from curvae.galaxies.rotation import rotation_curves
from curvae.galaxies.scaling import parameters_of_galaxies
from curvae.inference.parameters import read_forward_model
from curvae.model.files import load
from curvae.storage.curves import described, read_attributes

NAMES = tuple(each.name for each in parameters_of_galaxies(PROFILES["core_nfw"]))


@pytest.fixture(scope="module")
def cored(perform, data, tmp_path_factory):
    """Folder with what all steps write, the figures included, of galaxies with cores."""
    folder = tmp_path_factory.mktemp("cored")
    for name in (*(PROJECT / name for name in KEPT), data / "points.csv"):
        shutil.copy(name, folder)
    return perform(folder, folder, *STEPS, halo_profile="core_nfw")


def test_curves_are_those_of_the_same_galaxies_with_cores(cored, data):
    velocity, radius, parameters = read(cored / "curves.h5", "velocity", "radius", "parameters")
    np.testing.assert_array_equal(parameters[:, :4], read(data / "parameters.h5", "parameters")[0])
    v = rotation_curves(parameters, radius, read_forward_model(cored / "curves.h5"))
    np.testing.assert_allclose(velocity, v, rtol=2.0**-24)
    assert (velocity < read(data / "curves.h5", "velocity")[0] * (1.0 + 2.0**-23)).all()
    assert read_attributes(cored / "curves.h5", "degrees_of_freedom") == {"degrees_of_freedom": 5}


def test_files_models_and_catalogues_have_the_five_parameters(cored):
    for name in ("parameters.h5", "curves.h5", "imported.h5", "fits.h5", "reference_fits.h5"):
        names, units, labels = described(cored / name)
        assert tuple(names) == NAMES, name
        assert (units[4], labels[4]) == ("log10 kpc", r"$\log_{10} r_\mathrm{c}/\mathrm{kpc}$")
    architecture = load(cored / "model.pt").architecture
    assert (architecture.latent_dimension, tuple(architecture.parameters)) == (5, NAMES)
    assert read(cored / "posteriors.h5", "parameters")[0].shape[2] == 5
    assert set(NAMES) < set(Table.read(cored / "catalogue.fits").colnames)
    assert any("log_core_radius" in name for name in Table.read(cored / "galaxies.ecsv").colnames)


def test_fits_of_true_curves_are_their_parameters_and_all_figures_are_drawn(cored):
    velocity, parameters = read(cored / "curves.h5", "velocity", "parameters")
    (reference,) = read(cored / "reference.h5", "velocity")
    rows = [np.flatnonzero((velocity == curve).all(1))[0] for curve in reference]
    fitted, rmse = read(cored / "reference_fits.h5", "parameters", "rmse")
    assert np.median(rmse) < 1e-4  # single precision
    assert np.median(np.abs(fitted - parameters[rows])) < 1e-4
    assert all((cored / f"{step}.png").stat().st_size > 5000 for step in FIGURES)


def test_galaxies_in_burkert_haloes_are_drawn_computed_and_fitted(data, perform, tmp_path):
    perform(tmp_path, tmp_path, "sample_parameters", "synthesize_curves", halo_profile="burkert")
    galaxies, velocity, radius = read(tmp_path / "curves.h5", "parameters", "velocity", "radius")
    np.testing.assert_array_equal(galaxies, read(data / "parameters.h5", "parameters")[0])
    write_baseline(tmp_path / "reference.h5", "reference", radius, velocity[:50])
    fits = {"generated": (tmp_path / "reference.h5",), "physical_fits": (tmp_path / "fits.h5",)}
    perform(tmp_path, tmp_path, "evaluate_physics", **fits)
    fitted, rmse = read(tmp_path / "fits.h5", "parameters", "rmse")
    assert rmse.max() < 1e-3  # single precision
    assert np.median(np.abs(fitted - galaxies[:50])) < 1e-4
    assert read_attributes(tmp_path / "fits.h5", "halo_profile") == {"halo_profile": "burkert"}
