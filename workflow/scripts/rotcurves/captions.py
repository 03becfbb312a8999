"""Numbers of a run, as the captions of its report state them."""

from collections.abc import Mapping
from pathlib import Path

from rotcurves import tables


def measured(results: str | Path, model: str, seed: str | int, sampler: str = "model") -> dict[str, str]:
    """The metrics of a model, or of a sampler from it, by name: with standard error, and with the floor in brackets.

    Nothing if they are not there: parts of a run have a report too.
    """
    path = Path(results, model, f"seed{seed}", "metrics", f"{sampler}.csv")
    baselines = Path(results, "baselines/metrics.csv")
    if not (path.is_file() and baselines.is_file()):
        return {}
    truth = [row for row in tables.read(baselines, "sampler", *tables.METRIC) if row["sampler"] == "truth"]
    floors = {row["metric"]: f" (true curves: {number(row)})" for row in truth}
    rows = tables.read(path, *tables.METRIC)
    return {row["metric"]: number(row) + floors.get(row["metric"], "") for row in rows}


def number(row: Mapping[str, str]) -> str:
    """A value with its standard error, if it has one: the value to one digit more than the error, or to three."""
    value, error = float(row["value"]), float(row["standard_error"] or "nan")
    if not error > 0.0:
        return f"{value:.3g}"
    digits = max(0, 1 - int(f"{error:e}".split("e")[1]))
    return f"{value:.{digits}f} ± {error:.{digits}f}"
