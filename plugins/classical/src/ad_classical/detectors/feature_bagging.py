"""Feature bagging: one detector on many random subsets of the columns."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from ad_classical.detectors._members import Array, fit_member, training_scores
from ad_core.detector import BaseDetector
from ad_core.errors import ParameterError
from ad_core.load import build_member

__all__ = ["FeatureBagging"]

Indices = np.ndarray[Any, np.dtype[np.int64]]


class FeatureBagging(BaseDetector):
    """Fit a detector on random subsets of the columns and combine the scores.

    Every subset has between half of the columns and `max_features` of them. The raw
    scores are combined, as in the paper, so the base detector's scores should not
    grow with the number of columns; those of the local outlier factor do not.

    Parameters
    ----------
    detector
        The base detector: a name, or a mapping with ``name`` and ``params``.
    n_estimators
        Number of subsets.
    max_features
        Largest subset: a share of the columns (float) or a number of them (int).
    bootstrap_features
        Draw the columns of a subset with replacement.
    combination
        How the scores become one: ``"average"`` or ``"maximum"``.
    random_state
        Seed of the subsets and of the base detectors.

    Attributes
    ----------
    members_ : list of BaseDetector
    subsets_ : list of ndarray
        Columns of each member.

    References
    ----------
    A. Lazarevic, V. Kumar. Feature bagging for outlier detection. KDD, 2005.
    """

    members_: list[BaseDetector]
    subsets_: list[Indices]

    def __init__(
        self,
        detector: str | dict[str, object] = "local_outlier_factor",
        n_estimators: Annotated[int, Ge(1)] = 10,
        max_features: Annotated[float, Gt(0), Le(1)] | Annotated[int, Ge(1)] = 1.0,
        bootstrap_features: bool = False,
        combination: Literal["average", "maximum"] = "average",
        random_state: int | None = None,
    ) -> None:
        self.detector = detector
        self.n_estimators = n_estimators
        self.max_features = max_features
        self.bootstrap_features = bootstrap_features
        self.combination = combination
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        generator = self._generator()
        smallest, largest = self._subset_sizes(X.shape[1])
        self.members_, self.subsets_ = [], []
        for _ in range(self.n_estimators):
            size = int(generator.integers(smallest, largest + 1))
            subset = generator.choice(X.shape[1], size=size, replace=self.bootstrap_features)
            seed = int(generator.integers(2**31))
            member = build_member(self.detector, seed=seed, whose="feature_bagging")
            fit_member(member, np.ascontiguousarray(X[:, subset]), "feature_bagging")
            self.members_.append(member)
            self.subsets_.append(subset)

    def _subset_sizes(self, n_features: int) -> tuple[int, int]:
        smallest = max(1, n_features // 2)
        share = self.max_features
        largest = max(1, int(share * n_features)) if isinstance(share, float) else int(share)
        if not smallest <= largest <= n_features:
            raise ParameterError(
                f"feature_bagging: max_features={share!r} allows {largest} of {n_features} "
                f"columns; it must allow between {smallest} (half of them) and {n_features}"
            )
        return smallest, largest

    def _training_scores(self, X: Array) -> Array:
        return self._combine(training_scores(self.members_))

    def _score(self, X: Array) -> Array:
        pairs = zip(self.members_, self.subsets_, strict=True)
        columns = [member.score_samples(np.ascontiguousarray(X[:, use])) for member, use in pairs]
        return self._combine(np.column_stack(columns))

    def _combine(self, scores: Array) -> Array:
        combine: dict[str, Any] = {"average": np.mean, "maximum": np.max}
        return np.asarray(combine[self.combination](scores, axis=1), dtype=np.float64)
