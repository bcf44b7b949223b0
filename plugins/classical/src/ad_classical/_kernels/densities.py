"""Sums of Gaussian kernels for a few rows; boxes of rows that do not count are skipped."""

from typing import Any

import numpy as np

from ad_classical._gaussian_sums import BOX
from ad_classical._kernels._compiling import FLOAT, FLOATS, INT, compiled, given, ready
from ad_classical._kernels.neighbors import distance_bounds, squared_distances

__all__ = ["near_log_sums"]

NEAREST_FIRST = 2
"""Boxes that are looked at in the order of their distance; the others follow as they come."""


@compiled
def near_log_sums(
    X: Any,
    center: Any,
    unit: float,
    tiles: Any,
    low: Any,
    high: Any,
    n: int,
    cut: float,
    out: Any,
) -> None:
    """Write minus the logarithm of the sum of ``exp(-|x - y|^2 / 2)`` over the rows y, for each x.

    Parameters
    ----------
    X, center, unit
        The x are the rows of X, shape (m, d), less `center`, shape (d,), over `unit`: so
        small that no square overflows.
    tiles
        The n rows y, column by column, shape (n_tiles, d or more, size).
    low, high
        Bounds of the boxes, shape (d, n_boxes): see `box_bounds`.
    cut
        How far an exponent lies below the largest one where it no longer counts.
    out
        Written, shape (m,).
    """
    d, n_boxes, size = len(center), low.shape[1], tiles.shape[2]
    row, bounds = np.empty(d), np.empty(n_boxes)
    sums, kept = np.empty(BOX), np.empty(n_boxes * BOX)
    for i in range(len(X)):
        for j in range(d):
            row[j] = (X[i, j] - center[j]) / unit
        distance_bounds(row, low, high, bounds)
        count, least, limit = 0, np.inf, np.inf
        for step in range(NEAREST_FIRST + n_boxes):
            which: Any = step - NEAREST_FIRST if step >= NEAREST_FIRST else np.argmin(bounds)
            if bounds[which] == np.inf or bounds[which] > limit:
                continue
            bounds[which] = np.inf
            tile, at = divmod(which * BOX, size)
            part = sums[: min(BOX, n - which * BOX)]
            squared_distances(row, tiles[tile], at, part)
            near = 0
            for place in range(len(part)):
                near += part[place] <= limit
            for place in range(len(part) if near else 0):
                if part[place] <= limit:
                    kept[count] = part[place]
                    count += 1
                    least = min(least, part[place])
                    limit = least + 2.0 * cut
        total: Any = 0.0
        for place in range(count):
            if kept[place] <= limit:
                total += np.exp((least - kept[place]) / 2.0)
        out[i] = least / 2.0 - np.log(total)


ready(
    near_log_sums,
    (given(2), given(1), FLOAT, given(3), given(2), given(2), INT, FLOAT, FLOATS),
)
