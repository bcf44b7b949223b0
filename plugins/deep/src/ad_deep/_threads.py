"""No more threads than the work is worth.

A step over a small network is shorter than waking a second thread takes; where
other processes want the cores too, waiting for it makes the step a hundred
times longer. torch keeps the number for the calling thread and for threads
that start later, so only those are touched, and only for a while.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["enough_threads"]

_SMALL = 2**24
"""Multiplications (rows times weights) below which one thread is the fastest."""


@contextmanager
def enough_threads(n_rows: int, n_weights: int) -> Iterator[None]:
    """Run torch on one thread, if n_rows through n_weights weights are little work."""
    allowed = torch.get_num_threads()
    if allowed == 1 or n_rows * n_weights > _SMALL:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(allowed)
