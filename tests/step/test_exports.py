"""What other programs get: a catalogue that agrees with the files it is made of, a decoder that needs torch alone."""

import shutil
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest
import torch
from astropy.table import Table
from tests.reading import read

from curvae.evaluation.samples import write_physical_fits
from curvae.model.files import load

PARAMETERS = np.column_stack(
    [np.linspace(9.0, 12.0, 30), np.linspace(11.0, 13.0, 30), np.linspace(-2.0, 2.0, 30), np.full(30, 0.9)]
)


@pytest.fixture(scope="module")
def exported(model, perform, tmp_path_factory):
    """Folder with the decoder of a model, exported."""
    return perform(model, tmp_path_factory.mktemp("exported"), "export_decoder")


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_an_exported_decoder_is_the_model_to_float32_rounding(model, exported, n):
    code = torch.randn(n, 4, generator=torch.Generator().manual_seed(1))
    program = torch.export.load(exported / "decoder.pt2")
    model = load(model / "model.pt")
    with torch.no_grad():
        np.testing.assert_allclose(program.module()(code), model.velocity(model.decoder(code)), rtol=2e-6)
    np.testing.assert_array_equal(program.state_dict["radius"], model.radius)


@pytest.mark.slow
def test_an_exported_decoder_needs_torch_alone(exported):
    program = "import torch; print(torch.export.load('decoder.pt2').module()(torch.zeros(3, 4)).shape)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=exported, capture_output=True, text=True, check=True)
    assert ended.stdout == "torch.Size([3, 50])\n"


def test_an_exported_decoder_holds_no_path_and_no_encoder(exported):
    with zipfile.ZipFile(exported / "decoder.pt2") as archive:
        content = b"".join(map(archive.read, archive.namelist()))
    assert b"site-packages" not in content
    assert b"curvae" not in content
    assert b"encoder" not in content.replace(b"decoder", b"")


def test_sha256sum_accepts_the_list_of_checksums(whole):
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=whole, capture_output=True, check=True)


@pytest.fixture(scope="module")
def catalogues(model, perform, tmp_path_factory):
    """The catalogue of 30 of 40 generated galaxies, one of them rising to the end, from CSV and FITS; the galaxies."""
    folder = tmp_path_factory.mktemp("catalogue")
    write_physical_fits(folder / "fits.h5", PARAMETERS, np.full(30, 0.5), halo_profile="nfw")
    generated = shutil.copy(model / "generated.h5", folder)
    with h5py.File(generated, "r+") as file:
        file["velocity"][0] = np.sort(file["velocity"][0])
    perform(model, folder, "export_catalogue", physical_fits=folder / "fits.h5", generated=generated)
    return Table.read(folder / "catalogue.csv"), Table.read(folder / "catalogue.fits"), generated


def test_a_catalogue_is_the_same_in_both_formats_with_units_in_fits(catalogues):
    text, table, _ = catalogues
    assert text.colnames == table.colnames
    for name in text.colnames:
        np.testing.assert_allclose(*(np.ma.filled(one[name].astype(float), np.nan) for one in (text, table)), rtol=1e-6)
    assert (str(table["v_max"].unit), str(table["r_max"].unit)) == ("km / s", "kpc")
    assert table.meta["TCOMM1"] == "row in the file of generated curves, from 0"


def test_a_catalogue_has_the_fits_and_the_codes_of_the_galaxies(catalogues, model):
    table = catalogues[1]
    (code,) = read(model / "generated.h5", "code")
    np.testing.assert_array_equal(np.stack([table[f"z{i}"] for i in (1, 2, 3, 4)], 1), code[:30])
    np.testing.assert_array_equal(table["log_halo_mass"], PARAMETERS[:, 1])
    np.testing.assert_array_equal(table["curve"], np.arange(30))
    assert set(table["rmse"]) == {0.5}


def test_velocities_of_a_catalogue_are_those_of_the_generated_curves(catalogues):
    _, table, generated = catalogues
    velocity, radius = read(generated, "velocity", "radius")
    velocity = velocity[:30]
    np.testing.assert_array_equal(table["v_max"], velocity.max(1))
    np.testing.assert_array_equal(table["r_max"], radius[velocity.argmax(1)])
    edge = np.isin(table["r_max"], radius[[0, -1]])
    assert 0 < edge.sum() < 30
    np.testing.assert_array_equal(table["r_max_at_edge"], edge)
    at = 2.2 * 10.0 ** PARAMETERS[:, 2]
    outside = (at < radius[0]) | (at > radius[-1])
    assert 0 < outside.sum() < 30
    v = np.ma.filled(table["v_2_2"], np.nan)
    np.testing.assert_array_equal(np.isnan(v), outside)
    nearest = velocity[np.arange(30), np.abs(np.log(radius) - np.log(at)[:, None]).argmin(1)]
    np.testing.assert_allclose(v[~outside], nearest[~outside], rtol=0.2)
