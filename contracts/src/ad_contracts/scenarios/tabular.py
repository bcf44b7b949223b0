"""Rows of numbers with planted outliers: every scenario is seeded, and small."""

import numpy as np

from ad_contracts import Sample, scenario
from ad_core.spec import Capability, DataKind

__all__ = ["blobs", "one_column"]


def _sample(rng: np.random.Generator, inliers: np.ndarray, outliers: np.ndarray) -> Sample:
    """Split inliers and outliers in halves, and shuffle each."""
    parts = []
    for half in (0, 1):
        X = np.vstack([inliers[half::2], outliers[half::2]])
        y = np.r_[np.zeros(len(inliers[half::2]), int), np.ones(len(outliers[half::2]), int)]
        order = rng.permutation(len(X))
        parts.append((X[order], y[order]))
    (X_train, y_train), (X_test, y_test) = parts
    return Sample(X_train=X_train, y_train=y_train, X_test=X_test, y_test=y_test)


@scenario(data=DataKind.TABULAR, needs={Capability.MULTIVARIATE})
def blobs() -> Sample:
    """Two Gaussian clusters in four columns, and outliers far from both."""
    rng = np.random.default_rng(0)
    centers = np.array([[-3.0] * 4, [3.0] * 4])
    inliers = centers[rng.integers(2, size=300)] + rng.normal(size=(300, 4))
    outliers = rng.choice([-1.0, 1.0], size=(16, 4)) * rng.uniform(11, 14, size=(16, 4))
    return _sample(rng, inliers, outliers)


@scenario(data=DataKind.TABULAR)
def one_column() -> Sample:
    """One Gaussian column, and outliers on both sides."""
    rng = np.random.default_rng(1)
    inliers = rng.normal(size=(300, 1))
    outliers = rng.choice([-1.0, 1.0], size=(16, 1)) * rng.uniform(8, 12, size=(16, 1))
    return _sample(rng, inliers, outliers)
