"""The covariance of many rows, shrunk, without a copy of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_classical._threads import in_blocks, serial_blas

__all__ = ["LEAST", "Centred", "shrunk_covariance"]

Floats = NDArray[np.float64]

VALUES = 32_768
"""Values that are centred at once: they stay in a core's cache."""
LEAST = 10 * VALUES
"""Values below which another thread would take longer to begin."""
PARTS = 16
"""Sums at most that are kept apart, each by one thread: the number does not hang on `n_jobs`."""


class Centred:
    """Rows less their means, a block at a time, for one thread; each overwrites the last one.

    Parameters
    ----------
    means
        Shape (d,).
    factors
        What the differences are multiplied by, shape (d,); None for 1.
    """

    def __init__(self, means: Floats, factors: Floats | None = None) -> None:
        self.d = len(means)
        self.n_rows = max(1, VALUES // self.d)
        self._values = np.empty(self.n_rows * self.d)
        # Repeated: numpy's loop over short rows takes twice as long as one over many values.
        self._means = np.tile(means, self.n_rows)
        self._factors = None if factors is None else np.tile(factors, self.n_rows)

    def blocks(self, X: Floats) -> Iterator[tuple[slice, Floats]]:
        """Yield where a block of contiguous rows is, and the block."""
        for start in range(0, len(X), self.n_rows):
            part = slice(start, min(start + self.n_rows, len(X)))
            size = (part.stop - start) * self.d
            values = self._values[:size]
            np.subtract(X[part].reshape(-1), self._means[:size], out=values)
            if self._factors is not None:
                values *= self._factors[:size]
            yield part, values.reshape(-1, self.d)


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
    with serial_blas():
        return _shrunk_covariance(X, standardized, n_jobs)


def _shrunk_covariance(
    X: Floats, standardized: bool, n_jobs: int | None
) -> tuple[Floats, Floats, Floats]:
    n, d = X.shape
    rough = _total(_sums, X, (d,), n_jobs) / n
    # Around a mean that is rough, since the sum of large numbers is: what remains is small.
    remainder, *products = _total(lambda rows: _moments(rows, rough), X, (d + 1, d), n_jobs) / n
    means, scales = rough + remainder, np.ones(d)
    covariance = np.array(products) - np.outer(remainder, remainder)
    if standardized:
        deviations = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
        scales = np.where(_constant(X, means, deviations), 1.0, deviations)
        covariance /= scales
        covariance /= scales[:, np.newaxis]
    fourth = _total(lambda rows: _fourth_powers(rows, means, scales), X, (), n_jobs) / n
    return means, scales, _shrunk(covariance, float(fourth), n)


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
    """Return the sum of what the function returns for parts of the rows."""
    step = max(1, LEAST // X.shape[1], -(-len(X) // PARTS))
    sums = np.zeros((-(-len(X) // step), *shape))

    def work(part: slice) -> None:
        sums[part.start // step] = function(X[part])

    in_blocks(work, len(X), step, n_jobs, blas=False)
    return np.asarray(sums.sum(axis=0))


def _sums(X: Floats) -> Floats:
    # A product: the loop over rows of `sum` takes several times as long where they are short.
    return np.ones(len(X)) @ X


def _moments(X: Floats, means: Floats) -> Floats:
    """Return the sums of the centred columns, and of their products, shape (d + 1, d)."""
    found = np.zeros((len(means) + 1, len(means)))
    for _, rows in Centred(means).blocks(X):
        found[0] += _sums(rows)
        found[1:] += rows.T @ rows
    return found


def _fourth_powers(X: Floats, means: Floats, scales: Floats) -> float:
    """Return the sum of the fourth powers of the rows' lengths."""
    total = 0.0
    for _, rows in Centred(means, 1.0 / scales).blocks(X):
        squares = np.einsum("ij,ij->i", rows, rows)
        total += float(squares @ squares)
    return total


def _constant(X: Floats, means: Floats, deviations: Floats) -> NDArray[np.bool_]:
    """Return which columns are constant up to rounding."""
    rounding = 10 * np.finfo(np.float64).eps
    # No value lies further from the mean than that; only where it might matter, all are read.
    largest = np.abs(means) + np.sqrt(len(X)) * deviations
    constant = deviations <= rounding * largest
    for j in np.flatnonzero(constant):
        constant[j] = deviations[j] <= rounding * np.abs(X[:, j]).max()
    return np.asarray(constant)
