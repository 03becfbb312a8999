"""Lay the table of all metrics out to be read: a metric in each line, a model and sampler in each column.

Reads:  the table of all metrics (CSV).
Writes: a page with one table of the models and one of their samplers (HTML, needs nothing else).

Example:

    python workflow/scripts/tabulate_metrics.py --summary results/metrics.csv --tables metrics.html
"""

from html import escape

from rotcurves import captions, commandline, files, tables
from rotcurves.errors import UserError

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Metrics</title>
<style>
body {{ font: 14px sans-serif; margin: 1.5em; }}
table {{ border-collapse: collapse; margin-bottom: 2em; }}
caption {{ font-weight: bold; text-align: left; padding: 0.5em 0; }}
th, td {{ padding: 0.2em 0.8em; text-align: left; white-space: nowrap; }}
thead th {{ border-bottom: 1px solid; vertical-align: bottom; }}
tbody tr:nth-child(odd) {{ background: #f2f2f2; }}
tbody th {{ font-weight: normal; font-family: monospace; }}
small {{ color: #555; }}
</style>
{tables}
</html>
"""


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--summary", "table of all metrics to read (CSV)")
    parser.flag("--tables", "page to write (HTML)")
    return parser.parse_args(argv)


def cell(row):
    """A metric of one column: its value, and below it the range over training seeds, if there are several."""
    text = captions.number(row)
    if float(row["seeds"] or 1) > 1:
        low, high = (f"{float(row[key]):.3g}" for key in ("spread_low", "spread_high"))
        text += f"<br><small>{low} to {high}, {row['seeds']} seeds</small>"
    return f"<td>{text}</td>"


def table(title, rows):
    """The table of some rows of the summary."""
    columns = list(dict.fromkeys((row["model"], row["sampler"]) for row in rows))
    metrics = {}
    for row in rows:
        metrics.setdefault(row["metric"], {})[row["model"], row["sampler"]] = row
    head = "".join(f"<th>{escape(model)}<br>{escape(sampler)}</th>" for model, sampler in columns)
    lines = "\n".join(
        f"<tr><th>{escape(metric)}</th>{''.join(cell(row[c]) if c in row else '<td></td>' for c in columns)}</tr>"
        for metric, row in metrics.items()
    )
    caption = f"<caption>{title}</caption>"
    return f"<table>{caption}\n<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table>"


def page(rows):
    """The page of the rows of the summary."""
    models = [row for row in rows if not row["sampler"]]
    samplers = [row for row in rows if row["sampler"]]
    both = table("Models, on test curves", models), table("Generated curves, against test curves", samplers)
    return PAGE.format(tables="\n".join(both))


def main(argv=None):
    args = parse_args(argv)
    rows = tables.read(args.summary, "model", "sampler", "spread_low", "spread_high", "seeds", *tables.METRIC)
    try:
        text = page(rows)
    except ValueError as error:
        raise UserError(f"{args.summary}: holds a value that is no number") from error
    with files.replacing(args.tables) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    commandline.run(main)
