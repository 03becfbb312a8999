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

from rotcurves import commandline, figures, tables
from rotcurves.errors import UserError

JUDGES = {
    "c2st_mlp_log_v": "neural network\non $\\ln v_\\mathrm{c}$",
    "c2st_forest_log_v": "random forest\non $\\ln v_\\mathrm{c}$",
    "c2st_forest_curvature": "random forest on\ncurvature of $\\ln v_\\mathrm{c}$",
}
METRICS = JUDGES | {
    "ks_mean": "Kolmogorov-Smirnov\ndistance, mean over $R$",
    "physical_distance_median": "distance [km s$^{-1}$] to\nnearest physical curve",
}
NUMBERS = ("value", "standard_error", "spread_low", "spread_high", "seeds", "floor")
# Accuracies this close to chance are spread out, beyond it the axis is logarithmic: models and baselines are both seen.
CHANCE, NEAR = 0.5, 0.02
STRETCHED = lambda x: np.arcsinh((x - CHANCE) / NEAR), lambda x: CHANCE + NEAR * np.sinh(x)
UNTOLD = {"color": figures.BLUE, "marker": "o", "markersize": 4.0, "markerfacecolor": "white", "linestyle": "none"}
TOLD = UNTOLD | {"color": figures.VERMILLION, "markerfacecolor": figures.VERMILLION}
DISTANCE = TOLD | {"color": figures.BLACK, "marker": "D", "markersize": 3.0, "markerfacecolor": figures.BLACK}
FLOOR = {"color": figures.GREY, "linewidth": 1.0, "linestyle": (0, (1, 1)), "zorder": 1}
GUIDE = {"color": figures.tint(figures.GREY, 0.3), "linewidth": 0.4, "zorder": 0}
LEGEND = {
    "passes for true": UNTOLD,
    "told apart, by over 2 standard errors (bars)": TOLD,
    "truth: true against true curves": FLOOR,
}


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
            with tables.numbers_of(path):
                numbers = {key: float(row[key] or "nan") for key in NUMBERS}
            summary.setdefault(row["model"], {}).setdefault(row["sampler"], {})[row["metric"]] = numbers
    if not summary:
        raise UserError(f"{path}: holds none of the metrics that are drawn")
    return summary


def draw_metric(axes, metric, drawn):
    """One metric at each height, {height: numbers}, and its floor. What an accuracy shows, its look says."""
    axes.set_title(METRICS[metric], fontsize="small")
    axes.margins(x=0.1)
    for y, row in drawn.items():
        error = 2.0 * np.nan_to_num(row["standard_error"])
        told = row["value"] - error > np.fmax(CHANCE, row["floor"])
        look = DISTANCE if metric not in JUDGES else TOLD if told else UNTOLD
        spread = [row["spread_low"], row["spread_high"]]
        axes.plot(spread, [y, y], color=figures.tint(look["color"], 0.4), linewidth=4.5, solid_capstyle="butt")
        axes.errorbar(row["value"], y, xerr=error or None, elinewidth=0.8, **look)
        axes.axvline(row["floor"], **FLOOR)
        if not np.isfinite(row["value"]):
            axes.text(0.5, y, "not finite", transform=axes.get_yaxis_transform(), ha="center", va="center")
    if metric in JUDGES:
        axes.set_xscale("function", functions=STRETCHED)
        axes.set(xlim=(min(0.45, axes.dataLim.x0), 1.2), xticks=(0.5, 0.55, 0.7, 1.0))
        axes.set_xticks((0.45, 0.6, 0.8, 0.9), minor=True)
        axes.axvline(CHANCE, **GUIDE)
    elif metric == "ks_mean":
        axes.set_xlim(left=0.0)
        axes.locator_params("x", nbins=3)
    else:
        axes.set_xscale("log")
        return
    axes.xaxis.set_major_formatter("{x:g}")


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
    panels[1].set_xlabel("share of curves sorted correctly into true and generated: 0.5 is chance")
    title = f"$n$ = {n:,} curves of each sample, against as many true ones (test)"
    seeds = np.nanmax([row["seeds"] for *_, metrics in lines for row in metrics.values()] + [1.0])
    if seeds > 1:
        title += f"; median, lowest and highest (shaded) of {seeds:.0f} training seeds"
    handles = [Line2D([], [], **look, label=name) for name, look in LEGEND.items()]
    figure.legend(handles=handles, title=title, loc="outside lower center", ncols=3)
    return figure


def main(argv=None):
    args = parse_args(argv)
    summary = read_summary(args.summary)
    with figures.styled(args.style):
        figures.save(plot(summary, args.evaluation_curves), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
