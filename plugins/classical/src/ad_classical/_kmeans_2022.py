"""k-means as scikit-learn 1.0 had it, for tables of that time."""

from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import euclidean_distances

__all__ = ["kmeans_2022"]

Array = np.ndarray[Any, np.dtype[np.float64]]


def kmeans_2022(n_clusters: int, random_state: int | np.random.RandomState) -> KMeans:
    """Return k-means with ten starts, Elkan's algorithm and the draws of that time."""
    return KMeans(
        n_clusters,
        n_init=10,
        init=_first_centers,
        algorithm="elkan",
        random_state=random_state,
    )


def _first_centers(X: Array, n_clusters: int, random_state: np.random.RandomState) -> Array:
    """Choose centres by k-means++, each the best of a few candidates.

    As scikit-learn does to this day, but that the first one is a whole number
    drawn at random, where it now searches the cumulated weights of the rows.
    """
    n_candidates = 2 + int(np.log(n_clusters))
    chosen = [int(random_state.randint(len(X)))]
    nearest = euclidean_distances(X[chosen], X, squared=True)
    for _ in range(1, n_clusters):
        drawn = random_state.random_sample(n_candidates) * nearest.sum()
        candidates = np.minimum(np.searchsorted(np.cumsum(nearest), drawn), len(X) - 1)
        distances = np.minimum(euclidean_distances(X[candidates], X, squared=True), nearest)
        best = int(distances.sum(axis=1).argmin())
        chosen.append(int(candidates[best]))
        nearest = distances[best : best + 1]
    return X[chosen]
