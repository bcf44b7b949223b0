"""COF: connectivity-based outlier factor."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_classical._distances import (
    canonical_order,
    resolution,
    row_blocks,
)
from ad_classical._threads import in_threads
from ad_classical.detectors._neighborhood import KeepsNeighbors

__all__ = ["COF"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class COF(KeepsNeighbors):
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
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    J. Tang, Z. Chen, A. W. Fu, D. W. Cheung, "Enhancing effectiveness of outlier
    detections for low density patterns", PAKDD 2002. doi:10.1007/3-540-47887-6_53
    """

    chaining_: Floats
    factors_: Floats
    resolution_: float

    def __init__(self, n_neighbors: Annotated[int, Ge(1)] = 20, n_jobs: int | None = None) -> None:
        self.n_neighbors = n_neighbors
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        rows = X[canonical_order(X)]
        self.neighbors_ = self._indexed(rows)
        self.resolution_ = resolution(X)
        _, neighbors = self.neighbors_.nearest_others(self._k(), self.n_jobs)
        self.chaining_ = self._chaining(rows, neighbors)
        self.factors_ = self._factor(self.chaining_, neighbors)

    def _score(self, X: Floats) -> Floats:
        _, neighbors = self.neighbors_.nearest(X, self._k(), self.n_jobs)
        return self._factor(self._chaining(X, neighbors), neighbors)

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        scores[canonical_order(X)] = self.factors_
        return scores

    def _k(self) -> int:
        return min(self.n_neighbors, self.neighbors_.shape[0] - 1)

    def _factor(self, chaining: Floats, neighbors: Indices) -> Floats:
        around = self.chaining_[neighbors].mean(axis=1)
        return np.asarray((chaining + self.resolution_) / (around + self.resolution_))

    def _chaining(self, X: Floats, neighbors: Indices) -> Floats:
        """Return the average chaining distance of each row to its neighbours."""
        k = neighbors.shape[1]
        weights = 2.0 * np.arange(k, 0, -1) / (k * (k + 1))
        chaining = np.zeros(len(X))

        def work(rows: slice) -> None:
            for block in row_blocks(rows.stop - rows.start, (k + 1) * X.shape[1]):
                part = slice(rows.start + block.start, rows.start + block.stop)
                training = self.neighbors_.take(neighbors[part])
                path = np.concatenate((X[part, None, :], training), axis=1)
                for h in range(1, k + 1):
                    steps = path[:, :h] - path[:, h, None]
                    costs = np.sqrt(np.einsum("ijk,ijk->ij", steps, steps).min(axis=1))
                    chaining[part] += weights[h - 1] * costs

        in_threads(work, len(X), self.n_jobs, least=64)
        return chaining
