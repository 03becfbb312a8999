"""Random numbers that do not depend on how the work is cut into pieces.

Every array of random rows is made of blocks of `BLOCK` rows. Block b of a stream has a generator of
its own, seeded by (seed, stream, b). Whoever draws several arrays from it draws whole blocks and cuts
them, so that a row is the same whatever the number of rows.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum

import numpy as np

BLOCK = 16384


class Stream(IntEnum):
    """What a block of random numbers is for; a number, once given, keeps its meaning."""

    PARAMETERS = 0
    SPLIT = 1
    TRAINING = 2
    POSTERIOR_DRAWS = 3
    GENERATED_CODES = 4
    DENSITY_FIT = 5
    EVALUATION = 6
    RECONSTRUCTIONS = 7
    MOCKS = 8
    INFERENCE = 9
    POPULATION = 10
    REGRESSION = 11


def generator(seed: int, stream: Stream, block: int = 0) -> np.random.Generator:
    """Random generator of one block of one stream."""
    return np.random.default_rng([seed, int(stream), block])


def torch_seed(seed: int, stream: Stream, block: int = 0) -> int:
    """Seed of torch's own generator for one block of one stream."""
    return int(np.random.SeedSequence([seed, int(stream), block]).generate_state(1)[0])


def blocks(n: int, seed: int, stream: Stream) -> Iterator[tuple[slice, np.random.Generator]]:
    """Yield, for n rows, the rows of each block and the generator that draws them."""
    for block, start in enumerate(range(0, n, BLOCK)):
        yield slice(start, min(start + BLOCK, n)), generator(seed, stream, block)


def partition(sizes: Iterable[int], seed: int) -> Iterator[tuple[slice, list[np.ndarray]]]:
    """Yield the rows of each block, and those that fall to each of some parts of given sizes, in increasing order.

    How many of a block fall to each part is drawn first, so that every division of all rows is as likely as any other.
    """
    left = np.array(list(sizes))
    for rows, random in blocks(left.sum(), seed, Stream.SPLIT):
        counts = random.multivariate_hypergeometric(left, rows.stop - rows.start)
        order = rows.start + random.permutation(rows.stop - rows.start)
        yield rows, [np.sort(part) for part in np.split(order, counts.cumsum()[:-1])]
        left -= counts
