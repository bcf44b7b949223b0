"""Empirical tails of values, column by column, added up over the columns."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

__all__ = ["add_tails", "lay_guides"]

compiled: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def lay_guides(columns: Any, scales: Any, guides: Any) -> None:
    """Write where each of equally wide cells begins in each column.

    Parameters
    ----------
    columns
        Training values, each column sorted, shape (d, n).
    scales
        Cells per unit of each column, 0 for a constant one; shape (d,).
    guides
        Written: how many values are in cells before this one; shape (d, n_cells + 1).
    """
    n_cells = guides.shape[1] - 1
    for j in range(len(columns)):
        column, guide = columns[j], guides[j]
        at = 0
        for cell in range(n_cells):
            while at < len(column) and _cell(column[at], column[0], scales[j], n_cells) < cell:
                at += 1
            guide[cell] = at
        guide[n_cells] = len(column)


@compiled
def add_tails(
    X: Any, columns: Any, signs: Any, surprise: Any, copula: bool, scales: Any, guides: Any,
    total: Any,
) -> None:  # fmt: skip
    """Add to `total` what each column says of each row, one column after the other.

    Parameters
    ----------
    X
        Rows, shape (m, d).
    columns
        Training values, each column sorted, shape (d, n).
    signs
        Of the skewness of each column.
    surprise
        At k, -log(k / n), or that of 1 for k = 0; shape (n + 1,).
    copula
        How the tails of a column are combined: as by COPOD, else as by ECOD.
    scales, guides
        See `lay_guides`.
    total
        Added to, shape (m,).
    """
    n_cells = guides.shape[1] - 1
    for j in range(len(columns)):
        column, guide = columns[j], guides[j]
        for row in range(len(X)):
            value = X[row, j]
            cell = _cell(value, column[0], scales[j], n_cells)
            after = _place_after(column, value, guide[cell], guide[cell + 1])
            before = _place_before(column, value, after)
            total[row] += _combined(surprise, after, len(column) - before, signs[j], copula)


@compiled
def _cell(value: float, low: float, scale: float, n_cells: int) -> int:
    # It never decreases with the value, so what is in a lower cell is below it.
    return int(min(max((value - low) * scale, 0.0), n_cells - 1.0))


@compiled
def _place_after(column: Any, value: float, start: int, stop: int) -> int:
    """Return how many numbers are not above the value, when it is from start to stop."""
    while start < stop:
        middle = (start + stop) // 2
        if column[middle] <= value:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def _place_before(column: Any, value: float, after: int) -> Any:
    """Return how many numbers are below the value."""
    before: Any = after
    if after > 0 and column[after - 1] == value:
        before = after - 1
        if before > 0 and column[before - 1] == value:
            before = np.searchsorted(column[:before], value)
    return before


@compiled
def _combined(surprise: Any, left: int, right: int, sign: float, copula: bool) -> Any:
    """Return what `surprise` says of the two tails together; it decreases."""
    if sign == 0.0:
        return surprise[left] + surprise[right]
    if not copula:
        return surprise[min(left, right)]
    skewed, other = (left, right) if sign < 0.0 else (right, left)
    if skewed <= other:
        return surprise[skewed]
    return max(surprise[skewed], (surprise[left] + surprise[right]) / 2.0)
