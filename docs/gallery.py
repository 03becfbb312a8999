"""Copy the figures of the gallery from finished runs, as bitmaps of few colours.

The runs are those of the default, of the notebook preset and, if given, of the mock survey of docs/population.md.
Use: make docs, or python docs/gallery.py results results/notebook results/wide/surveys/narrow
"""

import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
MODEL, SEED = "full", 1
FIGURES = ("curves", "metrics", "errors", "loss_history", "posterior_covariance", "calibration")
MODEL_FIGURES = (
    "reconstructions",
    "posterior_draws",
    "parameters_latents",
    "latent_density",
    "generated_curves",
    "scaling_relations",
    "observed_galaxies",
)
NOTEBOOK_FIGURES = ("reconstructions", "generated_curves")
SURVEY_FIGURES = ("population", "population_relations", "population_check")
PIXELS, COLORS = 880_000, 256  # largest values of a bitmap


def main(results, notebook, survey=None):
    of_model = f"{MODEL}/seed{SEED}"
    names = {figure: Path(results, "figures", f"{figure}.png") for figure in FIGURES}
    names |= {figure: Path(results, "figures", of_model, f"{figure}.png") for figure in MODEL_FIGURES}
    names |= {f"notebook_{figure}": Path(notebook, "figures", of_model, f"{figure}.png") for figure in NOTEBOOK_FIGURES}
    if survey:
        names |= {figure: Path(survey, "figures", of_model, f"{figure}.png") for figure in SURVEY_FIGURES}
    (HERE / "gallery").mkdir(exist_ok=True)
    for figure, path in names.items():
        with Image.open(path) as image:
            scale = min(1.0, (PIXELS / image.width / image.height) ** 0.5)
            small = image.convert("RGB").resize([round(scale * side) for side in image.size], Image.Resampling.LANCZOS)
        few = small.quantize(COLORS, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
        few.save(HERE / "gallery" / f"{figure}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
