"""Batches hold every curve once an epoch, in random order, whatever the buffer."""

import pytest
import torch

from curvae.model import batches as module

N, SIZE = 1000, 64
CURVES = torch.arange(N, dtype=torch.float32)[:, None]


def epoch(batches, seed):
    return list(batches.epoch(torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize("buffer", [1, 100, 256, 999, 1000, 5000])
def test_an_epoch_holds_every_curve_once_in_an_order_made_of_the_seed(buffer, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 50)
    batches = module.Batches(CURVES.__getitem__, N, SIZE, buffer)
    drawn, same, other = (epoch(batches, seed) for seed in (1, 1, 2))
    assert len(drawn) == len(batches)
    assert {len(batch) for batch in drawn[:-1]} == {SIZE}
    assert torch.equal(torch.cat(drawn).sort(0).values, CURVES)
    assert torch.equal(torch.cat(drawn), torch.cat(same))
    assert not torch.equal(torch.cat(drawn), torch.cat(other))


def test_a_batch_is_of_many_blocks_as_soon_as_the_buffer_is():
    # Neighbours in the file, of which a batch of 64 out of 1,000 would hold about 4 pairs by chance.
    shuffled = torch.cat(epoch(module.Batches(CURVES.__getitem__, N, SIZE, buffer=N), 1))[:, 0]
    neighbours = ((shuffled[1:] - shuffled[:-1]).abs() == 1).sum()
    assert neighbours < 12  # expected 2, and 999 in order


@pytest.mark.parametrize("buffer", [200, N])
def test_no_more_than_the_buffer_is_read_ahead_and_what_fits_in_is_read_once(buffer, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 50)
    read, delivered = [], 0

    def reading(rows):
        read.extend(range(N)[rows])
        return CURVES[rows]

    batches = module.Batches(reading, N, SIZE, buffer)
    for batch in batches.epoch(torch.Generator().manual_seed(1)):
        assert len(read) - delivered <= buffer + SIZE
        delivered += len(batch)
    epoch(batches, 2)
    assert len(read) == (N if buffer == N else 2 * N)
