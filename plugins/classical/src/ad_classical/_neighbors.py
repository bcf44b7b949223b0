"""Exact nearest training rows."""

from contextlib import nullcontext
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ad_classical._kernels import kernels
from ad_classical._searches import Plain, Search, Use, compiled_search, measure
from ad_classical._threads import in_threads, serial_blas

__all__ = ["Metric", "Neighbors"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Metric = Literal["euclidean", "manhattan", "chebyshev", "minkowski"]

ROWS = 256
"""Rows whose neighbours are looked for before they are used."""
STEPS_PER_PAIR = 1 / 10
"""How the work of finding the neighbours of all training rows is counted: see `kernels`."""


class Neighbors:
    """Training rows whose nearest ones can be asked for.

    Distances are sums of squared differences, one column after the other, and ties go to
    the row that comes first: so a row's neighbours do not depend on the other rows of a
    batch, on the number of threads, or on the way they are searched for.

    Parameters
    ----------
    train
        Training rows, shape (n, d); what is kept is a copy.
    metric
        Distance between rows. Every one is measured unless it is ``"euclidean"``.
    p
        Exponent of ``"minkowski"``.
    order
        Which of `train` are the training rows, one after the other; None for all, as they
        come. No other copy is made.
    """

    def __init__(
        self,
        train: Floats,
        metric: Metric = "euclidean",
        p: float = 2.0,
        *,
        order: Indices | None = None,
    ) -> None:
        self.shape: tuple[int, int] = (
            len(train) if order is None else len(order),
            train.shape[1],
        )
        self._search = _search(train, metric, p, order)

    @property
    def rows(self) -> Floats:
        """The training rows, shape (n, d)."""
        return self._search.rows

    def take(self, indices: Indices) -> Floats:
        """Return training rows by their indices, shape (*indices.shape, d)."""
        return self._search.take(indices)

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
                use(rows, *self._search.nearest(X[rows], k))

        self._in_threads(work, len(X), n_jobs, least=64)

    def each_nearest_others(self, k: int, n_jobs: int | None, use: Use) -> None:
        """Find what `nearest_others` does, some rows at a time, as `each_nearest`."""

        def work(parts: slice) -> None:
            self._search.others(parts, k, use)

        n_parts = self._search.n_parts
        self._in_threads(work, n_parts, n_jobs, least=-(-64 * n_parts // self.shape[0]))

    def _in_threads(self, work: Any, size: int, n_jobs: int | None, *, least: int) -> None:
        with serial_blas() if self._search.multiplies else nullcontext():
            in_threads(work, size, n_jobs, least=least)


def _search(train: Floats, metric: Metric, p: float, order: Indices | None) -> Search:
    if metric != "euclidean" and not (metric == "minkowski" and p == 2):
        return Plain(train, measure(metric, p), order)
    n = len(train) if order is None else len(order)
    if kernels("neighbors", n * n * train.shape[1] * STEPS_PER_PAIR) is None:
        return Plain(train, order=order)
    return compiled_search(train, order)


def _keep(found: tuple[Floats, Indices], rows: Any, distances: Floats, indices: Indices) -> None:
    found[0][rows], found[1][rows] = distances, indices
