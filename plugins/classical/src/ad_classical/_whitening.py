"""Squared lengths of linearly transformed rows: Mahalanobis distances by one matrix product."""

import numpy as np
from numpy.typing import NDArray

from ad_classical._products import centred, product, row_values

__all__ = ["block_lengths", "row_length", "squared_lengths", "whitening"]

Floats = NDArray[np.float64]


def squared_lengths(
    X: Floats,
    center: Floats,
    transform: Floats,
    n_jobs: int | None = None,
    *,
    shifts: Floats | None = None,
) -> Floats:
    """Return ``||(x - shifts - center) @ transform||^2`` of each row.

    Parameters
    ----------
    X
        Rows, shape (n, d).
    center
        Shape (d,).
    transform
        Shape (d, k), k at most d, or (d,) for a diagonal one.
    n_jobs
        Threads, as `n_threads` reads it.
    shifts
        Subtracted first, shape (d,): in one step with the centre they would lose digits.
    """

    def lengths(rows: Floats, room: Floats) -> Floats:
        if shifts is not None:
            rows = centred(rows, shifts, room[0])
        return block_lengths(rows, center, transform, room)

    return row_values(lengths, X, n_jobs)


def row_length(row: Floats, center: Floats, transform: Floats, shifts: Floats | None) -> float:
    """Return what `squared_lengths` does, of one row, in as few calls of numpy as can be."""
    moved = (row if shifts is None else row - shifts) - center
    moved = moved * transform if transform.ndim == 1 else moved.dot(transform)
    return float(moved.dot(moved))


def block_lengths(rows: Floats, center: Floats, transform: Floats, room: Floats) -> Floats:
    """Return what `squared_lengths` does, of few rows, overwriting two blocks of that size."""
    moved = centred(rows, center, room[0])
    if transform.ndim == 1:
        moved = np.multiply(moved, transform, out=room[1])
    else:
        shape = (len(rows), transform.shape[1])
        out = room[1].reshape(-1)[: shape[0] * shape[1]].reshape(shape)
        moved = product(moved, transform, out)
    return np.asarray(np.einsum("ij,ij->i", moved, moved))


def whitening(precision: Floats) -> Floats:
    """Return W with ``W @ W.T`` equal to a positive semidefinite matrix, shape (d, d)."""
    values, vectors = np.linalg.eigh(precision)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
