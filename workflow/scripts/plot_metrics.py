r"""Draw how well the curves of each model and sampler pass for true ones, by judge, beside true curves themselves.

Reads:  the table of all metrics (CSV).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_metrics.py \
        --summary results/metrics.csv --evaluation-curves 2000 \
        --style workflow/styles/paper.mplstyle --pdf metrics.pdf --png metrics.png
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rotcurves import commandline, figures, tables
from rotcurves.errors import UserError

JUDGES = {
    "c2st_mlp_log_v": "neural network\non $\\ln v_\\mathrm{c}$",
    "c2st_forest_log_v": "random forest\non $\\ln v_\\mathrm{c}$",
    "c2st_forest_curvature": "random forest on\ncurvature of $\\ln v_\\mathrm{c}$",
}
DISTANCES = {
    "ks_mean": "Kolmogorov-Smirnov\ndistance, mean over $R$",
    "physical_distance_median": "distance to nearest\nphysical curve [km s$^{-1}$]",
}
METRICS = JUDGES | DISTANCES
NUMBERS = ("value", "standard_error", "spread_low", "spread_high", "seeds", "floor")
UNTOLD, TOLD, DISTANCE = (
    {"color": color, "marker": marker, "markersize": size, "markerfacecolor": face, "linestyle": "none"}
    for color, marker, size, face in (
        (figures.BLUE, "o", 4.5, "white"),
        (figures.VERMILLION, "o", 4.5, figures.VERMILLION),
        (figures.BLACK, "D", 3.0, figures.BLACK),
    )
)
FLOOR = {"color": figures.GREY, "linewidth": 1.0, "linestyle": (0, (1, 1))}
GUIDE = {"color": figures.tint(figures.GREY, 0.3), "linewidth": 0.4, "zorder": 0}


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--summary", "table of all metrics to read (CSV)")
    parser.flag("--evaluation-curves", "curves of each sample in that table", type=commandline.count)
    figures.add_flags(parser)
    return parser.parse_args(argv)


def read_summary(path):
    """The metrics that are drawn, {model: {sampler: {metric: numbers by name}}}; NaN where there is no number."""
    summary = {}
    for row in tables.read(path, "model", "sampler", "metric", *NUMBERS):
        if row["metric"] in METRICS and row["sampler"]:
            try:
                numbers = {key: float(row[key] or "nan") for key in NUMBERS}
            except ValueError as error:
                raise UserError(f"{path}: holds a value that is no number") from error
            summary.setdefault(row["model"], {}).setdefault(row["sampler"], {})[row["metric"]] = numbers
    summary.get("baseline", {}).pop("truth", None)  # the floors of all others
    if not any(summary.values()):
        raise UserError(f"{path}: holds none of the metrics that are drawn")
    return summary


def draw_metric(axes, metric, drawn):
    """One metric at each height, {height: numbers}, and its floor. What an accuracy shows, its look says."""
    axes.set_title(METRICS[metric], fontsize="small")
    for y, row in drawn.items():
        told = row["value"] - 2.0 * np.nan_to_num(row["standard_error"]) > np.fmax(0.5, row["floor"])
        look = DISTANCE if metric in DISTANCES else TOLD if told else UNTOLD
        spread = [row["spread_low"], row["spread_high"]]
        axes.plot(spread, [y, y], color=figures.tint(look["color"], 0.4), linewidth=3.5, solid_capstyle="butt")
        axes.plot(row["value"], y, **look)
        axes.axvline(row["floor"], zorder=0, **FLOOR)
        if not np.isfinite(row["value"]):
            axes.text(0.5, y, "not finite", transform=axes.get_yaxis_transform(), ha="center", va="center")
    low, high = axes.dataLim.intervalx
    if metric in JUDGES:
        axes.set_xlim(min(0.44, low - 0.03), 1.06)
        axes.set_xticks((0.5, 0.75, 1.0), ("0.5\nchance", "0.75\n", "1\nalways"))
    elif 0.0 < 100.0 * low < high:
        axes.margins(x=0.1)
        axes.set_xscale("log")
    else:
        axes.set_xlim(0.0, 1.1 * high or 1.0)


def plot(summary, n):
    """A panel for each metric of samples of n curves; a line for each model's name, and below it for its samplers."""
    lines = [(m, s, metrics) for m, samplers in summary.items() for s, metrics in ((None, {}), *samplers.items())]
    figure = Figure(figsize=(figures.DOUBLE, 1.5 + 0.16 * len(lines)), layout="constrained")
    panels = figure.subplots(1, len(METRICS), sharey=True)
    for axes, metric in zip(panels, METRICS, strict=True):
        draw_metric(axes, metric, {y: line[-1][metric] for y, line in enumerate(lines) if metric in line[-1]})
        axes.hlines([y for y, line in enumerate(lines) if line[1]], 0, 1, **GUIDE, transform=axes.get_yaxis_transform())
        axes.tick_params("y", which="both", length=0)
    panels[0].set(ylim=(len(lines) - 0.4, -0.6))
    panels[0].set_yticks(range(len(lines)), [sampler or model for model, sampler, _ in lines])
    for label, (_, sampler, _) in zip(panels[0].get_yticklabels(), lines, strict=True):
        label.set_fontweight("normal" if sampler else "bold")
    panels[1].set_xlabel("share of curves sorted correctly into true and generated")
    handles = [Line2D([], [], **look) for look in (UNTOLD, TOLD, FLOOR)]
    names = ["passes for true", "told apart, by over 2 standard errors", "true against true curves"]
    seeds = {row["seeds"] for *_, metrics in lines for row in metrics.values() if row["seeds"] > 1}
    if seeds:
        handles.append(Patch(color=figures.tint(figures.GREY, 0.4)))
        names.append(f"lowest to highest of {max(seeds):.0f} training seeds")
    title = f"$n$ = {n:,} curves of each sample, against as many true ones (test)"
    figure.legend(handles, names, title=title, loc="outside lower center", ncols=4)
    return figure


def main(argv=None):
    args = parse_args(argv)
    summary = read_summary(args.summary)
    with figures.styled(args.style):
        figures.save(plot(summary, args.evaluation_curves), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
