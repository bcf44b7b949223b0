"""Distances to the nearest training rows."""

from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from ad_classical._neighbors import Metric
from ad_classical.detectors._neighborhood import NeighborhoodDetector

__all__ = ["KNN"]

Floats = NDArray[np.float64]


class KNN(NeighborhoodDetector):
    """How far the nearest training rows are.

    A training row is not its own neighbour. Where there are fewer other rows than
    `n_neighbors`, all of them are taken.

    Parameters
    ----------
    n_neighbors
        How many training rows count.
    method
        The score: the ``"largest"``, the ``"mean"`` or the ``"median"`` of their distances.
    metric
        Distance between rows.
    p
        Exponent of ``"minkowski"``.
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    S. Ramaswamy, R. Rastogi, K. Shim. Efficient algorithms for mining outliers from
    large data sets. SIGMOD, 2000. doi:10.1145/342009.335437

    F. Angiulli, C. Pizzuti. Fast outlier detection in high dimensional spaces. PKDD,
    2002. doi:10.1007/3-540-45681-3_2
    """

    def __init__(
        self,
        n_neighbors: Annotated[int, Ge(1)] = 5,
        method: Literal["largest", "mean", "median"] = "largest",
        metric: Metric = "euclidean",
        p: Annotated[float, Ge(1)] = 2.0,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(n_neighbors, metric, p, n_jobs)
        self.method = method

    def _score(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        use = partial(self._aggregate, scores)
        self.neighbors_.each_nearest(X, self.n_neighbors_, self.n_jobs, use)
        return scores

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        use = partial(self._aggregate, scores)
        self.neighbors_.each_nearest_others(self.n_neighbors_, self.n_jobs, use)
        return scores

    def _aggregate(self, scores: Floats, rows: Any, distances: Floats, _: Any) -> None:
        if self.method == "largest":
            scores[rows] = distances[:, -1]
        else:
            average = np.mean if self.method == "mean" else np.median
            scores[rows] = average(distances, axis=1)

    def _most_neighbors(self, n_rows: int) -> int:
        return n_rows - 1
