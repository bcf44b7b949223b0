"""Columns whose digits foreign code would lose: far from 0, or tiny, or huge."""

from typing import Any

import numpy as np

__all__ = ["origin", "unit_intervals"]

Array = np.ndarray[Any, np.dtype[np.float64]]

_FAR = 1e4
"""A column lies far from 0 when its largest value is this many times its span."""


def origin(X: Array) -> Array:
    """Return the least value of each column far from 0, and 0 for the others.

    Distances computed from differences of large squares would lose such a column, so
    this is subtracted where only differences between rows count.
    """
    low, high = X.min(axis=0), X.max(axis=0)
    return np.where(_far(low, high), low, 0.0)


def unit_intervals(X: Array) -> tuple[Array, Array]:
    """Return what to subtract from each column, and to divide it by, where it matters.

    A column far from 0, of tiny numbers or of huge ones is brought onto [0, 1]; the
    others get 0 and 1. For scores that stay the same when a column is shifted or stretched.
    """
    low, high = X.min(axis=0), X.max(axis=0)
    span = high - low
    blurred = (_far(low, high) | (span < 1e-4) | (span > 1e30)) & (span > 0)
    return np.where(blurred, low, 0.0), np.where(blurred, span, 1.0)


def _far(low: Array, high: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(np.maximum(np.abs(low), np.abs(high)) > _FAR * (high - low))
