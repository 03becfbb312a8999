"""The same galaxies and codes come out whatever number is asked for; other seeds and streams give others."""

import itertools

import numpy as np
import pytest

from curvae.densities.files import sample
from curvae.densities.mixtures import GaussianMixture
from curvae.galaxies.scaling import Relation, draw_parameters
from curvae.runtime import streams
from curvae.runtime.streams import Stream

MIXTURE = GaussianMixture(np.array([0.3, 0.7]), np.array([[-1.0, 0.0], [2.0, 1.0]]), np.stack([np.eye(2)] * 2))
RELATION = Relation(zero_point=1.0, slope=0.5, scatter=0.1, pivot=10.0)


def codes(n):
    return sample(MIXTURE, n, 5)


def galaxies(n, *core_range):
    blocks = streams.blocks(n, 5, Stream.PARAMETERS)
    relations = [*[RELATION] * 3, *core_range]
    return np.concatenate([draw_parameters(r, len(range(n)[rows]), (9.0, 12.0), *relations) for rows, r in blocks])


def cored(n):
    return galaxies(n, (-2.0, 1.5))


@pytest.mark.parametrize("draw", [galaxies, cored, codes])
@pytest.mark.parametrize("n", [1, 1000, streams.BLOCK, streams.BLOCK + 10])
def test_fewer_rows_are_the_first_of_many(draw, n):
    assert len(draw(n)) == n
    np.testing.assert_array_equal(draw(n), draw(streams.BLOCK + 500)[:n])


def test_every_seed_stream_and_block_draws_other_numbers():
    keys = list(itertools.product((0, 1, 2, 2**32 - 1), Stream, (0, 1, 2)))
    assert len({streams.generator(*key).random() for key in keys}) == len(keys)
    assert len({streams.torch_seed(*key) for key in keys}) == len(keys)


@pytest.mark.parametrize("sizes", [(3, 2, 5), (0, 7), (streams.BLOCK, 1, 2 * streams.BLOCK + 3)])
def test_every_row_is_in_exactly_one_part_of_its_size(sizes):
    drawn = [parts for _, parts in streams.partition(sizes, 1)]
    parts = [np.concatenate(blocks) for blocks in zip(*drawn, strict=True)]
    assert [len(part) for part in parts] == list(sizes)
    assert all((np.diff(part) > 0).all() for part in parts)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(sum(sizes)))


def test_every_row_is_as_likely_in_a_part_and_parts_share_blocks_as_chance_does(monkeypatch):
    monkeypatch.setattr(streams, "BLOCK", 8)
    n, size, seeds = 20, 6, 1500
    drawn = [np.concatenate([part for _, (part, _) in streams.partition((size, n - size), s)]) for s in range(seeds)]
    member = (np.array(drawn)[:, :, None] == np.arange(n)).any(1)
    share = size / n
    np.testing.assert_allclose(member.mean(0), share, atol=4.0 * np.sqrt(share * (1.0 - share) / seeds))
    # Hypergeometric: the variance of the number of members among the first eight of twenty.
    variance = 8 * share * (1.0 - share) * (n - 8) / (n - 1)
    assert member[:, :8].sum(1).var() == pytest.approx(variance, rel=4.0 * np.sqrt(2.0 / seeds))
