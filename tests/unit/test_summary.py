"""Tables of metrics: what is written is read, summarised over training seeds, and shown as exactly as it is known."""

import math

import pytest

from curvae.evaluation.summary import SUMMARY, read_metrics, read_summary, summarize, write_metrics, writer_of
from curvae.storage.tables import write_table

NAN = math.nan


def rows_of(model, sampler, metric, *numbers):
    """Rows of a metric, a training seed each, of (value, standard error)."""
    identity = {"model": model, "sampler": sampler, "metric": metric}
    return [{**identity, "seed": i, "value": v, "standard_error": e} for i, (v, e) in enumerate(numbers, 1)]


def test_a_summary_is_the_median_and_range_over_seeds_beside_the_reference():
    reference = {"reference": 0.5, "reference_error": 0.01}
    rows = [
        *rows_of("full", "diagonal_gaussian", "ks_mean", (0.5, NAN), (0.1, NAN), (0.2, NAN)),
        *rows_of("full", "diagonal_gaussian", "c2st_boosting_curvature", (0.6, 0.05), (0.7, 0.15), (0.8, 0.1)),
        *rows_of("baseline", "pca4_gaussian", "c2st_boosting_curvature", (0.99, 0.1)),
        *rows_of("full", "", "c2st_boosting_curvature_reconstructions", (0.52, 0.02)),
        *rows_of("full", "", "relation", (1.0, 0.1), (NAN, NAN), (3.0, 0.2)),  # which one training could not find
        *rows_of("baseline", "reference", "c2st_boosting_curvature", (0.5, 0.01)),
    ]
    ks, curvature, certain, reconstructions, relation, _ = summarize(rows)
    expected = {"value": 0.2, "standard_error": None, "seed_min": 0.1, "seed_max": 0.5, "seeds": 3}
    assert ks == {"model": "full", "sampler": "diagonal_gaussian", "metric": "ks_mean", **expected}
    expected = {"value": 0.7, "standard_error": 0.1, "seed_min": 0.6, "seed_max": 0.8, "seeds": 3} | reference
    assert curvature.items() >= ({"model": "full", "sampler": "diagonal_gaussian"} | expected).items()
    assert (curvature["ci95_low"], curvature["ci95_high"]) == pytest.approx(
        (0.7 - 0.1 * 2.241, 0.7 + 0.1 * 2.241), abs=1e-3
    )
    assert certain["ci95_high"] == 1.0
    assert reconstructions.items() >= reference.items()
    assert all(math.isnan(relation[name]) for name in ("value", "seed_min", "seed_max"))


def test_what_is_written_is_read(tmp_path):
    identity = {"model": "full", "seed": 3, "sampler": "standard_normal"}
    write_metrics(tmp_path / "m.csv", (identity, {"ks_mean": (0.25, None)}), ({"model": "x"}, {"units": (4, 0.5)}))
    first, second = read_metrics(tmp_path / "m.csv")
    assert math.isnan(first.pop("standard_error"))
    assert first == {"model": "full", "seed": "3", "sampler": "standard_normal", "metric": "ks_mean", "value": 0.25}
    assert second == rows_of("x", "", "units", (4.0, 0.5))[0] | {"seed": ""}
    write_table(tmp_path / "s.csv", SUMMARY, summarize([first | {"standard_error": NAN}, second]))
    summary = read_summary(tmp_path / "s.csv")
    assert summary["units"]["x", ""]["standard_error"] == 0.5
    assert math.isnan(summary["ks_mean"]["full", "standard_normal"]["reference"])


@pytest.mark.parametrize(
    ("values", "errors", "texts"),
    [
        ([0.50625, 0.989], [0.0079, 0.0016], ["0.5062", "0.9890"]),
        ([-76.29331], [0.1878769], ["-76.29"]),
        ([12.0067], [12.5], ["12"]),
        ([0.05, 147.03, 3.0e-6], [NAN, 0.0, NAN], ["0.0500", "147", "3.00e-06"]),
        ([4.0, 0.0], [NAN, NAN], ["4", "0"]),
        ([NAN, 4.0], [NAN, math.inf], ["nan", "4.00"]),
    ],
)
def test_the_numbers_of_a_metric_have_the_same_digits_as_many_as_are_known(values, errors, texts):
    rows = [{"value": value, "standard_error": error} for value, error in zip(values, errors, strict=True)]
    assert [writer_of(rows)(value) for value in values] == texts
