"""Adapters: one drives any scikit-learn estimator, one any PyOD detector.

What they cure: a fresh foreign object is built at each fit from the present
arguments; it gets a seed of its own even where it would draw from numpy's
global generator; its own `contamination` stays out of the way, because the
threshold is `BaseDetector`'s; a column far from 0 is moved where only differences
between rows count; what it rejects comes out as a ParameterError;
its warnings go to the logger ``ad.upstream``.
"""

from typing import Any

import numpy as np

from ad_core.detector import AdapterDetector
from ad_core.errors import AdError, ParameterError

__all__ = ["AffineSklearnAdapter", "PyODAdapter", "SklearnAdapter"]

Array = np.ndarray[Any, np.dtype[np.float64]]

_FAR = 1e4
"""A column lies far from 0 when its largest value is this many times its span."""
_MOVABLE_METRICS = frozenset({"minkowski", "euclidean", "manhattan", "cityblock", "chebyshev"})


class _SeededAdapter(AdapterDetector):
    """Builds and fits the foreign object, whose generator is always its own.

    Attributes
    ----------
    model_ : object
        The fitted foreign object.
    shifts_, spans_ : ndarray of shape (n_features,)
        What is subtracted from each column, and what it is then divided by; 0 and 1
        for an ordinary column.
    """

    model_: Any
    shifts_: Array
    spans_: Array

    def _fit(self, X: Array, y: Any) -> None:
        self._condition(X)
        model = self._build()
        conditioned = self._conditioned(X)
        self.model_ = model.fit(conditioned) if y is None else model.fit(conditioned, y)

    def _condition(self, X: Array) -> None:
        """Choose `shifts_`: the least value of a column that varies little around a large one.

        Distances computed from differences of large squares would lose it, so it is
        subtracted where only differences between rows count.
        """
        low, span = X.min(axis=0), np.ptp(X, axis=0)
        far = (np.abs(X).max(axis=0) > _FAR * span) & self._only_differences_count()
        self.shifts_ = np.where(far, low, 0.0)
        self.spans_ = np.ones(X.shape[1])

    def _conditioned(self, X: Array) -> Array:
        return (X - self.shifts_) / self.spans_

    def _only_differences_count(self) -> bool:
        """Whether the scores stay the same when every row is moved by one vector."""
        arguments = self._upstream_params()
        return arguments.get("metric") in _MOVABLE_METRICS or arguments.get("kernel") == "rbf"

    def _build(self) -> Any:
        """Return a fresh, checked and seeded foreign object."""
        seeded = "random_state" in self._upstream_params()
        try:
            model = self._make(random_state=self._int_seed()) if seeded else self._make()
            self._check_model(model)
        except AdError:
            raise
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{self.name}: {' '.join(str(error).split())}") from error
        if not seeded and hasattr(model, "random_state"):
            # OneClassSVM has the attribute without the argument: left at None, it
            # would draw from numpy's global generator.
            model.random_state = 0
        return model

    def _check_model(self, model: Any) -> None:
        """Raise ValueError or TypeError where the library rejects an argument."""


class SklearnAdapter(_SeededAdapter):
    """Drives a scikit-learn estimator that has `score_samples`, with the sign turned round.

    Those rate how normal a row is (a log-likelihood, a negative distance); the
    negative is the anomaly score. An estimator that keeps leave-one-out factors of its
    training rows (LocalOutlierFactor) gives those as training scores.
    """

    def _check_model(self, model: Any) -> None:
        model._validate_params()

    def _score(self, X: Array) -> Array:
        return -np.asarray(self.model_.score_samples(self._conditioned(X)), dtype=np.float64)

    def _training_scores(self, X: Array) -> Array:
        factors = getattr(self.model_, "negative_outlier_factor_", None)
        return self._score(X) if factors is None else -np.asarray(factors, dtype=np.float64)


class AffineSklearnAdapter(SklearnAdapter):
    """Drives an estimator whose scores stay the same when a column is shifted or stretched.

    IsolationForest rounds to single precision and stops splitting below a width of 1e-7;
    EllipticEnvelope calls a covariance of tiny numbers singular. A column of such
    numbers is brought onto [0, 1] first; the others are handed over as they are.
    """

    def _condition(self, X: Array) -> None:
        low, span = X.min(axis=0), np.ptp(X, axis=0)
        blurred = (np.abs(X).max(axis=0) > _FAR * span) | (span < 1e-4) | (span > 1e30)
        blurred &= span > 0
        self.shifts_ = np.where(blurred, low, 0.0)
        self.spans_ = np.where(blurred, span, 1.0)


class PyODAdapter(_SeededAdapter):
    """Drives a PyOD detector; its `decision_scores_` are the training scores."""

    def _score(self, X: Array) -> Array:
        return np.asarray(self.model_.decision_function(self._conditioned(X)), dtype=np.float64)

    def _training_scores(self, X: Array) -> Array:
        return np.asarray(self.model_.decision_scores_, dtype=np.float64)
