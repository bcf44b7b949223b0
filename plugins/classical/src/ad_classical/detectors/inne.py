"""Isolation by nearest-neighbour hyperspheres (iNNE)."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt
from scipy.spatial.distance import cdist

from ad_classical.detectors._members import Array
from ad_core.detector import BaseDetector

__all__ = ["INNE"]

_EPS = np.finfo(np.float64).eps
_CHUNK = 1024


class INNE(BaseDetector):
    """Isolation by hyperspheres that reach to the nearest neighbour in small samples.

    In each of many small samples a hypersphere around each row reaches to its nearest
    neighbour. A row in no hypersphere scores 1 there; otherwise it takes the score of
    the smallest one it lies in: one minus the ratio of the neighbour's squared radius
    to its own. The score is the mean over the samples.

    Parameters
    ----------
    n_estimators
        Number of samples.
    max_samples
        Rows in each sample: a number (no more than there are rows), a share of the
        rows, or ``"auto"`` for 8.
    random_state
        Seed of the samples.

    Attributes
    ----------
    centers_ : ndarray of shape (n_estimators, n_sampled, n_features)
    radii_ : ndarray of shape (n_estimators, n_sampled)
        Squared radii.
    ratios_ : ndarray of shape (n_estimators, n_sampled)
        Score inside each hypersphere, in [0, 1].

    References
    ----------
    T. Bandaragoda, K. M. Ting, D. Albrecht, F. T. Liu, Y. Zhu, J. Wells.
    Isolation-based anomaly detection using nearest-neighbor ensembles.
    Computational Intelligence 34, 2018.
    """

    centers_: Array
    radii_: Array
    ratios_: Array

    def __init__(
        self,
        n_estimators: Annotated[int, Ge(1)] = 200,
        max_samples: Annotated[int, Ge(2)]
        | Annotated[float, Gt(0), Lt(1)]
        | Literal["auto"] = "auto",
        random_state: int | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        size = self._sample_size(len(X))
        # PyOD's order of draws, so that a seed means the same samples.
        seeds = np.random.RandomState(self._int_seed()).randint(
            np.iinfo(np.int32).max, size=self.n_estimators
        )
        chosen = [np.random.RandomState(seed).choice(len(X), size, replace=False) for seed in seeds]
        self.centers_ = X[np.array(chosen)]
        distances = np.array([cdist(c, c, metric="sqeuclidean") for c in self.centers_])
        distances[:, np.arange(size), np.arange(size)] = np.inf
        self.radii_ = distances.min(axis=2)
        of_neighbour = np.take_along_axis(self.radii_, distances.argmin(axis=2), axis=1)
        self.ratios_ = 1 - (of_neighbour + _EPS) / (self.radii_ + _EPS)

    def _sample_size(self, n: int) -> int:
        if self.max_samples == "auto":
            return min(8, n)
        share = self.max_samples
        return min(n, max(2, int(share * n if isinstance(share, float) else share)))

    def _score(self, X: Array) -> Array:
        chunks = [self._score_rows(X[i : i + _CHUNK]) for i in range(0, len(X), _CHUNK)]
        return np.concatenate(chunks)

    def _score_rows(self, X: Array) -> Array:
        """Scores of a few rows; memory grows with their number times that of the centres."""
        flat = self.centers_.reshape(-1, X.shape[1])
        distances = cdist(X, flat, metric="sqeuclidean").reshape(len(X), *self.radii_.shape)
        radii = np.where(distances <= self.radii_, self.radii_, np.inf)
        smallest = radii.argmin(axis=2)
        ratios = np.take_along_axis(self.ratios_, smallest.T, axis=1).T
        isolated = np.isinf(radii.min(axis=2))
        return np.asarray(np.where(isolated, 1.0, ratios).mean(axis=1), dtype=np.float64)
