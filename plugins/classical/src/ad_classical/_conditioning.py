"""Columns whose digits foreign code would lose: far from 0, or tiny, or huge."""

from typing import Any

import numpy as np

__all__ = ["origin", "unit_intervals"]

Array = np.ndarray[Any, np.dtype[np.float64]]

_FAR = 1e4
"""A column lies far from 0 when its largest value is this many times its span."""
_TINY, _HUGE = 1e-4, 1e30
"""Spans that foreign code takes for none, or whose squares overflow."""
_HEAD = 256
"""Rows that tell of most columns what all rows would: a pass over these takes longer."""


def origin(X: Array) -> Array:
    """Return the least value of each column far from 0, and 0 for the others.

    Distances computed from differences of large squares would lose such a column, so
    this is subtracted where only differences between rows count.
    """
    shifts = np.zeros(X.shape[1])
    for j in np.flatnonzero(~_near(*_bounds(X[:_HEAD]))):
        low, high = X[:, j].min(), X[:, j].max()
        shifts[j] = low if _far(low, high) else 0.0
    return shifts


def unit_intervals(X: Array) -> tuple[Array, Array]:
    """Return what to subtract from each column, and to divide it by, where it matters.

    A column far from 0, of tiny numbers or of huge ones is brought onto [0, 1]; the
    others get 0 and 1. For scores that stay the same when a column is shifted or stretched.
    """
    low, high = _bounds(X[:_HEAD])
    if not (_near(low, high) & (high - low >= _TINY)).all() or _largest(X) > _HUGE / 2:
        low, high = _bounds(X)
    span = high - low
    blurred = (_far(low, high) | (span < _TINY) | (span > _HUGE)) & (span > 0)
    return np.where(blurred, low, 0.0), np.where(blurred, span, 1.0)


def _bounds(X: Array) -> tuple[Array, Array]:
    return X.min(axis=0), X.max(axis=0)


def _largest(X: Array) -> float:
    return max(float(X.max()), -float(X.min()))


def _far(low: Any, high: Any) -> Any:
    return np.maximum(np.abs(low), np.abs(high)) > _FAR * (high - low)


def _near(low: Array, high: Array) -> Any:
    """Return which columns are not far from 0 for certain, by the bounds of some of their values.

    The largest value of a far column is above those here by its span at most, which is
    less than its part of it: so theirs is above a share of it that is a little less.
    """
    return np.maximum(np.abs(low), np.abs(high)) <= (_FAR - 2) * (high - low)
