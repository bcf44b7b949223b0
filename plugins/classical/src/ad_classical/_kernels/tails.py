"""Empirical tails of values, column by column, added up over the columns."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import (
    BOOL,
    FLOAT,
    FLOATS,
    INT32,
    PLACES_2D,
    UINT,
    compiled,
    given,
    ready,
)

__all__ = ["add_tails", "lay_guides", "share_out", "sort_column"]

RADIX = 2048


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
def sort_column(values: Any, bits: Any, column: Any) -> Any:
    """Write the values into `column`, sorted, and return the places they came from.

    By radix, in six passes of 11 bits: numpy's sort takes twice as long on some
    processors, and returns no places.

    Parameters
    ----------
    values
        Finite numbers without a negative zero.
    bits
        A view of them as unsigned integers.
    column
        Written.
    """
    n = len(values)
    counts = np.zeros((6, RADIX), np.int64)
    keys, places = np.empty(n, np.uint64), np.arange(n, dtype=np.int32)
    other_keys, other_places = np.empty(n, np.uint64), np.empty(n, np.int32)
    for i in range(n):
        # Rises with the number: negative ones have all bits turned, others the first.
        key = ~bits[i] if bits[i] >> np.uint64(63) else bits[i] | np.uint64(1 << 63)
        keys[i] = key
        for digit in range(6):
            counts[digit, _digit(key, digit)] += 1
    for digit in range(6):
        if counts[digit, _digit(keys[0], digit)] == n:
            continue
        before = 0
        for value in range(RADIX):
            before, counts[digit, value] = before + counts[digit, value], before
        for i in range(n):
            value = _digit(keys[i], digit)
            at = counts[digit, value]
            counts[digit, value] += 1
            other_keys[at] = keys[i]
            other_places[at] = places[i]
        keys, other_keys = other_keys, keys
        places, other_places = other_places, places
    for i in range(n):
        column[i] = values[places[i]]
    return places


@compiled
def share_out(
    column: Any, places: Any, sign: float, surprise: Any, copula: bool, shares: Any
) -> None:
    """Write what a column says of its own values, each where it came from."""
    n = len(column)
    before = 0
    while before < n:
        after = before + 1
        while after < n and column[after] == column[before]:
            after += 1
        share = _combined(surprise, after, n - before, sign, copula)
        for place in places[before:after]:
            shares[place] = share
        before = after


@compiled
def _digit(key: Any, digit: int) -> Any:
    return np.int64((key >> np.uint64(11 * digit)) & np.uint64(RADIX - 1))


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


ready(lay_guides, (given(2), given(1), PLACES_2D))
ready(add_tails, (given(2), given(2), given(1), given(1), BOOL, given(1), given(2, INT32), FLOATS))
ready(sort_column, (given(1), given(1, UINT), FLOATS))
ready(share_out, (given(1), given(1, INT32), FLOAT, given(1), BOOL, FLOATS))
