"""The sum of Gaussian kernels for one row; boxes of rows that do not count are skipped."""

from typing import Any

import numpy as np

from ad_classical._gaussian_sums import BOX
from ad_classical._kernels._compiling import FLOAT, FLOATS, INT, compiled, given, ready
from ad_classical._kernels.neighbors import distance_bounds

__all__ = ["near_log_sum"]

NEAREST_FIRST = 2
"""Boxes that are looked at in the order of their distance; the others follow as they come."""


@compiled
def near_log_sum(row: Any, tiles: Any, low: Any, high: Any, n: int, cut: float, room: Any) -> float:
    """Return minus the logarithm of the sum of ``exp(-|x - y|^2 / 2)`` over the rows y.

    Parameters
    ----------
    row
        x, shape (d,), so small that no square overflows.
    tiles
        The n rows y, column by column, shape (n_tiles, d or more, size).
    low, high
        Bounds of the boxes, shape (d, n_boxes): see `box_bounds`.
    cut
        How far an exponent lies below the largest one where it no longer counts.
    room
        Overwritten, shape (n_tiles * size,).
    """
    n_boxes, size = low.shape[1], tiles.shape[2]
    bounds = np.empty(n_boxes)
    distance_bounds(row, low, high, bounds)
    count, least = 0, np.inf
    for step in range(NEAREST_FIRST + n_boxes):
        which: Any = step - NEAREST_FIRST if step >= NEAREST_FIRST else np.argmin(bounds)
        if bounds[which] == np.inf or bounds[which] / 2 > least + cut:
            continue
        bounds[which] = np.inf
        tile, at = divmod(which * BOX, size)
        part = room[count : count + min(BOX, size - at)]
        part[:] = 0.0
        for j in range(len(row)):
            values = tiles[tile, j, at : at + len(part)]
            for place in range(len(part)):
                difference = row[j] - values[place]
                part[place] += difference * difference
        n_rows = min(len(part), n - which * BOX)
        for place in range(n_rows):
            least = min(least, part[place] / 2)
        count += n_rows
    total: Any = 0.0
    for place in range(count):
        away = room[place] / 2 - least
        if away <= cut:
            total += np.exp(-away)
    return float(least - np.log(total))


ready(near_log_sum, (given(1), given(3), given(2), given(2), INT, FLOAT, FLOATS))
