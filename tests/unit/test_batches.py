"""Batches hold every curve once an epoch, in random order, whatever the buffer."""

import pytest
import torch

from rotcurves import batches as module
from rotcurves.batches import Batches

N, SIZE = 1000, 64
CURVES = torch.arange(N, dtype=torch.float32)[:, None]


@pytest.fixture(params=[1, 100, 256, 1000, 5000])
def batches(request, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 50)
    return Batches(CURVES.__getitem__, N, SIZE, buffer=request.param)


def epoch(batches, seed):
    return list(batches.epoch(torch.Generator().manual_seed(seed)))


def test_an_epoch_holds_every_curve_once_in_batches_of_one_size(batches):
    drawn = epoch(batches, 1)
    assert len(drawn) == len(batches)
    assert {len(batch) for batch in drawn[:-1]} == {SIZE}
    assert torch.equal(torch.cat(drawn).sort(0).values, CURVES)


def test_the_order_is_made_of_the_seed_alone(batches):
    first, same, other = (torch.cat(epoch(batches, seed)) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_batch_is_of_many_blocks_as_soon_as_the_buffer_is():
    # Neighbours in the file, of which a batch of 64 out of 1,000 would hold about 4 pairs by chance.
    shuffled = torch.cat(epoch(Batches(CURVES.__getitem__, N, SIZE, buffer=N), 1))[:, 0]
    neighbours = ((shuffled[1:] - shuffled[:-1]).abs() == 1).sum()
    assert neighbours < 12  # expected 2, and 999 in order


def test_no_more_than_the_buffer_is_ever_read_ahead(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 50)
    read = []

    def reading(rows):
        read.append(rows)
        return CURVES[rows]

    delivered = 0
    for batch in Batches(reading, N, SIZE, buffer=200).epoch(torch.Generator().manual_seed(1)):
        assert sum(rows.stop - rows.start for rows in read) - delivered <= 200 + SIZE
        delivered += len(batch)
