"""Detectors whose `fit` depends on more than its data and seed."""

import os

import numpy as np
from reference import Mahalanobis

from ad_core.errors import AdError
from broken import Broken, detector


class ReturnsNone(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)


class ReturnsACopy(Mahalanobis):
    def fit(self, X, y=None):
        return super().fit(X, y).clone()


class DrawsWithoutSeed(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.mean_ = self.mean_ + np.random.default_rng().normal(size=self.mean_.shape)


class DependsOnTheProcess(Mahalanobis):
    def _score(self, X):
        return super()._score(X) + os.getpid()


class Seeded(Mahalanobis):
    def __init__(self, shrinkage: float = 1e-6, random_state: int | None = None):
        super().__init__(shrinkage)
        self.random_state = random_state


class WantsASmallSeed(Seeded):
    def _fit(self, X, y):
        super()._fit(X, y)
        np.random.default_rng(np.int16(self.random_state or 0))


class WantsASeed(Seeded):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.shift_ = 0 * self.random_state


class NaNWithoutSeed(Seeded):
    def score_samples(self, X):
        return super().score_samples(X) + (np.nan if self.random_state is None else 0)


class CountsFits(Mahalanobis):
    """Adds the number of its fits to the scores."""

    _n = 0

    def _forget(self):
        n = self._n
        super()._forget()
        self._n = n

    def _fit(self, X, y):
        super()._fit(X, y)
        self._n += 1

    def _score(self, X):
        return super()._score(X) + self._n


class KeepsTheFirstMean(Mahalanobis):
    def fit(self, X, y=None):
        first = vars(self).get("mean_")
        super().fit(X, y)
        self.mean_ = self.mean_ if first is None else first
        return self


class KeepsTheFirstThreshold(Mahalanobis):
    def fit(self, X, y=None):
        first = vars(self).get("_decision_threshold")
        super().fit(X, y)
        self._decision_threshold = self._decision_threshold if first is None else first
        return self


class IgnoresTheTrainingData(Mahalanobis):
    def _score(self, X):
        return np.linalg.norm(X, axis=1)


class SharesItsMean(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        type(self).mean_ = vars(self).pop("mean_")


class SwallowsFailure(Mahalanobis):
    def fit(self, X, y=None):
        try:
            return super().fit(X, y)
        except AdError:
            return self


class KeepsTheNewModel(Mahalanobis):
    def _forget(self):
        pass


class KeepsANewThreshold(Mahalanobis):
    def fit(self, X, y=None):
        kept = dict(vars(self))
        try:
            return super().fit(X, y)
        except AdError:
            vars(self).update(kept, _decision_threshold=-1.0)
            raise


class ScoresUnfitted(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X) if self.is_fitted else np.zeros(len(X))


SEEDED = ("novelty", "multivariate", "seeded", "serializable")

BROKEN = [
    Broken(
        check="fit_returns_self",
        spec=detector(ReturnsNone),
        message="expected fit to return the detector itself, got None",
    ),
    Broken(
        check="fit_returns_self",
        spec=detector(ReturnsACopy),
        message=r"expected fit to return the detector itself, got returnsacopy\(\)",
    ),
    Broken(
        check="same_seed_same_scores",
        spec=detector(DrawsWithoutSeed),
        message="the scores of a second detector to equal those of the first bit for bit, got",
    ),
    Broken(
        check="fresh_process_same_scores",
        spec=detector(DependsOnTheProcess),
        message="the scores of a fit in a new process to equal those of one in this process",
    ),
    Broken(
        check="any_seed",
        spec=detector(WantsASmallSeed, capabilities=SEEDED),
        message="expected no error, got FitError: wantsasmallseed failed to fit: OverflowError",
    ),
    Broken(
        check="any_seed",
        spec=detector(WantsASeed, capabilities=SEEDED),
        message="expected no error, got FitError: wantsaseed failed to fit: TypeError",
    ),
    Broken(
        check="any_seed",
        spec=detector(NaNWithoutSeed, capabilities=SEEDED),
        message="expected finite scores with random_state=None, got scores from nan to nan",
    ),
    Broken(
        check="refit_repeats",
        spec=detector(CountsFits),
        message="the scores after a second fit on the same data to equal those before it",
    ),
    Broken(
        check="refit_forgets",
        spec=detector(KeepsTheFirstMean),
        message="the scores of a detector that was fitted before to equal those of a fresh one",
    ),
    Broken(
        check="refit_forgets",
        spec=detector(KeepsTheFirstThreshold),
        message="the threshold of a detector that was fitted before to equal a fresh one's",
    ),
    Broken(
        check="training_data_is_used",
        spec=detector(IgnoresTheTrainingData),
        message="expected other scores after a fit on 1000 .* than .*, got the same 158 scores",
    ),
    Broken(
        check="threads_do_not_mix",
        spec=detector(SharesItsMean),
        message="the scores of a fit beside another to equal those of a fit alone",
    ),
    Broken(
        check="failed_fit_leaves_no_half",
        spec=detector(SwallowsFailure),
        message="expected AdError when no threshold can be found, got no error",
    ),
    Broken(
        check="failed_fit_leaves_no_half",
        spec=detector(KeepsTheNewModel),
        message="the scores after a fit that failed to equal those before it",
    ),
    Broken(
        check="failed_fit_leaves_no_half",
        spec=detector(KeepsANewThreshold),
        message="the threshold to equal that before the failure bit for bit, got -1.0 instead",
    ),
    Broken(
        check="failed_fit_leaves_no_half",
        spec=detector(ScoresUnfitted),
        message="NotFittedError when score_samples is called after a fit that failed, got no error",
    ),
]
