"""Print the table of docs/full-covariance.md from finished runs: what the covariance of the posterior is worth.

Use: python docs/covariance_table.py results/covariance results/notebook ...
"""

import csv
import sys
from pathlib import Path
from statistics import median

METRICS = {
    "posterior_correlation_true": "largest correlation, true posterior",
    "posterior_correlation": "the same, encoder's",
    "kl_best_diagonal": "nats lost by the best diagonal",
    "kl_encoder_mean": "nats lost by the encoder's means",
    "kl_encoder_covariance": "nats lost by its covariances",
}


def read(folder):
    """Values {model: {metric: one for each training seed}} of a results folder."""
    models = {}
    for path in sorted(Path(folder).glob("*/seed*/metrics/model.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                models.setdefault(row["model"], {}).setdefault(row["metric"], []).append(float(row["value"]))
    return models


def cell(values):
    """Median and range over the training seeds, to two digits."""
    return f"{median(values):.2g} ({min(values):.2g} - {max(values):.2g})"


def main(*folders):
    print("| run | model | seeds |", " | ".join(METRICS.values()), "|\n|" + "---|" * (3 + len(METRICS)))
    for folder in folders:
        for model, found in read(folder).items():
            seeds = len(next(iter(found.values())))
            print(f"| {Path(folder).name} | `{model}` | {seeds} |", " | ".join(cell(found[m]) for m in METRICS), "|")


if __name__ == "__main__":
    main(*sys.argv[1:])
