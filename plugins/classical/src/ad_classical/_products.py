"""Matrix products of many short rows, so small that BLAS keeps to the thread that calls it.

OpenBLAS divides larger ones among threads of its own, which cost more to wake than so
little work takes. A stack of them is one call of numpy, without the GIL.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ad_classical._threads import in_blocks

__all__ = [
    "centred",
    "column_means",
    "covariance",
    "product",
    "refined_means",
    "row_values",
    "variances",
]

Floats = NDArray[np.float64]

MANY_ELEMENTS = 2**20
"""Values from which on threads are worth their start."""
MANY_WIDE_ELEMENTS = 2**24
"""The same, where BLAS has to be kept to the calling threads for it."""
_SMALL = 2**18
"""Steps of the largest product that OpenBLAS leaves to the calling thread."""
_FEWEST = 16
"""Rows below which a product is not worth a call."""
_WIDE = 32
"""Rows that numpy adds and subtracts as one: its loop over the columns of each is too short."""
_BLOCK_ELEMENTS = 2**16
_IN_TURN = 8
"""Blocks that one thread does in the same room, at least."""
_PARTS = 16
"""Parts, each with a sum of its own, at most: the number does not hang on that of threads."""


def row_values(
    function: Callable[[Floats, Floats], Floats], X: Floats, n_jobs: int | None
) -> Floats:
    """Return what a function gives for blocks of rows.

    Parameters
    ----------
    function
        Gets a block of rows, shape (b, d), and room for three such blocks, shape
        (3, b, d), and returns b values.
    X
        Rows, shape (n, d).
    n_jobs
        Threads, as `n_threads` reads it.
    """
    values = np.empty(len(X))
    block = _block(X.shape[1])

    def work(part: slice) -> None:
        room = np.empty((3, min(block, part.stop - part.start), X.shape[1]))
        for start in range(part.start, part.stop, block):
            rows = X[start : min(start + block, part.stop)]
            values[start : start + len(rows)] = function(rows, room[:, : len(rows)])

    _in_parts(work, X, n_jobs)
    return values


def column_means(X: Floats) -> Floats:
    """Return the means of the columns, shape (d,)."""
    block = _block(X.shape[1])
    sums = [column_sums(X[start : start + block]) for start in range(0, len(X), block)]
    return np.asarray(np.sum(sums, axis=0) / len(X))


def refined_means(X: Floats, mean: Floats, n_jobs: int | None) -> Floats:
    """Return what `column_means` would without rounding: the rest, summed up, is small."""

    def add(moved: Floats, _: Floats, out: Floats) -> None:
        out += column_sums(moved)

    return mean + _mean_of(add, X, mean, (len(mean),), n_jobs)


def column_sums(rows: Floats) -> Floats:
    """Return the sums of the columns of a block of rows, shape (d,)."""
    d = rows.shape[1]
    top, rest = _cut(len(rows), _WIDE)
    # Not a product with ones: BLAS divides one with a vector among threads much sooner.
    sums = rows[top].reshape(-1, _WIDE * d).sum(axis=0).reshape(_WIDE, d).sum(axis=0)
    return np.asarray(sums + rows[rest].sum(axis=0) if rest else sums)


def covariance(X: Floats, mean: Floats, n_jobs: int | None) -> Floats:
    """Return the mean products of each two columns less their means, shape (d, d)."""

    def add(moved: Floats, same: Floats, out: Floats) -> None:
        # Of a buffer with itself numpy makes a symmetric product, which takes twice as long.
        same[:] = moved
        _add_product(moved, same, out)

    return _mean_of(add, X, mean, (len(mean), len(mean)), n_jobs)


def variances(X: Floats, mean: Floats, n_jobs: int | None) -> Floats:
    """Return the mean squares of the columns less their means, shape (d,)."""

    def add(moved: Floats, same: Floats, out: Floats) -> None:
        out += column_sums(np.square(moved, out=same))

    return _mean_of(add, X, mean, (len(mean),), n_jobs)


def _mean_of(
    add: Callable[[Floats, Floats, Floats], None],
    X: Floats,
    mean: Floats,
    shape: tuple[int, ...],
    n_jobs: int | None,
) -> Floats:
    """Return the mean over the rows of what `add` adds, given blocks less the mean and room."""
    n, d = X.shape
    block, step = _block(d), _part(n, d)
    sums = np.zeros((-(-n // step), *shape))

    def work(part: slice) -> None:
        room = np.empty((2, min(block, part.stop - part.start), d))
        for start in range(part.start, part.stop, block):
            rows = X[start : min(start + block, part.stop)]
            moved, same = room[:, : len(rows)]
            add(centred(rows, mean, moved), same, sums[part.start // step])

    _in_parts(work, X, n_jobs)
    return np.asarray(sums.sum(axis=0) / n)


def centred(rows: Floats, center: Floats, out: Floats) -> Floats:
    """Write ``rows - center`` into `out`, and return it."""
    top, rest = _cut(len(rows), _WIDE)
    if top.stop:
        shape = (-1, _WIDE * len(center))
        wide = np.tile(center, _WIDE)
        np.subtract(rows[top].reshape(shape), wide, out=out[top].reshape(shape))
    if rest:
        np.subtract(rows[rest], center, out=out[rest])
    return out


def product(rows: Floats, matrix: Floats, out: Floats) -> Floats:
    """Write ``rows @ matrix``, with no more columns than rows, into `out`, and return it."""
    d, k = matrix.shape
    step = _step(d)
    top, rest = _cut(len(rows), step)
    if top.stop:
        wanted = out[top].reshape(-1, step, k)
        np.matmul(rows[top].reshape(-1, step, d), matrix, out=wanted)
    if rest:
        np.matmul(rows[rest], matrix, out=out[rest])
    return out


def _add_product(rows: Floats, same: Floats, out: Floats) -> None:
    """Add ``rows.T @ same`` to `out`."""
    step = _step(rows.shape[1])
    top, rest = _cut(len(rows), step)
    if top.stop:
        shape = (-1, step, rows.shape[1])
        stack = rows[top].reshape(shape).transpose(0, 2, 1)
        out += np.matmul(stack, same[top].reshape(shape)).sum(axis=0)
    if rest:
        out += rows[rest].T @ same[rest]


def _cut(n: int, step: int) -> tuple[slice, slice | None]:
    """Return where the rows are that make up whole steps, and the others if there are any."""
    whole = n - n % step if step else 0
    return slice(0, whole), slice(whole, n) if whole < n else None


def _step(d: int) -> int:
    """Return how many rows make a small product with a matrix (d, d); 0 if that is too few."""
    step = min(_SMALL, _BLOCK_ELEMENTS * d) // d**2
    step -= step % _WIDE if step > _WIDE else 0
    return step if step >= _FEWEST else 0


def _block(d: int) -> int:
    """Return how many rows make a block."""
    step = _step(d)
    most = max(1, _BLOCK_ELEMENTS // d)
    return max(step, most - most % step) if step else most


def _part(n: int, d: int) -> int:
    """Return how many rows one thread does in turn."""
    block = _block(d)
    return block * max(_IN_TURN, -(-n // (block * _PARTS)))


def _in_parts(work: Callable[[slice], None], X: Floats, n_jobs: int | None) -> None:
    wide = not _step(X.shape[1])
    many = X.size >= (MANY_WIDE_ELEMENTS if wide else MANY_ELEMENTS)
    in_blocks(work, len(X), _part(*X.shape), n_jobs if many else 1, blas=many and wide)
