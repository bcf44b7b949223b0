"""Adapters: one drives a scikit-learn estimator, one a PyOD detector.

What they cure: a fresh foreign object is built at each fit from the present
arguments; it gets a seed of its own, or the RandomState that was handed in, even
where it would draw from numpy's global generator; its own `contamination` stays
out of the way, because the threshold is `BaseDetector`'s; what it rejects comes
out as a ParameterError; its warnings go to the logger ``ad.upstream``.
"""

from typing import Any

import numpy as np

from ad_classical._conditioning import unit_intervals
from ad_core.detector import AdapterDetector
from ad_core.errors import AdError, ParameterError

__all__ = ["AffineSklearnAdapter", "PyODAdapter"]

Array = np.ndarray[Any, np.dtype[np.float64]]


class _SeededAdapter(AdapterDetector):
    """Builds and fits the foreign object, whose generator is always its own.

    Attributes
    ----------
    model_ : object
        The fitted foreign object.
    """

    model_: Any

    def _fit(self, X: Array, y: Any) -> None:
        model = self._build()
        self.model_ = model.fit(X) if y is None else model.fit(X, y)

    def _build(self) -> Any:
        """Return a fresh, checked and seeded foreign object."""
        seeded = "random_state" in self._upstream_params()
        given = {"random_state": self._random_state()} if seeded else {}
        try:
            model = self._make(**given)
            self._check_model(model)
        except AdError:
            raise
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{self.name}: {' '.join(str(error).split())}") from error
        return model

    def _check_model(self, model: Any) -> None:
        """Raise ValueError or TypeError where the library rejects an argument."""


class AffineSklearnAdapter(_SeededAdapter):
    """Drives an estimator whose scores stay the same when a column is shifted or stretched.

    IsolationForest rounds to single precision and stops splitting below a width of 1e-7.
    A column of such numbers is brought onto [0, 1] first; the others are handed over as
    they are. `score_samples` rates how normal a row is; its negative is the score.

    Attributes
    ----------
    shifts_, spans_ : ndarray of shape (n_features,)
        What is subtracted from each column, and what it is then divided by; 0 and 1
        for an ordinary column.
    """

    shifts_: Array
    spans_: Array

    def _fit(self, X: Array, y: Any) -> None:
        self.shifts_, self.spans_ = unit_intervals(X)
        super()._fit(self._conditioned(X), y)

    def _conditioned(self, X: Array) -> Array:
        return (X - self.shifts_) / self.spans_

    def _check_model(self, model: Any) -> None:
        model._validate_params()

    def _score(self, X: Array) -> Array:
        return -np.asarray(self.model_.score_samples(self._conditioned(X)), dtype=np.float64)


class PyODAdapter(_SeededAdapter):
    """Drives a PyOD detector; its `decision_scores_` are the training scores."""

    def _score(self, X: Array) -> Array:
        return np.asarray(self.model_.decision_function(X), dtype=np.float64)

    def _training_scores(self, X: Array) -> Array:
        return np.asarray(self.model_.decision_scores_, dtype=np.float64)
