"""Null baselines: what a detector has to beat to be worth anything."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ad_core.detector import BaseDetector, InputKind, Series

__all__ = ["ConstantScores", "OneHit", "RandomScores", "TimeIndex"]


class RandomScores(BaseDetector):
    """Uniform random scores, whatever the rows hold.

    Scoring the same rows again gives the same scores; a row's score depends on
    its place in the batch.

    Parameters
    ----------
    random_state : int or None
        Seed of the scores.
    """

    _min_rows = 1

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    def _fit(self, X: NDArray[np.float64], y: Any) -> None:
        self.seed_ = self._int_seed()

    def _score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.random.default_rng(self.seed_).random(len(X))


class ConstantScores(BaseDetector):
    """The score 0 for every row."""

    _min_rows = 1

    def _fit(self, X: NDArray[np.float64], y: Any) -> None:
        """Learn nothing."""

    def _score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.zeros(len(X))


class TimeIndex(BaseDetector):
    """The number of the time step, whatever the series holds.

    It is right about every series whose anomalies come late, as those of runs
    to failure do.
    """

    input: ClassVar[InputKind] = Series()
    _min_rows = 1

    def _fit(self, X: NDArray[np.float64], y: Any) -> None:
        """Learn nothing."""

    def _score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.arange(len(X), dtype=np.float64)


class OneHit(BaseDetector):
    """The score 1 for the one time step that strays furthest, 0 for all others.

    A step strays by its largest distance from the training mean, in training
    standard deviations of the channel. A metric that rewards a single hit in a
    long anomaly, such as point adjustment, likes it.
    """

    input: ClassVar[InputKind] = Series()
    _min_rows = 1

    def _fit(self, X: NDArray[np.float64], y: Any) -> None:
        self.mean_ = X.mean(axis=0)
        spread = X.std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)

    def _score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = np.zeros(len(X))
        scores[np.argmax(np.abs((X - self.mean_) / self.scale_).max(axis=1))] = 1.0
        return scores
