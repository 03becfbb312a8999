"""Gather the metrics of all models, samplers and training seeds, and of the baselines, in one table, and lay it out.

All samples share one set of test curves: ranges over training seeds exclude its sampling noise.

Reads:  tables of metrics (CSV), and the template of the page (Jinja2).
Writes: for each model, sampler and metric the median over the training seeds, the lowest and highest value, the
        median standard error, of accuracies the interval that is not excluded at 95 % confidence, for all of them
        together, and the reference, test curves against other test curves, with its error (CSV);
        the same as a page (HTML, needs nothing else); the main numbers as text, for a terminal.
"""

import math
from itertools import groupby
from pathlib import Path

import jinja2

from curvae.densities import POPULATION
from curvae.evaluation.summary import (
    BASELINE,
    REFERENCE,
    SIMULATION,
    SUMMARY,
    by_metric,
    read_metrics,
    summarize,
    writer_of,
)
from curvae.runtime import commandline
from curvae.storage.atomic import replace
from curvae.storage.tables import write_table

CAPTION = """\
Error of reconstructed test curves; accuracy of classifiers that separate generated from test curves
(0.5 is chance): a neural network on whitened principal components of ln v, boosted trees on ln v and
on its curvature; probability that a generated curve is nearer to training curves than a test curve is
(0.5 is no copying). Reference: test curves against other test curves.

"""
# The metrics that say most, and their columns in the table of main numbers.
MAIN = {
    "reconstruction_rmse": "RMSE [km/s]",
    "c2st_network_components": "network",
    "c2st_boosting_log_v": "trees",
    "c2st_boosting_curvature": "curvature",
    "copying_probability": "copying",
}
OF_POPULATION = "population_"  # how metrics of a survey's population begin
# By how the names of metrics end; those of others are pure numbers.
UNITS = {
    "kms_median": "km/s",
    "kms_p90": "km/s",
    "reconstruction_median": "km/s",
    "reconstruction_rmse": "km/s",
    **dict.fromkeys(("bound", "bound_q05", "bound_q95"), "nats per curve"),
    **dict.fromkeys(("kl_best_diagonal", "kl_encoder_mean", "kl_encoder_covariance"), "nats per curve"),
    "held_out_gain": "nats per galaxy",
    "zero_point": "dex",
    "scatter": "dex",
}


def as_text(metric, column):
    """The numbers of a model and sampler in a metric, with as many digits as all others of it; empty where none are."""
    row = metric.get(column)
    if row is None:
        return {}
    number = writer_of(metric.values())
    error = number(row["standard_error"]) if row["standard_error"] > 0.0 else ""
    ranged = f"{number(row['lowest'])} to {number(row['highest'])}" if row["seeds"] > 1 else ""
    limit = "" if math.isnan(row["ci95_high"]) else f"at most {number(row['ci95_high'])}"
    return {"value": number(row["value"]), "error": error, "range": ranged, "limit": limit}


def tabulate(title, summary, columns):
    """A table with a line for each metric that some of the columns, (model, sampler), have."""
    lines = [
        {
            "metric": name,
            "unit": next((unit for end, unit in UNITS.items() if name.endswith(end)), ""),
            "cells": [as_text(metric, column) for column in columns],
        }
        for name, metric in summary.items()
        if metric.keys() & set(columns)
    ]
    groups = [(model, len(list(group))) for model, group in groupby(model for model, _ in columns)]
    return {"title": title, "groups": groups, "columns": columns, "lines": lines}


def main_numbers(summary, columns):
    """The table of main numbers: its header and, for each model and sampler, a line of text for each of MAIN."""
    lines = [["model", "sampler", *MAIN.values()]]
    for model, sampler in columns:
        line = [model, sampler]
        for name in MAIN:
            metric = summary.get(name, {})
            cell = as_text(metric, (model, sampler)) or as_text(metric, (model, ""))
            line.append(" ± ".join(filter(None, (cell.get("value"), cell.get("error")))))
        lines.append(line)
    return lines


def aligned(lines):
    """A table of words as text, each column as wide as its widest word."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join("   ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(metrics="tables of metrics (CSV)")
    parser.reads(template="template of the page (Jinja2)")
    parser.writes(summary="all metrics (CSV)", page="all metrics (HTML)", text="main numbers (text)")
    args = parser.parse_args(argv)
    rows = summarize([row for path in args.metrics for row in read_metrics(path)])
    whole = by_metric(rows)
    survey = {name: metric for name, metric in whole.items() if name.startswith(OF_POPULATION)}
    summary = {name: metric for name, metric in whole.items() if name not in survey}
    template = Path(args.template).read_text(encoding="utf-8")
    reference = BASELINE, REFERENCE
    columns, of_survey = (
        list(dict.fromkeys(column for metric in metrics.values() for column in metric)) for metrics in (summary, survey)
    )
    samplers = [reference, *(column for column in columns if column[1] and column != reference)]
    models = [column for column in columns if not column[1]]
    numbers = main_numbers(summary, [column for column in samplers if column[1] not in (SIMULATION, POPULATION)])
    tables = [
        tabulate("Generated curves against test curves", summary, samplers),
        tabulate("Models on test curves", summary, models),
        *([tabulate("Population behind the observed galaxies", survey, of_survey)] if survey else []),
    ]
    page = jinja2.Template(template, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    write_table(args.summary, SUMMARY, rows)
    replace(args.page, page.render(caption=CAPTION, numbers=numbers, tables=tables).encode())
    replace(args.text, (CAPTION + aligned(numbers)).encode())


if __name__ == "__main__":
    commandline.run(main)
