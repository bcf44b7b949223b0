"""A detector in scikit-learn's clothes: ±1 labels, higher scores for normal rows."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ad_core.detector._base import BaseDetector
from ad_core.spec import Capability

__all__ = ["SklearnDetector", "as_sklearn"]


class SklearnDetector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """scikit-learn outlier detector around a detector.

    Parameters
    ----------
    detector
        The detector to drive; it is cloned at `fit`, never changed. Its
        arguments are reached as ``detector__<name>``.

    Attributes
    ----------
    detector_ : BaseDetector
        The fitted clone.
    offset_ : float
        ``decision_function(X) = score_samples(X) - offset_``; negative for
        anomalies.
    """

    def __init__(self, detector: BaseDetector) -> None:
        self.detector = detector

    def fit(self, X: Any, y: ArrayLike | None = None) -> Self:
        """Fit a clone of the detector."""
        X = validate_data(
            self,
            X,
            dtype=np.float64,
            ensure_all_finite=not self._missing_allowed(),
            ensure_min_samples=self.detector._min_rows,
        )
        self.detector_ = self.detector.clone().fit(X, y)
        return self

    @property
    def offset_(self) -> float:
        """The decision threshold in scikit-learn's orientation."""
        check_is_fitted(self, "detector_")
        # scikit-learn's convention is that 0 is an inlier, ours that the threshold is an anomaly.
        return -float(np.nextafter(self.detector_.decision_threshold, -np.inf))

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return the opposite of the detector's scores, shape (n_samples,)."""
        check_is_fitted(self, "detector_")
        X = validate_data(
            self, X, dtype=np.float64, reset=False, ensure_all_finite=not self._missing_allowed()
        )
        return -self.detector_.score_samples(X)

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return scores that are negative for anomalies, shape (n_samples,)."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return -1 for anomalies and 1 for normal rows, shape (n_samples,)."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def fit_predict(self, X: Any, y: ArrayLike | None = None) -> NDArray[np.int64]:
        """Fit, then predict the same rows."""
        return self.fit(X, y).predict(X)

    def _missing_allowed(self) -> bool:
        return self.detector._accepts_missing

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        spec = self.detector._spec
        tags.input_tags.allow_nan = self._missing_allowed()
        tags.target_tags.required = self.detector._needs_labels
        if spec is not None:
            tags.non_deterministic = not (
                spec.capabilities & {Capability.DETERMINISTIC, Capability.SEEDED}
            )
        return tags


def as_sklearn(detector: BaseDetector) -> SklearnDetector:
    """Wrap a detector as a scikit-learn outlier detector.

    It works in pipelines, with `clone` and with ``GridSearchCV``; the detector's
    arguments are named ``detector__<name>``.

    Examples
    --------
    >>> from ad_core import create
    >>> as_sklearn(create("isolation_forest")).fit_predict([[0.0], [0.1], [0.2], [9.0]])
    array([ 1,  1,  1, -1])
    """
    return SklearnDetector(detector)
