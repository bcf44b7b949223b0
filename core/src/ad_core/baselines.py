"""Null baselines: what a detector has to beat to be worth anything."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_core.detector import BaseDetector

__all__ = ["ConstantScores", "RandomScores"]


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
