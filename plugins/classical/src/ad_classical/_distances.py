"""Exact Euclidean neighbours, by blocks, the same for one row as for a batch.

Distances are sums of squared differences (no Gram-matrix shortcut, which loses
every digit far from the origin), and ties go to the row that comes first, so a
row's neighbours never depend on the other rows that are scored with it.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

__all__ = [
    "Measure",
    "canonical_order",
    "equal_rows_alike",
    "nearest",
    "nearest_others",
    "resolution",
    "row_blocks",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Measure = Callable[[Floats, Floats], Floats]

_BLOCK_ELEMENTS = 2**21
_MATRIX_ELEMENTS = 2**18
"""Distances that are looked through at once, while they are in the cache."""
_STRIPS, _STRIPS_PER_VALUE = 64, 4
"""At least so many strips: the more, the fewer values are sorted in vain."""


def row_blocks(n_rows: int, width: int, elements: int = _BLOCK_ELEMENTS) -> Iterator[slice]:
    """Yield slices of rows such that `width` numbers a row stay within 16 MiB, or `elements`."""
    step = max(1, elements // max(1, width))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def canonical_order(X: Floats) -> Indices:
    """Return the lexicographic order of the rows: ties then do not depend on theirs."""
    return np.lexsort(X.T[::-1])


def equal_rows_alike(rows: Floats, scores: Floats) -> Floats:
    """Return the mean score of each group of equal rows; `rows` are in canonical order."""
    starts = np.concatenate(([True], (rows[1:] != rows[:-1]).any(axis=1)))
    group = np.cumsum(starts) - 1
    return np.asarray((np.bincount(group, scores) / np.bincount(group))[group])


def nearest(
    X: Floats, train: Floats, n_neighbors: int, *, measure: Measure | None = None
) -> tuple[Floats, Indices]:
    """Find the nearest training rows of each row.

    Parameters
    ----------
    X
        Rows, shape (m, d).
    train
        Training rows, shape (n, d), n >= n_neighbors.
    n_neighbors
        How many, k.
    measure
        Gives the distances of rows to rows; the Euclidean ones by default.

    Returns
    -------
    distances, indices
        Both of shape (m, k), by increasing (distance, index).
    """
    distances = np.empty((len(X), n_neighbors))
    indices = np.empty((len(X), n_neighbors), dtype=np.intp)
    for rows in row_blocks(len(X), len(train), _MATRIX_ELEMENTS):
        values = _values(X[rows], train, measure)
        distances[rows], indices[rows] = _smallest(values, n_neighbors)
    return (np.sqrt(distances) if measure is None else distances), indices


def nearest_others(
    train: Floats,
    n_neighbors: int,
    *,
    rows: slice | None = None,
    measure: Measure | None = None,
) -> tuple[Floats, Indices]:
    """Find the nearest other rows of each training row, or of some `rows`; as `nearest`."""
    first, last, _ = (rows or slice(None)).indices(len(train))
    distances = np.empty((last - first, n_neighbors))
    indices = np.empty((last - first, n_neighbors), dtype=np.intp)
    for part in row_blocks(last - first, len(train), _MATRIX_ELEMENTS):
        own = np.arange(first + part.start, first + part.stop)
        values = _values(train[own], train, measure)
        values[np.arange(len(own)), own] = np.inf
        distances[part], indices[part] = _smallest(values, n_neighbors)
    return (np.sqrt(distances) if measure is None else distances), indices


def _values(X: Floats, train: Floats, measure: Measure | None) -> Floats:
    """Return what is smallest for the nearest rows: squares of Euclidean distances by default."""
    return cdist(X, train, "sqeuclidean") if measure is None else measure(X, train)


def _smallest(values: Floats, k: int) -> tuple[Floats, Indices]:
    """Return the k smallest values of each row and their places, ties by place."""
    m, n = values.shape
    within = values <= _bounds(values, k)
    found = np.flatnonzero(within)
    counts = np.count_nonzero(within, axis=1)
    width = int(counts.max(initial=k))
    # Each row is filled up with infinities, which come last.
    rows, firsts = np.repeat([np.arange(m), np.cumsum(counts) - counts], counts, axis=1)
    targets = width * rows + np.arange(len(found)) - firsts
    near, places = np.full(m * width, np.inf), np.zeros(m * width, dtype=np.intp)
    near[targets], places[targets] = values.reshape(-1)[found], found - n * rows
    near, places = near.reshape(m, width), places.reshape(m, width)
    order = np.argsort(near, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(near, order, axis=1), np.take_along_axis(places, order, axis=1)


def _bounds(values: Floats, k: int) -> Floats:
    """Return what at least k values of each row do not exceed, and few others; shape (m, 1).

    To select among the minima of strips of columns takes a fraction of the time.
    """
    m, n = values.shape
    depth = max(1, n // max(_STRIPS, _STRIPS_PER_VALUE * k))
    strips = values[:, : n - n % depth].reshape(m, depth, -1)
    return np.partition(strips.min(axis=1), k - 1, axis=1)[:, k - 1 : k]


def resolution(train: Floats) -> float:
    """Return a distance below which rows cannot be told apart in floating point.

    Machine epsilon times the largest range of a column; where all rows
    coincide, times the largest magnitude (or 1 where everything is 0). At least
    1e-150, so that no distance overflows when it is divided by it.
    """
    extent = float(np.ptp(train, axis=0).max()) or float(np.abs(train).max()) or 1.0
    return max(float(np.finfo(np.float64).eps) * extent, 1e-150)
