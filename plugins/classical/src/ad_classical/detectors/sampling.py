"""Distance to a small random sample of the training rows."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from scipy.spatial.distance import cdist

from ad_core.detector import BaseDetector

__all__ = ["Sampling"]

Array = np.ndarray[Any, np.dtype[np.float64]]


class Sampling(BaseDetector):
    """Distance to the nearest of a few sampled training rows.

    One sample is drawn at fit; scoring costs its size times the number of rows.

    Parameters
    ----------
    subset_size
        Size of the sample: a number of rows (all of them where there are fewer), or
        a share of the rows when below 1.
    metric
        Distance between rows.
    random_state
        Seed of the sample.

    Attributes
    ----------
    subset_ : ndarray of shape (n_sampled, n_features)

    References
    ----------
    M. Sugiyama, K. Borgwardt. Rapid distance-based outlier detection via
    sampling. NeurIPS, 2013.
    """

    subset_: Array

    def __init__(
        self,
        subset_size: Annotated[int, Gt(0)] | Annotated[float, Gt(0)] = 20,
        metric: Literal["euclidean", "cityblock", "chebyshev"] = "euclidean",
        random_state: int | None = None,
    ) -> None:
        self.subset_size = subset_size
        self.metric = metric
        self.random_state = random_state

    def _fit(self, X: Array, y: Any) -> None:
        share = self.subset_size * len(X) if self.subset_size < 1 else self.subset_size
        size = min(max(1, int(share)), len(X))
        self.subset_ = X[self._generator().choice(len(X), size=size, replace=False)]

    def _score(self, X: Array) -> Array:
        return np.asarray(cdist(X, self.subset_, metric=self.metric).min(axis=1))
