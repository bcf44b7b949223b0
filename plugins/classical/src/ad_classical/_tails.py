"""Empirical tail probabilities a column, for ECOD and COPOD."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scoring", "skewness_signs", "tail_surprise", "tail_surprise_jointly"]

Floats = NDArray[np.float64]
Scoring = Literal["inductive", "transductive"]


def tail_surprise(X: Floats, sorted_columns: Floats) -> tuple[Floats, Floats]:
    """Return -log of the left and of the right empirical tail probability.

    With n training values in a column, the tails of x are
    ``F(x) = #{t <= x} / n`` and ``G(x) = #{t >= x} / n``. Beyond the training
    range one of them is 0, and its logarithm infinite: n values cannot tell a
    probability apart from anything below 1/n, so the tail of the extreme
    itself, 1/n, stands for all that lies beyond it.

    Parameters
    ----------
    X
        Rows, shape (m, d).
    sorted_columns
        Training values, each column sorted, shape (n, d).

    Returns
    -------
    left, right
        Both of shape (m, d), within [0, log n].
    """
    n = len(sorted_columns)
    left, right = np.empty(X.shape), np.empty(X.shape)
    for column in range(X.shape[1]):
        values, reference = X[:, column], sorted_columns[:, column]
        left[:, column] = np.searchsorted(reference, values, side="right")
        right[:, column] = n - np.searchsorted(reference, values, side="left")
    log_n = np.log(n)
    return log_n - np.log(np.maximum(left, 1.0)), log_n - np.log(np.maximum(right, 1.0))


def tail_surprise_jointly(X: Floats, sorted_columns: Floats) -> tuple[Floats, Floats, Floats]:
    """Return both tails of X and the skewness signs, counted over training rows and X together."""
    joint = np.sort(np.concatenate((sorted_columns, X)), axis=0)
    left, right = tail_surprise(X, joint)
    return left, right, skewness_signs(joint)


def skewness_signs(X: Floats) -> Floats:
    """Return the sign of each column's skewness, 0 where it is symmetric or constant.

    A column counts as constant when its deviations are rounding errors, the
    rule of `scipy.stats.skew`.
    """
    mean = X.mean(axis=0)
    deviations = X - mean
    variance = np.mean(deviations**2, axis=0)
    third = np.mean(deviations**2 * deviations, axis=0)
    constant = variance <= (np.finfo(np.float64).eps * mean) ** 2
    return np.where(constant, 0.0, np.sign(third))
