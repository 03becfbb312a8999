r"""Draw the errors of reconstructed test curves by radius, in km/s and relative, of all models.

A path .../{model}/seed{seed}/errors.h5 says which model and training seed a file is about.

Reads:  errors by radius, one file for each model and training seed (HDF5).
Writes: the figure, as vectors (PDF) and as a bitmap (PNG).

Example:

    python workflow/scripts/plot_errors.py \
        --errors results/*/seed1/errors.h5 \
        --style workflow/styles/paper.mplstyle --pdf errors.pdf --png errors.png
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from rotcurves import commandline, figures, files
from rotcurves.errors import UserError

# Data sets, what a number in them is multiplied by, and what the axis is then called.
ERRORS = {
    "rms_error": (1.0, "rms error [km s$^{-1}$]"),
    "rms_relative_error": (100.0, "rms relative error [%]"),
}


def parse_args(argv=None):
    parser = commandline.Parser(__doc__)
    parser.flag("--errors", "files of errors to read (HDF5)", nargs="+")
    figures.add_flags(parser)
    return parser.parse_args(argv)


def read_models(paths):
    """Radii (m,) [kpc], number of curves, and for each model's name its errors (seeds, m) by the names of ERRORS."""
    radius, curves, models = None, None, {}
    for path in map(Path, paths):
        if len(path.parts) < 3 or not path.parts[-2].startswith("seed"):
            raise UserError(f"{path}: is not called .../model/seed1/errors.h5")
        with files.reading(path, radius=("radius",), **dict.fromkeys(ERRORS, ("radius",))) as source:
            radii = source["radius"][...]
            errors = {name: figures.checked(path, source[name][...]) for name in ERRORS}
            n = source["rms_error"].attrs.get("curves")
        radius = radii if radius is None else radius
        files.check_radii(path, radii, radius, paths[0])
        curves = n if curves is None else curves
        if n is None or n != curves:
            raise UserError(f"{path}: is of {n or 'an unknown number of'} curves, {paths[0]} of {curves}")
        models.setdefault(path.parts[-3], []).append(errors)
    stacked = {model: {name: np.stack([e[name] for e in seeds]) for name in ERRORS} for model, seeds in models.items()}
    return radius, curves, stacked


def plot(radius, curves, models):
    """Both errors of so many curves over the radius: the median of each model's training seeds, and their range."""
    figure = Figure(figsize=(figures.DOUBLE, 2.8), layout="constrained")
    several = any(len(errors["rms_error"]) > 1 for errors in models.values())
    for axes, (name, (factor, label)) in zip(figure.subplots(1, 2), ERRORS.items(), strict=True):
        for (model, errors), line in zip(models.items(), figures.many_lines(len(models)), strict=True):
            values = factor * errors[name]
            seeds = f"{len(values)} training seed{'s'[: len(values) - 1]}"
            axes.fill_between(radius, values.min(0), values.max(0), color=line["color"], alpha=0.2, linewidth=0)
            axes.plot(radius, np.median(values, 0), **line, label=f"{model} ({seeds})" if several else model)
        figures.over_radius(axes, radius)
        figures.from_zero_or_log(axes)
        axes.set(xlabel=figures.RADIUS, ylabel=label)
    over_seeds = "; median over training seeds, range shaded" if several else ""
    title = f"{figures.sample_size(curves, curves, 'reconstructed test curves')}{over_seeds}"
    figure.legend(*axes.get_legend_handles_labels(), title=title, loc="outside upper center", ncols=4)
    return figure


def main(argv=None):
    args = parse_args(argv)
    radius, curves, models = read_models(args.errors)
    with figures.styled(args.style):
        figures.save(plot(radius, curves, models), args.pdf, args.png)


if __name__ == "__main__":
    commandline.run(main)
