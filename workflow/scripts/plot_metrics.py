"""Draw classifier two-sample accuracies and distances of generated curves, beside test curves against test curves.

Reads:  the table of all metrics (CSV).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from curvae.evaluation.metrics_registry import CHANCE, metric_of
from curvae.evaluation.summary import ACCURACIES, BASELINE, read_summary
from curvae.figures import figure_files, style
from curvae.runtime import commandline
from curvae.runtime.errors import UserError

METRICS = (*ACCURACIES, "ks_mean", "physical_distance_kms_median")
WIDTH = 21  # letters in a line of a title
# Accuracies this close to chance are spread out, beyond it the axis is logarithmic: models and baselines are both seen.
NEAR = 0.02
STRETCHED = lambda x: np.arcsinh((x - CHANCE) / NEAR), lambda x: CHANCE + NEAR * np.sinh(x)
CONSISTENT = {"color": style.BLUE, "marker": "o", "markersize": 4.0, "markerfacecolor": "white", "linestyle": "none"}
DISTINGUISHABLE = CONSISTENT | {"color": style.VERMILLION, "markerfacecolor": style.VERMILLION}
DISTANCE = CONSISTENT | {"color": style.BLACK, "marker": "D", "markersize": 3.0, "markerfacecolor": style.BLACK}
REFERENCE_LINE = {"color": style.GREY, "linewidth": 1.0, "linestyle": (0, (1, 1)), "zorder": 1}
GUIDE = {"color": style.tint(style.GREY, 0.3), "linewidth": 0.4, "zorder": 0}
LEGEND = {
    "accuracy not above chance (bars: together 95 % confidence)": CONSISTENT,
    "above chance": DISTINGUISHABLE,
    "reference: test against test curves (shaded: other divisions)": REFERENCE_LINE,
}


def read_drawn(path):
    """The metrics that are drawn, {metric: {(model, sampler): numbers by name}}, and how many curves are compared.

    Raises UserError if there are none.
    """
    summary = read_summary(path)
    drawn = {
        metric: {sample: row for sample, row in summary[metric].items() if sample[1]}
        for metric in METRICS
        if metric in summary
    }
    if not drawn:
        raise UserError(f"{path}: holds none of the metrics that are drawn")
    return drawn, max(int(row["value"]) for row in summary["curves_compared"].values())


def draw_metric(axes, metric, rows):
    """One metric at each height, {height: numbers}, and its reference. The look of an accuracy says what it shows."""
    axes.set_title(fill(metric_of(metric).label, WIDTH), fontsize="small")
    axes.margins(x=0.1)
    for y, row in rows.items():
        error = np.nan_to_num(row["ci95_high"] - row["value"])
        distinguishable = row["ci95_low"] > CHANCE
        look = DISTANCE if metric not in ACCURACIES else DISTINGUISHABLE if distinguishable else CONSISTENT
        spread = [row["seed_min"], row["seed_max"]]
        axes.plot(spread, [y, y], color=style.tint(look["color"], 0.4), linewidth=4.5, solid_capstyle="butt")
        axes.errorbar(row["value"], y, xerr=error or None, elinewidth=0.8, **look)
        axes.axvline(row["reference"], **REFERENCE_LINE)
        if not np.isfinite(row["value"]):
            axes.text(0.5, y, "not finite", transform=axes.get_yaxis_transform(), ha="center", va="center")
    if metric in ACCURACIES:
        axes.set_xscale("function", functions=STRETCHED)
        axes.set(xlim=(min(0.45, axes.dataLim.x0 - 0.01), 1.2), xticks=(0.5, 0.55, 0.7, 1.0))
        axes.set_xticks((0.45, 0.6, 0.8, 0.9), minor=True)
        axes.axvline(CHANCE, **GUIDE)
    elif metric == "ks_mean":
        axes.set_xlim(left=0.0)
        axes.locator_params("x", nbins=3)
    else:
        axes.set_xscale("log")
        return
    axes.xaxis.set_major_formatter("{x:g}")


def plot(drawn, n):
    """A panel for each metric of samples of n curves; a line for each model's name, and below it for its samplers."""
    samples = list(dict.fromkeys(sample for rows in drawn.values() for sample in rows))
    models = dict.fromkeys(model for model, _ in samples)
    lines = [line for model in models for line in ((model, ""), *(s for s in samples if s[0] == model))]
    figure = Figure(figsize=(style.DOUBLE, 1.5 + 0.16 * len(lines)), layout="constrained")
    panels = figure.subplots(1, len(drawn), sharey=True)
    for axes, (metric, rows) in zip(panels, drawn.items(), strict=True):
        draw_metric(axes, metric, {lines.index(sample): row for sample, row in rows.items()})
        axes.hlines([y for y, line in enumerate(lines) if line[1]], 0, 1, **GUIDE, transform=axes.get_yaxis_transform())
        axes.tick_params("y", which="both", length=0)
    panels[0].set(ylim=(len(lines) - 0.4, -0.6))
    panels[0].set_yticks(range(len(lines)), [sampler or model for model, sampler in lines])
    for label, (_, sampler) in zip(panels[0].get_yticklabels(), lines, strict=True):
        label.set_fontweight("normal" if sampler else "bold")
    panels[1].set_xlabel("classifier two-sample test accuracy (0.5 is chance, and the scale widest there)")
    title = f"$n$ = {n:,} curves of each sample, against as many test curves"
    trained = [row for rows in drawn.values() for (model, _), row in rows.items() if model != BASELINE]
    seeds = max((row["seeds"] for row in trained), default=1)
    if seeds > 1:
        title += f"; median, lowest and highest (shaded) of {seeds:.0f} training seeds"
    handles = [Line2D([], [], **look, label=name) for name, look in LEGEND.items()]
    figure.legend(handles=handles, title=title, loc="outside lower center", ncols=3)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(summary="table of all metrics (CSV)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    figure_files.save_figure(args, plot, *read_drawn(args.summary))


if __name__ == "__main__":
    commandline.run(main)
