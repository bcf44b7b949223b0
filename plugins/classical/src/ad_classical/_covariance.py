"""The covariance of many rows, shrunk, without a copy of them."""

import numpy as np
from numpy.typing import NDArray

from ad_classical._products import column_means, covariance, refined_means
from ad_classical._whitening import squared_lengths

__all__ = ["shrunk_covariance"]

Floats = NDArray[np.float64]


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
    means, scales = refined_means(X, column_means(X), n_jobs), np.ones(X.shape[1])
    found = covariance(X, means, n_jobs)
    if standardized:
        deviations = np.sqrt(found.diagonal())
        scales = np.where(_constant(X, means, deviations), 1.0, deviations)
        found /= scales
        found /= scales[:, np.newaxis]
    lengths = squared_lengths(X, means, 1.0 / scales, n_jobs)
    return means, scales, _shrunk(found, float(np.square(lengths).mean()), len(X))


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


def _constant(X: Floats, means: Floats, deviations: Floats) -> NDArray[np.bool_]:
    """Return which columns are constant up to rounding."""
    rounding = 10 * np.finfo(np.float64).eps
    # No value lies further from the mean than that; only where it might matter, all are read.
    largest = np.abs(means) + np.sqrt(len(X)) * deviations
    constant = deviations <= rounding * largest
    for j in np.flatnonzero(constant):
        constant[j] = deviations[j] <= rounding * np.abs(X[:, j]).max()
    return np.asarray(constant)
