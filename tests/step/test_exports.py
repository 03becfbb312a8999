"""What other programs get: a catalogue that agrees with the files it is made of, a decoder that needs torch alone."""

import csv
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest
import torch

import export_catalogue
import export_decoder
from rotcurves.evaluation import write_fits
from rotcurves.vae import load

# The decoders of all posteriors are the same code.
pytestmark = pytest.mark.parametrize("trained", ["cholesky"], indirect=True)
PARAMETERS = np.column_stack(
    [np.linspace(9.0, 12.0, 30), np.linspace(11.0, 13.0, 30), np.linspace(-2.0, 2.0, 30), np.full(30, 0.9)]
)


@pytest.fixture(scope="session")
def exported(trained, tmp_path_factory):
    """Folder with the decoder of a model, exported."""
    folder = tmp_path_factory.mktemp("exported")
    export_decoder.main(["--model", f"{trained}/model.pt", "--decoder", f"{folder}/decoder.pt2"])
    return folder


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_an_exported_decoder_is_the_model_to_float32_rounding(trained, exported, n):
    code = torch.randn(n, 4, generator=torch.Generator().manual_seed(1))
    program = torch.export.load(exported / "decoder.pt2")
    model = load(trained / "model.pt")
    with torch.no_grad():
        np.testing.assert_allclose(program.module()(code), model.decode(code), rtol=2e-6)
    np.testing.assert_array_equal(program.state_dict["radius"], model.radius)


def test_an_exported_decoder_needs_torch_alone(exported):
    program = "import torch; print(torch.export.load('decoder.pt2').module()(torch.zeros(3, 4)).shape)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=exported, capture_output=True, text=True, check=True)
    assert ended.stdout == "torch.Size([3, 50])\n"


def test_an_exported_decoder_is_the_same_bytes_without_a_path(trained, exported):
    export_decoder.main(["--model", f"{trained}/model.pt", "--decoder", f"{exported}/again.pt2"])
    assert (exported / "again.pt2").read_bytes() == (exported / "decoder.pt2").read_bytes()
    with zipfile.ZipFile(exported / "decoder.pt2") as archive:
        content = b"".join(map(archive.read, archive.namelist()))
    assert b"site-packages" not in content
    assert b"rotcurves" not in content
    assert b"encoder" not in content.replace(b"decoder", b"")


@pytest.fixture(scope="session")
def catalogue(trained, tmp_path_factory):
    """Rows of the catalogue of 30 of 40 generated galaxies, and the file of these."""
    folder = tmp_path_factory.mktemp("catalogue")
    write_fits(folder / "fits.h5", 30, PARAMETERS, np.full(30, 0.5))
    export_catalogue.main(
        [
            f"--generated={trained}/multinormal.h5",
            f"--physical-fits={folder}/fits.h5",
            f"--catalogue-csv={folder}/c.csv",
            f"--catalogue-fits={folder}/c.fits",
        ]
    )
    with (folder / "c.csv").open(newline="") as file:
        return list(csv.DictReader(file)), trained / "multinormal.h5"


def column(rows, name):
    return np.array([float(row[name] or "nan") for row in rows])


def test_a_catalogue_has_the_fits_and_the_codes_of_the_galaxies(catalogue):
    rows, generated = catalogue
    with h5py.File(generated) as file:
        code = file["code"][:30]
    np.testing.assert_allclose(np.stack([column(rows, f"z{i}") for i in (1, 2, 3, 4)], 1), code, rtol=1e-6)
    np.testing.assert_allclose(column(rows, "log_halo_mass"), PARAMETERS[:, 1], rtol=1e-6)
    np.testing.assert_array_equal(column(rows, "curve"), np.arange(30))
    assert set(column(rows, "rmse")) == {0.5}


def test_velocities_of_a_catalogue_are_those_of_the_generated_curves(catalogue):
    rows, generated = catalogue
    with h5py.File(generated) as file:
        velocity, radius = file["velocity"][:30], file["radius"][...]
    np.testing.assert_allclose(column(rows, "v_max"), velocity.max(1), rtol=1e-6)
    at = 2.2 * 10.0 ** PARAMETERS[:, 2]
    outside = (at < radius[0]) | (at > radius[-1])
    assert 0 < outside.sum() < 30
    np.testing.assert_array_equal(np.isnan(column(rows, "v_2_2")), outside)
    nearest = velocity[np.arange(30), np.abs(np.log(radius) - np.log(at)[:, None]).argmin(1)]
    np.testing.assert_allclose(column(rows, "v_2_2")[~outside], nearest[~outside], rtol=0.2)
