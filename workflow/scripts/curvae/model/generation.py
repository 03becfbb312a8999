"""Curves of new codes, and the density that these are drawn from, in one file."""

from pathlib import Path

import numpy as np
import torch

from curvae.densities.files import blocks, write_density
from curvae.densities.mixtures import Density
from curvae.model.network import VAE
from curvae.runtime.progress import progress
from curvae.storage import hdf5
from curvae.storage.curves import velocity_dataset


@torch.no_grad()
def write_generated(
    path: str | Path, model: VAE, density: Density, sampler: str, galaxies: int, seed: int, **about
) -> None:
    """Draw codes of a density, decode them, and write codes, curves [km/s] and density (HDF5).

    `about` are more attributes of the file.
    """
    d = model.architecture.latent_dimension
    with hdf5.create(path) as writer:
        writer.attributes(**model.identity, sampler=sampler, **about)
        writer.axis("curve", galaxies)
        writer.counted(latent=d)
        code = writer.dataset("code", ("curve", "latent"), "f4", "1", "latent code")
        velocity = velocity_dataset(writer, model.radius.numpy())
        for rows, codes in progress(blocks(density, galaxies, seed), galaxies, f"drawing from {sampler}", "curves"):
            code[rows] = codes = codes.astype(np.float32)
            velocity[rows] = model.velocity(model.decoder(torch.as_tensor(codes))).numpy()
        write_density(writer, density)
