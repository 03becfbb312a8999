"""Gather the metrics of all models, samplers and training seeds, and of the baselines, in one table, and lay it out.

All samples share one set of test curves: ranges over training seeds exclude its sampling noise.

Reads:  tables of metrics (CSV), and the template of the page (Jinja2).
Writes: for each model, sampler and metric the median over the training seeds, the least and greatest value, the
        median standard error, of accuracies the interval that is not excluded at 95 % confidence, for all of them
        together, and the reference, test curves against other test curves, with its error (CSV);
        the same as a page (HTML, needs nothing else), and the main numbers as text, for a terminal: both begin with
        what the numbers say.
"""

import math
from itertools import groupby
from pathlib import Path
from textwrap import wrap

import jinja2

from curvae.evaluation.metrics_registry import GROUPS, metric_of
from curvae.evaluation.summary import (
    ACCURACIES,
    BASELINE,
    REFERENCE,
    SUMMARY,
    by_metric,
    read_metrics,
    summarize,
    writer_of,
)
from curvae.evaluation.verdicts import verdicts
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage.atomic import replace
from curvae.storage.tables import write_table

CAPTION = """\
Accuracies are those of classifiers that separate generated from test curves: 0.5 is chance. Copying is the
probability that a generated curve is nearer to training curves than a test curve is: 0.5 is no copying.
Reference: test curves against other test curves.
"""
MAIN = ("reconstruction_rmse", *ACCURACIES, "copying_probability")
WIDTH = 18  # of a column of text


def read_all(paths):
    """Rows of all tables. Raises UserError, naming the file, if the registry lacks a metric."""
    rows = []
    for path in paths:
        rows += read_metrics(path)
        try:
            for row in rows:
                metric_of(row["metric"])
        except KeyError as error:
            raise UserError(f"{path}: metric {error} is not in curvae/evaluation/metrics_registry.py") from error
    return rows


def as_text(metric, column):
    """The numbers of a model and sampler in a metric, with as many digits as all others of it; empty where none are."""
    row = metric.get(column)
    if row is None:
        return {}
    number = writer_of(metric.values())
    error = number(row["standard_error"]) if row["standard_error"] > 0.0 else ""
    ranged = f"{number(row['seed_min'])} to {number(row['seed_max'])}" if row["seeds"] > 1 else ""
    limit = "" if math.isnan(row["ci95_high"]) else f"at most {number(row['ci95_high'])}"
    return {"value": number(row["value"]), "error": error, "range": ranged, "limit": limit}


def reference_first(metrics):
    """The columns, (model, sampler), that some of the metrics have, the reference first."""
    columns = dict.fromkeys(column for metric in metrics for column in metric)
    return sorted(columns, key=lambda column: column != (BASELINE, REFERENCE))


def tabulate(title, group, summary):
    """A table with a line for each metric of a group of the registry, in its order; None if there are none."""
    names = [name for name in summary if metric_of(name) in group]
    names.sort(key=lambda name: group.index(metric_of(name)))
    columns = reference_first(summary[name] for name in names)
    lines = [
        {"name": name, "metric": metric_of(name), "cells": [as_text(summary[name], column) for column in columns]}
        for name in names
    ]
    models = [(model, len(list(several))) for model, several in groupby(model for model, _ in columns)]
    return {"title": title, "groups": models, "columns": columns, "lines": lines} if names else None


def main_numbers(summary):
    """For the reference and each generator a line of text for each of MAIN."""
    lines = []
    for model, sampler in reference_first([summary.get(ACCURACIES[0], {})]):
        line = [model, sampler]
        for name in MAIN:
            metric = summary.get(name, {})
            cell = as_text(metric, (model, sampler)) or as_text(metric, (model, ""))
            line.append(" ± ".join(filter(None, (cell.get("value"), cell.get("error")))))
        lines.append(line)
    return lines


def aligned(titles, lines):
    """A table of words as text, long titles in several lines, each column as wide as its widest word."""
    titles = [wrap(title, WIDTH) for title in titles]
    height = max(map(len, titles))
    lines = [*zip(*([""] * (height - len(words)) + words for words in titles), strict=True), *lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join("   ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(metrics="tables of metrics (CSV)")
    parser.reads(template="template of the page (Jinja2)")
    parser.writes(summary="all metrics (CSV)", page="all metrics (HTML)", text="main numbers (text)")
    args = parser.parse_args(argv)
    rows = summarize(read_all(args.metrics))
    summary = by_metric(rows)
    sentences, numbers = verdicts(summary), main_numbers(summary)
    titles = ["model", "sampler", *(metric_of(name).label for name in MAIN)]
    tables = list(filter(None, (tabulate(title, group, summary) for title, group in GROUPS.items())))
    meanings = list(dict.fromkeys(line["metric"] for table in tables for line in table["lines"]))
    template = Path(args.template).read_text(encoding="utf-8")
    page = jinja2.Template(template, autoescape=True, trim_blocks=True, lstrip_blocks=True).render(
        caption=CAPTION, sentences=sentences, titles=titles, numbers=numbers, tables=tables, meanings=meanings
    )
    write_table(args.summary, SUMMARY, rows)
    replace(args.page, page.encode())
    parts = ["".join(f"{sentence}\n" for sentence in sentences), CAPTION, aligned(titles, numbers)]
    replace(args.text, "\n".join(parts).encode())


if __name__ == "__main__":
    commandline.run(main)
