"""Histograms of equally wide bins, one a column, with numpy's edges."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_classical._kernels import kernels
from ad_classical._steps import STEPS_PER_VALUE, grid_of, rows_of_a_thread
from ad_classical._tails import guides
from ad_classical._threads import in_threads

__all__ = ["Histograms", "best_numbers_of_bins", "count_values"]

Floats = NDArray[np.float64]


class Histograms(NamedTuple):
    """Edges and counts of each column, shapes (n_bins + 1,) and (n_bins,).

    A column that cannot be divided, a constant one foremost, has one bin.
    """

    edges: list[Floats]
    counts: list[Floats]


def count_values(X: Floats, n_bins: int | list[int], n_jobs: int | None) -> Histograms:
    """Return the histograms of the columns of X, shape (n, d); n_bins is one or one a column."""
    compiled = kernels("histograms", X.size * STEPS_PER_VALUE)
    low, high = _extremes(X, compiled, n_jobs)
    edges: list[Floats] = [np.empty(0)] * X.shape[1]
    counts: list[Floats] = [np.empty(0)] * X.shape[1]
    wanted = np.broadcast_to(np.asarray(n_bins), X.shape[1])
    for n in np.unique(wanted):
        columns = np.flatnonzero(wanted == n)
        part = X if len(columns) == X.shape[1] else X.take(columns, axis=1)
        bins = _edges(low[columns], high[columns], int(n))
        found = _counts(part, bins, compiled, n_jobs)
        rising = np.all(bins[:, 1:] > bins[:, :-1], axis=1).tolist()
        for j, of_bins, in_bins, rises in zip(columns, bins, found, rising, strict=True):
            edges[j] = of_bins if rises else np.array([low[j], high[j]])
            counts[j] = in_bins if rises else np.array([float(len(X))])
    return Histograms(edges, counts)


def best_numbers_of_bins(X: Floats, n_jobs: int | None) -> list[int]:
    """Return each column's number of bins of largest penalised likelihood.

    Birgé and Rozenholc, equation 2; at least 2 and at most n / log n of n values.
    """
    best = [2] * X.shape[1]
    most = max(2, round(len(X) / np.log(len(X)))) if len(X) > 1 else 2
    tried = np.arange(2, most + 1)
    compiled = kernels("histograms", X.shape[1] * most**2 * STEPS_PER_VALUE)

    def work(part: slice) -> None:
        for j in range(X.shape[1])[part]:
            column = np.sort(X[:, j])
            with np.errstate(over="ignore"):
                span = column[-1] - column[0]
            if span == 0 or not np.isfinite(span):
                continue  # one bin
            logs = _likelihoods(column, tried, compiled) + len(X) * np.log(tried / len(X))
            best[j] = 2 + int(np.argmax(logs - (tried - 1 + np.log(tried) ** 2.5)))

    in_threads(work, X.shape[1], n_jobs)
    return best


def _extremes(X: Floats, compiled: Any, n_jobs: int | None) -> tuple[Floats, Floats]:
    if compiled is None:
        return X.min(axis=0), X.max(axis=0)
    found: list[tuple[Floats, Floats]] = []

    def work(part: slice) -> None:
        low, high = X[part.start].copy(), X[part.start].copy()
        compiled.extremes(X[part], low, high)
        found.append((low, high))

    in_threads(work, len(X), n_jobs, least=100_000)
    low, high = np.swapaxes(found, 0, 1)
    return low.min(axis=0), high.max(axis=0)


def _edges(low: Floats, high: Floats, n_bins: int) -> Floats:
    """Return numpy's edges, shape (d, n_bins + 1); they do not rise where there is no room."""
    with np.errstate(over="ignore", invalid="ignore"):
        # As if alone: `linspace` reckons otherwise for all columns when one step is 0.
        room = (high - low) / n_bins != 0
        edges = np.linspace(np.where(room, low, 0.0), np.where(room, high, 1.0), n_bins + 1, axis=1)
    edges[~room] = low[~room, np.newaxis]
    return np.ascontiguousarray(edges)


def _counts(X: Floats, edges: Floats, compiled: Any, n_jobs: int | None) -> Floats:
    n_bins = edges.shape[1] - 1
    grid = grid_of(edges[:, 0], edges[:, -1], n_bins)
    found: list[NDArray[np.int64]] = []

    def work(part: slice) -> None:
        counts = np.zeros((len(edges), n_bins), dtype=np.int64)
        if compiled is None:
            _count(X[part], edges, counts)
        else:
            compiled.count(X[part], grid, edges, counts)
        found.append(counts)

    in_threads(work, len(X), n_jobs, least=rows_of_a_thread(len(edges), compiled))
    return np.asarray(np.sum(found, axis=0), dtype=np.float64)


def _count(X: Floats, edges: Floats, counts: Any) -> None:
    """Do what the kernel does."""
    for j, values in enumerate(X.T):
        places = np.searchsorted(edges[j, 1:-1], values, side="right")
        counts[j] += np.bincount(places, minlength=counts.shape[1])


def _likelihoods(column: Floats, tried: NDArray[np.int64], compiled: Any) -> Floats:
    """Return the sum of count * log(count) over the bins, for each number of bins."""
    weights = np.arange(len(column) + 1.0)
    weights[1:] *= np.log(weights[1:])
    found = np.empty(len(tried))
    if compiled is not None:
        # Many cells: between two edges of thousands there are few values.
        scale, guide = guides(column[np.newaxis], 4 * len(column), None)
        compiled.likelihoods(column, guide[0], scale[0], weights, found)
        return found
    for i, n_bins in enumerate(tried):
        places = np.searchsorted(column, np.linspace(column[0], column[-1], n_bins + 1)[1:-1])
        found[i] = weights[np.diff(places, prepend=0, append=len(column))].sum()
    return found
