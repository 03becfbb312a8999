r"""Gather the metrics of all models, samplers and training seeds, and of the baselines, in one table.

A path .../{model}/seed{seed}/metrics/{sampler}.csv says what it is about; one whose {sampler} is `model` is
about the model itself, and its rows name no sampler. All samples are compared with the same test curves, whose own
chance is therefore in no spread.

Reads:  tables of metrics, and the one of the baselines (CSV).
Writes: for each model, sampler and metric the median over the training seeds, the lowest and highest value, the
        median standard error, and the floor, which is the value for true curves, with its error (CSV).

Example:

    python workflow/scripts/summarize_metrics.py \
        --metrics results/*/seed*/metrics/*.csv --baselines results/baselines/metrics.csv \
        --summary metrics.csv
"""

import math
from pathlib import Path
from statistics import median

from rotcurves import commandline, tables
from rotcurves.errors import UserError

COLUMNS = (
    "model",
    "sampler",
    "metric",
    "value",
    "standard_error",
    "spread_low",
    "spread_high",
    "seeds",
    "floor",
    "floor_error",
)
# Metrics whose floor goes by another name: both compare the same curves in the same way.
SAME_FLOOR = {"c2st_forest_curvature_reconstructions": "c2st_forest_curvature"}


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--metrics", "tables of metrics to read (CSV)", nargs="+")
    parser.flag("--baselines", "table of the baselines to read (CSV)")
    parser.flag("--summary", "table to write (CSV)")
    return parser.parse_args(argv)


def read_numbers(path, *columns):
    """Rows of a table of metrics, with numbers for values and standard errors (None where there is none)."""
    rows = tables.read(path, *columns, *tables.METRIC)
    with tables.numbers_of(path):
        for row in rows:
            row["value"] = float(row["value"])
            row["standard_error"] = float(row["standard_error"]) if row["standard_error"] else None
    return rows


def read_models(paths):
    """Rows of all tables by (model, sampler, metric), one for each training seed, in the order of the paths."""
    found = {}
    for path in map(Path, paths):
        model, sampler = path.parts[-4] if len(path.parts) > 3 else "", path.stem
        if not model or not path.parts[-3].startswith("seed"):
            raise UserError(f"{path}: is not called .../model/seed1/metrics/sampler.csv")
        for row in read_numbers(path):
            found.setdefault((model, "" if sampler == "model" else sampler, row["metric"]), []).append(row)
    return found


def over_seeds(rows):
    """Median, standard error and spread of one metric over the training seeds."""
    values = [row["value"] for row in rows]
    if any(map(math.isnan, values)):  # which has no place in an order
        values = [math.nan] * len(values)
    errors = [row["standard_error"] for row in rows if row["standard_error"] is not None]
    spread = {"spread_low": min(values), "spread_high": max(values), "seeds": len(values)}
    return {"value": median(values), "standard_error": median(errors) if errors else None, **spread}


def main(argv=None):
    args = parse_args(argv)
    models, baselines = read_models(args.metrics), read_numbers(args.baselines, "sampler")
    floors = {
        row["metric"]: {"floor": row["value"], "floor_error": row["standard_error"]}
        for row in baselines
        if row["sampler"] == "truth"
    }
    summary = [
        {
            "model": model,
            "sampler": sampler,
            "metric": metric,
            **over_seeds(rows),
            **floors.get(SAME_FLOOR.get(metric, metric), {}),
        }
        for (model, sampler, metric), rows in models.items()
    ]
    summary += [{"model": "baseline", **row, **floors.get(row["metric"], {})} for row in baselines]
    tables.write(args.summary, COLUMNS, summary)


if __name__ == "__main__":
    commandline.run(main)
