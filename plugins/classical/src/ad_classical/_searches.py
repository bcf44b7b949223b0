"""Ways to search training rows for the nearest ones; all of them find the same.

Distances are sums of squared differences, one column after the other, and ties go to the
row that comes first.
"""

from collections.abc import Callable
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ad_classical._distances import Measure, nearest, nearest_others

__all__ = ["Plain", "Search", "Use", "compiled_search", "measure"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Places = NDArray[np.int32]
Found = tuple[Floats, Indices]
Use = Callable[[Any, Floats, Indices], None]

BLOCK = 256
"""Rows in a block, at most."""
ROWS, TRAINING_ROWS = 256, 512
"""Rows that are multiplied at once, so that the products stay in a core's cache."""
SAMPLED = 1000
"""Rows that tell which column varies most."""
TRIED = 64
"""Rows that tell how many blocks can be skipped."""
_LARGEST, _LARGEST_SINGLE = 1e150, 1e15
"""Squares of larger numbers overflow."""
_SMALLEST = 1e-200
"""Squares of which the largest is below are not worth a unit of their own."""
_UNSURE = 0.1
"""Share of a usual squared distance to a near row that rounding may take."""


class Search(Protocol):
    """One way, over training rows of shape (n, d)."""

    n_parts: int
    """Into how many parts the training rows fall."""
    multiplies: bool
    """Whether it calls BLAS."""

    @property
    def rows(self) -> Floats:
        """The training rows."""

    def take(self, indices: Indices) -> Floats:
        """Return training rows by their indices, shape (*indices.shape, d)."""

    def nearest(self, X: Floats, k: int) -> Found:
        """Return distances and indices of the nearest rows of each row, shape (m, k)."""

    def others(self, parts: slice, k: int, use: Use) -> None:
        """Let `use` have the places of some training rows, and their nearest other ones."""


class Plain:
    """Measures every distance.

    Parameters
    ----------
    train, order
        As `Neighbors` takes them.
    measure
        Gives the distances of rows to rows; the Euclidean ones by default.
    """

    multiplies = False

    def __init__(
        self, train: Floats, measure: Measure | None = None, order: Indices | None = None
    ) -> None:
        self.rows = _ordered(train, order)
        self.n_parts = len(self.rows)
        self._measure = measure

    def take(self, indices: Indices) -> Floats:
        """See `Search`."""
        return self.rows[indices]

    def nearest(self, X: Floats, k: int) -> Found:
        """See `Search`."""
        return nearest(X, self.rows, k, measure=self._measure)

    def others(self, parts: slice, k: int, use: Use) -> None:
        """See `Search`."""
        use(parts, *nearest_others(self.rows, k, rows=parts, measure=self._measure))


def measure(metric: str, p: float) -> Measure:
    """Return scipy's measure for the name of a metric; `p` is the exponent of "minkowski"."""
    named = {"manhattan": "cityblock"}.get(metric, metric)
    return partial(cdist, metric=named, **({"p": p} if metric == "minkowski" else {}))


def compiled_search(train: Floats, order: Indices | None = None) -> Search:
    """Return the way that suits the rows: some of them are searched for to find out."""
    if np.max(np.abs([train.min(initial=0.0), train.max(initial=0.0)])) >= _LARGEST:
        return Plain(train, order=order)
    blocks = Blocks(train, order)
    visited, reach = blocks.tried()
    # A distance by a product takes a third of the time, and some steps more.
    if visited <= 0.3 + 12.0 / train.shape[1]:
        return blocks
    del blocks
    return Products(train, order, reach)


class Blocks:
    """Leaves out blocks of near rows that lie too far away."""

    multiplies = False

    def __init__(self, train: Floats, order: Indices | None = None) -> None:
        if order is None:
            order = np.arange(len(train))
        self._n = len(order)
        self._ids, self._blocks, self._low, self._high = _blocks(train, order)
        self.n_parts = len(self._ids)

    @property
    def rows(self) -> Floats:
        """See `Search`."""
        return self.take(np.arange(self._n))

    @cached_property
    def _places(self) -> Indices:
        """Where in the blocks each training row is, block after block."""
        kept = self._ids < self._n
        places = np.empty(self._n, dtype=np.intp)
        places[self._ids[kept]] = np.flatnonzero(kept)
        return places

    def take(self, indices: Indices) -> Floats:
        """See `Search`."""
        block, at = np.divmod(self._places[indices], self._ids.shape[1])
        return self._blocks[block, :, at]

    def nearest(self, X: Floats, k: int) -> Found:
        """See `Search`."""
        if np.abs(X).max(initial=0.0) >= _LARGEST:
            return nearest(X, self.rows, k)
        return self._search(np.ascontiguousarray(X), np.full(len(X), -1, dtype=np.int32), k)[0]

    def others(self, parts: slice, k: int, use: Use) -> None:
        """See `Search`."""
        for block in range(parts.start, parts.stop):
            rows, ids = self._block(block)
            use(ids, *self._search(rows, ids, k)[0])

    def tried(self) -> tuple[float, float]:
        """Return the share of the blocks that some training rows were compared with.

        And the median of their squared distances to a near row.
        """
        step = max(1, self.n_parts // TRIED)
        visited, distances = 0, []
        for block in range(0, self.n_parts, step):
            rows, ids = self._block(block)
            few = slice(0, max(1, TRIED * step // self.n_parts))
            (found, _), n_visited = self._search(rows[few], ids[few], min(10, self._n - 1))
            visited += n_visited
            distances.append(found[:, -1])
        near = np.concatenate(distances)
        return visited / (len(near) * self.n_parts), float(np.median(near)) ** 2

    def _block(self, block: int) -> tuple[Floats, Places]:
        ids = self._ids[block]
        ids = ids[ids < self._n]
        return np.ascontiguousarray(self._blocks[block].T[: len(ids)]), ids

    def _search(self, X: Floats, own: Places, k: int) -> tuple[Found, int]:
        from ad_classical._kernels.neighbors import search

        distances, indices = np.empty((len(X), k)), np.empty((len(X), k), dtype=np.intp)
        index = (self._blocks, self._low, self._high, self._ids)
        visited = search(X, own, *index, distances, indices)
        return (np.sqrt(distances, out=distances), indices), visited


class Products:
    """Measures the distances that a matrix product cannot rule out.

    The squared distance of x and t is x x + t t - 2 x t, but for rounding; what that could
    have added or taken away is in the bound. The means of the columns are taken off first.

    Parameters
    ----------
    train, order
        As `Neighbors` takes them.
    reach
        A usual squared distance to a near row. Where rounding in single precision is small
        beside it, the products are of that, which takes half the time.
    """

    multiplies = True

    def __init__(self, train: Floats, order: Indices | None = None, reach: float = 0.0) -> None:
        self.rows = train = _ordered(train, order)
        self.n_parts = -(-len(train) // ROWS)
        self._means = train.mean(axis=0)
        d = train.shape[1]
        squares = self._squared_lengths(train)
        unsure = (d + 16) * float(np.finfo(np.float32).eps)
        single = unsure * np.median(squares) < _UNSURE * reach and squares.max() > _SMALLEST
        self._type: type[Any] = np.float32 if single else np.float64
        # A power of two, which changes no digit: no product of training rows overflows.
        self._unit = 2.0 ** np.ceil(np.log2(squares.max()) / 2) if single else 1.0
        self._largest = min(_LARGEST, _LARGEST_SINGLE * self._unit) if single else _LARGEST
        # Shares of the squared lengths, some twice what rounding can make of products and
        # what is taken off; where those are of double precision, of sums and squares too.
        self._certain = 1.0 - (unsure if single else (8 * d + 64) * np.finfo(np.float64).eps)
        # Of the smallest numbers nothing may be left.
        self._lost = 2 * d * float(np.finfo(self._type).tiny)
        self._squares = self._lengths(squares)

    def take(self, indices: Indices) -> Floats:
        """See `Search`."""
        return self.rows[indices]

    def nearest(self, X: Floats, k: int) -> Found:
        """See `Search`."""
        if np.abs(X).max(initial=0.0) >= self._largest:
            return nearest(X, self.rows, k)
        return self._search(np.ascontiguousarray(X), np.full(len(X), -1, dtype=np.int32), k)

    def others(self, parts: slice, k: int, use: Use) -> None:
        """See `Search`."""
        for start in range(parts.start * ROWS, min(parts.stop * ROWS, len(self.rows)), ROWS):
            rows = slice(start, min(start + ROWS, len(self.rows)))
            own = np.arange(rows.start, rows.stop, dtype=np.int32)
            use(rows, *self._search(self.rows[rows], own, k))

    def _squared_lengths(self, rows: Floats) -> Floats:
        squares = np.empty(len(rows))
        for start in range(0, len(rows), ROWS):
            moved = rows[start : start + ROWS] - self._means
            squares[start : start + ROWS] = np.einsum("ij,ij->i", moved, moved)
        return squares

    def _lengths(self, squares: Floats) -> NDArray[Any]:
        """Return what is certain of squared lengths."""
        return np.asarray(squares / self._unit**2 * self._certain - self._lost, dtype=self._type)

    def _moved(self, rows: Floats, factor: float) -> NDArray[Any]:
        moved = rows - self._means
        moved *= factor / self._unit
        return np.asarray(moved, dtype=self._type)

    def _search(self, X: Floats, own: Places, k: int) -> Found:
        from ad_classical._kernels.neighbors import sift

        distances = np.full((len(X), k), np.inf)
        indices = np.full((len(X), k), np.iinfo(np.int64).max, dtype=np.intp)
        lengths, moved = self._lengths(self._squared_lengths(X)), self._moved(X, -2.0)
        step = max(TRAINING_ROWS, ROWS * TRAINING_ROWS // max(len(X), X.shape[1]))
        kept = np.empty(len(X) * min(step, len(self.rows)), dtype=self._type)
        for start in range(0, len(self.rows), step):
            part = slice(start, min(start + step, len(self.rows)))
            products = kept[: len(X) * (part.stop - start)].reshape(len(X), -1)
            np.matmul(moved, self._moved(self.rows[part], 1.0).T, out=products)
            slack = 4.0 * (1.0 - self._certain), 4.0 * self._lost, self._unit**-2
            bounds = lengths, self._squares[part], *slack
            sift(products, *bounds, X, self.rows[part], start, own, distances, indices)
        return np.sqrt(distances, out=distances), indices


def _ordered(train: Floats, order: Indices | None) -> Floats:
    """Return a copy of the rows, in that order."""
    return train.copy() if order is None else np.ascontiguousarray(train[order])


def _blocks(train: Floats, kept: Indices) -> tuple[Places, Floats, Floats, Floats]:
    """Cut rows into blocks of near ones, by medians of the column that varies most.

    Parameters
    ----------
    train, kept
        All rows, and which ones count, in their order.

    Returns
    -------
    ids, blocks, low, high
        See `search` of the kernels.
    """
    n, d = len(kept), train.shape[1]
    order = np.arange(n, dtype=np.int32)
    bounds = np.array([0, n])
    while np.diff(bounds).max() > BLOCK:
        middles = (bounds[:-1] + bounds[1:]) // 2
        for start, middle, stop in zip(bounds[:-1], middles, bounds[1:], strict=True):
            part = order[start:stop]
            some = train[kept[part[:: max(1, len(part) // SAMPLED)]]]
            column = train[kept[part], np.argmax(some.var(axis=0))]
            order[start:stop] = part[np.argpartition(column, middle - start)]
        bounds = np.sort(np.concatenate((bounds, middles)))
    n_blocks, size = len(bounds) - 1, int(np.diff(bounds).max())
    ids = np.full((n_blocks, size), n, dtype=np.int32)
    blocks = np.full((n_blocks, d, size), np.inf)
    low, high = np.empty((d, n_blocks)), np.empty((d, n_blocks))
    for block, (start, stop) in enumerate(pairwise(bounds)):
        places = np.sort(order[start:stop])
        rows = train[kept[places]]
        ids[block, : len(places)] = places
        blocks[block, :, : len(places)] = rows.T
        low[:, block], high[:, block] = rows.min(axis=0), rows.max(axis=0)
    return ids, blocks, low, high
