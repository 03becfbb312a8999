"""Numbers of a run, as the captions of its report state them."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from rotcurves import tables


def measured(
    results: str | Path, model: str, seed: str | int, sampler: str = "model", floors: bool = True
) -> dict[str, str]:
    """The metrics of a model, or of a sampler from it, by name: with standard error, and with the floor in brackets.

    Sampler `truth` is true curves. Nothing if they are not there: parts of a run have a report too.
    """
    path = Path(results, model, f"seed{seed}", "metrics", f"{sampler}.csv")
    baselines = Path(results, "baselines/metrics.csv")
    if not baselines.is_file():
        return {}
    truth = [row for row in tables.read(baselines, "sampler", *tables.METRIC) if row["sampler"] == "truth"]
    true = {row["metric"]: number(row) for row in truth}
    if sampler == "truth" or not path.is_file():
        return true if sampler == "truth" else {}
    found = {row["metric"]: number(row) for row in tables.read(path, *tables.METRIC)}
    return {
        metric: f"{value} (true curves: {true[metric]})" if floors and metric in true else value
        for metric, value in found.items()
    }


def decimals(error: float) -> int:
    """Decimals that show a standard error to two digits."""
    return max(0, 1 - int(f"{error:e}".split("e")[1]))


def number(row: Mapping[str, str]) -> str:
    """A value with its standard error, if it has one: the value to one digit more than the error, or to three."""
    value, error = float(row["value"]), float(row["standard_error"] or "nan")
    if not 0.0 < error < float("inf"):
        return f"{value:.3g}"
    digits = decimals(error)
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def alike(rows: Collection[Mapping[str, float]]) -> Callable[[float], str]:
    """How to write the values of one metric: to two digits of its least standard error, without any to three digits.

    Whole numbers stay whole.
    """
    errors = [row["standard_error"] for row in rows if 0.0 < row["standard_error"] < float("inf")]
    if errors:
        return f"{{:.{decimals(min(errors))}f}}".format
    if all(row["value"].is_integer() for row in rows):
        return "{:g}".format
    return lambda value: f"{value:#.3g}".removesuffix(".")
