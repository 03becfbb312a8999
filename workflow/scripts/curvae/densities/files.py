"""Densities in files of generated curves: the arrays of each kind, and reproducible draws."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from curvae.densities.mixtures import Density, GaussianMixture
from curvae.runtime import streams
from curvae.runtime.errors import UserError
from curvae.storage import hdf5

# The kinds of density that a file may hold. Each says which data sets it has (DATASETS, with their axes), gives their
# arrays (`arrays`), and is made of them.
KINDS = {"gaussian_mixture": GaussianMixture}


def blocks(density: Density, n: int, seed: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Draw n codes block by block: yield the rows of each, and its codes (m, d). Row i is the same for every n > i."""
    for rows, random in streams.blocks(n, seed, streams.Stream.GENERATED_CODES):
        yield rows, density.sample(streams.BLOCK, random)[: rows.stop - rows.start]


def sample(density: Density, n: int, seed: int) -> np.ndarray:
    """n codes (n, d) of a density; row i is the same for every n > i."""
    return np.concatenate([codes for _, codes in blocks(density, n, seed)])


def write_density(writer: hdf5.Writer, density: Density) -> None:
    """Write the arrays of a density of codes into a file that has an axis `latent`."""
    (kind,) = (name for name, kind in KINDS.items() if isinstance(density, kind))
    writer.attributes(density=kind)
    arrays = list(zip(density.DATASETS.items(), density.arrays(), strict=True))
    sizes = {axis: size for (_, axes), values in arrays for axis, size in zip(axes, values.shape, strict=True)}
    writer.counted(**{axis: size for axis, size in sizes.items() if axis != "latent"})
    for (name, axes), values in arrays:
        writer.dataset(name, axes, "f8", "1", f"density of the codes: {kind.replace('_', ' ')}")[...] = values


def read_density(path: str | Path, d: int) -> Density:
    """The density of d latents that the curves of a file were generated from. Raises UserError, naming the file."""
    with hdf5.reading(path) as source:
        kind = hdf5.attributes(path, source, "density")["density"]
        if kind not in KINDS:
            raise UserError(f"{path}: holds a density of kind {kind!r}, expected one of {', '.join(KINDS)}")
        size = {"latent": d, "noise": d}
        shapes = {name: tuple(size.get(axis, axis) for axis in axes) for name, axes in KINDS[kind].DATASETS.items()}
        hdf5.check_datasets(path, source, **shapes)
        values = [source[name][...] for name in shapes]
    hdf5.check_finite(path, *values)
    return KINDS[kind](*values)
