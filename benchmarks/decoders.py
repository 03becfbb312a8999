"""How exact decoders are, as a row of a table (Markdown) for each model.

    python benchmarks/decoders.py results/survey/curves.h5 results/survey/split.h5 results/survey/full/seed*/model.pt

Root mean square error of the curves decoded from posterior means of test curves; the same of v_decoded / v - 1 of each
curve, over its radii; and of curves decoded from posterior draws the distance to the nearest physical curve over the
curve's own root mean square, where curves are simulated: of the best of the fits of `galaxies/fitting.py`, and of these
and one that starts from the galaxy drawn. A minute for a model; `--part validation` while one tunes it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from curvae.galaxies.fitting import levenberg_marquardt, nearest_physical_curves  # noqa: E402
from curvae.inference.parameters import read_forward_model  # noqa: E402
from curvae.model.files import load_for  # noqa: E402
from curvae.runtime.threads import limit_threads  # noqa: E402
from curvae.storage import hdf5  # noqa: E402
from curvae.storage.split import read_split  # noqa: E402

FITTED = 2000  # draws, each of another curve: a fit takes 10 ms where haloes have cores
PERCENT = (50, 99)


def rms(values: np.ndarray) -> np.ndarray:
    """Root mean square over the last axis."""
    return np.sqrt(np.square(values).mean(-1))


def cells(values: np.ndarray) -> str:
    """Quantiles of relative errors, as the table shows them."""
    return " / ".join(f"{value:.1e}" for value in np.quantile(values, np.array(PERCENT) / 100.0))


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("curves")
    parser.add_argument("split")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--part", default="test", choices=("test", "validation"))
    args = parser.parse_args()
    limit_threads(1)
    radius, index, parts = read_split(args.curves, args.split, args.part)
    velocity = parts[args.part].astype(np.float64)
    forward_model = read_forward_model(args.curves)
    if forward_model:
        with hdf5.reading(args.curves, parameters=(None, None)) as source:
            galaxies = hdf5.take(source["parameters"], index[args.part][:FITTED])
    quantiles = " / ".join(f"{percent} %" for percent in PERCENT)
    heads = (
        "model",
        "RMSE [km/s]",
        f"relative error, {quantiles}",
        "distance of draws",
        "the same, also from the galaxy",
    )
    print("|", " | ".join(heads), "|\n|" + "---|" * len(heads))
    for path in args.models:
        model = load_for(path, radius, args.curves)
        posterior = model.posterior(model.coefficients(torch.as_tensor(velocity)))
        decoded = model.velocity(model.decoder(posterior.mean)).numpy()
        row = [path, f"{rms((decoded - velocity).ravel()):.3f}", cells(rms(decoded / velocity - 1.0)), "-", "-"]
        if forward_model:
            noise = torch.randn(posterior.mean.shape, generator=torch.Generator().manual_seed(1))
            drawn = model.velocity(model.decoder(posterior.sample(noise)[:FITTED])).numpy()
            _, searched = nearest_physical_curves(drawn, radius, forward_model)
            _, begun = levenberg_marquardt(drawn, galaxies, radius, forward_model)
            row[-2:] = (cells(distance / rms(drawn)) for distance in (searched, np.minimum(searched, begun)))
        print("|", " | ".join(row), "|", flush=True)


if __name__ == "__main__":
    main()
