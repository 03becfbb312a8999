"""Posteriors of observed galaxies: draws of codes, curves and parameters, and what sums them up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.storage.curves import describe
from curvae.storage.hdf5 import Writer, check_datasets, check_finite, holds, reading, texts
from curvae.storage.observations import Galaxy

LOG_SCATTER = "log_scatter"  # in posteriors: draws of the extra scatter, where it is free
# Numbers that sum up the posterior of each galaxy.
POSTERIOR_SUMMARIES = {
    "points": "points of the galaxy",
    "left_out": "points beyond the radii of the model",
    "log_evidence": "ln evidence [nats]",
    "ess": "effective number of the importance draws",
    "pareto_k": "Pareto k of their weights",
    "chi2": "chi squared of the median curve, with the errors of the points alone",
    "chi2_with_added": "chi squared of the median curve, with the added error",
    "fit_probability": "probability of a larger chi squared than that with the added error; 1 is good",
    "added_error": "error added in quadrature, as a fraction of the velocity; median",
    "prior_density_rank": "rank of the prior density among draws from the prior, median",
    "physical_distance_relative": "relative distance of the curves to physical ones, median",
    "outside": "share of draws whose disc mass was not simulated; replaced by other draws if at most 0.8",
}


def posterior_datasets(
    writer: Writer,
    galaxies: Sequence[str],
    draws: int,
    latents: int,
    radius: np.ndarray,
    about: tuple,
    prior: np.ndarray,
    scatter: bool = False,
) -> dict[str, h5py.Dataset]:
    """Create the data sets of the posteriors of named galaxies, by name, at radii (m,) [kpc].

    `about` are names, units and labels of the parameters, `prior` (n, p) those of draws from the prior, written here;
    `scatter` says whether there is an extra one of the observations.
    """
    writer.axis("galaxy", list(galaxies))
    writer.axis("draw", draws)
    writer.counted(latent=latents)
    writer.axis("radius", radius, "kpc")
    writer.axis("parameter", about[0])
    writer.axis("prior_draw", len(prior))
    shapes = {"code": ("latent", "1"), "velocity": ("radius", "km/s"), "parameters": ("parameter", "mixed")}
    datasets = {
        name: writer.dataset(name, ("galaxy", "draw", axis), "f4", unit, f"draws from the posterior: {name}", at_once=1)
        for name, (axis, unit) in shapes.items()
    }
    describe(datasets["parameters"], *about)
    if scatter:
        text = "draws from the posterior: ln of the extra fractional scatter"
        datasets[LOG_SCATTER] = writer.dataset(LOG_SCATTER, ("galaxy", "draw"), "f4", "1", text, at_once=1)
    text = "draws from the prior of all galaxies: parameters"
    writer.dataset("prior_parameters", ("prior_draw", "parameter"), "f4", "mixed", text)[...] = prior
    return datasets | {
        name: writer.dataset(name, ("galaxy",), "f8", "1", text) for name, text in POSTERIOR_SUMMARIES.items()
    }


@contextmanager
def reading_posteriors(path: str | Path) -> Iterator[tuple[list[str], h5py.File]]:
    """Yield the names of the galaxies of a file of posteriors, and the file. Raises UserError as `reading` does."""
    shapes = {"code": ("latent",), "velocity": ("radius",), "parameters": ("parameter",)}
    shapes = {name: ("galaxy", "draw", *axis) for name, axis in shapes.items()}
    shapes |= {"radius": ("radius",), "prior_parameters": ("prior_draw", "parameter")}
    with reading(path) as file:
        shapes |= {LOG_SCATTER: ("galaxy", "draw")} if holds(file, LOG_SCATTER) else {}
        check_datasets(path, file, **shapes, **dict.fromkeys(POSTERIOR_SUMMARIES, ("galaxy",)))
        galaxies, draws, latents = file["code"].shape
        texts(path, file, "parameter", file["parameters"].shape[2])
        for axis, length in (("draw", draws), ("latent", latents)):
            if not isinstance(file.get(axis), h5py.Dataset) or len(file[axis]) != length:
                raise UserError(f"{path}: its axis '{axis}' has not {length} points")
        known = (name for name in POSTERIOR_SUMMARIES if name != "physical_distance_relative")
        check_finite(path, file["prior_parameters"][...], *(file[name][...] for name in known))
        yield texts(path, file, "galaxy", galaxies), file


@contextmanager
def reading_posteriors_of(
    path: str | Path, galaxies: Sequence[Galaxy], observations: str | Path
) -> Iterator[tuple[list[str], h5py.File]]:
    """The same as `reading_posteriors`. Raises UserError, too, if these are not the galaxies of the observations."""
    with reading_posteriors(path) as (names, file):
        if names != [galaxy.name for galaxy in galaxies]:
            raise UserError(f"{path}: its galaxies are not those of {observations}")
        for name, true in galaxies[0].truth.items():
            if len(true) != file[name].shape[2]:
                raise UserError(f"{observations}: its true {name} are not those that {path} infers")
        yield names, file


def read_draws(path: str | Path, file: h5py.File, name: str, rows: slice = slice(None)) -> np.ndarray:
    """Draws (galaxy, draw, ...) of some galaxies. Raises UserError, naming the file, if they are not finite."""
    draws = file[name][rows]
    check_finite(path, draws)
    return draws
