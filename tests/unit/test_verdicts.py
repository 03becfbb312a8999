"""The sentences on the metrics of a run: what they call equal, copied, off and calibrated, and what they advise."""

import pytest

from curvae.evaluation.summary import ACCURACIES, by_metric, summarize
from curvae.evaluation.verdicts import verdicts

GOOD = dict.fromkeys(ACCURACIES, (0.503, 0.004)) | {
    "curves_compared": (10_000, None),
    "copying_probability": (0.497, 0.004),
    "support_coverage": (0.97, 0.002),
    "extremes_v_max": (0.45, 0.08),
    "extremes_acceleration": (0.55, 0.08),
    "share_not_positive": (0.0, None),
}
MOCKS = {
    "inference_interval_coverage_68_log_disc_mass": (0.67, 0.05),
    "inference_interval_coverage_68_log_halo_mass": (0.71, 0.05),
    "inference_interval_coverage_68_velocity": (0.74, 0.05),
    "inference_rank_p_log_disc_mass": (0.4, None),
    "inference_rank_p_velocity": (1.0, None),
    "inference_flagged": (0.02, 0.01),
}


def sentences(**samples):
    """Sentences on metrics by model_sampler, beside a reference."""
    rows = []
    for name, metrics in {"baseline_reference": GOOD, **samples}.items():
        identity = dict(zip(("model", "sampler"), name.split("_"), strict=True))
        for metric, (value, error) in metrics.items():
            error = float("nan") if error is None else error
            rows.append({**identity, "metric": metric, "value": value, "standard_error": error})
    return verdicts(by_metric(summarize(rows)))


def test_of_generators_that_pass_the_model_that_reconstructs_best_is_advised():
    errors = {f"{model}_": {"reconstruction_rmse": (rmse, None)} for model, rmse in (("a", 0.05), ("b", 0.04))}
    bad = GOOD | {"c2st_boosting_log_v": (0.6, 0.004)}
    advice, first, second, third = sentences(a_x=GOOD, b_x=GOOD, b_y=bad, **errors)
    at = "from true curves at 10,000 against 10,000"
    assert first == f"a, x: not distinguishable {at} (accuracies up to 0.514 are not excluded); no copying seen."
    assert second == first.replace("a, x", "b, x")
    assert third == f"b, y: distinguishable {at} (accuracy 0.60); no copying seen."
    assert advice == "Take model b, sampler x: of those that pass, this model reconstructs test curves best."


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        ("copying_probability", (0.6, 0.004), "copies of training curves (0.60)"),
        ("copying_probability", (0.42, 0.004), "too far from training curves (0.42)"),
        ("support_coverage", (0.93, 0.002), "coverage too low (0.93)"),
        ("extremes_v_max", (0.9, 0.08), "too many of the highest v (0.90)"),
        ("share_not_positive", (0.166, None), "16.6 % have v <= 0"),
    ],
)
def test_curves_that_no_classifier_tells_apart_do_not_pass_with_one_other_defect(metric, value, words):
    advice, sentence = sentences(a_x=GOOD | {metric: value})
    assert sentence.startswith("a, x: not distinguishable")
    assert words in sentence
    assert advice == "None passes. Model a, sampler x has the lowest accuracy, 0.50."


def test_mock_galaxies_get_coverage_flags_and_whether_ranks_are_uniform():
    begin = "a, mock galaxies: 68 % intervals hold 67 % to 71 % of the true parameters and 74 % of the velocities; "
    assert sentences(a_=MOCKS) == [begin + "no miscalibration seen; 2 % are flagged."]
    skewed = MOCKS | {"inference_rank_p_log_disc_mass": (0.01, None)}
    assert sentences(a_=skewed) == [begin + "ranks are not uniform (p = 0.02); 2 % are flagged."]
