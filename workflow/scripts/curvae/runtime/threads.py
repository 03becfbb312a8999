"""The number of threads of the numerics: sums of matrix products depend on it in their last digits."""

import sys

from threadpoolctl import threadpool_limits


def limit_threads(threads: int) -> None:
    """Let torch, where a step has imported it, use this many threads, and every other library one."""
    threadpool_limits(1)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)
