"""Draw the loss history of a training, and the two terms that the loss is made of.

Reads:  the history (CSV, nats per curve).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from rotcurves.figures import style
from rotcurves.runtime import commandline
from rotcurves.storage.tables import read_table

PARTS = ("train", "validation")
TERMS = ("reconstruction", "kl")


def read_history(path):
    """The columns of a history by name. Raises UserError if it is not one."""
    names = ("epoch", *(f"{part}_{term}" for part in PARTS for term in TERMS), "validation_median")
    rows = read_table(path, numbers=names)
    return {name: style.checked(path, np.array([row[name] for row in rows])) for name in names}


def plot(history):
    """Loss, reconstruction term and KL term over the epochs, each axis over where the training spends its time."""
    figure = Figure(figsize=(style.SINGLE, 4.8), layout="constrained")
    epoch = history["epoch"]
    terms = {part: {term: history[f"{part}_{term}"] for term in TERMS} for part in PARTS}
    for part in PARTS:
        terms[part]["loss"] = terms[part]["reconstruction"] + terms[part]["kl"]
    median = history["validation_median"]
    best = epoch[np.argmin(median)]
    names = {"loss": "loss ($-$ELBO)", "reconstruction": "reconstruction", "kl": "KL divergence"}
    for axes, (term, name) in zip(figure.subplots(3, 1, sharex=True), names.items(), strict=True):
        values = [terms[part][term] for part in PARTS] + ([median] if term == "loss" else [])
        for series, line, label in zip(values, style.LINES, ("training", "validation", "its median"), strict=False):
            axes.plot(epoch, series, **line, marker="." if len(epoch) < 50 else "", label=label)
        axes.axvline(best, color=style.GREY, linewidth=0.8, label=f"lowest median: epoch {best:.0f}")
        axes.set_ylim(style.settled_range(np.concatenate(values)))
        highest = np.max(values)
        if highest > axes.get_ylim()[1]:
            axes.set_title(f"off the axis: up to {highest:,.0f}", loc="right", fontsize="small")
        axes.set_ylabel(f"{name}\n[nats per curve]")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, columnspacing=1.2)
    axes.set(xlabel="epoch", xlim=(0, 1.02 * epoch[-1]))
    axes.locator_params("x", integer=True)
    figure.align_ylabels()
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads(history="loss history (CSV)")
    style.add_flags(parser)
    args = parser.parse_args(argv)
    history = read_history(args.history)
    style.save_figure(args, plot, history)


if __name__ == "__main__":
    commandline.run(main)
