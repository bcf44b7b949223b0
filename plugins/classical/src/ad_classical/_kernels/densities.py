"""Exponents of the Gaussian kernels of one row; tiles of rows that do not count are skipped."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from ad_classical._kernels.neighbors import distance_bounds, squared_distances

__all__ = ["near_exponents"]

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def near_exponents(
    row: Any, tiles: Any, low: Any, high: Any, n: int, cut: float, exponents: Any
) -> tuple[int, float]:
    """Write ``-|x - y|^2 / 2``, less the largest, of the rows y in all tiles that count.

    Parameters
    ----------
    row
        x, shape (d,), so small that no square overflows.
    tiles
        The n rows y, column by column, shape (n_tiles, d or more, size).
    low, high
        Bounds of the tiles, shape (d, n_tiles).
    cut
        How far an exponent lies below the largest one where it no longer counts; those
        of the same tile as one that does are written, too, as twice `cut` at most.
    exponents
        Written from the start, shape (n_tiles * size,).

    Returns
    -------
    count, least
        How many were written, and the largest one, negated.
    """
    n_tiles, size = len(tiles), tiles.shape[2]
    bounds = np.empty(n_tiles)
    distance_bounds(row, low, high, bounds)
    count, least = 0, np.inf
    for step in range(1 + n_tiles):  # the nearest tile, then the others as they come
        tile: Any = step - 1 if step else np.argmin(bounds)
        if bounds[tile] == np.inf or bounds[tile] / 2 > least + cut:
            continue
        bounds[tile] = np.inf
        part = exponents[count : count + size]
        squared_distances(row, tiles[tile], part)
        stop = min(size, n - tile * size)
        smallest = np.inf
        for place in range(stop):
            smallest = min(smallest, part[place])
        least = min(least, smallest / 2)
        count += stop
    for place in range(count):
        exponents[place] = -min(exponents[place] / 2 - least, 2 * cut)
    return count, least
