"""Adapters: one drives any scikit-learn estimator, one any PyOD detector.

What they cure: a fresh foreign object is built at each fit from the present
arguments; it gets a seed of its own, or the RandomState that was handed in, even
where it would draw from numpy's global generator; its own `contamination` stays
out of the way, because the threshold is `BaseDetector`'s; a column far from 0 is
moved where only differences between rows count; no more neighbours are asked for
than there are; what it rejects comes out as a ParameterError; its warnings go to
the logger ``ad.upstream``.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from ad_core.detector import AdapterDetector
from ad_core.errors import AdError, InputError, ParameterError

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
        model = self._build(len(X))
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
        mixture = "covariance_type" in arguments
        placed = {"means_init", "mean_prior"} & {k for k, v in arguments.items() if v is not None}
        return (
            arguments.get("metric") in _MOVABLE_METRICS
            or arguments.get("kernel") == "rbf"
            or (mixture and not placed)
        )

    def _build(self, n_rows: int) -> Any:
        """Return a fresh, checked and seeded foreign object to fit on so many rows."""
        arguments = self._upstream_params()
        seeded = "random_state" in arguments
        given = {"random_state": self._random_state()} if seeded else {}
        try:
            model = self._make(**given, **self._fewer_neighbors(arguments, n_rows))
            self._check_model(model)
        except AdError:
            raise
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{self.name}: {' '.join(str(error).split())}") from error
        if not seeded and hasattr(model, "random_state"):
            # OneClassSVM has the attribute without the argument: left at None, it
            # would draw from numpy's global generator.
            model.random_state = 0
        components = arguments.get("n_components")
        if isinstance(components, int) and components > n_rows:
            raise InputError(
                f"{self.name} needs at least {components} rows to fit n_components={components}, "
                f"got {n_rows}"
            )
        return model

    def _fewer_neighbors(self, arguments: Mapping[str, Any], n_rows: int) -> dict[str, int]:
        """Return `n_neighbors` as it can be with so few rows; nothing where it can stay."""
        wanted, most = arguments.get("n_neighbors"), self._most_neighbors(n_rows)
        if not isinstance(wanted, int) or wanted <= most:
            return {}
        warnings.warn(
            f"n_neighbors={wanted} is too many for {n_rows} rows: {most} used", stacklevel=2
        )
        return {"n_neighbors": most}

    def _most_neighbors(self, n_rows: int) -> int:
        """Return how many neighbours a training row can have."""
        return n_rows - 1

    def _check_model(self, model: Any) -> None:
        """Raise ValueError or TypeError where the library rejects an argument."""


class SklearnAdapter(_SeededAdapter):
    """Drives a scikit-learn estimator that has `score_samples`, with the sign turned round.

    Those rate how normal a row is (a log-likelihood, a negative distance); the
    negative is the anomaly score. An estimator that keeps leave-one-out factors of its
    training rows (LocalOutlierFactor) gives those as training scores. It gets half of
    the rows as neighbours at most: where every row is everybody's neighbour, so are the
    outliers, and their reach hides them.
    """

    def _check_model(self, model: Any) -> None:
        model._validate_params()

    def _score(self, X: Array) -> Array:
        return -np.asarray(self.model_.score_samples(self._conditioned(X)), dtype=np.float64)

    def _most_neighbors(self, n_rows: int) -> int:
        return max(1, n_rows // 2)

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
