"""The state of an unfinished training on disk, to go on from after a kill."""

import hashlib
import io
import json
import logging
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch

from curvae.storage.atomic import remove_unfinished, replace

log = logging.getLogger(__name__)


def fingerprint(code: Iterable[str | Path], settings: Mapping, *states: Mapping[str, torch.Tensor]) -> str:
    """What makes a training what it is: SHA-256 of files of code, torch's version, settings, and tensors by name."""
    digest = hashlib.sha256(json.dumps([torch.__version__, settings], sort_keys=True).encode())
    for path in code:
        digest.update(Path(path).read_bytes())
    for state in states:
        for name, tensor in sorted(state.items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


class Checkpoint:
    """A file that is written every `interval` minutes and read again only by the training that it belongs to."""

    def __init__(self, path: str | Path, interval: float, fingerprint: str):
        self._path, self._interval, self._fingerprint = Path(path), 60.0 * interval, fingerprint
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether the last one is older than the interval."""
        return time.monotonic() - self._last >= self._interval

    def save(self, state: Mapping) -> None:
        """Replace the file: numbers, tensors, lists and dictionaries of them."""
        content = io.BytesIO()
        torch.save({"fingerprint": self._fingerprint, "state": state}, content)
        replace(self._path, content.getvalue())
        self._last = time.monotonic()

    def load(self) -> dict | None:
        """The state to go on from; None if there is none, or one of other settings, data or code."""
        if not self._path.exists():
            return None
        try:
            content = torch.load(self._path, map_location="cpu", weights_only=True)
            usable = content["fingerprint"] == self._fingerprint
        except Exception:  # torch raises whatever its unpickler or archive reader raise
            usable = False
        if not usable:
            log.info(
                "%s belongs to another training (other settings, data or code) or is damaged: not used", self._path
            )
            return None
        return content["state"]

    def remove(self) -> None:
        """The training is done."""
        self._path.unlink(missing_ok=True)
        remove_unfinished(self._path)
