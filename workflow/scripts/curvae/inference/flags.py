"""When not to believe what was inferred of a galaxy: numbers of its posterior that its prior hardly ever gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from curvae.inference.error_models import ErrorModel
from curvae.storage import hdf5

# Shares of draws from the prior beyond the limits of `physical_distance_relative` and `added_error`.
UNPHYSICAL, LARGE = 0.02, 0.005


@dataclass(frozen=True)
class Flag:
    """A reason not to believe a galaxy: a number of its posterior lies above a limit, or below it.

    A limit of None is a quantile of the prior (see `limits_of`).
    """

    name: str
    number: str  # of `storage.posteriors.POSTERIOR_SUMMARIES`
    limit: float | None = None
    below: bool = False

    def text(self, limit: float) -> str:
        """What a catalogue says of it."""
        return f"flag {self.name} {'below' if self.below else 'above'} {limit:.3g}"


FLAGS = (
    Flag("sampling", "ess", 1000.0, below=True),
    Flag("sampling", "pareto_k", 0.7),
    Flag("atypical", "prior_density_rank", 0.02, below=True),
    Flag("edge", "outside", 0.5),
    Flag("unphysical", "physical_distance_relative"),
    Flag("misfit", "fit_probability", 1e-3, below=True),
    Flag("large_residuals", "added_error"),
)


def limits_of(physical_distance_relative: np.ndarray, errors: ErrorModel) -> dict[str, float]:
    """The limit of each number of FLAGS: given there, or a quantile of the prior.

    `physical_distance_relative` (n,) are those of draws from the prior. That limit is infinite where they are not
    known (NaN), and the limit of the added error where it is not free.
    """
    known = np.isfinite(physical_distance_relative).all()
    quantiles = {
        "physical_distance_relative": float(np.quantile(physical_distance_relative, 1.0 - UNPHYSICAL))
        if known
        else np.inf,
        "added_error": errors.highest_fraction(LARGE) if errors.parameters else np.inf,
    }
    return {flag.number: quantiles[flag.number] if flag.limit is None else flag.limit for flag in FLAGS}


def attributes_of(limits: Mapping[str, float]) -> dict[str, float]:
    """The attributes that keep limits in a file of posteriors."""
    return {f"limit_{number}": limit for number, limit in limits.items()}


def read_limits(path: str | Path, file) -> dict[str, float]:
    """The limits in an open file of posteriors. Raises UserError, naming it, if it has none."""
    numbers = [flag.number for flag in FLAGS]
    values = hdf5.attributes(path, file, *attributes_of(dict.fromkeys(numbers))).values()
    return dict(zip(numbers, values, strict=True))


def reasons(numbers: Mapping[str, np.ndarray], limits: Mapping[str, float]) -> list[str]:
    """Names of the flags of n galaxies, empty where nothing speaks against one; numbers (n,) and limits by name.

    Outside of what a model has seen a fit looks fine and is wrong: neither chi squared nor the sampling shows it, but
    how dense the prior is there, and how physical the decoded curves are.
    """
    raised = {}
    for flag in FLAGS:
        values, limit = np.asarray(numbers[flag.number]), limits[flag.number]
        beyond = values < limit if flag.below else values > limit  # never where a number is not known
        raised[flag.name] = raised.get(flag.name, False) | beyond
    return [" ".join(name for name, galaxies in raised.items() if galaxies[i]) for i in range(len(beyond))]


def read_reasons(path: str | Path, file, rows: slice = slice(None)) -> list[str]:
    """The same of galaxies in an open file of posteriors. Raises UserError, naming it, if it has no limits."""
    return reasons({flag.number: file[flag.number][rows] for flag in FLAGS}, read_limits(path, file))
