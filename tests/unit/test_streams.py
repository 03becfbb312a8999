"""The same galaxies and codes come out whatever number is asked for; other seeds and streams give others."""

import itertools

import numpy as np
import pytest

from rotcurves import streams
from rotcurves.density import GaussianMixture
from rotcurves.relations import Relation, draw_parameters
from rotcurves.streams import Stream

MIXTURE = GaussianMixture(np.array([0.3, 0.7]), np.array([[-1.0, 0.0], [2.0, 1.0]]), np.stack([np.eye(2)] * 2))


def codes(n):
    return MIXTURE.sample(n, seed=5)


def galaxies(n):
    relation = Relation(zero_point=1.0, slope=0.5, scatter=0.1, pivot=10.0)
    drawn = [
        draw_parameters(random, rows.stop - rows.start, (9.0, 12.0), relation, relation, relation)
        for rows, random in streams.blocks(n, 5, Stream.PARAMETERS)
    ]
    return np.concatenate(drawn)


@pytest.mark.parametrize("draw", [galaxies, codes])
@pytest.mark.parametrize("n", [1, 1000, streams.BLOCK, streams.BLOCK + 10])
def test_fewer_rows_are_the_first_of_many(draw, n):
    np.testing.assert_array_equal(draw(n), draw(streams.BLOCK + 500)[:n])


@pytest.mark.parametrize("n", [0, 1, streams.BLOCK, streams.BLOCK + 1, 2 * streams.BLOCK + 3])
def test_blocks_cover_every_row_once(n):
    rows = [i for part, _ in streams.blocks(n, 1, Stream.PARAMETERS) for i in range(part.start, part.stop)]
    assert rows == list(range(n))


def test_every_seed_stream_and_block_draws_other_numbers():
    keys = list(itertools.product((0, 1, 2, 2**32 - 1), Stream, (0, 1, 2)))
    first = {streams.generator(*key).random() for key in keys}
    assert len(first) == len(keys)


def test_neighbouring_blocks_are_uncorrelated():
    drawn = [random.standard_normal(20_000) for _, random in streams.blocks(3 * streams.BLOCK, 1, Stream.PARAMETERS)]
    correlation = np.corrcoef(drawn)[np.triu_indices(3, 1)]
    assert np.abs(correlation).max() < 4.0 / np.sqrt(20_000)


@pytest.mark.parametrize("sizes", [(3, 2, 5), (0, 7), (streams.BLOCK, 1, 2 * streams.BLOCK + 3)])
def test_every_row_is_in_exactly_one_part_of_its_size(sizes):
    drawn = [parts for _, parts in streams.partition(sizes, 1)]
    parts = [np.concatenate(blocks) for blocks in zip(*drawn, strict=True)]
    assert [len(part) for part in parts] == list(sizes)
    assert all((np.diff(part) > 0).all() for part in parts)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(sum(sizes)))


def test_every_row_is_as_likely_in_a_part_and_parts_share_blocks_as_chance_does(monkeypatch):
    monkeypatch.setattr(streams, "BLOCK", 8)
    n, size, seeds = 20, 6, 4000
    drawn = np.array(
        [np.concatenate([part for _, (part, _) in streams.partition((size, n - size), s)]) for s in range(seeds)]
    )
    member = (drawn[:, :, None] == np.arange(n)).any(1)
    share = size / n
    np.testing.assert_allclose(member.mean(0), share, atol=4.0 * np.sqrt(share * (1.0 - share) / seeds))
    # Hypergeometric: the variance of the number of members among the first eight of twenty.
    variance = 8 * share * (1.0 - share) * (n - 8) / (n - 1)
    assert member[:, :8].sum(1).var() == pytest.approx(variance, rel=4.0 * np.sqrt(2.0 / seeds))
