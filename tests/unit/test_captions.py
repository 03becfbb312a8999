"""Numbers as captions state them."""

import math

import pytest

from rotcurves.captions import alike, measured, number

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("0.50625", "0.007905076", "0.5062 ± 0.0079"),
        ("-76.29331", "0.1878769", "-76.29 ± 0.19"),
        ("12.0067", "12.5", "12 ± 12"),
        ("2.928113e-06", "", "2.93e-06"),
        ("0.04043198", "", "0.0404"),
        ("0", "0", "0"),
        ("nan", "", "nan"),
    ],
)
def test_a_number_is_stated_as_exactly_as_it_is_known(value, error, text):
    assert number({"value": value, "standard_error": error}) == text


@pytest.mark.parametrize(
    ("values", "errors", "texts"),
    [
        ([0.50625, 0.989], [0.0079, 0.0016], ["0.5062", "0.9890"]),
        ([0.05, 147.03, 3.0e-6], [NAN, 0.0, NAN], ["0.0500", "147", "3.00e-06"]),
        ([4.0, 0.0], [NAN, NAN], ["4", "0"]),
        ([NAN, 4.0], [NAN, math.inf], ["nan", "4.00"]),
    ],
)
def test_the_numbers_of_a_line_have_the_same_digits(values, errors, texts):
    rows = [{"value": value, "standard_error": error} for value, error in zip(values, errors, strict=True)]
    assert [alike(rows)(value) for value in values] == texts


def test_a_metric_is_stated_beside_the_value_of_true_curves(tmp_path):
    for path, lines in {
        "full/seed1/metrics/prior.csv": ("metric,value,standard_error", "ks_mean,0.2,", "lonely,3,"),
        "baselines/metrics.csv": ("sampler,metric,value,standard_error", "truth,ks_mean,0.1,", "pca,ks_mean,0.4,"),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("\n".join(lines) + "\n")
    assert measured(tmp_path, "full", 1, "prior") == {"ks_mean": "0.2 (true curves: 0.1)", "lonely": "3"}
    assert measured(tmp_path, "full", 1, "prior", floors=False) == {"ks_mean": "0.2", "lonely": "3"}
    assert measured(tmp_path, "", 1, "truth") == {"ks_mean": "0.1"}
    assert measured(tmp_path, "full", "1") == {}  # of a part of a run
