"""Evaluation of models, samplers and baselines: what their tables and files hold, and what they must not depend on."""

import csv
import io
import shutil

import h5py
import numpy as np
import pytest
import xarray
from tests.reading import read
from tests.step.steps import SHORT, written_files

from curvae.galaxies import scaling
from evaluate_baselines import REFERENCES

NAMES = tuple(each.name for each in scaling.PARAMETERS)
N = SHORT["evaluation_curves"]
RELATIONS = ("scale_length", "halo_mass", "concentration")
RELATION_METRICS = {f"relation_{name}_{part}" for name in RELATIONS for part in ("slope", "zero_point", "scatter")}
COMPARISONS = {
    "curves_compared",
    *("c2st_network_components", "c2st_boosting_log_v", "c2st_boosting_curvature", "ks_mean"),
    *("energy_distance", "share_not_positive", "extremes_v_max", "extremes_acceleration", "copying_probability"),
    "support_coverage",
}
PHYSICS = {"physical_distance_kms_median", "physical_distance_kms_p90", "relation_share_outside", *RELATION_METRICS}
BOUNDS = {
    f"{name}{of}" for name in ("evidence_lower_bound", "importance_weighted_bound") for of in ("", "_q05", "_q95")
}
MODEL_METRICS = {
    *("reconstruction_rmse", "reconstruction_median", "reconstruction_relative_rms", *BOUNDS),
    *("active_units", "non_positive_definite_share", "c2st_boosting_curvature_reconstructions"),
    *(f"r2_latent{i}_{name}" for i in range(1, 5) for name in NAMES),
}
POSTERIOR_METRICS = {
    *("posterior_correlation", "posterior_correlation_true", "kl_best_diagonal"),
    *("kl_encoder_mean", "kl_encoder_covariance"),
    *(f"posterior_interval_coverage_{percent}_{how}" for percent in (68, 95) for how in ("decoded", "noisy")),
}
INFERENCE_METRICS = {
    "inference_flagged",
    *(
        f"inference_{what}_{of}"
        for what in ("interval_coverage_68", "interval_coverage_95", "rank_p")
        for of in (*NAMES, "velocity")
    ),
}
# Metrics that have a standard error.
KNOWN = (
    "c2st",
    "relation",
    "extremes",
    "copying",
    "support_coverage",
    "posterior",
    "kl_",
    "evidence_lower",
    "importance",
)
KNOWN += ("inference_interval_coverage", "inference_flagged")


def table(path):
    """Rows of a table."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


def values(path, sampler=None):
    """Values by metric of the rows of a table, of all or of those of a sampler."""
    return {row["metric"]: float(row["value"]) for row in table(path) if sampler in (None, row["sampler"])}


def test_every_metric_is_in_its_table_once_and_finite_with_the_names_of_its_sample(whole):
    generators, draws = ("pca4_gaussian", "pca6_mixture"), range(1, REFERENCES + 1)
    tables = {
        "model.csv": [("full", "1", "", metric) for metric in MODEL_METRICS | POSTERIOR_METRICS],
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
            known = row["metric"].startswith(KNOWN) and row["sampler"] != "simulation" and "_q" not in row["metric"]
            assert (float(error) >= 0.0) if known else error == ""
    bounds = values(whole / "model.csv")
    assert bounds["importance_weighted_bound"] > bounds["evidence_lower_bound"]


def test_true_curves_are_physical_and_generated_ones_of_a_poor_model_are_not(whole):
    path = whole / "physics.csv"
    assert values(path, "reference")["physical_distance_kms_median"] < 1e-4  # single precision
    assert values(whole / "baselines.csv", "reference")["share_not_positive"] == 0.0
    for poor in ("full_gaussian", "pca4_gaussian"):
        assert values(path, poor)["physical_distance_kms_median"] > 0.1


def test_errors_by_radius_add_up_to_the_metrics(whole):
    found = values(whole / "model.csv")
    with xarray.open_dataset(whole / "errors.h5", engine="h5netcdf") as data:
        assert data.attrs == {"model": "full", "seed": 1, "curves": SHORT["test"]}
        assert data.error_quantile.dims == ("quantile", "radius")
        assert (data.rms_error.units, data.rms_relative_error.units, data.radius.units) == ("km/s", "1", "kpc")
        np.testing.assert_array_equal(data.radius, read(whole / "curves.h5", "radius")[0])
        np.testing.assert_allclose(np.sqrt(np.mean(data.rms_error**2)), found["reconstruction_rmse"], rtol=1e-6)
        relative = np.sqrt(np.mean(data.rms_relative_error**2))
        np.testing.assert_allclose(relative, found["reconstruction_relative_rms"], rtol=1e-6)
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
    found = values(tmp_path / "sampler.csv")
    assert found["share_not_positive"] == 5 / N
    assert found["energy_distance"] > values(whole / "sampler.csv")["energy_distance"]
    rmse = read(tmp_path / "fits.h5", "rmse")[0]
    assert np.flatnonzero(np.isinf(rmse)).tolist() == [4]
    assert (rmse[:4] > 1.0).all()


def test_the_page_and_the_text_to_read_hold_the_metrics_in_the_columns_of_their_samplers(whole):
    rows = [
        row
        for row in table(whole / "metrics.csv")
        if not row["metric"].startswith("population_") and row["metric"] != "out_of_range_code_share"
    ]
    of_models = len(MODEL_METRICS | POSTERIOR_METRICS | INFERENCE_METRICS)
    assert len(rows) == of_models + 4 * len(COMPARISONS) + 3 * len(PHYSICS) + len(RELATION_METRICS)
    _, main, samplers, models, _ = (whole / "metrics.html").read_text().replace("<wbr>", "").split("<table")
    columns = ["reference", "full_gaussian", "pca4_gaussian", "pca6_mixture", "simulation"]
    assert "".join(f"<th>{name}" for name in columns) in samplers
    summary = {row["metric"]: row for row in rows if row["sampler"] == "full_gaussian"}
    for metric, value in values(whole / "sampler.csv").items():
        (line,) = [line for line in samplers.splitlines() if f"<code>{metric}</code>" in line]
        cells = [cell.split("<")[0].strip() for cell in line.split("<td>")[1:]]
        assert [bool(cell) for cell in cells] == [True, True, True, True, False]
        expected = [float(summary[metric]["reference"]), value]
        np.testing.assert_allclose([float(cell) for cell in cells[:2]], expected, rtol=0.05, atol=0.01)
    assert all(f"<code>{metric}</code>" in models for metric in MODEL_METRICS | POSTERIOR_METRICS)
    caption, numbers = (whole / "metrics.txt").read_text().split("\n\n")
    assert "0.5 is chance" in caption
    head, *lines = numbers.splitlines()
    names = [["baseline", "reference"], ["full", "full_gaussian"], *(["baseline", name] for name in columns[2:4])]
    assert [line.split()[:2] for line in lines] == names
    rmse = lines[1][head.index("RMSE") :].split()[0]
    assert float(rmse) == pytest.approx(values(whole / "model.csv")["reconstruction_rmse"], rel=0.01)
    assert all(word in main for line in lines for word in line.split())
