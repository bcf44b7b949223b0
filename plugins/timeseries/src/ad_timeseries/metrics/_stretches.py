"""Stretches of labels 1."""

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

__all__ = ["Stretches", "maxima", "minima", "stretches"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@frozen(eq=False)
class Stretches:
    """Where they begin, and where they have ended, shape (n_stretches,) each, in order."""

    starts: Integers
    stops: Integers


def stretches(labels: NDArray[Any]) -> Stretches:
    """Return the stretches of labels other than 0."""
    flags = labels != 0
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    ends = ([0] if flags[0] else [], edges, [len(flags)] if flags[-1] else [])
    edges = np.concatenate(ends).astype(np.int64)
    return Stretches(edges[::2], edges[1::2])


def minima(values: Integers, where: Stretches) -> Integers:
    """Return the least value of each stretch."""
    return np.asarray(np.minimum.reduceat(values, _inner_edges(values, where))[::2])


def maxima(values: Floats, where: Stretches) -> Floats:
    """Return the largest value of each stretch."""
    return np.asarray(np.maximum.reduceat(values, _inner_edges(values, where))[::2])


def _inner_edges(values: NDArray[Any], where: Stretches) -> Integers:
    edges = np.stack((where.starts, where.stops), axis=1).ravel()
    return edges if edges[-1] < len(values) else edges[:-1]
