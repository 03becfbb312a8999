"""What the metrics of a run say, in sentences: which generated curves pass, what to take, are posteriors calibrated."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from curvae.evaluation.metrics_registry import CHANCE, metric_of
from curvae.evaluation.summary import ACCURACIES, BASELINE

CERTAIN = 3.0  # standard errors, which chance exceeds once in 370 times
SIGNIFICANT = 0.05  # probability below which ranks are not uniform
EXTREMES = ("extremes_v_max", "extremes_acceleration")
COVERAGE, RANKS = "inference_interval_coverage_68_", "inference_rank_p_"


@dataclass(frozen=True)
class Verdict:
    """Whether generated curves pass all tests, the largest accuracy that is not excluded, and both as a sentence."""

    passes: bool
    limit: float
    sentence: str


def judge(summary: Mapping, sample: tuple[str, str]) -> Verdict:
    """The verdict on the curves of (model, sampler) in a summary (see `summary.by_metric`).

    They pass if no classifier is better than chance (`ci95_low`), nothing else is off by more than CERTAIN standard
    errors, and all velocities are positive.
    """
    numbers = {name: metric[sample] for name, metric in summary.items() if sample in metric}
    accuracies = [numbers[name] for name in ACCURACIES]
    count, limit = numbers["curves_compared"]["value"], max(row["ci95_high"] for row in accuracies)
    sizes = f"true curves at {count:,.0f} against {count:,.0f}"
    same = all(row["ci95_low"] <= CHANCE for row in accuracies)
    if same:
        says = [f"not distinguishable from {sizes} (accuracies up to {limit:.3f} are not excluded)"]
    else:
        says = [f"distinguishable from {sizes} (accuracy {max(row['value'] for row in accuracies):.2f})"]
    copying = _excess(numbers["copying_probability"], CHANCE)
    if copying > CERTAIN:
        says.append(f"copies of training curves ({numbers['copying_probability']['value']:.2f})")
    else:
        says.append("too far from training curves" if copying < -CERTAIN else "no copying seen")
    coverage = numbers["support_coverage"]
    excess = {name: _excess(numbers[name], CHANCE) for name in EXTREMES}
    excess["support_coverage"] = _excess(coverage, coverage["reference"], coverage["reference_error"])
    off = [name for name in excess if abs(excess[name]) > CERTAIN]
    for name in off:
        size = "high" if excess[name] > 0.0 else "low"
        says.append(f"{metric_of(name).label} too {size} ({numbers[name]['value']:.2f})")
    negative = numbers["share_not_positive"]["value"]
    if negative > 0.0:
        says.append(f"{100.0 * negative:.1f} % have v <= 0")
    passes = same and abs(copying) <= CERTAIN and not off and not negative
    return Verdict(passes, limit, f"{', '.join(sample)}: {'; '.join(says)}.")


def _excess(row: Mapping[str, float], expected: float, its_error: float = 0.0) -> float:
    """How far a metric is from its expected value, in standard errors; zero where either is not known."""
    error = math.hypot(row["standard_error"], its_error)
    return (row["value"] - expected) / error if error > 0.0 else 0.0


def advice(summary: Mapping, verdicts: Mapping[tuple[str, str], Verdict]) -> str:
    """Which model and sampler to take: of those that pass, the model of the least reconstruction error."""
    errors = {model: row["value"] for (model, _), row in summary.get("reconstruction_rmse", {}).items()}
    passing = {sample: verdict for sample, verdict in verdicts.items() if verdict.passes}
    if passing:
        best = min(passing, key=lambda sample: (errors.get(sample[0], math.inf), passing[sample].limit))
        return f"Take {', '.join(best)}: of those that pass, its model reconstructs test curves best."
    best = min(verdicts, key=lambda sample: verdicts[sample].limit)
    return f"None passes. {', '.join(best)} is nearest: accuracies above {verdicts[best].limit:.2f} are excluded."


def of_mocks(summary: Mapping, model: str) -> str:
    """One sentence on what a model infers of mock galaxies: coverage, uniform ranks, share of flagged ones."""
    values = {name: metric[model, ""]["value"] for name, metric in summary.items() if (model, "") in metric}
    ranks = [p for name, p in values.items() if name.startswith(RANKS)]
    p = min(1.0, len(ranks) * min(ranks))  # Bonferroni's correction
    calibrated = f"ranks are not uniform (p = {p:.2g})" if p < SIGNIFICANT else "no miscalibration seen"
    shares = {name: f"{100.0 * value:.0f} %" for name, value in values.items()}
    parameters = sorted(values.keys() - {COVERAGE + "velocity"}, key=values.get)
    low, *_, high = (shares[name] for name in parameters if name.startswith(COVERAGE))
    return (
        f"{model}, mock galaxies: 68 % intervals hold {low} to {high} of the true parameters and "
        f"{shares[COVERAGE + 'velocity']} of the velocities; {calibrated}; {shares['inference_flagged']} are flagged."
    )


def verdicts(summary: Mapping) -> list[str]:
    """All sentences on a summary, the advice after those on generated curves; none of what was not measured."""
    samples = [sample for sample in summary.get(ACCURACIES[0], {}) if sample[0] != BASELINE]
    judged = {sample: judge(summary, sample) for sample in samples}
    sentences = [verdict.sentence for verdict in judged.values()]
    if judged:
        sentences.append(advice(summary, judged))
    return sentences + [of_mocks(summary, model) for model, _ in summary.get("inference_flagged", {})]
