"""Several detectors as one: their standardised scores or ranks, combined."""

from typing import Any, Literal

import numpy as np

from ad_classical.detectors._members import (
    Array,
    build_members,
    fit_member,
    moments,
    training_scores,
)
from ad_core.detector import BaseDetector
from ad_core.load import Member

__all__ = ["DEFAULT_MEMBERS", "Ensemble"]

DEFAULT_MEMBERS: tuple[Member, ...] = ("isolation_forest", "knn", "pca", "ecod")


class Ensemble(BaseDetector):
    """Combine the scores of any registered detectors.

    Each member's scores are standardised by the mean and deviation of its training
    scores and combined by average, maximum or median; or each is replaced by its rank
    among the member's training scores, and the ranks are averaged. Either way a row's
    score does not depend on the other rows of its batch. Ranks ignore how far out a
    row lies: beyond every training score they all are 1.

    Parameters
    ----------
    detectors
        The members: names, or mappings with ``name`` and ``params``; None for
        isolation_forest, knn, pca and ecod.
    combination
        How the members' scores become one.
    random_state
        Seed from which every member gets one of its own.

    Attributes
    ----------
    members_ : list of BaseDetector
        The fitted members.

    References
    ----------
    C. Aggarwal, S. Sathe. Theoretical foundations and algorithms for outlier
    ensembles. SIGKDD Explorations 17, 2015.
    """

    members_: list[BaseDetector]
    means_: Array
    deviations_: Array
    sorted_: Array

    def __init__(
        self,
        detectors: list[str | dict[str, object]] | None = None,
        combination: Literal["average", "maximum", "median", "rank"] = "average",
        random_state: int | None = None,
    ) -> None:
        self.detectors = detectors
        self.combination = combination
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        chosen = DEFAULT_MEMBERS if self.detectors is None else self.detectors
        self.members_ = build_members(chosen, self._generator(), "ensemble")
        scores = np.column_stack([fit_member(member, X, "ensemble") for member in self.members_])
        self.means_, self.deviations_ = moments(scores)
        self.sorted_ = np.sort(scores, axis=0)

    def _training_scores(self, X: Array) -> Array:
        return self._combine(training_scores(self.members_))

    def _score(self, X: Array) -> Array:
        return self._combine(np.column_stack([m.score_samples(X) for m in self.members_]))

    def _combine(self, scores: Array) -> Array:
        """Combine members' scores, shape (n, n_members), to (n,)."""
        if self.combination == "rank":
            return np.asarray(self._ranks(scores).mean(axis=1))
        standard = (scores - self.means_) / self.deviations_
        combine: dict[str, Any] = {"average": np.mean, "maximum": np.max, "median": np.median}
        return np.asarray(combine[self.combination](standard, axis=1), dtype=np.float64)

    def _ranks(self, scores: Array) -> Array:
        """Share of the training scores below each score, ties counting half; in [0, 1]."""
        ranks = np.empty_like(scores)
        for k, training in enumerate(self.sorted_.T):
            below = np.searchsorted(training, scores[:, k], side="left")
            up_to = np.searchsorted(training, scores[:, k], side="right")
            ranks[:, k] = (below + up_to) / (2 * len(training))
        return ranks
