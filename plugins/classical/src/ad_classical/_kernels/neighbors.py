"""Rows near a row: blocks of rows are skipped by the bounds of their columns."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import (
    FLOAT,
    FLOATS,
    FLOATS_2D,
    INT,
    INT32,
    INTS_2D,
    SINGLE,
    compiled,
    given,
    ready,
)

__all__ = ["near_log_sums", "search", "sift"]

STRIP = 64
"""Training rows that are ruled out at once."""
LANES = 8
"""Distances that are measured side by side."""
NEAREST_FIRST = 4
"""Blocks that are looked at in the order of their distance; the others follow as they come."""
BOXES_FIRST = 2
"""The same, of boxes."""


@compiled
def search(
    X: Any, own: Any, blocks: Any, low: Any, high: Any, ids: Any, distances: Any, indices: Any
) -> int:
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

    Returns
    -------
    int
        How many blocks were looked at.
    """
    visited = 0
    n_blocks, size = ids.shape
    k = distances.shape[1]
    bounds, sums = np.empty(n_blocks), np.empty(size)
    for i in range(len(X)):
        found, places = distances[i], indices[i]
        found[:] = np.inf
        places[:] = np.iinfo(np.int64).max
        _distance_bounds(X[i], low, high, bounds)
        for step in range(NEAREST_FIRST + n_blocks):
            block: Any = step - NEAREST_FIRST if step >= NEAREST_FIRST else np.argmin(bounds)
            if bounds[block] > found[k - 1] or bounds[block] == np.inf:
                continue
            bounds[block] = np.inf
            visited += 1
            _squared_distances(X[i], blocks[block], 0, sums)
            for place in range(size):
                value, who = sums[place], ids[block, place]
                if value <= found[k - 1] and who != own[i]:
                    _insert(value, who, found, places)
    return visited


@compiled
def sift(
    products: Any,
    lengths: Any,
    squares: Any,
    slack: float,
    lost: float,
    per: float,
    X: Any,
    rows: Any,
    start: int,
    own: Any,
    distances: Any,
    indices: Any,
) -> None:
    """Go on with the nearest rows of each row of X, among some more training rows.

    Parameters
    ----------
    products
        Shape (m, n); with `lengths`, shape (m,), and `squares`, shape (n,), added it is no
        larger than the squared distance in some unit, rounded or not.
    slack, lost
        And no smaller with this share of `lengths` and `squares`, and so much, added again.
    per
        What one is in that unit.
    X
        Rows, shape (m, d).
    rows
        Training rows, shape (n, d).
    start
        Place of the first of them.
    own
        As in `search`.
    distances, indices
        Nearest rows so far, shape (m, k): by increasing (distance, place).
    """
    last = distances.shape[1] - 1
    waiting, reach = np.zeros(LANES, np.int64), np.empty(last + 1, products.dtype)
    for i in range(len(X)):
        found, places, left_out = distances[i], indices[i], own[i] - start
        for at in range(last + 1):
            reach[at] = found[at] * per
        if not _narrow(products[i], lengths[i], squares, slack, lost, left_out, reach):
            continue
        limit, n_waiting = reach[last] - lengths[i], 0
        for first in range(0, len(rows), STRIP):
            some, more = products[i, first : first + STRIP], squares[first : first + STRIP]
            if not _any_within(some, more, limit):
                continue
            for t in range(len(some)):
                if some[t] + more[t] <= limit and first + t != left_out:
                    waiting[n_waiting] = first + t
                    n_waiting += 1
                    if n_waiting == LANES:
                        _measure(X[i], rows, start, waiting, n_waiting, found, places)
                        n_waiting = 0
        _measure(X[i], rows, start, waiting, n_waiting, found, places)


@compiled
def _narrow(
    products: Any,
    length: float,
    squares: Any,
    slack: float,
    lost: float,
    left_out: int,
    reach: Any,
) -> bool:
    """Lower `reach`, within which k rows are for certain; return whether more could be."""
    last = len(reach) - 1
    limit, more_within = reach[last] - length, False
    for first in range(0, len(products), STRIP):
        some, more = products[first : first + STRIP], squares[first : first + STRIP]
        if not _any_within(some, more, limit):
            continue
        for t in range(len(some)):
            low = some[t] + more[t]
            if low <= limit and first + t != left_out:
                more_within = True
                value = low + length + slack * (length + more[t]) + lost
                if value < reach[last]:
                    at = last
                    while at > 0 and reach[at - 1] > value:
                        reach[at] = reach[at - 1]
                        at -= 1
                    reach[at] = value
                    limit = reach[last] - length
    return more_within


@compiled
def _any_within(some: Any, more: Any, limit: float) -> bool:
    # A loop without a way out becomes vector instructions.
    near = 0
    for t in range(len(some)):
        near += some[t] + more[t] <= limit
    return near > 0


@compiled
def _measure(
    row: Any, rows: Any, start: int, waiting: Any, n_waiting: int, found: Any, places: Any
) -> None:
    """Insert those of the waiting rows that are near: side by side, as a sum has to wait."""
    sums = np.zeros(LANES)
    for j in range(len(row) if n_waiting else 0):
        for lane in range(LANES):
            difference = row[j] - rows[waiting[lane], j]
            sums[lane] += difference * difference
    for lane in range(n_waiting):
        if sums[lane] <= found[len(found) - 1]:
            _insert(sums[lane], start + waiting[lane], found, places)


@compiled
def near_log_sums(
    X: Any,
    center: Any,
    unit: float,
    tiles: Any,
    low: Any,
    high: Any,
    n: int,
    box: int,
    cut: float,
    out: Any,
) -> None:
    """Write minus the logarithm of the sum of ``exp(-|x - y|^2 / 2)`` over the rows y, for each x.

    Boxes of rows that do not count are skipped.

    Parameters
    ----------
    X, center, unit
        The x are the rows of X, shape (m, d), less `center`, shape (d,), over `unit`: so
        small that no square overflows.
    tiles
        The n rows y, column by column, shape (n_tiles, d or more, size).
    low, high
        Bounds of the boxes, shape (d, n_boxes): see `box_bounds`.
    box
        Rows in a box; a divisor of `size`.
    cut
        How far an exponent lies below the largest one where it no longer counts.
    out
        Written, shape (m,).
    """
    d, n_boxes, size = len(center), low.shape[1], tiles.shape[2]
    row, bounds = np.empty(d), np.empty(n_boxes)
    sums, kept = np.empty(box), np.empty(n_boxes * box)
    for i in range(len(X)):
        for j in range(d):
            row[j] = (X[i, j] - center[j]) / unit
        _distance_bounds(row, low, high, bounds)
        count, least, limit = 0, np.inf, np.inf
        for step in range(BOXES_FIRST + n_boxes):
            which: Any = step - BOXES_FIRST if step >= BOXES_FIRST else np.argmin(bounds)
            if bounds[which] == np.inf or bounds[which] > limit:
                continue
            bounds[which] = np.inf
            tile, at = divmod(which * box, size)
            part = sums[: min(box, n - which * box)]
            _squared_distances(row, tiles[tile], at, part)
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


@compiled
def _distance_bounds(row: Any, low: Any, high: Any, bounds: Any) -> None:
    """Write the squared distance of a row to the bounds of each block."""
    bounds[:] = 0.0
    for j in range(len(row)):
        for block in range(len(bounds)):
            outside = max(low[j, block] - row[j], row[j] - high[j, block], 0.0)
            bounds[block] += outside * outside


@compiled
def _squared_distances(row: Any, block: Any, start: int, sums: Any) -> None:
    """Write the squared distances of a row to as many rows of a block, from one on."""
    sums[:] = 0.0
    for j in range(len(row)):
        for place in range(len(sums)):
            # A signed place would be tested for what counts from the end, one after the other.
            difference = row[j] - block[j, np.uint64(start + place)]
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


ready(
    search,
    (given(2), given(1, INT32), given(3), given(2), given(2), given(2, INT32), FLOATS_2D, INTS_2D),
)
ready(
    sift,
    *(
        (
            given(2, kind),
            given(1, kind),
            given(1, kind),
            FLOAT,
            FLOAT,
            FLOAT,
            given(2),
            given(2),
            INT,
            given(1, INT32),
            FLOATS_2D,
            INTS_2D,
        )
        for kind in (SINGLE, FLOAT)
    ),
)
ready(
    near_log_sums,
    (given(2), given(1), FLOAT, given(3), given(2), given(2), INT, INT, FLOAT, FLOATS),
)
