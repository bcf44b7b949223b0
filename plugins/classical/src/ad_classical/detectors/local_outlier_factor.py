"""Local outlier factor: density at a row beside the density at its neighbours."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_classical._distances import row_blocks
from ad_classical._neighbors import Metric
from ad_classical.detectors._neighborhood import Indices, NeighborhoodDetector

__all__ = ["LocalOutlierFactor"]

Floats = NDArray[np.float64]

_SMALLEST = 1e-10
"""What scikit-learn adds to a mean reachability distance, so that its inverse is finite."""
_SMALL = 1e-4
"""Below such distances it is made smaller in proportion: it would drown them."""


class LocalOutlierFactor(NeighborhoodDetector):
    """Density at a row compared with the density at its neighbours.

    With the distance k(o) of a training row o to its k-th nearest other row, the
    density at x is the inverse of the mean of ``max(k(o), |x - o|)`` over the
    neighbours o of x; the score is their mean density over that of x, about 1
    inside a cluster. A training row is not its own neighbour. At most half of the
    rows are neighbours: where every row is everybody's, so are the outliers, and
    their reach hides them.

    Parameters
    ----------
    n_neighbors
        How many training rows are neighbours.
    metric
        Distance between rows.
    p
        Exponent of ``"minkowski"``.
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    M. Breunig, H.-P. Kriegel, R. Ng, J. Sander. LOF: identifying density-based local
    outliers. SIGMOD, 2000. doi:10.1145/342009.335388
    """

    reaches_: Floats
    factors_: Floats
    densities_: Floats
    smallest_: float

    def __init__(
        self,
        n_neighbors: Annotated[int, Ge(1)] = 20,
        metric: Metric = "euclidean",
        p: Annotated[float, Ge(1)] = 2.0,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(n_neighbors, metric, p, n_jobs)

    def _fit(self, X: Floats, y: Any) -> None:
        super()._fit(X, y)
        distances, indices = self.neighbors_.nearest_others(self.n_neighbors_, self.n_jobs)
        self.reaches_ = distances[:, -1].copy()
        self.smallest_ = _SMALLEST * min(1.0, float(self.reaches_.mean()) / _SMALL or 1.0)
        self.densities_, self.factors_ = np.empty(len(X)), np.empty(len(X))
        parts = list(row_blocks(len(X), 64 * self.n_neighbors_))
        for part in parts:
            self.densities_[part] = self._density(distances[part], indices[part])
        for part in parts:
            self.factors_[part] = self._compare(self.densities_[part], indices[part])

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))

        def use(rows: Any, distances: Floats, indices: Indices) -> None:
            scores[rows] = self._compare(self._density(distances, indices), indices)

        self.neighbors_.each_nearest(X, self.n_neighbors_, self.n_jobs, use)
        return scores

    def _training_scores(self, X: Floats) -> Floats:
        return self.factors_

    def _density(self, distances: Floats, indices: Indices) -> Floats:
        reach = np.maximum(distances, self.reaches_[indices])
        return np.asarray(1.0 / (reach.mean(axis=1) + self.smallest_))

    def _compare(self, densities: Floats, indices: Indices) -> Floats:
        return np.asarray((self.densities_[indices] / densities[:, None]).mean(axis=1))

    def _most_neighbors(self, n_rows: int) -> int:
        return max(1, n_rows // 2)
