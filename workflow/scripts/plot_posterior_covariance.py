"""Draw what the covariance of the posterior is worth: correlations, what a diagonal one loses, what encoders get wrong.

Reads:  the metrics of the posteriors, one file for each model and training seed (CSV).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.evaluation.metrics_registry import metric_of
from curvae.evaluation.summary import read_metrics
from curvae.figures import figure_files, style
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.runtime.intervals import PERCENTS

COVERAGE = "codes inside the encoder's\nellipsoids (lines: nominal)"
# Panels: their axis, and the metrics in them.
PANELS = {
    "largest correlation\nof two latents": ("posterior_correlation_true", "posterior_correlation"),
    "divergence from the\ntrue posterior [nats]": ("kl_best_diagonal", "kl_encoder_mean", "kl_encoder_covariance"),
    COVERAGE: [f"posterior_interval_coverage_{p}_{curves}" for curves in ("decoded", "noisy") for p in PERCENTS],
}
MARKERS = ("o", "s", "D", "^")


def read_models(paths):
    """Values {model: {metric: one for each training seed}}. Raises UserError, naming the file, if one is missing."""
    models = {}
    for path in paths:
        rows = read_metrics(path)
        values = {row["metric"]: row["value"] for row in rows}
        for metric in (metric for panel in PANELS.values() for metric in panel):
            if metric not in values:
                raise UserError(f"{path}: holds no metric '{metric}'; is it the right kind of table?")
            models.setdefault(rows[0]["model"], {}).setdefault(metric, []).append(values[metric])
    return models


def label(metric):
    """What the legend calls a metric: of intervals, with their size."""
    words = metric_of(metric).meaning.partition(":")[0]
    return next((f"{percent} %, {words}" for percent in PERCENTS if f"_{percent}_" in metric), words)


def plot(models):
    """A panel for each kind of metric, a row for each model, a symbol for each training seed."""
    figure = Figure(figsize=(style.DOUBLE, 1.4 + 0.45 * len(models)), layout="constrained")
    for axes, (axis, metrics) in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS.items(), strict=True):
        for i, (metric, look) in enumerate(zip(metrics, style.LINES, strict=False)):
            for y, of_model in enumerate(models.values()):
                height = np.full(len(of_model[metric]), y + 0.18 * (i - 0.5 * (len(metrics) - 1)))
                points = {"color": look["color"], "marker": MARKERS[i], "markersize": 3.5, "alpha": 0.7}
                axes.plot(of_model[metric], height, **points, linestyle="none", label=None if y else label(metric))
        for percent in PERCENTS if axis == COVERAGE else ():
            axes.axvline(percent / 100.0, color=style.GREY, linewidth=0.6, zorder=0)
        axes.set_xlabel(axis)
        axes.set_ylim(len(models) - 0.5, -0.5)
        axes.set_yticks(range(len(models)), list(models))
        axes.tick_params("y", which="both", length=0)
        if "nats" in axis:
            axes.set_xscale("log")
        else:
            axes.set_xlim(-0.03, 1.03)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), handletextpad=0.2)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(metrics="metrics of posteriors (CSV)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    figure_files.save_figure(args, plot, read_models(args.metrics))


if __name__ == "__main__":
    commandline.run(main)
