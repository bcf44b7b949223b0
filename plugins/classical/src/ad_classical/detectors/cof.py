"""COF: connectivity-based outlier factor."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_classical._distances import (
    canonical_order,
    nearest,
    nearest_others,
    resolution,
    row_blocks,
)
from ad_core.detector import BaseDetector

__all__ = ["COF"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class COF(BaseDetector):
    r"""Rows that are less tightly chained to their neighbours than these to theirs.

    Let s_1, ..., s_k be the k nearest training rows of x = s_0, by distance. The
    average chaining distance weighs the cost of joining each of them to those
    before it,

    .. math:: ac(x) = \sum_{h=1}^{k} \frac{2 (k + 1 - h)}{k (k + 1)}
              \min_{g < h} \|s_h - s_g\|,

    and the score is ac(x) over the mean of ac over the neighbours. (The paper
    orders the neighbours by their distance to those already joined; the
    reference implementation, PyOD, and this one by their distance to x.) A
    training row is left out of its own neighbours; rows scored later are held
    against the training rows only.

    Both terms of the ratio are enlarged by the resolution of the data, machine
    epsilon times its range: rows within a pile of duplicates score 1, as in the
    limit of a pile that is not quite one, and a row beside it a large finite number.

    Parameters
    ----------
    n_neighbors
        Neighbours k; at most one less than the training rows are used.

    References
    ----------
    J. Tang, Z. Chen, A. W. Fu, D. W. Cheung, "Enhancing effectiveness of outlier
    detections for low density patterns", PAKDD 2002. doi:10.1007/3-540-47887-6_53
    """

    rows_: Floats
    chaining_: Floats
    resolution_: float

    def __init__(self, n_neighbors: Annotated[int, Ge(1)] = 20) -> None:
        self.n_neighbors = n_neighbors

    def _fit(self, X: Floats, y: Any) -> None:
        self.rows_ = X[canonical_order(X)]
        self.resolution_ = resolution(X)
        _, neighbors = nearest_others(self.rows_, self._k())
        self.chaining_ = self._chaining(self.rows_, neighbors)

    def _score(self, X: Floats) -> Floats:
        _, neighbors = nearest(X, self.rows_, self._k())
        return self._factor(self._chaining(X, neighbors), neighbors)

    def _training_scores(self, X: Floats) -> Floats:
        _, neighbors = nearest_others(self.rows_, self._k())
        scores = np.empty(len(X))
        scores[canonical_order(X)] = self._factor(self.chaining_, neighbors)
        return scores

    def _k(self) -> int:
        return min(self.n_neighbors, len(self.rows_) - 1)

    def _factor(self, chaining: Floats, neighbors: Indices) -> Floats:
        around = self.chaining_[neighbors].mean(axis=1)
        return np.asarray((chaining + self.resolution_) / (around + self.resolution_))

    def _chaining(self, X: Floats, neighbors: Indices) -> Floats:
        """Return the average chaining distance of each row to its neighbours."""
        k = neighbors.shape[1]
        weights = 2.0 * np.arange(k, 0, -1) / (k * (k + 1))
        chaining = np.zeros(len(X))
        for part in row_blocks(len(X), (k + 1) * X.shape[1]):
            path = np.concatenate((X[part, None, :], self.rows_[neighbors[part]]), axis=1)
            for h in range(1, k + 1):
                steps = path[:, :h] - path[:, h, None]
                costs = np.sqrt(np.einsum("ijk,ijk->ij", steps, steps).min(axis=1))
                chaining[part] += weights[h - 1] * costs
        return chaining
