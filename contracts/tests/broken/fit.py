"""Detectors whose `fit` does what it must not."""

import numpy as np
from reference import Mahalanobis

from broken import Broken, detector


class ReturnsNone(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)


class DrawsWithoutSeed(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.mean_ = self.mean_ + np.random.default_rng().normal(size=self.mean_.shape)


class KeepsTheFirstMean(Mahalanobis):
    _first = None

    def fit(self, X, y=None):
        super().fit(X, y)
        first = self._first_mean if hasattr(self, "_first_mean") else self.mean_
        self.mean_ = self._first_mean = first
        return self

    def _forget(self):
        first = vars(self).get("_first_mean")
        super()._forget()
        if first is not None:
            self._first_mean = first


BROKEN = [
    Broken(
        check="fit_returns_self",
        spec=detector(ReturnsNone),
        message="expected fit to return the detector itself, got None",
    ),
    Broken(
        check="same_seed_same_scores",
        spec=detector(DrawsWithoutSeed),
        message="expected the scores of a second fit to equal those of the first bit for bit, got",
    ),
    Broken(
        check="refit_forgets",
        spec=detector(KeepsTheFirstMean),
        message="the scores of a detector that was fitted before to equal those of a fresh one",
    ),
]
