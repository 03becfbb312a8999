"""Evaluation of models, samplers and baselines: what their tables and files hold, and what they must not depend on."""

import csv
import io
import re
import shutil

import h5py
import numpy as np
import pytest
import xarray
from tests.reading import read
from tests.step.steps import SHORT, written_files

from curvae.evaluation import metrics_registry as registry
from curvae.galaxies import scaling
from evaluate_baselines import DIVISIONS

NAMES = tuple(each.name for each in scaling.PARAMETERS)
N = SHORT["evaluation_curves"]
# What stands for the words in braces in the names of metrics.
WORDS = {
    "relation": scaling.RELATIONS,
    "percent": ("68", "95"),
    "quantile": ("05", "95"),
    "i": "1234",
    "parameter": NAMES,
    "quantity": (*NAMES, "velocity"),
}


def names_of(metrics, *begin):
    """Names of all metrics of the families in the registry that begin so."""
    names = {metric.name for metric in metrics if metric.name.startswith(begin or "")}
    for word, choices in WORDS.items():
        names = {name.replace(f"{{{word}}}", choice) for name in names for choice in choices}
    return names


RELATION_METRICS = names_of(registry.GENERATED, "relation_{")
PHYSICS = names_of(registry.GENERATED, "physical_", "relation_")
COMPARISONS = names_of(registry.GENERATED) - PHYSICS
MODEL_METRICS, INFERENCE_METRICS = names_of(registry.MODEL), names_of(registry.MOCKS)
# How metrics begin that have a standard error.
WITH_ERROR = ("c2st", "relation", "extremes", "copying", "support_coverage", "posterior", "kl_", "evidence_lower")
WITH_ERROR += ("importance", "inference_interval_coverage", "inference_flagged")


def table(path):
    """Rows of a table."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


def values(path, sampler=None):
    """Values by metric of the rows of a table, of all or of those of a sampler."""
    return {row["metric"]: float(row["value"]) for row in table(path) if sampler in (None, row["sampler"])}


def test_every_metric_is_in_its_table_once_and_finite_with_the_names_of_its_sample(whole):
    generators, draws = ("pca4_gaussian", "pca6_mixture"), range(1, DIVISIONS + 1)
    tables = {
        "model.csv": [("full", "1", "", metric) for metric in MODEL_METRICS],
        "inference.csv": [("full", "1", "", metric) for metric in INFERENCE_METRICS],
        "sampler.csv": [("full", "1", "full_gaussian", metric) for metric in COMPARISONS],
        "baselines.csv": [
            *(("baseline", "", sampler, metric) for sampler in generators for metric in COMPARISONS),
            *(("baseline", str(draw), "reference", metric) for draw in draws for metric in COMPARISONS),
        ],
        "physics.csv": [
            *(("full", "1", "full_gaussian", metric) for metric in PHYSICS),
            *(("baseline", "", sampler, metric) for sampler in ("reference", "pca4_gaussian") for metric in PHYSICS),
            *(("baseline", "", "simulation", metric) for metric in RELATION_METRICS),
        ],
    }
    for name, expected in tables.items():
        rows = table(whole / name)
        assert sorted((row["model"], row["seed"], row["sampler"], row["metric"]) for row in rows) == sorted(expected)
        assert b"\r" not in (whole / name).read_bytes()
        for row in rows:
            assert np.isfinite(float(row["value"]))
            error = row["standard_error"]
            has_error = row["metric"].startswith(WITH_ERROR) and "_q" not in row["metric"]
            has_error &= row["sampler"] != "simulation"
            assert (float(error) >= 0.0) if has_error else error == ""
    bounds = values(whole / "model.csv")
    assert bounds["importance_weighted_bound"] > bounds["evidence_lower_bound"]


def test_true_curves_are_physical_and_generated_ones_of_a_poor_model_are_not(whole):
    path = whole / "physics.csv"
    assert values(path, "reference")["physical_distance_kms_median"] < 1e-4  # single precision
    assert values(whole / "baselines.csv", "reference")["share_not_positive"] == 0.0
    for poor in ("full_gaussian", "pca4_gaussian"):
        assert values(path, poor)["physical_distance_kms_median"] > 0.1


def test_errors_by_radius_add_up_to_the_metrics(whole):
    metrics = values(whole / "model.csv")
    with xarray.open_dataset(whole / "errors.h5", engine="h5netcdf") as data:
        assert data.attrs == {"model": "full", "seed": 1, "curves": SHORT["test"]}
        assert data.error_quantile.dims == ("quantile", "radius")
        assert (data.rms_error.units, data.rms_relative_error.units, data.radius.units) == ("km/s", "1", "kpc")
        np.testing.assert_array_equal(data.radius, read(whole / "curves.h5", "radius")[0])
        np.testing.assert_allclose(np.sqrt(np.mean(data.rms_error**2)), metrics["reconstruction_rmse"], rtol=1e-6)
        relative = np.sqrt(np.mean(data.rms_relative_error**2))
        np.testing.assert_allclose(relative, metrics["reconstruction_relative_rms"], rtol=1e-6)
        assert (data.error_quantile.diff("quantile") >= 0.0).all()


def test_fits_of_true_curves_are_their_parameters(whole):
    velocity, parameters = read(whole / "curves.h5", "velocity", "parameters")
    reference = read(whole / "reference.h5", "velocity")[0]
    rows = [np.flatnonzero((velocity == curve).all(1))[0] for curve in reference]
    assert len(np.intersect1d(rows, read(whole / "split.h5", "test")[0])) == N
    with xarray.open_dataset(whole / "reference_fits.h5", engine="h5netcdf") as data:
        assert data.parameters.dims == ("curve", "parameter")
        assert (data.rmse.dims, data.rmse.units) == (("curve",), "km/s")
        assert np.median(np.abs(data.parameters - parameters[rows])) < 1e-6
    parameters, rmse = read(whole / "fits.h5", "parameters", "rmse")
    assert (parameters.shape, rmse.shape) == ((40, 4), (40,))


def test_training_curves_are_of_no_matter_to_models_and_samplers(perform, whole, tmp_path):
    path = shutil.copy(whole / "curves.h5", tmp_path / "other.h5")
    train, validation = read(whole / "split.h5", "train", "validation")
    with h5py.File(path, "r+") as file:
        for rows in (train, validation):
            file["velocity"][rows] *= 3.0
            file["parameters"][rows] += 1.0
    for step in ("evaluate_model", "evaluate_samplers"):
        perform(whole, tmp_path, step, curves=path)
        for name in (result.name for result in written_files(step, tmp_path)):
            same, other = ((folder / name).read_bytes().splitlines() for folder in (whole, tmp_path))
            different = [line for line, changed in zip(same, other, strict=True) if line != changed]
            assert all(b"copying_probability" in line for line in different)  # which asks for copies of them


def test_a_seed_chooses_other_test_curves(perform, whole, tmp_path):
    perform(whole, tmp_path, "evaluate_samplers", seed=2)
    assert values(tmp_path / "sampler.csv")["ks_mean"] != values(whole / "sampler.csv")["ks_mean"]


def test_the_physics_of_an_evaluation_is_that_of_the_curves(perform, whole, tmp_path):
    path = shutil.copy(whole / "curves.h5", tmp_path / "other.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["gravitational_constant"] *= 1.1
    perform(whole, tmp_path, "evaluate_physics", curves=path)
    mass, other = (read(folder / "fits.h5", "parameters")[0][:, 0] for folder in (whole, tmp_path))
    assert np.median(mass - other) == pytest.approx(np.log10(1.1), abs=0.02)


def test_curves_that_are_negative_or_undefined_are_counted(perform, whole, tmp_path):
    path = shutil.copy(whole / "generated.h5", tmp_path)
    with h5py.File(path, "r+") as file:
        file["velocity"][:4, :3] = -5.0
        file["velocity"][4, 0] = np.nan
    perform(whole, tmp_path, "evaluate_samplers", generated=(path,))
    perform(whole, tmp_path, "evaluate_physics", generated=(path,), physical_fits=(tmp_path / "fits.h5",))
    metrics = values(tmp_path / "sampler.csv")
    assert metrics["share_not_positive"] == 5 / N
    assert metrics["energy_distance"] > values(whole / "sampler.csv")["energy_distance"]
    rmse = read(tmp_path / "fits.h5", "rmse")[0]
    assert np.flatnonzero(np.isinf(rmse)).tolist() == [4]
    assert (rmse[:4] > 1.0).all()


def test_the_registry_has_every_metric_of_all_tables_and_no_other(whole):
    families = {registry.metric_of(row["metric"]).name for row in table(whole / "metrics.csv")}
    assert families == {metric.name for group in registry.GROUPS.values() for metric in group}
    with pytest.raises(KeyError, match="r2_latent1"):
        registry.metric_of("r2_latent1")


def test_the_page_holds_the_metrics_in_the_columns_of_their_samplers_and_explains_them(whole):
    page = (whole / "metrics.html").read_text().replace("<wbr>", "")
    _, _, samplers, models, mocks, _ = page.split("<table")
    columns = ["reference", "full_gaussian", "pca4_gaussian", "pca6_mixture", "simulation"]
    assert "".join(f"<th>{name}" for name in columns) in samplers
    rows = table(whole / "metrics.csv")
    summary = {row["metric"]: row for row in rows if row["sampler"] == "full_gaussian"}
    for metric, value in values(whole / "sampler.csv").items():
        (line,) = [line for line in samplers.splitlines() if f"<code>{metric}</code>" in line]
        cells = [cell.split("<")[0].strip() for cell in line.split("<td>")[1:]]
        assert [bool(cell) for cell in cells] == [True, True, True, True, False]
        expected = [float(summary[metric]["reference"]), value]
        np.testing.assert_allclose([float(cell) for cell in cells[:2]], expected, rtol=0.05, atol=0.01)
    assert all(f"<code>{metric}</code>" in models for metric in MODEL_METRICS)
    assert all(f"<code>{metric}</code>" in mocks for metric in INFERENCE_METRICS)
    linked = set(re.findall('href="#([^"]+)"', page)) - {"meanings"}
    assert (
        linked == set(re.findall('<dt id="([^"]+)"', page)) == {registry.metric_of(row["metric"]).name for row in rows}
    )


def test_the_text_for_the_terminal_says_what_the_main_numbers_mean(whole):
    sentences, caption, numbers = (whole / "metrics.txt").read_text().split("\n\n")
    begin = ["None passes. Model full", "full, full_gaussian: distinguishable from", "full, mock galaxies: 68 %"]
    assert [line[: len(words)] for line, words in zip(sentences.splitlines(), begin, strict=True)] == begin
    assert "0.5 is chance" in caption
    _, head, *lines = numbers.splitlines()
    samplers = [["baseline", "reference"], ["full", "full_gaussian"]]
    samplers += [["baseline", name] for name in ("pca4_gaussian", "pca6_mixture")]
    assert [line.split()[:2] for line in lines] == samplers
    rmse = lines[1][head.index("RMSE") :].split()[0]
    assert float(rmse) == pytest.approx(values(whole / "model.csv")["reconstruction_rmse"], rel=0.01)
    page = (whole / "metrics.html").read_text()
    assert all(word in page for line in (*lines, *sentences.splitlines()) for word in line.split())
