"""Cluster-based local outlier factor: the distance to the nearest large cluster."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from scipy.spatial.distance import cdist

from ad_classical._threads import in_blocks
from ad_core.detector import BaseDetector, quiet

__all__ = ["CBLOF"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Labels = np.ndarray[Any, np.dtype[np.int64]]

_BLOCK_ELEMENTS = 2**16


class CBLOF(BaseDetector):
    """Cluster-based local outlier factor over k-means.

    Clusters are sorted by size and split into large and small ones (definition 2
    of the paper). A row of a large cluster scores its distance to that cluster's
    centre, a row of a small one the distance to the nearest large centre. Where
    the sizes show no such split, as in one homogeneous cloud, every cluster is large.

    Parameters
    ----------
    n_clusters
        Number of clusters; no more than there are distinct rows are formed.
    alpha
        The large clusters hold at least this share of the rows.
    beta
        Or: a large cluster is at least this many times the size of the next smaller one.
    use_weights
        Multiply each score by the size of the row's cluster, as the paper has it; rows
        of tiny clusters then score low, which is why it is off by default.
    random_state
        Seed of k-means.
    kmeans
        ``"current"`` is scikit-learn's k-means with one start; ``"2022"`` is what it
        was with ten starts in 1.0: for reproducing tables of that time.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
    cluster_sizes_ : ndarray of shape (n_clusters,)
    is_large_ : ndarray of bool of shape (n_clusters,)

    References
    ----------
    Z. He, X. Xu, S. Deng. Discovering cluster-based local outliers. Pattern
    Recognition Letters 24, 2003.
    """

    _private_rows = False
    cluster_centers_: Array
    cluster_sizes_: Labels
    is_large_: np.ndarray[Any, np.dtype[np.bool_]]

    def __init__(
        self,
        n_clusters: Annotated[int, Ge(1)] = 8,
        alpha: Annotated[float, Gt(0), Lt(1)] = 0.9,
        beta: Annotated[float, Gt(1)] = 5.0,
        use_weights: bool = False,
        random_state: int | None = None,
        kmeans: Literal["current", "2022"] = "current",
        n_jobs: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.alpha = alpha
        self.beta = beta
        self.use_weights = use_weights
        self.random_state = random_state
        self.kmeans = kmeans
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        from sklearn.cluster import KMeans

        from ad_classical._kmeans_2022 import kmeans_2022

        n_clusters = _n_distinct(X, self.n_clusters)
        make = kmeans_2022 if self.kmeans == "2022" else KMeans
        with quiet():
            model = make(n_clusters, random_state=self._random_state()).fit(X)
        self.cluster_centers_ = np.asarray(model.cluster_centers_, dtype=np.float64)
        self.cluster_sizes_ = np.bincount(model.labels_, minlength=n_clusters)
        self.is_large_ = _large(self.cluster_sizes_, self.alpha, self.beta)

    def _score(self, X: Array) -> Array:
        scores = np.empty(len(X))
        large = self.cluster_centers_[self.is_large_]
        score = self._weighted if self.use_weights else _nearest

        def work(rows: slice) -> None:
            scores[rows] = score(X[rows], large)

        step = max(1, _BLOCK_ELEMENTS // X.shape[1])
        in_blocks(work, len(X), step, self.n_jobs, blas=False)
        return scores

    def _weighted(self, rows: Array, large: Array) -> Array:
        own = cdist(self.cluster_centers_, rows).argmin(axis=0)
        return np.asarray(_nearest(rows, large) * self.cluster_sizes_[own])


def _nearest(rows: Array, large: Array) -> Array:
    """Return the distance to the nearest large centre: a row of a large cluster has its own."""
    return np.asarray(cdist(large, rows).min(axis=0))


def _n_distinct(X: Array, most: int) -> int:
    """Return how many distinct rows there are, up to `most`."""
    for rows in (X[: 4 * most], X):
        found = len(np.unique(rows, axis=0))
        if found >= most:
            return most
    return found


def _large(sizes: Labels, alpha: float, beta: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the large clusters, up to the first split by alpha and beta, else alpha, else beta."""
    order = np.argsort(-sizes, kind="stable")
    ordered = sizes[order]
    many = np.cumsum(ordered)[:-1] >= sizes.sum() * alpha
    steep = ordered[:-1] >= beta * ordered[1:]
    boundary = len(sizes)
    for rule in (many & steep, many, steep):
        if rule.any():
            boundary = int(rule.argmax()) + 1
            break
    large = np.zeros(len(sizes), dtype=np.bool_)
    large[order[:boundary]] = True
    return large
