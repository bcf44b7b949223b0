"""Rows of numbers with planted outliers: every scenario is seeded, and small.

About 150 rows to fit on, so that slow detectors stay quick. One in twenty of
the rows is an outlier, in training too.
"""

import numpy as np
from numpy.typing import NDArray

from ad_contracts import Sample, scenario
from ad_core.spec import Capability, DataKind

__all__ = [
    "blobs",
    "clusters",
    "correlated",
    "discrete",
    "few_rows",
    "heavy_tailed",
    "high_dimensional",
    "one_column",
    "units",
    "wide",
]

_MANY = {Capability.MULTIVARIATE}


def _sample(
    rng: np.random.Generator,
    inliers: NDArray[np.float64],
    outliers: NDArray[np.float64],
    *,
    share: float = 0.5,
    floor: float = 0.8,
) -> Sample:
    """Take a share of the inliers and of the outliers to fit on, and shuffle both parts."""
    parts = []
    for training in (True, False):
        one, other = (_part(rows, share, training=training) for rows in (inliers, outliers))
        X, y = np.vstack([one, other]), np.repeat([0, 1], [len(one), len(other)])
        order = rng.permutation(len(X))
        parts.append((X[order], y[order]))
    (X_train, y_train), (X_test, y_test) = parts
    return Sample(X_train=X_train, y_train=y_train, X_test=X_test, y_test=y_test, floor=floor)


def _part(rows: NDArray[np.float64], share: float, *, training: bool) -> NDArray[np.float64]:
    cut = round(share * len(rows))
    return rows[:cut] if training else rows[cut:]


def _directions(rng: np.random.Generator, n: int, columns: int) -> NDArray[np.float64]:
    """Draw unit vectors, uniform on the sphere."""
    drawn: NDArray[np.float64] = rng.normal(size=(n, columns))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


@scenario(data=DataKind.TABULAR, needs=_MANY)
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


@scenario(data=DataKind.TABULAR, needs=_MANY)
def clusters() -> Sample:
    """Three Gaussian clusters, the widest ten times the densest, and outliers outside of all."""
    rng = np.random.default_rng(2)
    centers = np.array([[0.0, 0.0, 0.0], [12.0, 0.0, 6.0], [0.0, 12.0, -6.0]])
    spread = np.array([0.3, 1.0, 3.0])
    member = rng.integers(3, size=300)
    inliers = centers[member] + spread[member, None] * rng.normal(size=(300, 3))
    outliers = centers.mean(axis=0) + _directions(rng, 16, 3) * rng.uniform(32, 44, size=(16, 1))
    return _sample(rng, inliers, outliers)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def correlated() -> Sample:
    """Five columns that move together, and outliers that move against them, within the margins."""
    rng = np.random.default_rng(3)
    signs = np.array([[1, -1, 1, -1, 1], [1, 1, -1, -1, -1], [-1, 1, 1, -1, 1], [1, -1, -1, 1, 1]])
    inliers = rng.normal(size=(300, 1)) + 0.1 * rng.normal(size=(300, 5))
    outliers = signs[np.arange(16) % 4] * rng.uniform(0.5, 1.2, size=(16, 5))
    # A method that looks at one column at a time cannot see these: it must not be inverted.
    return _sample(rng, inliers, outliers, floor=0.4)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def heavy_tailed() -> Sample:
    """Student's t with three degrees of freedom in four columns, and outliers beyond its tails."""
    rng = np.random.default_rng(4)
    inliers = rng.standard_t(3, size=(300, 4))
    outliers = rng.choice([-1.0, 1.0], size=(16, 4)) * rng.uniform(12, 20, size=(16, 4))
    return _sample(rng, inliers, outliers)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def high_dimensional() -> Sample:
    """Thirty Gaussian columns, and outliers that are far out in ten of them."""
    rng = np.random.default_rng(5)
    inliers = rng.normal(size=(300, 30))
    outliers = rng.normal(size=(16, 30))
    for row in outliers:
        row[rng.choice(30, size=10, replace=False)] += rng.choice([-6.0, 6.0], size=10)
    return _sample(rng, inliers, outliers)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def few_rows() -> Sample:
    """Twenty rows of three Gaussian columns to fit on, two of them outliers."""
    rng = np.random.default_rng(6)
    inliers = rng.normal(size=(90, 3))
    outliers = _directions(rng, 10, 3) * rng.uniform(14, 18, size=(10, 1))
    return _sample(rng, inliers, outliers, share=0.2)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def wide() -> Sample:
    """Forty columns, more than the thirty rows to fit on, and outliers of six times the spread."""
    rng = np.random.default_rng(7)
    inliers = rng.normal(size=(112, 40))
    outliers = 6 * rng.normal(size=(8, 40))
    return _sample(rng, inliers, outliers, share=0.25)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def discrete() -> Sample:
    """Small whole numbers, so that many rows are equal, and outliers of larger ones."""
    rng = np.random.default_rng(8)
    inliers = rng.binomial(3, 0.3, size=(300, 3)).astype(float)
    outliers = rng.integers(9, 14, size=(16, 3)).astype(float)
    return _sample(rng, inliers, outliers)


@scenario(data=DataKind.TABULAR, needs=_MANY)
def units() -> Sample:
    """Four Gaussian columns in units from a millionth to a million, with outliers in each."""
    rng = np.random.default_rng(9)
    inliers = rng.normal(size=(300, 4))
    outliers = rng.choice([-1.0, 1.0], size=(16, 4)) * rng.uniform(9, 13, size=(16, 4))
    scale = np.array([1e-6, 1.0, 1e3, 1e6])
    return _sample(rng, inliers * scale, outliers * scale)
