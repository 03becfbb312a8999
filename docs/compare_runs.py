"""Print the main metrics of finished runs side by side, as a Markdown table.

Use: python docs/compare_runs.py results/notebook results --sampler diagonal_gaussian
"""

import argparse
import json
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "workflow/scripts"))
from curvae.evaluation.metrics_registry import metric_of  # noqa: E402
from curvae.evaluation.summary import ACCURACIES, BASELINE, REFERENCE, read_summary, writer_of  # noqa: E402
from curvae.runtime.errors import UserError  # noqa: E402
from curvae.storage.hdf5 import reading  # noqa: E402

METRICS = ("reconstruction_rmse", *ACCURACIES, "share_not_positive", "physical_distance_kms_median")
REFERENCE_COLUMNS = {"value": "reference", "standard_error": "reference_error"}


def read_run(folder, sampler):
    """What a run is of, the names of its models, and its summary; models with nothing of the sampler left out."""
    summary = read_summary(Path(folder, "metrics.csv"))
    metrics = [summary.get(name, {}) for name in METRICS]
    models = dict.fromkeys(model for metric in metrics for model, its in metric if its == sampler and model != BASELINE)
    if not models:
        raise UserError(f"{folder}: no model with sampler '{sampler}'")
    record = Path(folder, "provenance.json")
    if not record.is_file():
        raise UserError(f"{record}: no such file; make the whole run first")
    configuration = json.loads(record.read_text(encoding="utf-8"))["configuration"]
    return compared(folder, summary, len(configuration["training_seeds"])), list(models), summary


def numbers(metric, models, sampler):
    """For each model the row of a metric, of the sampler or of the model itself, and last their reference; or None."""
    rows = [metric.get((model, sampler)) or metric.get((model, "")) for model in models]
    first = next(filter(None, rows), None)
    return [*rows, first and {name: first[column] for name, column in REFERENCE_COLUMNS.items()}]


def shown(row, number):
    """Value, standard error, and range over training seeds, as text; nothing where there is no value."""
    if row is None or row["value"] != row["value"]:
        return ""
    error = f" ± {number(row['standard_error'])}" if row["standard_error"] > 0.0 else ""
    ranged = f" ({number(row['seed_min'])} to {number(row['seed_max'])})" if row.get("seeds", 1) > 1 else ""
    return number(row["value"]) + error + ranged


def compared(folder, summary, seeds):
    """What the numbers of a run are of."""
    with reading(Path(folder, "split.h5"), train=(None,)) as split:
        training = len(split["train"])
    return {
        "training curves": f"{training:,}",
        "training seeds": str(seeds),
        "curves compared, generated and test each": f"{summary['curves_compared'][BASELINE, REFERENCE]['value']:,.0f}",
    }


def table(folders, sampler):
    """The lines of the table."""
    runs = {Path(folder).name: read_run(folder, sampler) for folder in folders}
    if len(runs) < len(folders):
        raise UserError("folders of results need different names")
    columns = [f"{name}: {column}" for name, (_, models, _) in runs.items() for column in (*models, "reference")]
    lines = [[f"sampler {sampler}", *columns], ["---"] * (1 + len(columns))]
    counts = [(count, len(models)) for count, models, _ in runs.values()]
    for what in counts[0][0]:
        lines.append([what, *(cell for count, models in counts for cell in (*[count[what]] * models, ""))])
    for name in METRICS:
        rows = [row for _, models, summary in runs.values() for row in numbers(summary.get(name, {}), models, sampler)]
        number = writer_of([row for row in rows if row and row["value"] == row["value"]])
        metric = metric_of(name)
        title = metric.meaning + (f" [{metric.unit}]" if metric.unit else "")
        lines.append([title, *(shown(row, number) for row in rows)])
    return ["| " + " | ".join(line) + " |" for line in lines]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", help="folders of results of finished runs")
    parser.add_argument("--sampler", default="diagonal_gaussian", help="whose curves are compared (%(default)s)")
    args = parser.parse_args(argv)
    try:
        print(*table(args.results, args.sampler), sep="\n")
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
