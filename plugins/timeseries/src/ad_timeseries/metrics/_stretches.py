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

    def sums(self, flags: NDArray[Any]) -> Integers:
        """Return how many steps of each stretch are flagged."""
        before = np.concatenate(([0], np.cumsum(flags)))
        return np.asarray(before[self.stops] - before[self.starts])

    def overlap(self, flags: NDArray[Any], others: "Stretches") -> Floats:
        """Return the share of each that `flags`, whose stretches are `others`, cover.

        It is divided by the number of those that do: one piece counts more than several.
        """
        n = np.searchsorted(others.starts, self.stops) - np.searchsorted(
            others.stops, self.starts, side="right"
        )
        share = self.sums(flags) / (self.stops - self.starts)
        return np.asarray(share / np.maximum(n, 1))


def stretches(labels: NDArray[Any]) -> Stretches:
    """Return the stretches of labels other than 0."""
    edges = np.flatnonzero(np.diff(labels != 0, prepend=False, append=False))
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
