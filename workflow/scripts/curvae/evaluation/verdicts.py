"""What the metrics of a run say, in sentences: which generated curves pass, what to take, are posteriors calibrated."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from curvae.evaluation.metrics_registry import CHANCE, metric_of
from curvae.evaluation.summary import ACCURACIES, BASELINE

CERTAIN = 3.5  # standard errors, which chance exceeds once in 2,000 times
SIGNIFICANT = 0.05  # probability below which ranks are not uniform
# Metrics that show what classifiers may miss, and what it means if they are too low or too high.
DEFECTS = {
    "copying_probability": ("too far from training curves", "copies of training curves"),
    "support_coverage": ("coverage too low", "coverage too high"),
    "extremes_v_max": ("too few of the highest v", "too many of the highest v"),
    "extremes_acceleration": ("too few of the highest v^2/R", "too many of the highest v^2/R"),
}
COVERAGE, RANKS = "inference_interval_coverage_68_", "inference_rank_p_"


class Verdict(NamedTuple):
    """Whether generated curves pass all tests, the highest accuracy of a classifier, and what else was seen."""

    passes: bool
    accuracy: float
    sentence: str


def judge(summary: Mapping, sample: tuple[str, str]) -> Verdict:
    """The verdict on the curves of (model, sampler) in a summary (see `summary.by_metric`).

    They pass if no classifier is better than chance (`ci95_low`), none of DEFECTS is seen, and all velocities are
    positive.
    """
    numbers = {name: metric[sample] for name, metric in summary.items() if sample in metric}
    accuracies = [numbers[name] for name in ACCURACIES]
    count, accuracy = numbers["curves_compared"]["value"], max(row["value"] for row in accuracies)
    defects = {}
    for name, words in DEFECTS.items():
        row, chance = numbers[name], metric_of(name).best == CHANCE
        excess = row["value"] - (CHANCE if chance else row["reference"])
        if abs(excess) > CERTAIN * math.hypot(row["standard_error"], 0.0 if chance else row["reference_error"]):
            defects[name] = f"{words[excess > 0.0]} ({row['value']:.2f})"
    if (negative := numbers["share_not_positive"]["value"]) > 0.0:
        defects["share_not_positive"] = f"{100.0 * negative:.1f} % have v <= 0"
    same = all(row["ci95_low"] <= CHANCE for row in accuracies)
    if same:
        limit = max(row["ci95_high"] for row in accuracies)
        says, detail = "not distinguishable", f"accuracies up to {limit:.3f} are not excluded"
    else:
        says, detail = "distinguishable", f"accuracy {accuracy:.2f}"
    others = [*defects.values()] if "copying_probability" in defects else ["no copying seen", *defects.values()]
    sentence = f"{', '.join(sample)}: {says} from true curves at {count:,.0f} against {count:,.0f} ({detail}); "
    return Verdict(same and not defects, accuracy, f"{sentence}{'; '.join(others)}.")


def advice(summary: Mapping, verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    """Which model and sampler to take: of those that pass, the model of the least reconstruction error."""
    errors = {model: row["value"] for (model, _), row in summary.get("reconstruction_rmse", {}).items()}
    passing = [sample for sample, verdict in verdicts.items() if verdict.passes]
    if passing:
        model, sampler = min(passing, key=lambda sample: (errors.get(sample[0], math.inf), verdicts[sample].accuracy))
        return f"Take model {model}, sampler {sampler}: of those that pass, this model reconstructs test curves best."
    model, sampler = min(verdicts, key=lambda sample: verdicts[sample].accuracy)
    accuracy = verdicts[model, sampler].accuracy
    return f"None passes. Model {model}, sampler {sampler} has the lowest accuracy, {accuracy:.2f}."


def of_mocks(summary: Mapping, model: str) -> str:
    """One sentence on what a model infers of mock galaxies: coverage, uniform ranks, share of flagged ones."""
    values = {name: metric[model, ""]["value"] for name, metric in summary.items() if (model, "") in metric}
    ranks = [p for name, p in values.items() if name.startswith(RANKS)]
    p = len(ranks) * min(ranks)  # Bonferroni's correction
    calibrated = f"ranks are not uniform (p = {p:.2g})" if p < SIGNIFICANT else "no miscalibration seen"
    coverage = {name: value for name, value in values.items() if name.startswith(COVERAGE)}
    shares = [coverage.pop(COVERAGE + "velocity"), values["inference_flagged"]]
    shares += [min(coverage.values()), max(coverage.values())]
    velocity, flagged, low, high = (f"{100.0 * share:.0f} %" for share in shares)
    return (
        f"{model}, mock galaxies: 68 % intervals hold {low} to {high} of the true parameters and {velocity} of the "
        f"velocities; {calibrated}; {flagged} are flagged."
    )


def verdicts(summary: Mapping) -> list[str]:
    """All sentences on a summary: advice, generated curves, mock galaxies; none on what was not measured."""

    def measured(*names):
        metrics = [summary.get(name, {}) for name in names]
        return [sample for sample in metrics[0] if all(sample in metric for metric in metrics)]

    samples = measured(*ACCURACIES, *DEFECTS, "curves_compared", "share_not_positive")
    judged = {sample: judge(summary, sample) for sample in samples if sample[0] != BASELINE}
    mocks = measured("inference_flagged", COVERAGE + "velocity", RANKS + "velocity")
    return [
        *([advice(summary, judged)] if judged else []),
        *(verdict.sentence for verdict in judged.values()),
        *(of_mocks(summary, model) for model, _ in mocks),
    ]
