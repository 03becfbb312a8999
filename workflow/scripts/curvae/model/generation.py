"""Curves of new codes, and the density that these are drawn from, in one file."""

from pathlib import Path

import numpy as np
import torch

from curvae.model.network import VAE
from curvae.runtime.progress import progress
from curvae.storage import hdf5
from curvae.storage.curves import velocity_dataset


@torch.no_grad()
def write_generated(path: str | Path, model: VAE, density, sampler: str, galaxies: int, seed: int, **about) -> None:
    """Draw codes of a density, a Gaussian mixture, decode them, and write codes, curves [km/s] and density (HDF5).

    `about` are more attributes of the file.
    """
    d = model.architecture.latent_dimension
    with hdf5.create(path) as writer:
        writer.attributes(**model.identity, sampler=sampler, **about)
        writer.axis("curve", galaxies)
        writer.counted(latent=d, noise=d, component=len(density.weight))
        code = writer.dataset("code", ("curve", "latent"), "f4", "1", "latent code")
        velocity = velocity_dataset(writer, model.radius.numpy())
        for rows, codes in progress(density.blocks(galaxies, seed), galaxies, f"drawing from {sampler}", "curves"):
            code[rows] = codes = codes.astype(np.float32)
            velocity[rows] = model.velocity(model.decoder(torch.as_tensor(codes))).numpy()
        for name, axes, values in (
            ("weight", ("component",), density.weight),
            ("component_mean", ("component", "latent"), density.mean),
            ("component_scale_tril", ("component", "latent", "noise"), density.scale_tril),
        ):
            writer.dataset(name, axes, "f8", "1", "density of the codes: a Gaussian mixture")[...] = values
