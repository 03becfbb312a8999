"""Draw what the covariance of the posterior is worth: correlations, what a diagonal one loses, what encoders get wrong.

Reads:  the metrics of the posteriors, one file for each model and training seed (CSV).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.evaluation.summary import read_metrics
from curvae.figures import figure_files, style
from curvae.runtime import commandline
from curvae.runtime.errors import UserError

# Panels: their axis, and what each metric in them is called.
PANELS = {
    "largest correlation\nof two latents": {
        "posterior_correlation_true": "true posterior",
        "posterior_correlation": "encoder's posterior",
    },
    "divergence from the\ntrue posterior [nats]": {
        "kl_best_diagonal": "best diagonal posterior",
        "kl_encoder_mean": "encoder, by its means",
        "kl_encoder_covariance": "encoder, by its covariances",
    },
    "true codes inside the encoder's\nellipsoids (lines: nominal)": {
        "posterior_interval_coverage_68_decoded": "68 %, of decoded curves",
        "posterior_interval_coverage_95_decoded": "95 %, of decoded curves",
        "posterior_interval_coverage_68_noisy": "68 %, with decoder noise",
        "posterior_interval_coverage_95_noisy": "95 %, with decoder noise",
    },
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


def plot(models):
    """A panel for each kind of metric, a row for each model, a symbol for each training seed."""
    figure = Figure(figsize=(style.DOUBLE, 1.4 + 0.45 * len(models)), layout="constrained")
    for axes, (label, metrics) in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS.items(), strict=True):
        for i, ((metric, name), look) in enumerate(zip(metrics.items(), style.LINES, strict=False)):
            for y, values in enumerate(found[metric] for found in models.values()):
                height = np.full(len(values), y + 0.18 * (i - 0.5 * (len(metrics) - 1)))
                points = {"color": look["color"], "marker": MARKERS[i], "markersize": 3.5, "alpha": 0.7}
                axes.plot(values, height, **points, linestyle="none", label=name if y == 0 else None)
        for share in (0.68, 0.95) if "ellipsoids" in label else ():
            axes.axvline(share, color=style.GREY, linewidth=0.6, zorder=0)
        axes.set_xlabel(label)
        axes.set_ylim(len(models) - 0.5, -0.5)
        axes.set_yticks(range(len(models)), list(models))
        axes.tick_params("y", which="both", length=0)
        if "nats" in label:
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
