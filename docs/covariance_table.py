"""Print the table of docs/full-covariance.md from finished runs: what the covariance of the posterior is worth.

Use: python docs/covariance_table.py results/covariance results/notebook ...
"""

import sys
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "workflow/scripts"))
from curvae.evaluation.metrics_registry import metric_of  # noqa: E402
from curvae.evaluation.summary import read_metrics  # noqa: E402

METRICS = ("posterior_correlation_true", "posterior_correlation")
METRICS += ("kl_best_diagonal", "kl_encoder_mean", "kl_encoder_covariance")


def read(folder):
    """Values {model: {metric: one for each training seed}} of a results folder."""
    models = {}
    for path in sorted(Path(folder).glob("*/seed*/metrics/model.csv")):
        for row in read_metrics(path):
            models.setdefault(row["model"], {}).setdefault(row["metric"], []).append(row["value"])
    return models


def cell(values):
    """Median and range over the training seeds, to two digits."""
    return f"{median(values):.2g} ({min(values):.2g} - {max(values):.2g})"


def main(*folders):
    print("| run | model | seeds |", " | ".join(metric_of(name).meaning for name in METRICS), "|")
    print("|" + "---|" * (3 + len(METRICS)))
    for folder in folders:
        for model, values in read(folder).items():
            seeds = len(values[METRICS[0]])
            print(f"| {Path(folder).name} | `{model}` | {seeds} |", " | ".join(cell(values[m]) for m in METRICS), "|")


if __name__ == "__main__":
    main(*sys.argv[1:])
