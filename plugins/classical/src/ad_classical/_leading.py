"""The leading eigenvectors of a symmetric matrix: only as many as are needed."""

import inspect

import numpy as np
from numpy.typing import NDArray

__all__ = ["leading_eigenvectors"]

Floats = NDArray[np.float64]

_LARGE = 500
"""Rows from which on it pays to look for a few eigenvectors."""
_FIRST, _MOST = 16, 32
"""How many to look for at first, and at most: more take longer than all of them."""


def leading_eigenvectors(matrix: Floats, wanted: float) -> tuple[Floats, Floats]:
    """Find the largest eigenvalues, in falling order, and their eigenvectors.

    Parameters
    ----------
    matrix
        Symmetric, shape (n, n).
    wanted
        How many: a whole number, or a share of the trace of a positive semidefinite
        matrix that they are to make up.

    Returns
    -------
    values, vectors
        Shapes (q,) and (n, q). Where few are needed there may be more than that;
        where many are needed, all there are.
    """
    n, trace = len(matrix), float(np.trace(matrix))
    count = wanted if isinstance(wanted, int) else _at_least(matrix, wanted * trace)
    while n >= _LARGE and count <= _MOST:
        values, vectors = _lanczos(matrix, count)
        if isinstance(wanted, int):
            return values, vectors
        # Rounded sums: a little more than the share, never less.
        missing = wanted * trace * (1 + 1e-9) - values.sum()
        if missing <= 0:
            return values, vectors
        # Each of the next ones adds the smallest one found, at most.
        count += max(count, int(min(missing / max(values[-1], 1e-300), n)))
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def _at_least(matrix: Floats, total: float) -> int:
    """Bound how many eigenvalues make up so much: by Cauchy and Schwarz."""
    norm = float(np.linalg.norm(matrix))
    return max(_FIRST, int((total / norm) ** 2) if norm > 0 else 0)


def _lanczos(matrix: Floats, count: int) -> tuple[Floats, Floats]:
    from scipy.sparse.linalg import eigsh

    # Older versions draw nothing at random beside the start.
    seed = {"rng": 0} if "rng" in inspect.signature(eigsh).parameters else {}
    start = np.random.default_rng(0).normal(size=len(matrix))
    values, vectors = eigsh(matrix, k=count, which="LA", v0=start, tol=0, **seed)
    order = np.argsort(-values, kind="stable")
    return values[order], vectors[:, order]
