"""COPOD: outliers by the empirical copula."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_classical._tails import (
    Scoring,
    skewness_signs,
    tail_surprise,
    tail_surprise_jointly,
)
from ad_core.detector import BaseDetector

__all__ = ["COPOD"]

Floats = NDArray[np.float64]


class COPOD(BaseDetector):
    r"""Unlikely values by the tails of the empirical copula, corrected for skewness.

    With the empirical tail probabilities F (left) and G (right) of the training
    values of each column, a row x scores

    .. math:: \sum_j \max\Bigl(U_j(x_j),
              \tfrac{1}{2}\bigl(-\log F_j(x_j) - \log G_j(x_j)\bigr)\Bigr),

    where U is the tail on the side to which the column is skewed (left for a
    negative, right for a positive skewness, both added where it is exactly 0).
    A column's share is at most log n (2 log n in a symmetric column), reached
    beyond the training range.

    Parameters
    ----------
    scoring
        ``"inductive"`` counts the training rows only, so that a row's score does
        not depend on its batch. ``"transductive"`` counts the training rows and
        the scored batch together, as PyOD does: for reproducing its tables.

    References
    ----------
    Z. Li, Y. Zhao, N. Botta, C. Ionescu, X. Hu, "COPOD: Copula-based outlier
    detection", ICDM 2020. doi:10.1109/ICDM50108.2020.00135
    """

    sorted_columns_: Floats
    skewness_signs_: Floats

    def __init__(self, scoring: Scoring = "inductive") -> None:
        self.scoring = scoring

    def _fit(self, X: Floats, y: Any) -> None:
        self.sorted_columns_ = np.sort(X, axis=0)
        # Of the sorted values: whether a sum is exactly 0 must not hang on their order.
        self.skewness_signs_ = skewness_signs(self.sorted_columns_)

    def _score(self, X: Floats) -> Floats:
        if self.scoring == "transductive":
            return _aggregate(*tail_surprise_jointly(X, self.sorted_columns_))
        return self._training_scores(X)

    def _training_scores(self, X: Floats) -> Floats:
        return _aggregate(*tail_surprise(X, self.sorted_columns_), self.skewness_signs_)


def _aggregate(left: Floats, right: Floats, signs: Floats) -> Floats:
    """Sum over the columns the skewed side's tail or the mean of both, whichever is larger."""
    skewed = np.where(signs < 0.0, left, np.where(signs > 0.0, right, left + right))
    return np.asarray(np.maximum(skewed, (left + right) / 2.0).sum(axis=1))
