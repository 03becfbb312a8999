"""Draw the loss of every training over its epochs, and the two terms that it is made of, models side by side.

Reads:  the histories, one file for each model and training seed (CSV, nats per curve).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.storage.tables import read_table

# Rows of panels, and what is drawn in them: columns of a history.
PANELS = {
    "loss ($-$ELBO)": ("train_loss", "validation_loss", "validation_median"),
    "reconstruction": ("train_reconstruction", "validation_reconstruction"),
    "KL divergence": ("train_kl", "validation_kl"),
}
LABELS = ("training", "validation", "median of validation")
SEVERAL = {"linewidth": 0.6, "markersize": 3.0}  # look of several trainings of one model
NUMBERS = ("epoch", "validation_median", *PANELS["reconstruction"], *PANELS["KL divergence"])


def read_models(paths):
    """Histories {model: those of its training seeds}, columns (epochs,) by name. Raises UserError if one is none."""
    models = {}
    for path in paths:
        rows = read_table(path, ("model",), NUMBERS)
        history = {name: figure_files.checked(path, np.array([row[name] for row in rows])) for name in NUMBERS}
        for part in ("train", "validation"):
            history[f"{part}_loss"] = history[f"{part}_reconstruction"] + history[f"{part}_kl"]
        models.setdefault(rows[0]["model"], []).append(history)
    return models


def plot(models):
    """A column for each model, a row for each of PANELS, whose axis is over where the trainings spend their time."""
    width = style.SINGLE if len(models) == 1 else max(style.DOUBLE, 1.8 * len(models))
    figure = Figure(figsize=(width, 4.8), layout="constrained")
    panels = figure.subplots(3, len(models), sharex="col", sharey="row", squeeze=False)
    for row, (name, columns) in zip(panels, PANELS.items(), strict=True):
        values = [[history[column] for column in columns] for seeds in models.values() for history in seeds]
        low, high = drawing.settled_range(np.concatenate([series for several in values for series in several]))
        row[0].set(ylabel=f"{name}\n[nats per curve]", ylim=(low, high))
        for axes, seeds in zip(row, models.values(), strict=True):
            for history in seeds:
                draw_history(axes, history, columns, **(SEVERAL if len(seeds) > 1 else {}))
            highest = max(history[column].max() for history in seeds for column in columns)
            if highest > high:
                text = f"off the axis: up to {highest:,.0f}"
                axes.text(0.97, 0.96, text, transform=axes.transAxes, ha="right", va="top", fontsize="small")
    for axes, (model, seeds) in zip(panels[0], models.items(), strict=True):
        axes.set_title(model + (f", {len(seeds)} training seeds" if len(seeds) > 1 else ""))
    for axes, seeds in zip(panels[-1], models.values(), strict=True):
        axes.set(xlabel="epoch", xlim=(0, 1.02 * max(history["epoch"][-1] for history in seeds)))
        axes.locator_params("x", integer=True)
    lines, words = panels[0, 0].get_legend_handles_labels()
    known = dict(zip(words, lines, strict=True))
    figure.legend(known.values(), known.keys(), loc="outside upper center", ncols=4 if len(models) > 1 else 2)
    figure.align_ylabels(panels[:, 0])
    return figure


def draw_history(axes, history, columns, **look):
    """Draw these columns of one training over its epochs, and where the median loss is lowest."""
    epoch = history["epoch"]
    for column, line, label in zip(columns, style.LINES, LABELS, strict=False):
        axes.plot(epoch, history[column], **line, **look, marker="." if len(epoch) < 50 else "", label=label)
    best = epoch[np.argmin(history["validation_median"])]
    axes.axvline(best, color=style.GREY, linewidth=0.8, label="lowest median")


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(history="loss histories (CSV)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    figure_files.save_figure(args, plot, read_models(args.history))


if __name__ == "__main__":
    commandline.run(main)
