"""Tables of metrics: how they are written, read, summarised over training seeds, and shown."""

import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from statistics import NormalDist, median, median_high

from curvae.storage.tables import read_table, write_table

# What a row of metrics belongs to; the sampler is empty for a model itself, the seed for what is not trained.
IDENTITY = ("model", "seed", "sampler")
NUMBERS = ("value", "standard_error")
# Numbers of a row of the summary: median and range over the training seeds; for an accuracy, the interval that is not
# excluded; the same metric of test curves against other test curves.
SUMMARY_NUMBERS = (*NUMBERS, "seed_min", "seed_max", "seeds", "ci95_low", "ci95_high", "reference", "reference_error")
SUMMARY = ("model", "sampler", "metric", *SUMMARY_NUMBERS)
BASELINE, REFERENCE, SIMULATION = "baseline", "reference", "simulation"
ACCURACIES = ("c2st_network_components", "c2st_boosting_log_v", "c2st_boosting_curvature")
RECONSTRUCTIONS = "c2st_boosting_curvature_reconstructions"
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
    summary = {}
    for row in rows:
        numbers = {name: math.nan if row.get(name) is None else row[name] for name in SUMMARY_NUMBERS}
        summary.setdefault(row["metric"], {})[row["model"], row["sampler"]] = numbers
    return summary


def summarize(rows: Collection[Mapping]) -> list[dict]:
    """Rows of a summary: for each model, sampler and metric the median over the training seeds, and their range."""
    of_seeds = {}
    for row in rows:
        of_seeds.setdefault((row["model"], row["sampler"], row["metric"]), []).append(row)
    medians = {key: _over_seeds(rows) for key, rows in of_seeds.items()}
    accuracies = {key for key in medians if key[2] in (*ACCURACIES, RECONSTRUCTIONS)}
    # Bonferroni's correction: of twenty tests at 5 % one finds something where nothing is.
    tests = max(1, sum(model != BASELINE for model, _, _ in accuracies))
    deviations = NormalDist().inv_cdf(1.0 - 0.5 * (1.0 - CONFIDENCE) / tests)
    summary = []
    for (model, sampler, metric), numbers in medians.items():
        row = {"model": model, "sampler": sampler, "metric": metric, **numbers}
        if (model, sampler, metric) in accuracies and row["standard_error"] is not None:
            margin = deviations * row["standard_error"]
            row |= {"ci95_low": max(0.0, row["value"] - margin), "ci95_high": min(1.0, row["value"] + margin)}
        # Reconstructions are compared with test curves in the same way as generated curves.
        metric = "c2st_boosting_curvature" if metric == RECONSTRUCTIONS else metric
        if reference := medians.get((BASELINE, REFERENCE, metric)):
            row |= {"reference": reference["value"], "reference_error": reference["standard_error"]}
        summary.append(row)
    return summary


def _over_seeds(rows: Collection[Mapping]) -> dict:
    """Median, standard error and range of one metric over the training seeds."""
    values = [row["value"] for row in rows]
    if any(map(math.isnan, values)):  # which has no place in an order
        values = [math.nan] * len(values)
    errors = [row["standard_error"] for row in rows if not math.isnan(row["standard_error"])]
    spread = {"seed_min": min(values), "seed_max": max(values), "seeds": len(values)}
    return {"value": median(values), "standard_error": median(errors) if errors else None, **spread}


def writer_of(rows: Collection[Mapping[str, float]]) -> Callable[[float], str]:
    """How to write the values of one metric: to two digits of its usual standard error, without any to three digits.

    Whole numbers stay whole.
    """
    errors = [row["standard_error"] for row in rows if 0.0 < row["standard_error"] < math.inf]
    if errors:
        exponent = int(f"{median_high(errors):e}".split("e")[1])
        return f"{{:.{max(0, 1 - exponent)}f}}".format
    if all(row["value"].is_integer() for row in rows):
        return "{:g}".format
    return lambda value: f"{value:#.3g}".removesuffix(".")
