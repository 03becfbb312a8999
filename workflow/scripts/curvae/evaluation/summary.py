"""Tables of metrics: how they are written, read, summarised over training seeds, and shown."""

import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from statistics import NormalDist, median, median_high

from curvae.storage.tables import read_table, write_table

# What a row of metrics belongs to; the sampler is empty for a model itself, the seed for what is not trained.
IDENTITY = ("model", "seed", "sampler")
NUMBERS = ("value", "standard_error")
# Numbers of a row of the summary: over the training seeds; of an accuracy, the least and largest that are not
# excluded; of test curves against other test curves.
SUMMARY_NUMBERS = (*NUMBERS, "lowest", "highest", "seeds", "ci95_low", "ci95_high", "reference", "reference_error")
SUMMARY = ("model", "sampler", "metric", *SUMMARY_NUMBERS)
BASELINE, REFERENCE, SIMULATION = "baseline", "reference", "simulation"
# Metrics whose reference goes by another name: both compare the same curves in the same way.
SAME_REFERENCE = {"c2st_boosting_curvature_reconstructions": "c2st_boosting_curvature"}
ACCURACY = "c2st_"
CONFIDENCE = 0.95  # that all intervals of accuracies of generated curves hold their true values


def write_metrics(path: str | Path, *samples: tuple[Mapping, Mapping]) -> None:
    """Write metrics by name, each (value, standard error or None), of samples: their identity and metrics."""
    rows = [
        {**identity, "metric": metric, "value": value, "standard_error": error}
        for identity, metrics in samples
        for metric, (value, error) in metrics.items()
    ]
    write_table(path, (*IDENTITY, "metric", *NUMBERS), rows)


def read_metrics(path: str | Path) -> list[dict]:
    """Rows of a table of metrics (see `write_metrics`); NaN where there is no number."""
    return read_table(path, (*IDENTITY, "metric"), NUMBERS)


def read_summary(path: str | Path) -> dict[str, dict[tuple[str, str], dict[str, float]]]:
    """A summary (see `summarize`) from its table, in the order of `by_metric`."""
    return by_metric(read_table(path, ("model", "sampler", "metric"), SUMMARY_NUMBERS))


def by_metric(rows: Collection[Mapping]) -> dict[str, dict[tuple[str, str], dict[str, float]]]:
    """Numbers of a summary by metric, then by model and sampler; those of the models themselves have no sampler."""
    found = {}
    for row in rows:
        numbers = {name: math.nan if row.get(name) is None else row[name] for name in SUMMARY_NUMBERS}
        found.setdefault(row["metric"], {})[row["model"], row["sampler"]] = numbers
    return found


def summarize(rows: Collection[Mapping]) -> list[dict]:
    """Rows of a summary: for each model, sampler and metric the median over the training seeds, and their range."""
    found = {}
    for row in rows:
        found.setdefault((row["model"], row["sampler"], row["metric"]), []).append(row)
    references = {}
    for (_, sampler, metric), same in found.items():
        if sampler == REFERENCE:
            numbers = _over_seeds(same)
            references[metric] = {"reference": numbers["value"], "reference_error": numbers["standard_error"]}
    tests = sum(metric.startswith(ACCURACY) and model != BASELINE for model, _, metric in found)
    # Bonferroni's correction: of twenty tests at 5 % one finds something where nothing is.
    deviations = NormalDist().inv_cdf(1.0 - 0.5 * (1.0 - CONFIDENCE) / max(1, tests))
    summary = []
    for (model, sampler, metric), same in found.items():
        row = {"model": model, "sampler": sampler, "metric": metric, **_over_seeds(same)}
        if metric.startswith(ACCURACY) and row["standard_error"] is not None:
            margin = deviations * row["standard_error"]
            row |= {"ci95_low": max(0.0, row["value"] - margin), "ci95_high": min(1.0, row["value"] + margin)}
        summary.append(row | references.get(SAME_REFERENCE.get(metric, metric), {}))
    return summary


def _over_seeds(rows: Collection[Mapping]) -> dict:
    """Median, standard error and range of one metric over the training seeds."""
    values = [row["value"] for row in rows]
    if any(map(math.isnan, values)):  # which has no place in an order
        values = [math.nan] * len(values)
    errors = [row["standard_error"] for row in rows if not math.isnan(row["standard_error"])]
    spread = {"lowest": min(values), "highest": max(values), "seeds": len(values)}
    return {"value": median(values), "standard_error": median(errors) if errors else None, **spread}


def decimals(error: float) -> int:
    """Decimals that show a standard error to two digits."""
    return max(0, 1 - int(f"{error:e}".split("e")[1]))


def writer_of(rows: Collection[Mapping[str, float]]) -> Callable[[float], str]:
    """How to write the values of one metric: to two digits of its usual standard error, without any to three digits.

    Whole numbers stay whole.
    """
    errors = [row["standard_error"] for row in rows if 0.0 < row["standard_error"] < math.inf]
    if errors:
        return f"{{:.{decimals(median_high(errors))}f}}".format
    if all(row["value"].is_integer() for row in rows):
        return "{:g}".format
    return lambda value: f"{value:#.3g}".removesuffix(".")
