"""Detectors with capabilities that few have; what they declare is true."""

import numpy as np
import reference
from attrs import evolve
from broken import detector
from reference import Mahalanobis

from ad_core import BaseDetector
from ad_core.detector import Series
from ad_core.errors import InputError
from ad_core.metrics import UndefinedMetricError


class Columns(BaseDetector):
    """Largest deviation of a value from its column's mean, in standard deviations."""

    _accepts_missing = True

    def _fit(self, X, y):
        self.sums_ = np.array([np.nansum(X**power, axis=0) for power in (0, 1, 2)])
        self.sums_[0] = (~np.isnan(X)).sum(axis=0)

    def partial_fit(self, X, y=None):
        before = self.sums_
        self._fit(np.asarray(X), y)
        self.sums_ = self.sums_ + before
        return self

    def feature_contributions(self, X):
        n, total, squares = self.sums_
        mean = total / n
        return np.nan_to_num(np.abs(X - mean) / np.sqrt(squares / n - mean**2))

    def anomaly_map(self, X):
        return self.feature_contributions(X)

    def _score(self, X):
        return self.feature_contributions(X).max(axis=1)


class OneColumnOfTraining(BaseDetector):
    """Distance from the mean of the batch, for one column of training rows."""

    def _fit(self, X, y):
        if X.shape[1] > 1:
            raise InputError(f"{self.name} takes 1 column, got {X.shape[1]}")
        self.X_ = X

    def _score(self, X):
        if not np.array_equal(X, self.X_):
            raise InputError(f"{self.name} scores the rows that it was fitted on, and no others")
        return np.abs(X[:, 0] - X.mean())


class DistanceInTheBatch(Mahalanobis):
    """Distance from the mean of the batch."""

    def _score(self, X):
        return np.linalg.norm(X - X.mean(axis=0), axis=1)


class KeepsAFunction(Mahalanobis):
    """Keeps what no file can hold."""

    def _fit(self, X, y):
        super()._fit(X, y)
        self.square_ = lambda gap: gap**2


class StepByStep(BaseDetector):
    """Largest deviation of a channel from its mean; it needs no window, but steps that differ."""

    input = Series()

    def _fit(self, X, y):
        ranges = np.ptp(X, axis=0)
        if not ranges.any():
            raise InputError(f"{self.name} cannot learn from a constant series")
        self.mean_, self.scale_ = X.mean(axis=0), np.where(ranges > 0, ranges, 1.0)

    def _score(self, X):
        return np.abs((X - self.mean_) / self.scale_).max(axis=1)


class Taught(Mahalanobis):
    """Distance from the mean of the rows that are labelled as normal."""

    _needs_labels = True

    def _fit(self, X, y):
        super()._fit(X[y == 0], y)


SPECS = [
    detector(
        Columns,
        capabilities=(
            "novelty",
            "multivariate",
            "deterministic",
            "serializable",
            "missing_values",
            "partial_fit",
            "feature_contributions",
            "localizes",
        ),
    ),
    detector(OneColumnOfTraining, capabilities=("deterministic", "serializable")),
    detector(
        DistanceInTheBatch,
        capabilities=("novelty", "multivariate", "deterministic", "serializable", "transductive"),
    ),
    detector(KeepsAFunction, capabilities=("novelty", "multivariate", "deterministic")),
    detector(
        Taught,
        learning="supervised",
        capabilities=("novelty", "multivariate", "deterministic", "serializable", "supervised"),
    ),
]
STEPS = detector(StepByStep, data=("timeseries",))


def strict_auc(y_true, scores):
    """Return the AUC; of scores that are all the same there is none."""
    value = reference.auc(y_true, scores)
    if len(np.unique(scores)) == 1:
        raise UndefinedMetricError("all scores are the same")
    return value


STRICT_AUC = evolve(reference.AUC, name="strict_auc", target="honest:strict_auc")
