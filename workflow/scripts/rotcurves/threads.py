"""The number of threads of the numerics: sums of matrix products depend on it in their last digits."""

import torch
from threadpoolctl import threadpool_limits


def limit_threads(threads: int) -> None:
    """Let torch use this many threads, and everything else one, whatever the machine and its environment."""
    threadpool_limits(1)
    torch.set_num_threads(threads)
