"""Exact nearest neighbours: blocks of rows are skipped by the bounds of their columns."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

__all__ = ["search"]

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")

NEAREST_FIRST = 4
"""Blocks that are looked at in the order of their distance; the others follow as they come."""


@compiled
def search(
    X: Any, own: Any, blocks: Any, low: Any, high: Any, ids: Any, distances: Any, indices: Any
) -> None:
    """Write the squared distances and places of the nearest rows of each row of X.

    A sum of squared differences over the columns, one after the other, is never below
    the same sum of the differences to the bounds of a block, rounded or not: so no
    block with a nearer row is skipped, and the distances are those of a plain loop.

    Parameters
    ----------
    X
        Rows, shape (m, d), so small that no square overflows.
    own
        Place of each row among the training rows, which is left out; -1 for a new row.
    blocks
        Training rows, shape (n_blocks, d, size), filled up with infinities.
    low, high
        Bounds of the blocks, shape (d, n_blocks).
    ids
        Places of the rows in `blocks`, shape (n_blocks, size); n where it is filled up.
    distances, indices
        Written, shape (m, k): by increasing (distance, place).
    """
    n_blocks, size = ids.shape
    k = distances.shape[1]
    bounds, sums = np.empty(n_blocks), np.empty(size)
    for i in range(len(X)):
        found, places = distances[i], indices[i]
        found[:] = np.inf
        places[:] = np.iinfo(np.int64).max
        _bounds(X[i], low, high, bounds)
        for step in range(NEAREST_FIRST + n_blocks):
            block: Any = step - NEAREST_FIRST if step >= NEAREST_FIRST else np.argmin(bounds)
            if bounds[block] > found[k - 1] or bounds[block] == np.inf:
                continue
            bounds[block] = np.inf
            _sums(X[i], blocks[block], sums)
            for place in range(size):
                value, who = sums[place], ids[block, place]
                if value <= found[k - 1] and who != own[i]:
                    _insert(value, who, found, places)


@compiled
def _bounds(row: Any, low: Any, high: Any, bounds: Any) -> None:
    bounds[:] = 0.0
    for j in range(len(row)):
        for block in range(len(bounds)):
            outside = max(low[j, block] - row[j], row[j] - high[j, block], 0.0)
            bounds[block] += outside * outside


@compiled
def _sums(row: Any, block: Any, sums: Any) -> None:
    sums[:] = 0.0
    for j in range(len(row)):
        for place in range(len(sums)):
            difference = row[j] - block[j, place]
            sums[place] += difference * difference


@compiled
def _insert(value: float, who: int, found: Any, places: Any) -> None:
    last = len(found) - 1
    if value == found[last] and who > places[last]:
        return
    at = last
    while at > 0 and (found[at - 1] > value or (found[at - 1] == value and places[at - 1] > who)):
        found[at], places[at] = found[at - 1], places[at - 1]
        at -= 1
    found[at], places[at] = value, who
