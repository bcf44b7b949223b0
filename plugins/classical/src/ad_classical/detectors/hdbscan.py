"""HDBSCAN's outlier score: GLOSH, the global-local outlier score from hierarchies."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ad_classical._distances import canonical_order, nearest, nearest_others, resolution, row_blocks
from ad_classical._hierarchy import condense, minimum_spanning_tree
from ad_core.detector import BaseDetector

__all__ = ["HDBSCAN"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class HDBSCAN(BaseDetector):
    r"""Rows that leave their density cluster long before its densest rows do.

    In the hierarchy of density clusters, let eps(x) be the distance level below
    which x no longer belongs to its cluster C, and eps_min(C) the smallest
    positive level at which C, or a cluster within it, loses a row. The score is

    .. math:: 1 - \frac{\epsilon_{min}(C)}{\epsilon(x)} \in [0, 1),

    and 0 for rows at or below that level (duplicates in number). A row scored
    later leaves the hierarchy of the training rows at the level

    .. math:: \min_j \max(\mathrm{core}(x), \mathrm{core}(j), \|x - j\|, \epsilon(j)),

    from the cluster that holds the minimising row j there; so the score grows
    towards 1 with the distance. (PyOD interpolates 1 minus the membership
    strength of the training rows, which does not grow with the distance.)

    Parameters
    ----------
    min_cluster_size
        Fewest rows of a cluster; as many anomalies side by side are one, and score low.
    min_samples
        Rows, itself included, within the core distance of a row; `min_cluster_size`
        when None.

    References
    ----------
    R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander, "Hierarchical density
    estimates for data clustering, visualization, and outlier detection", ACM TKDD
    10(1), 2015. doi:10.1145/2733381
    """

    rows_: Floats
    core_: Floats
    level_: Floats
    cluster_: Indices
    parent_: Indices
    birth_: Floats
    densest_: Floats

    def __init__(
        self,
        min_cluster_size: Annotated[int, Ge(2)] = 10,
        min_samples: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples

    def _fit(self, X: Floats, y: Any) -> None:
        self.rows_ = X[canonical_order(X)]
        others = self._n_others()
        self.core_ = nearest_others(self.rows_, others)[0][:, -1] if others else np.zeros(len(X))
        tree = minimum_spanning_tree(self.rows_, self.core_)
        condensed = condense(*tree, min_size=self.min_cluster_size)
        self.level_, self.cluster_ = condensed.level, condensed.cluster
        self.parent_, self.birth_ = condensed.parent, condensed.birth
        self.densest_ = condensed.densest_levels(resolution(X))

    def _score(self, X: Floats) -> Floats:
        others = self._n_others()
        core = nearest(X, self.rows_, others)[0][:, -1] if others else np.zeros(len(X))
        levels, clusters = np.empty(len(X)), np.empty(len(X), dtype=np.intp)
        least = np.maximum(self.core_, self.level_)
        for rows in row_blocks(len(X), len(self.rows_)):
            reach = np.maximum(cdist(X[rows], self.rows_), least)
            closest = reach.argmin(axis=1)
            levels[rows] = np.maximum(reach.min(axis=1), core[rows])
            clusters[rows] = self.cluster_[closest]
        return self._outlierness(levels, self._climb(clusters, levels))

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.empty(len(X))
        scores[canonical_order(X)] = self._outlierness(self.level_, self.cluster_)
        return scores

    def _n_others(self) -> int:
        """Return how many other rows lie within the core distance."""
        wanted = self.min_cluster_size if self.min_samples is None else self.min_samples
        return min(wanted, len(self.rows_)) - 1

    def _climb(self, clusters: Indices, levels: Floats) -> Indices:
        """Move each row up to the cluster that exists at its level."""
        above = self.birth_[clusters] <= levels
        while above.any():
            clusters = np.where(above, self.parent_[clusters], clusters)
            above = self.birth_[clusters] <= levels
        return clusters

    def _outlierness(self, levels: Floats, clusters: Indices) -> Floats:
        densest = self.densest_[clusters]
        return 1.0 - densest / np.maximum(levels, densest)
