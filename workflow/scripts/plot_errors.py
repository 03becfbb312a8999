"""Draw the errors of reconstructed test curves by radius, in km/s and relative, of all models.

Reads:  errors by radius, one file for each model and training seed (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).
"""

import numpy as np
from matplotlib.figure import Figure

from curvae.figures import drawing, figure_files, style
from curvae.runtime import commandline
from curvae.runtime.errors import UserError
from curvae.storage.curves import check_radii, read_attributes

# Data sets, what a number in them is multiplied by, and what the axis is then called.
ERRORS = {
    "rms_error": (1.0, "rms error [km s$^{-1}$]"),
    "rms_relative_error": (100.0, "rms relative error [%]"),
}


def read_models(paths):
    """Radii (m,) [kpc], number of curves, and for each model's name its errors (seeds, m) by the names of ERRORS."""
    first, models = None, {}
    for path in paths:
        (radius, *errors), _ = figure_files.read(path, radius=("radius",), **dict.fromkeys(ERRORS, ("radius",)))
        about = read_attributes(path, "model", "curves")
        first = first or (radius, about["curves"])
        check_radii(path, radius, first[0], paths[0])
        if about["curves"] != first[1]:
            raise UserError(f"{path}: is of {about['curves']} curves, {paths[0]} of {first[1]}")
        models.setdefault(about["model"], []).append(errors)
    stacked = {model: dict(zip(ERRORS, np.stack(seeds, 1), strict=True)) for model, seeds in models.items()}
    return *first, stacked


def plot(radius, curves, models):
    """Both errors of so many curves over the radius: the median of each model's training seeds, and their range."""
    figure = Figure(figsize=(style.DOUBLE, 2.8), layout="constrained")
    several = any(len(errors["rms_error"]) > 1 for errors in models.values())
    for axes, (name, (factor, label)) in zip(figure.subplots(1, 2), ERRORS.items(), strict=True):
        for (model, errors), line in zip(models.items(), style.many_lines(len(models)), strict=True):
            values = factor * errors[name]
            seeds = f"{len(values)} training seed{'s'[: len(values) - 1]}"
            axes.fill_between(radius, values.min(0), values.max(0), color=line["color"], alpha=0.2, linewidth=0)
            axes.plot(radius, np.median(values, 0), **line, label=f"{model} ({seeds})" if several else model)
        drawing.over_radius(axes, radius)
        drawing.from_zero_or_log(axes)
        axes.set(xlabel=style.RADIUS, ylabel=label)
    over_seeds = "; median over training seeds, range shaded" if several else ""
    title = f"{style.sample_size(curves, curves, 'reconstructed test curves')}{over_seeds}"
    figure.legend(*axes.get_legend_handles_labels(), title=title, loc="outside upper center", ncols=4)
    return figure


def main(argv=None):
    parser = commandline.Parser(__file__, __doc__)
    parser.reads_all(errors="errors by radius (HDF5)")
    figure_files.add_flags(parser)
    args = parser.parse_args(argv)
    radius, curves, models = read_models(args.errors)
    figure_files.save_figure(args, plot, radius, curves, models)


if __name__ == "__main__":
    commandline.run(main)
