"""Lay the table of all metrics out to be read: a metric in each line, a model and sampler in each column.

Reads:  the table of all metrics (CSV).
Writes: a page with one table of the models and one of their samplers (HTML, needs nothing else).

Example:

    python workflow/scripts/tabulate_metrics.py --summary results/metrics.csv --tables metrics.html
"""

from html import escape
from itertools import groupby

from rotcurves import captions, commandline, tables
from rotcurves.replacing import replace

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Metrics</title>
<style>
body {{ font: 12px sans-serif; margin: 1em; }}
table {{ border-collapse: collapse; margin-bottom: 2em; }}
caption {{ font-size: 14px; text-align: left; padding: 0.5em 0; }}
colgroup + colgroup {{ border-left: 1px solid #999; }}
th, td {{ padding: 0.15em 0.35em; text-align: right; vertical-align: top; white-space: nowrap; background: white; }}
thead {{ position: sticky; top: 0; z-index: 1; }}
thead th {{ font-weight: normal; }}
thead tr:first-child th {{ font-weight: bold; text-align: left; }}
tbody th {{ position: sticky; left: 0; font-weight: normal; text-align: left; white-space: normal; min-width: 15em; }}
tbody tr:nth-child(odd) > * {{ background: #f2f2f2; }}
small {{ color: #555; }}
</style>
{tables}
</html>
"""
NUMBERS = ("standard_error", "spread_low", "spread_high", "seeds", "floor", "floor_error")
TRUTH = "baseline", "truth"
# By how the names of metrics end; those of others are pure numbers.
UNITS = {
    "distance_median": "km/s",
    "distance_p90": "km/s",
    "reconstruction_median": "km/s",
    "reconstruction_rmse": "km/s",
    "bound": "nats per curve",
    "zero_point": "dex",
    "scatter": "dex",
}


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--summary", "table of all metrics to read (CSV)")
    parser.flag("--tables", "page to write (HTML)")
    return parser.parse_args(argv)


def read_summary(path):
    """Metrics of the models and those of the samplers, {metric: {(model, sampler): numbers by name}}."""
    models, samplers = {}, {}
    for row in tables.read(path, "model", "sampler", *NUMBERS, *tables.METRIC):
        with tables.numbers_of(path):
            numbers = {"value": float(row["value"]), **{key: float(row[key] or "nan") for key in NUMBERS}}
        metric = (samplers if row["sampler"] else models).setdefault(row["metric"], {})
        metric[row["model"], row["sampler"]] = numbers
        if row["floor"]:
            metric.setdefault(TRUTH, {"value": numbers["floor"], "standard_error": numbers["floor_error"], "seeds": 1})
    return models, samplers


def cell(row, number):
    """A value, below it its standard error, and the range over training seeds if there are several."""
    text = number(row["value"])
    if row["standard_error"] > 0.0:
        text += f"<br><small>± {number(row['standard_error'])}</small>"
    if row["seeds"] > 1:
        text += f"<br><small>{number(row['spread_low'])} to {number(row['spread_high'])}</small>"
    return text


def table(title, metrics):
    """A table of metrics: a line for each, a column for each model and sampler, true curves first."""
    columns = list(dict.fromkeys([TRUTH, *(column for row in metrics.values() for column in row)]))
    groups = [(model, len(list(group))) for model, group in groupby(model for model, _ in columns)]
    text = f"<table>\n<caption>{title}</caption>\n<colgroup>"
    text += "".join(f'<colgroup span="{span}">' for _, span in groups) + "\n<thead>\n<tr><th>"
    text += "".join(f'<th colspan="{span}">{escape(model)}' for model, span in groups) + "\n<tr><th>"
    text += "".join(f"<th>{escape(sampler)}" for _, sampler in columns) + "\n<tbody>\n"
    for metric, row in metrics.items():
        number = captions.alike(row.values())
        name = escape(metric).replace("_", "_<wbr>")  # where it may be broken
        unit = next((f" [{unit}]" for end, unit in UNITS.items() if metric.endswith(end)), "")
        cells = "".join(f"<td>{cell(row[column], number) if column in row else ''}" for column in columns)
        text += f"<tr><th><code>{name}</code>{unit}{cells}\n"
    return f"{text}</table>\n"


def main(argv=None):
    args = parse_args(argv)
    models, samplers = read_summary(args.summary)
    both = table("Generated curves, against test curves", samplers) + table("Models, on test curves", models)
    replace(args.tables, PAGE.format(tables=both).encode())


if __name__ == "__main__":
    commandline.run(main)
