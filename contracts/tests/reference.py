"""Reference detectors: plain and good, one a kind of data; they pass every check."""

from typing import Annotated

import numpy as np
from annotated_types import Ge

from ad_core import BaseDetector
from ad_core.spec import DetectorSpec


class Mahalanobis(BaseDetector):
    """Mahalanobis distance from the mean.

    Parameters
    ----------
    shrinkage
        Added to the diagonal of the covariance matrix, as a share of its mean.
    """

    def __init__(self, shrinkage: Annotated[float, Ge(0)] = 1e-6) -> None:
        self.shrinkage = shrinkage

    def _fit(self, X, y):
        self.mean_ = X.mean(axis=0)
        covariance = np.atleast_2d(np.cov(X, rowvar=False))
        ridge = self.shrinkage * (np.trace(covariance) / len(covariance) or 1.0)
        self.precision_ = np.linalg.pinv(covariance + ridge * np.eye(len(covariance)))

    def _score(self, X):
        gap = X - self.mean_
        return np.sqrt(np.sum((gap @ self.precision_) * gap, axis=1).clip(min=0))


SPECS = [
    DetectorSpec(
        name="mahalanobis",
        target="reference:Mahalanobis",
        summary="Mahalanobis distance from the mean",
        family="probabilistic",
        capabilities=("novelty", "multivariate", "deterministic", "serializable"),
        references=("P. C. Mahalanobis. On the generalised distance in statistics, 1936.",),
    ),
]
