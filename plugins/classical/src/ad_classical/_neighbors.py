"""Exact nearest training rows, by brute force or by blocks of rows that can be skipped."""

from collections.abc import Callable
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ad_classical._distances import Measure, nearest, nearest_others
from ad_classical._kernels import kernels
from ad_classical._threads import in_threads

__all__ = ["Metric", "Neighbors"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Places = NDArray[np.int32]
Use = Callable[[Any, Floats, Indices], None]
Metric = Literal["euclidean", "manhattan", "chebyshev", "minkowski"]

BLOCK = 256
"""Rows in a block, at most."""
ROWS = 1024
"""Rows whose neighbours are looked for before they are used."""
SAMPLED = 1000
"""Rows that tell which column varies most."""
STEPS_PER_PAIR = 1 / 10
"""How the work of finding the neighbours of all training rows is counted: see `kernels`."""
_LARGEST = 1e150
"""Squares of larger numbers overflow."""


class Neighbors:
    """Training rows whose nearest ones can be asked for.

    Distances are sums of squared differences, one column after the other, and ties go to
    the row that comes first: so a row's neighbours do not depend on the other rows of a
    batch, on the number of threads, or on whether blocks are skipped.

    Parameters
    ----------
    train
        Training rows, shape (n, d); what is kept is a copy.
    metric
        Distance between rows. Blocks are skipped for ``"euclidean"`` only.
    p
        Exponent of ``"minkowski"``.
    """

    def __init__(self, train: Floats, metric: Metric = "euclidean", p: float = 2.0) -> None:
        self.shape: tuple[int, int] = (len(train), train.shape[1])
        euclidean = metric == "euclidean" or (metric == "minkowski" and p == 2)
        self._how = {} if euclidean else {"measure": _measure(metric, p)}
        work = len(train) * train.size * STEPS_PER_PAIR
        self._skips = (
            euclidean
            and np.abs(train).max(initial=0.0) < _LARGEST
            and kernels("neighbors", work) is not None
        )
        if not self._skips:
            self._train = train.copy()
        else:
            self._ids, self._blocks, self._low, self._high = _blocks(train)

    @cached_property
    def _places(self) -> Indices:
        """Where in the blocks each training row is, block after block."""
        kept = self._ids < self.shape[0]
        places = np.empty(self.shape[0], dtype=np.intp)
        places[self._ids[kept]] = np.flatnonzero(kept)
        return places

    @property
    def rows(self) -> Floats:
        """The training rows, shape (n, d)."""
        return self.take(np.arange(self.shape[0])) if self._skips else self._train

    def take(self, indices: Indices) -> Floats:
        """Return training rows by their indices, shape (*indices.shape, d)."""
        if not self._skips:
            return self._train[indices]
        block, at = np.divmod(self._places[indices], self._ids.shape[1])
        return self._blocks[block, :, at]

    def nearest(self, X: Floats, k: int, n_jobs: int | None = None) -> tuple[Floats, Indices]:
        """Find the nearest training rows of each row.

        Parameters
        ----------
        X
            Rows, shape (m, d).
        k
            How many, at most n.
        n_jobs
            Number of threads; -1 for one a core.

        Returns
        -------
        distances, indices
            Both of shape (m, k), by increasing (distance, index).
        """
        found = np.empty((len(X), k)), np.empty((len(X), k), dtype=np.intp)
        self.each_nearest(X, k, n_jobs, partial(_keep, found))
        return found

    def nearest_others(self, k: int, n_jobs: int | None = None) -> tuple[Floats, Indices]:
        """Find the nearest other rows of each training row; as `nearest`, k below n."""
        n = self.shape[0]
        found = np.empty((n, k)), np.empty((n, k), dtype=np.intp)
        self.each_nearest_others(k, n_jobs, partial(_keep, found))
        return found

    def each_nearest(self, X: Floats, k: int, n_jobs: int | None, use: Use) -> None:
        """Find what `nearest` does, some rows at a time, and let `use` have it.

        Parameters
        ----------
        X, k, n_jobs
            As `nearest` takes them.
        use
            Called in threads with the places of the rows, their distances and indices.
        """

        def work(part: slice) -> None:
            for start in range(part.start, part.stop, ROWS):
                rows = slice(start, min(start + ROWS, part.stop))
                use(rows, *self._nearest(X[rows], k))

        in_threads(work, len(X), n_jobs, least=64)

    def each_nearest_others(self, k: int, n_jobs: int | None, use: Use) -> None:
        """Find what `nearest_others` does, some rows at a time, as `each_nearest`."""
        n = self.shape[0]
        if not self._skips:

            def work(part: slice) -> None:
                use(part, *nearest_others(self._train, k, rows=part, **self._how))

            in_threads(work, n, n_jobs, least=64)
        else:

            def work(part: slice) -> None:
                for block in range(part.start, part.stop):
                    ids = self._ids[block]
                    ids = ids[ids < n]
                    rows = np.ascontiguousarray(self._blocks[block].T[: len(ids)])
                    use(ids, *self._search(rows, ids, k))

            in_threads(work, len(self._ids), n_jobs)

    def _nearest(self, X: Floats, k: int) -> tuple[Floats, Indices]:
        if not self._skips or np.abs(X).max(initial=0.0) >= _LARGEST:
            return nearest(X, self.rows, k, **self._how)
        return self._search(np.ascontiguousarray(X), np.full(len(X), -1, dtype=np.int32), k)

    def _search(self, X: Floats, own: Any, k: int) -> tuple[Floats, Indices]:
        from ad_classical._kernels.neighbors import search

        distances, indices = np.empty((len(X), k)), np.empty((len(X), k), dtype=np.intp)
        index = (self._blocks, self._low, self._high, self._ids)
        search(X, own, *index, distances, indices)
        return np.sqrt(distances, out=distances), indices


def _keep(found: tuple[Floats, Indices], rows: Any, distances: Floats, indices: Indices) -> None:
    found[0][rows], found[1][rows] = distances, indices


def _measure(metric: str, p: float) -> Measure:
    named = {"manhattan": "cityblock"}.get(metric, metric)
    return partial(cdist, metric=named, **({"p": p} if metric == "minkowski" else {}))


def _blocks(train: Floats) -> tuple[Places, Floats, Floats, Floats]:
    """Cut the rows into blocks of near ones, by medians of the column that varies most.

    Returns
    -------
    ids, blocks, low, high
        See `search` of the kernels.
    """
    n, d = train.shape
    order = np.arange(n, dtype=np.int32)
    bounds = np.array([0, n])
    while np.diff(bounds).max() > BLOCK:
        middles = (bounds[:-1] + bounds[1:]) // 2
        for start, middle, stop in zip(bounds[:-1], middles, bounds[1:], strict=True):
            part = order[start:stop]
            some = train[part[:: max(1, len(part) // SAMPLED)]]
            column = train[part, np.argmax(some.var(axis=0))]
            order[start:stop] = part[np.argpartition(column, middle - start)]
        bounds = np.sort(np.concatenate((bounds, middles)))
    n_blocks, size = len(bounds) - 1, int(np.diff(bounds).max())
    ids = np.full((n_blocks, size), n, dtype=np.int32)
    blocks = np.full((n_blocks, d, size), np.inf)
    low, high = np.empty((d, n_blocks)), np.empty((d, n_blocks))
    for block, (start, stop) in enumerate(pairwise(bounds)):
        places = np.sort(order[start:stop])
        rows = train[places]
        ids[block, : len(places)] = places
        blocks[block, :, : len(places)] = rows.T
        low[:, block], high[:, block] = rows.min(axis=0), rows.max(axis=0)
    return ids, blocks, low, high
