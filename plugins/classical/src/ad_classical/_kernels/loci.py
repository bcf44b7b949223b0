"""Counts of neighbours at many radii, for LOCI."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import BOOL, INTS, compiled, given, ready

__all__ = ["add_counts"]

ONE = np.uint64(1)


@compiled
def add_counts(
    ordered: Any, distances: Any, radii: Any, local: Any, added: bool, total: Any, squares: Any
) -> None:
    """Add to `total` and `squares` the counts, and their squares, of the rows within each radius.

    Radii and counts go up together, so one pass over both finds all of a row's; a
    step is an addition to one of them, without a branch to be foreseen. Halves of the radii
    are passed side by side, so that one need not wait for the other.
    """
    n, last = len(distances), len(radii)
    counts = np.empty(last + 1, dtype=np.int64)
    row = np.empty(n + 1)
    row[n] = np.inf
    for q in range(n):
        distance = distances[q]
        first = np.searchsorted(radii, distance)
        if first == last:
            continue
        row[:n] = ordered[q]
        middle, end = np.uint64((first + last) // 2), np.uint64(last)
        low, high = np.uint64(first), middle
        below = np.uint64(np.searchsorted(row, local[low]))
        above = np.uint64(np.searchsorted(row, local[high]))
        while low < middle and high < end:
            counts[low] = below
            counts[high] = above
            step = np.uint64(row[below] < local[low])
            below += step
            low += ONE - step
            step = np.uint64(row[above] < local[high])
            above += step
            high += ONE - step
        while low < middle:
            counts[low] = below
            step = np.uint64(row[below] < local[low])
            below += step
            low += ONE - step
        while high < end:
            counts[high] = above
            step = np.uint64(row[above] < local[high])
            above += step
            high += ONE - step
        for k in range(first, last):
            count = counts[k] + (added and distance < local[k])
            total[k] += count
            squares[k] += count * count


ready(add_counts, (given(2), given(1), given(1), given(1), BOOL, INTS, INTS))
