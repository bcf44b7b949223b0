"""ECOD: outliers by empirical cumulative distribution functions."""

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

__all__ = ["ECOD"]

Floats = NDArray[np.float64]


class ECOD(BaseDetector):
    r"""Unlikely values in either tail, column by column.

    With the empirical tail probabilities F (left) and G (right) of the training
    values of each column, a row x scores

    .. math:: \sum_j \max(-\log F_j(x_j), -\log G_j(x_j), U_j(x_j)),

    where U is the tail on the side to which the column is skewed, or the sum of
    both where its skewness is exactly 0. Columns are taken as independent. A
    column's share is at most log n in a skewed column (2 log n in a symmetric
    one), reached beyond the training range. A constant column scores 0 for its
    own value. The paper takes the largest of three sums; as the reference
    implementation (PyOD), this sums the largest of three terms.

    Parameters
    ----------
    scoring
        ``"inductive"`` counts the training rows only, so that a row's score does
        not depend on its batch. ``"transductive"`` counts the training rows and
        the scored batch together, as PyOD does: for reproducing its tables.

    References
    ----------
    Z. Li, Y. Zhao, X. Hu, N. Botta, C. Ionescu, G. H. Chen, "ECOD: Unsupervised
    outlier detection using empirical cumulative distribution functions", IEEE
    TKDE 35(12), 2023. doi:10.1109/TKDE.2022.3159580
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
    """Sum the larger tail of each column, or both tails where the column is symmetric."""
    both = np.where(signs == 0.0, left + right, np.maximum(left, right))
    return np.asarray(both.sum(axis=1))
