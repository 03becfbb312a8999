"""Model files: the description of a network, its weights, and which model of a run it is. They rebuild themselves."""

import io
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from curvae.model.network import VAE, Architecture
from curvae.runtime.errors import UserError
from curvae.storage.atomic import replace
from curvae.storage.curves import check_radii


def save(model: VAE, path: str | Path) -> None:
    """Write a model file: architecture, weights, and the model's name and training seed."""
    # Through memory, since torch writes the name of the file it is given into the archive.
    buffer = io.BytesIO()
    state = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    architecture = asdict(model.architecture)
    if not model.architecture.amplitude:
        del architecture["amplitude"]  # the same file as before there were such models
    torch.save({"architecture": architecture, "state": state, "identity": model.identity}, buffer)
    replace(path, buffer.getvalue())


def load(path: str | Path) -> VAE:
    """Rebuild a model from its file, ready to encode and decode; never runs code from the file.

    Raises UserError, naming the file, if it is missing or no model of ours.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            if damaged := archive.testzip():  # torch itself does not compare checksums
                raise zipfile.BadZipFile(damaged)
        content = torch.load(path, map_location="cpu", weights_only=True)
        model = VAE(Architecture(**content["architecture"]), **content["identity"])
        model.load_state_dict(content["state"])
    except Exception as error:  # torch raises whatever its unpickler, archive reader or layers raise
        raise UserError(f"{path}: not a readable model file (damaged, cut short or of another kind)") from error
    if not all(tensor.isfinite().all() for tensor in model.state_dict().values()):
        raise UserError(f"{path}: holds weights that are not finite numbers")
    return model.eval().requires_grad_(False)


def load_for(path: str | Path, radius: np.ndarray, curves: str | Path) -> VAE:
    """Load a model to use on the curves of a file, over radii (m,) [kpc].

    Raises UserError as `load` does, and if the model was trained on other radii.
    """
    model = load(path)
    check_radii(curves, radius, model.radius.numpy(), path)
    return model
