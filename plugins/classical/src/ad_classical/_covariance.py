"""The covariance of many rows, shrunk, without a copy of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_classical._threads import in_blocks

__all__ = ["shrunk_covariance"]

Floats = NDArray[np.float64]

BLOCK = 1024
"""Rows multiplied at once."""
LEAST = 4096
"""Rows below which one thread sums them up."""
PARTS = 16
"""Sums at most that are kept apart, each by one thread: the number does not hang on `n_jobs`."""


def shrunk_covariance(
    X: Floats, *, standardized: bool, n_jobs: int | None
) -> tuple[Floats, Floats, Floats]:
    """Return the means, scales and the covariance by Ledoit and Wolf of the columns.

    The covariance is that of ``(X - means) / scales``; scales are 1 unless standardized.
    As `sklearn.covariance.ledoit_wolf` computes it, up to rounding.

    Parameters
    ----------
    X
        Rows, shape (n, d).
    standardized
        Scales are standard deviations, but 1 where a column is constant up to rounding.
    n_jobs
        Number of threads.

    Returns
    -------
    means, scales
        Both of shape (d,).
    covariance
        Shape (d, d).

    References
    ----------
    O. Ledoit, M. Wolf. A well-conditioned estimator for large-dimensional
    covariance matrices. J. Multivariate Analysis 88, 2004.
    """
    n, d = X.shape
    rough = _total(_column_sums, X, (d,), n_jobs) / n

    def moments(rows: Floats) -> Floats:
        rows = rows - rough
        return np.stack([_column_sums(rows), _column_sums(rows * rows)])

    # Around a mean that is rough, since the sum of large numbers is: what remains is small.
    remainder, squares = _total(moments, X, (2, d), n_jobs) / n
    means, scales = rough + remainder, np.ones(d)
    if standardized:
        deviations = np.sqrt(np.maximum(squares - remainder**2, 0.0))
        scales = np.where(_constant(X, means, deviations), 1.0, deviations)

    def products(rows: Floats) -> Floats:
        rows = rows - means
        rows /= scales
        lengths = np.einsum("ij,ij->i", rows, rows)
        return np.vstack([rows.T @ rows, np.full(d, lengths @ lengths)])

    *covariance, fourth = _total(products, X, (d + 1, d), n_jobs) / n
    return means, scales, _shrunk(np.array(covariance), fourth[0], n)


def _shrunk(covariance: Floats, fourth: float, n: int) -> Floats:
    """Move the covariance towards a multiple of the identity.

    `fourth` is the mean of the rows' fourth powers of length.
    """
    d = len(covariance)
    if d == 1:
        return covariance
    mean = np.trace(covariance) / d
    squares = np.sum(covariance**2)
    distance = (squares - d * mean**2) / d
    error = min((fourth - squares) / (d * n), distance)
    shrinkage = 0.0 if error == 0 else error / distance
    shrunk = (1.0 - shrinkage) * covariance
    shrunk.flat[:: d + 1] += shrinkage * mean
    return np.asarray(shrunk)


def _total(function: Any, X: Floats, shape: tuple[int, ...], n_jobs: int | None) -> Floats:
    """Return the sum of what the function returns for blocks of rows."""
    step = max(LEAST, -(-len(X) // PARTS))
    sums = np.zeros((-(-len(X) // step), *shape))

    def work(part: slice) -> None:
        for start in range(part.start, part.stop, BLOCK):
            sums[part.start // step] += function(X[start : min(start + BLOCK, part.stop)])

    in_blocks(work, len(X), step, n_jobs)
    return np.asarray(sums.sum(axis=0))


def _column_sums(rows: Floats) -> Floats:
    # A product: the loop over rows of `sum` takes several times as long where they are short.
    return np.ones(len(rows)) @ rows


def _constant(X: Floats, means: Floats, deviations: Floats) -> NDArray[np.bool_]:
    """Return which columns are constant up to rounding."""
    rounding = 10 * np.finfo(np.float64).eps
    # No value lies further from the mean than that; only where it might matter, all are read.
    largest = np.abs(means) + np.sqrt(len(X)) * deviations
    constant = deviations <= rounding * largest
    for j in np.flatnonzero(constant):
        constant[j] = deviations[j] <= rounding * np.abs(X[:, j]).max()
    return np.asarray(constant)
