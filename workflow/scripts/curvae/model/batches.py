"""Training curves in random order, with no more of them in memory than a buffer holds."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

# Curves that are read together and stay together until they are in the buffer.
BLOCK = 4096


class Batches:
    """Batches of the coefficients of `curves` training curves, in another order each epoch.

    `read` gives the coefficients (n, k) of a slice of the curves. The blocks are read in random order into a
    buffer of `buffer` curves, and what fills it is shuffled. If all fit in, they are read once and shuffled all.
    """

    def __init__(self, read: Callable[[slice], Tensor], curves: int, batch_size: int, buffer: int):
        self._blocks = [slice(start, min(start + BLOCK, curves)) for start in range(0, curves, BLOCK)]
        self._read, self._batch_size = read, batch_size
        self._at_once = max(1, buffer // BLOCK)
        self.curves = curves
        self._held = self._fill(range(len(self._blocks))) if curves <= buffer else None

    def __len__(self) -> int:
        """Batches of an epoch; only the last may be smaller."""
        return -(-self.curves // self._batch_size)

    def _fill(self, blocks) -> Tensor:
        filling, start = None, 0
        for block in blocks:
            curves = self._read(self._blocks[block])
            if filling is None:
                size = sum(self._blocks[b].stop - self._blocks[b].start for b in blocks)
                filling = curves.new_empty((size, curves.shape[1]))
            filling[start : start + len(curves)] = curves
            start += len(curves)
        return filling

    def _fillings(self, generator: torch.Generator) -> Iterator[Tensor]:
        if self._held is not None:
            yield self._held
        else:
            for blocks in torch.randperm(len(self._blocks), generator=generator).split(self._at_once):
                yield self._fill(blocks)

    def epoch(self, generator: torch.Generator) -> Iterator[Tensor]:
        """Yield each curve once, in an order that `generator` alone decides."""
        left, rest = self.curves, None
        for filling in self._fillings(generator):
            curves = filling if rest is None else torch.cat([rest, filling])
            del filling  # so that no more than two buffers are in memory
            curves = curves[torch.randperm(len(curves), generator=generator).to(curves.device)]
            # What makes no whole batch waits for the next filling.
            whole = len(curves) if len(curves) == left else len(curves) - len(curves) % self._batch_size
            for start in range(0, whole, self._batch_size):
                yield curves[start : min(start + self._batch_size, whole)]
            left, rest = left - whole, curves[whole:].clone()
            del curves
