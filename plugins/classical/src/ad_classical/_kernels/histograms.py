"""Histograms of equally wide bins, one a column: what is in each bin, and what a bin scores."""

from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["count", "extremes", "likelihoods", "sum_surprise"]

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def extremes(X: Any, low: Any, high: Any) -> None:
    """Make `low` no larger and `high` no smaller than any value of their column."""
    for row in range(len(X)):
        for j in range(len(low)):
            value = X[row, j]
            # As conditions these are single instructions; min and max would mind NaN.
            low[j] = value if value < low[j] else low[j]  # noqa: FURB136
            high[j] = value if value > high[j] else high[j]  # noqa: FURB136


@compiled
def count(X: Any, grid: Any, edges: Any, counts: Any) -> None:
    """Add to `counts`, shape (d, n_bins), how many values are in each bin.

    A bin holds its left edge; the last one both, as in `numpy.histogram`.

    Parameters
    ----------
    X
        Rows, shape (m, d), within the edges.
    grid
        Of each column, the least edge, the bins per unit, and how far from an edge, in
        bins, arithmetic finds the bin for certain; shape (3, d).
    edges
        Shape (d, n_bins + 1).
    """
    low, scales, margins = grid
    n_bins = counts.shape[1]
    for row in range(len(X)):
        for j in range(len(low)):
            value = X[row, j]
            place = (value - low[j]) * scales[j]
            cell = int(place)
            if not abs(place - cell - 0.5) < 0.5 - margins[j]:
                cell = min(max(cell, 0), n_bins - 1)
                while cell > 0 and value < edges[j, cell]:
                    cell -= 1
                while cell < n_bins - 1 and value >= edges[j, cell + 1]:
                    cell += 1
            counts[j, cell] += 1


@compiled
def sum_surprise(X: Any, grid: Any, starts: Any, steps: Any, surprise: Any, total: Any) -> None:
    """Write into `total` what the columns say of each row, added up one after the other.

    Parameters
    ----------
    X
        Rows, shape (m, d).
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
    low, scales, margins = grid
    for row in range(len(X)):
        says = 0.0
        for j in range(len(low)):
            value = X[row, j]
            first, last = starts[j], starts[j + 1]
            cells = last - first - 1
            place = (value - low[j]) * scales[j]
            place = place if place < cells - 1 else cells - 1.0
            place = place if place > 0.0 else 0.0  # noqa: FURB136
            cell = int(place)
            at = first + 1 + cell
            if not abs(place - cell - 0.5) < 0.5 - margins[j]:
                while at > first and steps[at - 1] >= value:
                    at -= 1
                while at < last and steps[at] < value:
                    at += 1
            says += surprise[at + j]
        total[row] = says


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
