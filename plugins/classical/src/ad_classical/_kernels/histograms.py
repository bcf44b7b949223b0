"""Histograms of equally wide bins, one a column: what is in each bin, and what a bin scores."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import (
    FLOAT,
    FLOATS,
    INT,
    INT32,
    INTS_2D,
    compiled,
    given,
    ready,
)

__all__ = ["count", "extremes", "likelihoods", "sum_surprise"]

WIDTH = 512
"""Values that are placed at once: whole rows, their columns' numbers repeated beside them, so
that the loop over them has no loop over columns inside and becomes vector instructions."""


@compiled
def extremes(X: Any, low: Any, high: Any) -> None:
    """Make `low` no larger and `high` no smaller than any value of their column."""
    d = len(low)
    rows = max(1, WIDTH // d)
    least, most = _repeated(low, rows), _repeated(high, rows)
    for start in range(0, len(X), rows):
        values = X[start : start + rows].ravel()
        for i in range(len(values)):
            value = values[i]
            # As conditions these are single instructions; min and max would mind NaN.
            least[i] = value if value < least[i] else least[i]  # noqa: FURB136
            most[i] = value if value > most[i] else most[i]  # noqa: FURB136
    for i in range(len(least)):
        low[i % d] = min(low[i % d], least[i])
        high[i % d] = max(high[i % d], most[i])


@compiled
def count(X: Any, grid: Any, edges: Any, counts: Any) -> None:
    """Add to `counts`, shape (d, n_bins), how many values are in each bin.

    A bin holds its left edge; the last one both, as in `numpy.histogram`.

    Parameters
    ----------
    X
        Rows, shape (m, d), within the edges; contiguous.
    grid
        Of each column, the least edge, the bins per unit, and how far from an edge, in
        bins, arithmetic finds the bin for certain; shape (3, d).
    edges
        Shape (d, n_bins + 1).
    """
    d, n_bins = counts.shape
    rows = max(1, WIDTH // d)
    low, scales, inner = _laid_beside(grid, rows)
    last = np.full(len(low), np.nextafter(float(n_bins), 0.0))
    cells, doubtful = np.empty(len(low), np.int32), np.empty(len(low), np.bool_)
    flat = counts.ravel()
    for start in range(0, len(X), rows):
        values = X[start : start + rows].ravel()
        if _place(values, low, scales, inner, last, cells, doubtful):
            for i in range(len(values)):
                if doubtful[i]:
                    value, cell, j = values[i], cells[i], i % d
                    while cell > 0 and value < edges[j, cell]:
                        cell -= 1
                    while cell < n_bins - 1 and value >= edges[j, cell + 1]:
                        cell += 1
                    cells[i] = cell
        for first in range(0, len(values), d):
            for j in range(d):
                flat[np.uint64(j * n_bins + cells[first + j])] += 1


@compiled
def sum_surprise(X: Any, grid: Any, starts: Any, steps: Any, surprise: Any, total: Any) -> None:
    """Write into `total` what the columns say of each row, added up one after the other.

    Parameters
    ----------
    X
        Rows, shape (m, d); contiguous.
    grid
        As in `count`.
    starts
        Where the steps of each column begin, and where the last ones end; shape (d + 1,).
    steps
        Rising values at which the surprise of a column changes, all columns in a row:
        one below the least edge, the edges between bins, one above the largest edge.
    surprise
        Of values up to each step, and of those above the last: one more a column.
    """
    d = X.shape[1]
    rows = max(1, WIDTH // d)
    low, scales, inner = _laid_beside(grid, rows)
    last = _repeated(np.nextafter(np.diff(starts) - 1.0, 0.0), rows)
    cells, doubtful = np.empty(len(low), np.int32), np.empty(len(low), np.bool_)
    offsets = starts[:d] + np.arange(1, d + 1)  # below the least edge there is one step more
    for start in range(0, len(X), rows):
        values = X[start : start + rows].ravel()
        if _place(values, low, scales, inner, last, cells, doubtful):
            for i in range(len(values)):
                if doubtful[i]:
                    value, j = values[i], i % d
                    at = starts[j] + 1 + cells[i]
                    while at > starts[j] and steps[at - 1] >= value:
                        at -= 1
                    while at < starts[j + 1] and steps[at] < value:
                        at += 1
                    cells[i] = at - starts[j] - 1
        for row in range(len(values) // d):
            says = 0.0
            for j in range(d):
                says += surprise[np.uint64(offsets[j] + cells[row * d + j])]
            total[start + row] = says


@compiled
def _place(
    values: Any, low: Any, scales: Any, inner: Any, last: Any, cells: Any, doubtful: Any
) -> bool:
    """Write the cell of each value, and whether it is too near an edge to be certain of it.

    Returns
    -------
    bool
        Whether any is.
    """
    doubts = 0
    for i in range(len(values)):
        place = (values[i] - low[i]) * scales[i]
        # As conditions these are single instructions; min and max would mind NaN.
        place = place if place < last[i] else last[i]  # noqa: FURB136
        place = place if place > 0.0 else 0.0  # noqa: FURB136
        cell = np.int32(place)
        cells[i] = cell
        doubt = not abs(place - cell - 0.5) < inner[i]
        doubtful[i] = doubt
        doubts += doubt
    return doubts > 0


@compiled
def _laid_beside(grid: Any, rows: int) -> Any:
    """Return what `_place` has to know, repeated for so many rows."""
    return _repeated(grid[0], rows), _repeated(grid[1], rows), 0.5 - _repeated(grid[2], rows)


@compiled
def _repeated(numbers: Any, rows: int) -> Any:
    out = np.empty(rows * len(numbers))
    for row in range(rows):
        out[row * len(numbers) : (row + 1) * len(numbers)] = numbers
    return out


@compiled
def likelihoods(column: Any, guide: Any, scale: float, weights: Any, found: Any) -> None:
    """Write the sum of ``count * log(count)`` over the bins, for 2, 3, … bins.

    Parameters
    ----------
    column
        Sorted values.
    guide, scale
        As `lay_guides` of the module `tails` writes them for the column.
    weights
        At k, ``k * log(k)``.
    found
        Written: at i, the sum for i + 2 bins.
    """
    low, high, n = column[0], column[-1], len(column)
    n_cells = len(guide) - 1
    for i in range(len(found)):
        n_bins = i + 2
        step = (high - low) / n_bins
        before, total = 0, 0.0
        for edge in range(1, n_bins):
            value = edge * step + low
            place = guide[_cell(value, low, scale, n_cells)]
            while place < n and column[place] < value:
                place += 1
            total += weights[place - before]
            before = place
        found[i] = total + weights[n - before]


@compiled
def _cell(value: float, low: float, scale: float, n_cells: int) -> int:
    return int(min(max((value - low) * scale, 0.0), n_cells - 1.0))


ready(extremes, (given(2), FLOATS, FLOATS))
ready(count, (given(2), given(2), given(2), INTS_2D))
ready(sum_surprise, (given(2), given(2), given(1, INT), given(1), given(1), FLOATS))
ready(likelihoods, (given(1), given(1, INT32), FLOAT, given(1), FLOATS))
