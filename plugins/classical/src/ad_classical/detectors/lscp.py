"""Locally selective combination in parallel outlier ensembles (LSCP)."""

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from sklearn.neighbors import NearestNeighbors

from ad_classical.detectors._members import Array, build_members, fit_member, moments
from ad_core.detector import BaseDetector
from ad_core.load import Member

__all__ = ["DEFAULT_MEMBERS", "LSCP"]

Indices = np.ndarray[Any, np.dtype[np.int64]]

DEFAULT_MEMBERS: tuple[Member, ...] = tuple(
    {"name": "local_outlier_factor", "params": {"n_neighbors": k}} for k in (10, 20, 30, 40, 50)
)

_ROUNDING = 1e-12
"""Correlations this close are equal."""


class LSCP(BaseDetector):
    """Score each row by those members that are competent around it.

    The local region of a row are the training rows that are among its nearest
    neighbours in more than half of several random subsets of the columns. There, the
    members whose training scores correlate most alike with the pseudo truth (the
    largest standardised score of any member) are averaged (LSCP_A of the paper). The
    subsets are drawn once, at fit, so that scoring has no randomness.

    Parameters
    ----------
    detectors
        The members, at least two: names, or mappings with ``name`` and ``params``;
        None for local_outlier_factor with 10, 20, 30, 40 and 50 neighbours.
    local_region_size
        Number of nearest neighbours in each subset; the paper uses 30 to 200.
    local_max_features
        Largest share of the columns in a subset; the smallest is one half.
    n_subsets
        Number of subsets of the columns.
    n_bins
        Bins of the histogram of correlations, no more than there are members; the
        members of the fullest bin are competent.
    random_state
        Seed of the subsets and of the members.

    Attributes
    ----------
    members_ : list of BaseDetector

    References
    ----------
    Y. Zhao, Z. Nasrullah, M. Hryniewicki, Z. Li. LSCP: locally selective combination
    in parallel outlier ensembles. SDM, 2019.
    """

    members_: list[BaseDetector]
    means_: Array
    deviations_: Array
    standard_: Array
    pseudo_: Array
    subsets_: list[Indices]
    searches_: list[NearestNeighbors]

    def __init__(
        self,
        detectors: list[str | dict[str, object]] | None = None,
        local_region_size: Annotated[int, Ge(2)] = 30,
        local_max_features: Annotated[float, Ge(0.5), Le(1)] = 1.0,
        n_subsets: Annotated[int, Gt(0)] = 20,
        n_bins: Annotated[int, Ge(1)] = 10,
        random_state: int | None = None,
    ) -> None:
        self.detectors = detectors
        self.local_region_size = local_region_size
        self.local_max_features = local_max_features
        self.n_subsets = n_subsets
        self.n_bins = n_bins
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        generator = self._generator()
        chosen = DEFAULT_MEMBERS if self.detectors is None else self.detectors
        self.members_ = build_members(chosen, generator, "lscp", at_least=2)
        scores = np.column_stack([fit_member(member, X, "lscp") for member in self.members_])
        self.means_, self.deviations_ = moments(scores)
        self.standard_ = (scores - self.means_) / self.deviations_
        self.pseudo_ = self.standard_.max(axis=1)
        self._fit_regions(X, generator)

    def _fit_regions(self, X: Array, generator: np.random.Generator) -> None:
        n, d = X.shape
        smallest, largest = max(1, d // 2), max(1, int(d * self.local_max_features))
        size = min(self.local_region_size, n)
        self.subsets_, self.searches_ = [], []
        for _ in range(self.n_subsets):
            n_columns = int(generator.integers(smallest, largest + 1))
            subset = generator.choice(d, size=n_columns, replace=False)
            search = NearestNeighbors(n_neighbors=size, algorithm="kd_tree").fit(X[:, subset])
            self.subsets_.append(subset)
            self.searches_.append(search)

    def _training_scores(self, X: Array) -> Array:
        return self._combine(X, self.standard_)

    def _score(self, X: Array) -> Array:
        scores = np.column_stack([member.score_samples(X) for member in self.members_])
        return self._combine(X, (scores - self.means_) / self.deviations_)

    def _combine(self, X: Array, scores: Array) -> Array:
        pairs = zip(self.searches_, self.subsets_, strict=True)
        neighbours = np.hstack(
            [search.kneighbors(X[:, use], return_distance=False) for search, use in pairs]
        )
        combined = np.empty(len(X))
        for i, found in enumerate(neighbours):
            correlations = self._correlations(self._region(found))
            combined[i] = scores[i, self._competent(correlations)].mean()
        return combined

    def _region(self, found: Indices) -> Indices:
        """Training rows found in more than half of the subsets, or in as many as two rows share."""
        rows, counts = np.unique(found, return_counts=True)
        needed = min(self.n_subsets // 2, int(np.sort(counts)[-min(2, len(counts))]) - 1)
        return np.asarray(rows[counts > needed])

    def _correlations(self, region: Indices) -> Array:
        """Pearson correlation of each member's scores with the pseudo truth; 0 where undefined."""
        truth = self.pseudo_[region] - self.pseudo_[region].mean()
        local = self.standard_[region] - self.standard_[region].mean(axis=0)
        spread = np.sqrt((truth @ truth) * (local * local).sum(axis=0))
        correlations: Array = np.zeros_like(spread)
        np.divide(truth @ local, spread, out=correlations, where=spread > _ROUNDING)
        return correlations

    def _competent(self, correlations: Array) -> Indices:
        """Members in the fullest bin of the correlations' histogram, the highest if tied."""
        if np.ptp(correlations) < _ROUNDING:
            return np.arange(len(correlations))
        counts, edges = np.histogram(correlations, bins=min(self.n_bins, len(correlations)))
        best = len(counts) - 1 - int(counts[::-1].argmax())
        inside = (correlations >= edges[best]) & (correlations <= edges[best + 1])
        return np.flatnonzero(inside)
