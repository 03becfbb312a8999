"""Evaluation of models, samplers and baselines: what their tables and files hold, and what they must not depend on."""

import csv
import importlib
import io
import logging
import shutil

import h5py
import numpy as np
import pytest
import xarray
from tests.reading import read

import summarize_metrics
import tabulate_metrics
from rotcurves import metrics
from rotcurves.errors import UserError
from rotcurves.relations import NAMES

N = 20
OUTPUTS = {
    "evaluate_model": {"metrics": "model.csv", "errors": "errors.h5"},
    "evaluate_sampler": {"metrics": "multinormal.csv", "physical_fits": "fits.h5"},
    "evaluate_baselines": {"metrics": "baselines.csv", "physical_fits": "truth.h5"},
}
# One posterior is enough here.
pytestmark = pytest.mark.parametrize("trained", ["cholesky"], indirect=True)


@pytest.fixture(scope="session")
def evaluate(config, tiny):
    """Function that runs a step of evaluation on the data set of seconds, and writes to a folder."""
    galaxies, synthesis = config["sample_parameters"], config["synthesize_curves"]
    data = {"curves": tiny / "curves.h5", "split": tiny / "split.h5", "evaluation_curves": N, "threads": 1, "seed": 1}
    physics = {
        "hubble_constant": config["hubble_constant"],
        **{name: synthesis[name] for name in ("overdensity", "gravitational_constant")},
        **{name: galaxies[name] for name in ("log_disc_mass_min", "log_disc_mass_max", "log_disc_mass_pivot")},
        "concentration_pivot": galaxies["concentration_pivot"],
    }

    def run(step, out, trained, **different):
        own = {
            "evaluate_model": {"model": trained / "model.pt", "importance_samples": 20},
            "evaluate_sampler": {"generated": trained / "multinormal.h5", **physics},
            "evaluate_baselines": {"latent_dimension": 4, **physics},
        }
        written = {flag: out / name for flag, name in OUTPUTS[step].items()}
        flags = {**data, **own[step], **written, **different}
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in flags.items()]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(metrics, "TREES", 5)  # the judges themselves are tested elsewhere
            importlib.import_module(step).main(arguments)

    return run


@pytest.fixture(scope="session")
def evaluated(evaluate, trained, tmp_path_factory):
    """Folder with everything that the steps of evaluation write."""
    folder = tmp_path_factory.mktemp("full") / "full" / "seed1" / "metrics"
    for step in OUTPUTS:
        evaluate(step, folder, trained)
    return folder


def table(path):
    """Rows of a table."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


def values(path, **where):
    """Values by metric of the rows of a table that have the given entries."""
    rows = [row for row in table(path) if all(row[key] == value for key, value in where.items())]
    return {row["metric"]: float(row["value"]) for row in rows}


SAMPLE_METRICS = {
    *("c2st_mlp_log_v", "c2st_forest_log_v", "c2st_forest_curvature", "ks_mean", "sliced_wasserstein"),
    *("energy_distance", "share_not_positive", "physical_distance_median", "physical_distance_p90"),
    *(
        f"relation_{relation}_{part}"
        for relation in ("scale_length", "halo_mass", "concentration")
        for part in ("slope", "zero_point", "scatter")
    ),
}
MODEL_METRICS = {
    *("reconstruction_rmse", "reconstruction_median", "reconstruction_relative_rms", "evidence_lower_bound"),
    *("importance_weighted_bound", "active_units", "indefinite_covariances", "c2st_forest_curvature_reconstructions"),
    *(f"r2_latent{i}_{name}" for i in range(1, 5) for name in NAMES),
}


def test_every_metric_is_in_its_table_once_and_finite(evaluated):
    assert sorted(row["metric"] for row in table(evaluated / "model.csv")) == sorted(MODEL_METRICS)
    assert sorted(row["metric"] for row in table(evaluated / "multinormal.csv")) == sorted(SAMPLE_METRICS)
    rows = table(evaluated / "baselines.csv")
    found = sorted((row["sampler"], row["metric"]) for row in rows)
    samplers = ("truth", "pca_normal", "pca6_mixture")
    assert found == sorted((sampler, metric) for sampler in samplers for metric in SAMPLE_METRICS)
    for name in ("model.csv", "multinormal.csv", "baselines.csv"):
        assert b"\r" not in (evaluated / name).read_bytes()
        for row in table(evaluated / name):
            assert np.isfinite(float(row["value"]))
            error = row["standard_error"]
            known = row["metric"].startswith(("c2st", "relation", "evidence_lower", "importance"))
            assert (float(error) >= 0.0) if known else error == ""


def test_true_curves_are_physical_and_generated_ones_of_a_poor_model_are_not(evaluated):
    truth = values(evaluated / "baselines.csv", sampler="truth")
    assert truth["physical_distance_median"] < 1e-4  # single precision
    assert truth["share_not_positive"] == 0.0
    for poor in (values(evaluated / "multinormal.csv"), values(evaluated / "baselines.csv", sampler="pca_normal")):
        assert poor["physical_distance_median"] > 0.1


def test_model_metrics_are_what_they_must_be(evaluated):
    found = values(evaluated / "model.csv")
    assert found["indefinite_covariances"] == 0.0
    assert found["importance_weighted_bound"] > found["evidence_lower_bound"]
    assert all(0.0 <= found[name] <= 1.0 for name in found if name.startswith("r2_"))
    assert 0 <= found["active_units"] <= 4


def test_errors_by_radius_add_up_to_the_metrics(evaluated, tiny):
    found = values(evaluated / "model.csv")
    with xarray.open_dataset(evaluated / "errors.h5", engine="h5netcdf") as data:
        assert data.error_quantile.dims == ("quantile", "radius")
        assert (data.rms_error.units, data.rms_relative_error.units, data.radius.units) == ("km/s", "1", "kpc")
        np.testing.assert_array_equal(data.radius, read(tiny / "curves.h5", "radius")[0])
        np.testing.assert_allclose(np.sqrt(np.mean(data.rms_error**2)), found["reconstruction_rmse"], rtol=1e-6)
        relative = np.sqrt(np.mean(data.rms_relative_error**2))
        np.testing.assert_allclose(relative, found["reconstruction_relative_rms"], rtol=1e-6)
        assert (data.error_quantile.diff("quantile") >= 0.0).all()
        assert data.rms_error.attrs["curves"] == len(read(tiny / "split.h5", "test")[0])


def test_fits_of_true_curves_are_their_parameters(evaluated, tiny):
    with xarray.open_dataset(evaluated / "truth.h5", engine="h5netcdf") as data:
        assert data.parameters.dims == ("curve", "parameter")
        assert (data.rmse.dims, data.rmse.units) == (("curve",), "km/s")
        assert len(np.intersect1d(data.curve, read(tiny / "split.h5", "test")[0])) == N
        true = read(tiny / "curves.h5", "parameters")[0][data.curve]
        assert np.median(np.abs(data.parameters - true)) < 1e-6
    parameters, rmse = read(evaluated / "fits.h5", "parameters", "rmse")
    assert (parameters.shape, rmse.shape) == ((N, 4), (N,))


@pytest.mark.parametrize("step", OUTPUTS)
def test_results_are_the_same_bytes_again_whatever_the_threads(step, evaluate, evaluated, trained, tmp_path):
    evaluate(step, tmp_path, trained, threads=2 if step != "evaluate_model" else 1)
    for name in OUTPUTS[step].values():
        assert (tmp_path / name).read_bytes() == (evaluated / name).read_bytes()


def test_the_log_of_the_baselines_tells_which_curves_it_is_at(evaluate, trained, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    evaluate("evaluate_baselines", tmp_path, trained)
    judges = ["c2st_mlp_log_v", "c2st_forest_log_v", "c2st_forest_curvature"]
    told = [line.split()[1] if line.startswith("measuring") else line.split()[0] for line in caplog.messages]
    assert told == ["truth", *judges, "fitting", "pca_normal", *judges, "pca6_mixture", *judges]


def test_training_curves_are_of_no_matter_to_models_and_samplers(evaluate, evaluated, trained, tiny, tmp_path):
    shutil.copy(tiny / "curves.h5", tmp_path / "curves.h5")
    train, validation = read(tiny / "split.h5", "train", "validation")
    with h5py.File(tmp_path / "curves.h5", "r+") as file:
        for rows in (train, validation):
            file["velocity"][rows] *= 3.0
            file["parameters"][rows] += 1.0
    for step in ("evaluate_model", "evaluate_sampler"):
        evaluate(step, tmp_path, trained, curves=tmp_path / "curves.h5")
        for name in OUTPUTS[step].values():
            assert (tmp_path / name).read_bytes() == (evaluated / name).read_bytes()


def test_a_seed_chooses_other_test_curves(evaluate, evaluated, trained, tmp_path):
    evaluate("evaluate_sampler", tmp_path, trained, seed=2)
    assert values(tmp_path / "multinormal.csv")["ks_mean"] != values(evaluated / "multinormal.csv")["ks_mean"]


def test_curves_that_are_negative_or_undefined_are_counted(evaluate, evaluated, trained, tmp_path):
    path = tmp_path / "generated.h5"
    shutil.copy(trained / "multinormal.h5", path)
    with h5py.File(path, "r+") as file:
        file["velocity"][:4, :3] = -5.0
        file["velocity"][4, 0] = np.nan
    evaluate("evaluate_sampler", tmp_path, trained, generated=path)
    found = values(tmp_path / "multinormal.csv")
    assert found["share_not_positive"] == 5 / N
    assert found["energy_distance"] > values(evaluated / "multinormal.csv")["energy_distance"]
    rmse = read(tmp_path / "fits.h5", "rmse")[0]
    assert np.flatnonzero(np.isinf(rmse)).tolist() == [4]
    assert (rmse[:4] > 1.0).all()


@pytest.mark.parametrize(
    ("step", "different", "message"),
    [
        ("evaluate_sampler", {"evaluation_curves": 51}, "holds 50 test curves, but 51"),
        ("evaluate_sampler", {"evaluation_curves": 45}, "holds 40 curves, but 45"),
        ("evaluate_baselines", {"evaluation_curves": 26}, "holds 50 test curves, but 52"),
        ("evaluate_model", {"evaluation_curves": 26}, "holds 50 test curves, but 52"),
    ],
)
def test_too_few_curves_are_refused(step, different, message, evaluate, trained, tmp_path):
    with pytest.raises(UserError, match=message):
        evaluate(step, tmp_path, trained, **different)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["evaluate_model", "evaluate_sampler"])
def test_curves_over_other_radii_are_refused(step, evaluate, trained, tiny, tmp_path):
    shutil.copy(tiny / "curves.h5", tmp_path / "curves.h5")
    with h5py.File(tmp_path / "curves.h5", "r+") as file:
        file["radius"][3] *= 1.01
    with pytest.raises(UserError, match="radii are not those"):
        evaluate(step, tmp_path / "out", trained, curves=tmp_path / "curves.h5")


def write_table(path, header, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]))
    return str(path)


def test_the_summary_is_the_median_and_spread_over_seeds_beside_the_floor(trained, tmp_path):
    header = "metric,value,standard_error"
    tables = []
    for seed, (ks, error) in enumerate([(0.5, 0.1), (0.1, 0.3), (0.2, 0.2)], start=1):
        folder = tmp_path / "full" / f"seed{seed}" / "metrics"
        tables.append(write_table(folder / "normal.csv", header, f"ks_mean,{ks},", f"c2st_forest_curvature,.6,{error}"))
        tables.append(write_table(folder / "model.csv", header, "c2st_forest_curvature_reconstructions,.52,"))
    rows = ["truth,ks_mean,0.03,", "truth,c2st_forest_curvature,0.5,0.01", "pca_normal,ks_mean,0.3,"]
    baselines = write_table(tmp_path / "baselines.csv", f"sampler,{header}", *rows)
    out = tmp_path / "summary.csv"
    summarize_metrics.main(["--metrics", *tables, "--baselines", baselines, "--summary", str(out)])
    assert out.read_text().splitlines() == [
        "model,sampler,metric,value,standard_error,spread_low,spread_high,seeds,floor,floor_error",
        "full,normal,ks_mean,0.2,,0.1,0.5,3,0.03,",
        "full,normal,c2st_forest_curvature,0.6,0.2,0.6,0.6,3,0.5,0.01",
        "full,,c2st_forest_curvature_reconstructions,0.52,,0.52,0.52,3,0.5,0.01",
        "baseline,truth,ks_mean,0.03,,,,,0.03,",
        "baseline,truth,c2st_forest_curvature,0.5,0.01,,,,0.5,0.01",
        "baseline,pca_normal,ks_mean,0.3,,,,,0.03,",
    ]


def test_the_summary_reads_what_the_other_steps_write(evaluated, tmp_path):
    tables = [str(evaluated / name) for name in ("model.csv", "multinormal.csv")]
    out = tmp_path / "summary.csv"
    baselines = str(evaluated / "baselines.csv")
    summarize_metrics.main(["--metrics", *tables, "--baselines", baselines, "--summary", str(out)])
    rows = table(out)
    assert len(rows) == len(MODEL_METRICS) + 4 * len(SAMPLE_METRICS)
    assert {row["model"] for row in rows} == {"full", "baseline"}
    assert all(row["floor"] for row in rows if row["sampler"])


def test_the_tables_to_read_hold_every_metric_in_the_column_of_its_sampler(evaluated, tmp_path):
    summary, page = tmp_path / "summary.csv", tmp_path / "page.html"
    read = [str(evaluated / name) for name in ("model.csv", "multinormal.csv")]
    baselines = str(evaluated / "baselines.csv")
    summarize_metrics.main(["--metrics", *read, "--baselines", baselines, "--summary", str(summary)])
    tabulate_metrics.main(["--summary", str(summary), "--tables", str(page)])
    _, samplers, models = page.read_text().replace("<wbr>", "").split("<table>")
    columns = ["truth", "multinormal", "pca_normal", "pca6_mixture"]
    assert "".join(f"<th>{name}" for name in columns) in samplers
    truth = values(evaluated / "baselines.csv", sampler="truth")
    for metric, value in values(evaluated / "multinormal.csv").items():
        (line,) = [line for line in samplers.splitlines() if f"<code>{metric}</code>" in line]
        cells = [float(cell.split("<")[0]) for cell in line.split("<td>")[1:]]
        assert len(cells) == len(columns)
        np.testing.assert_allclose(cells[:2], [truth[metric], value], rtol=0.05, atol=0.01)
    assert all(f"<code>{metric}</code>" in models for metric in MODEL_METRICS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("", "holds no column 'metric'"),
        ("metric,value,standard_error\nks_mean,large,\n", "no number"),
        ("metric,value,standard_error\nks_mean\n", "fewer values"),
        ("metric,value,standard_error\nks_mean,,\n", "no number"),
        (b"\x89HDF\r\n\xff", "not a table"),
    ],
)
def test_a_table_that_is_none_is_named(content, message, trained, tmp_path):
    path = tmp_path / "full" / "seed1" / "metrics" / "normal.csv"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    baselines = write_table(tmp_path / "baselines.csv", "sampler,metric,value,standard_error")
    with pytest.raises(UserError, match=message) as caught:
        summarize_metrics.main(["--metrics", str(path), "--baselines", baselines, "--summary", f"{tmp_path}/out.csv"])
    assert str(caught.value).startswith(f"{path}: ")


def test_a_table_in_another_place_is_refused(trained, tmp_path):
    path = write_table(tmp_path / "normal.csv", "metric,value,standard_error")
    with pytest.raises(UserError, match="is not called"):
        summarize_metrics.main(["--metrics", path, "--baselines", path, "--summary", f"{tmp_path}/out.csv"])
