"""Observed galaxies: points at radii of their own, all in one file, galaxy after galaxy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from curvae.runtime.errors import UserError
from curvae.storage.curves import describe
from curvae.storage.hdf5 import Writer, check_datasets, check_finite, create, holds, reading, texts

OF_POINT = {"radius": "kpc", "velocity": "km/s", "error": "km/s"}
TRUTH = {"velocity": "true_radius", "parameters": "true_parameter"}  # of a mock, and the axis that it has
EXTRA = "log_scatter"  # in posteriors: draws of the extra scatter, where it is free
# What is known of each galaxy's posterior.
OF_POSTERIOR = {
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


@dataclass(frozen=True)
class Observation:
    """One galaxy: radii (m,) [kpc], velocities (m,) and their errors (m,) [km/s]."""

    name: str
    radius: np.ndarray
    velocity: np.ndarray
    error: np.ndarray
    left_out: int = 0  # points of its table that lie beyond the radii of the models
    truth: dict = field(default_factory=dict)  # of a mock: `velocity` (radius,) at the models' radii, `parameters` (p,)


def write_observations(path: str | Path, galaxies: Sequence[Observation], **attributes) -> None:
    """Write galaxies (HDF5), with what is true of them where they are mocks."""
    with create(path) as writer:
        writer.attributes(**attributes)
        writer.axis("galaxy", [galaxy.name for galaxy in galaxies])
        points = np.array([len(galaxy.radius) for galaxy in galaxies])
        writer.axis("point", int(points.sum()))
        for name, axes, kind, unit, text, values in (
            ("points", ("galaxy",), "i8", "1", "points of the galaxy, which follow each other", points),
            (
                "left_out",
                ("galaxy",),
                "i8",
                "1",
                "points beyond the radii of the models",
                [g.left_out for g in galaxies],
            ),
        ):
            writer.dataset(name, axes, kind, unit, text)[...] = values
        for name, unit in OF_POINT.items():
            values = np.concatenate([getattr(galaxy, name) for galaxy in galaxies])
            writer.dataset(f"observed_{name}", ("point",), "f8", unit, f"observed {name}")[...] = values
        if galaxies[0].truth:
            _write_truth(writer, [galaxy.truth for galaxy in galaxies])


def _write_truth(writer: Writer, truths: Sequence[dict]) -> None:
    for name, axis in TRUTH.items():
        values = np.array([truth[name] for truth in truths])
        writer.axis(axis, values.shape[1])
        unit = "km/s" if name == "velocity" else "mixed"
        writer.dataset(f"true_{name}", ("galaxy", axis), "f8", unit, f"true {name} of the mock galaxy")[...] = values


def read_observations(path: str | Path) -> list[Observation]:
    """The galaxies of a file. Raises UserError, naming it, if it is no such file."""
    shapes = {f"observed_{name}": ("point",) for name in OF_POINT}
    with reading(path, points=("galaxy",), left_out=("galaxy",), **shapes) as file:
        names = texts(path, file, "galaxy", len(file["points"]))
        points, left_out = file["points"][...], file["left_out"][...]
        values = [file[f"observed_{name}"][...] for name in OF_POINT]
        check_finite(path, *values)
        if points.sum() != len(values[0]):
            raise UserError(f"{path}: the numbers of points of its galaxies do not add up to its points")
        truth = {
            name: file[f"true_{name}"][...] for name in TRUTH if isinstance(file.get(f"true_{name}"), h5py.Dataset)
        }
        if len(truth) == 1 or any(x.dtype.kind != "f" or x.ndim != 2 or len(x) != len(names) for x in truth.values()):
            raise UserError(f"{path}: what is true of its galaxies is not numbers of {len(names)} galaxies")
        check_finite(path, *truth.values())
    ends = np.cumsum(points)
    return [
        Observation(
            names[i],
            *(value[ends[i] - points[i] : ends[i]] for value in values),
            int(left_out[i]),
            {name: known[i] for name, known in truth.items()},
        )
        for i in range(len(names))
    ]


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
    found = {
        name: writer.dataset(name, ("galaxy", "draw", axis), "f4", unit, f"draws from the posterior: {name}", at_once=1)
        for name, (axis, unit) in shapes.items()
    }
    describe(found["parameters"], *about)
    if scatter:
        text = "draws from the posterior: ln of the extra fractional scatter"
        found[EXTRA] = writer.dataset(EXTRA, ("galaxy", "draw"), "f4", "1", text, at_once=1)
    text = "draws from the prior of all galaxies: parameters"
    writer.dataset("prior_parameters", ("prior_draw", "parameter"), "f4", "mixed", text)[...] = prior
    return found | {name: writer.dataset(name, ("galaxy",), "f8", "1", text) for name, text in OF_POSTERIOR.items()}


@contextmanager
def reading_posteriors(path: str | Path) -> Iterator[tuple[list[str], h5py.File]]:
    """Yield the names of the galaxies of a file of posteriors, and the file. Raises UserError as `reading` does."""
    shapes = {"code": ("latent",), "velocity": ("radius",), "parameters": ("parameter",)}
    shapes = {name: ("galaxy", "draw", *axis) for name, axis in shapes.items()}
    shapes |= {"radius": ("radius",), "prior_parameters": ("prior_draw", "parameter")}
    with reading(path) as file:
        shapes |= {EXTRA: ("galaxy", "draw")} if holds(file, EXTRA) else {}
        check_datasets(path, file, **shapes, **dict.fromkeys(OF_POSTERIOR, ("galaxy",)))
        galaxies, draws, latents = file["code"].shape
        texts(path, file, "parameter", file["parameters"].shape[2])
        for axis, length in (("draw", draws), ("latent", latents)):
            if not isinstance(file.get(axis), h5py.Dataset) or len(file[axis]) != length:
                raise UserError(f"{path}: its axis '{axis}' has not {length} points")
        known = (name for name in OF_POSTERIOR if name != "physical_distance_relative")
        check_finite(path, file["prior_parameters"][...], *(file[name][...] for name in known))
        yield texts(path, file, "galaxy", galaxies), file


@contextmanager
def reading_posteriors_of(
    path: str | Path, galaxies: Sequence[Observation], observations: str | Path
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
