"""Squared lengths of linearly transformed rows: Mahalanobis distances by one matrix product."""

import numpy as np
from numpy.typing import NDArray

from ad_classical._threads import in_blocks

__all__ = ["MANY_ELEMENTS", "block_lengths", "squared_lengths", "whitening"]

Floats = NDArray[np.float64]

_BLOCK_ELEMENTS = 2**16
MANY_ELEMENTS = 2**24
"""Values from which on threads, and BLAS kept to them, are worth their start."""


def squared_lengths(
    X: Floats, center: Floats, transform: Floats, n_jobs: int | None = None
) -> Floats:
    """Return ``||(x - center) @ transform||^2`` of each row.

    Parameters
    ----------
    X
        Rows, shape (n, d).
    center
        Shape (d,).
    transform
        Shape (d, q), or (d,) for a diagonal one.
    n_jobs
        Threads, as `n_threads` reads it.
    """
    lengths = np.empty(len(X))

    def work(rows: slice) -> None:
        lengths[rows] = block_lengths(X[rows], center, transform)

    many = X.size >= MANY_ELEMENTS
    step = max(1, _BLOCK_ELEMENTS // X.shape[1])
    in_blocks(work, len(X), step, n_jobs if many else 1, blas=many)
    return lengths


def block_lengths(rows: Floats, center: Floats, transform: Floats) -> Floats:
    """Return what `squared_lengths` does, of few rows."""
    moved = rows - center
    moved = moved * transform if transform.ndim == 1 else moved @ transform
    return np.asarray(np.einsum("ij,ij->i", moved, moved))


def whitening(precision: Floats) -> Floats:
    """Return W with ``W @ W.T`` equal to a positive semidefinite matrix, shape (d, d)."""
    values, vectors = np.linalg.eigh(precision)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
