"""Reference subjects: plain and good detectors, data sets and a metric; they pass every check."""

from typing import Annotated

import numpy as np
from annotated_types import Ge
from numpy.lib.stride_tricks import sliding_window_view

from ad_core import BaseDetector
from ad_core.data import Parts, Rows, fetch_file
from ad_core.detector import Series
from ad_core.errors import InputError
from ad_core.metrics import UndefinedMetricError
from ad_core.spec import DatasetSpec, DetectorSpec, MetricExample, MetricSpec, RemoteFile


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


class WholeSteps(Mahalanobis):
    """Mahalanobis distance in whole steps: many scores are tied.

    It refuses to learn from rows that are all the same.

    Parameters
    ----------
    shrinkage
        Added to the diagonal of the covariance matrix, as a share of its mean.
    """

    def _fit(self, X, y):
        if not np.ptp(X, axis=0).any():
            raise InputError(f"{self.name} needs rows that differ, got {len(X)} equal ones")
        super()._fit(X, y)

    def _score(self, X):
        return np.ceil(super()._score(X))


class RandomUnit(Mahalanobis):
    """Mahalanobis distance in a unit that is drawn.

    Parameters
    ----------
    shrinkage
        Added to the diagonal of the covariance matrix, as a share of its mean.
    random_state
        Seed of the unit.
    """

    def __init__(
        self, shrinkage: Annotated[float, Ge(0)] = 1e-6, random_state: int | None = None
    ) -> None:
        super().__init__(shrinkage)
        self.random_state = random_state

    def _fit(self, X, y):
        super()._fit(X, y)
        seed = np.int32(self._int_seed())  # no larger one will do
        self.unit_ = np.random.default_rng(seed).uniform(1, 2)

    def _score(self, X):
        return super()._score(X) / self.unit_


class NormalMahalanobis(Mahalanobis):
    """Mahalanobis distance from the mean of the rows that are labelled normal.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    _needs_labels = True

    def _fit(self, X, y):
        normal = X[y == 0]
        if len(normal) < 2:
            raise InputError(f"{self.name} needs at least 2 normal rows, got {len(normal)}")
        super()._fit(normal, y)


class NearestWindow(BaseDetector):
    """Mean distance of the windows that cover a step to their nearest training windows.

    Parameters
    ----------
    window
        Steps in a window.
    """

    input = Series()

    def __init__(self, window: Annotated[int, Ge(2)] = 20) -> None:
        self.window = window

    def _fit(self, X, y):
        self._require(len(X), 2 * self.window)
        self.center_ = X.mean(axis=0)
        spread, rounding = X.std(axis=0), 1e-14 * np.abs(X).max(axis=0)
        self.scale_ = np.where(spread > rounding, spread, 1.0)
        self.reference_ = self._windows(X)

    def _training_scores(self, X):
        place = np.arange(len(self.reference_))
        overlapping = np.abs(place[:, None] - place) < self.window
        distances = np.where(overlapping, np.inf, self._distances(self.reference_))
        return self._steps(distances.min(axis=1))

    def _score(self, X):
        self._require(len(X), self.window)
        return self._steps(self._distances(self._windows(X)).min(axis=1))

    def _require(self, given, needed):
        if given < needed:
            raise InputError(f"{self.name}: the series has {given} steps, {needed} are needed")

    def _windows(self, X):
        scaled = (X - self.center_) / self.scale_
        return sliding_window_view(scaled, self.window, axis=0).reshape(
            -1, scaled[0].size * self.window
        )

    def _distances(self, windows):
        a, b = windows, self.reference_
        squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
        return np.sqrt(squares.clip(min=0))

    def _steps(self, scores):
        covering = np.ones(self.window)
        return np.convolve(scores, covering) / np.convolve(np.ones(len(scores)), covering)


def labelled(X):
    """Make every tenth row an anomaly, far from the others."""
    y = np.arange(len(X)) % 10 == 0
    return X + 6 * y[:, None], y


def cloud(_spec, seed):
    """Generate a table."""
    return labelled(np.random.default_rng(seed).normal(size=(60, 2)))


def beats(_spec, seed):
    """Generate a series, with a part to learn from."""
    X = np.sin(np.arange(180))[:, None] + 0.1 * np.random.default_rng(seed).normal(size=(180, 1))
    X, y = labelled(X)
    return Parts(train=Rows(X[:60]), test=Rows(X[60:], y[60:]))


def points(spec, _seed):
    """Read a table from a file."""
    with np.load(fetch_file(spec.files[0])) as arrays:
        return arrays["X"], arrays["y"]


CLOUD = DatasetSpec(
    name="reference-cloud",
    target="reference:cloud",
    summary="Gaussian rows and shifted ones",
    construction="60 standard normal rows, of which every tenth is shifted by 6.",
    citation="ad-contracts",
    licence="MIT",
    n_samples=60,
    n_features=2,
    n_anomalies=6,
    synthetic=True,
)
BEATS = DatasetSpec(
    name="reference-beats",
    target="reference:beats",
    summary="A noisy sine and shifted steps",
    construction="A noisy sine of which every tenth step is shifted by 6; train has no labels.",
    citation="ad-contracts",
    licence="MIT",
    data="timeseries",
    n_samples=180,
    n_features=1,
    n_anomalies=12,
    synthetic=True,
)
POINTS = DatasetSpec(
    name="reference-points",
    target="reference:points",
    summary="A small table in a file",
    construction="60 rows of two columns, of which every tenth is an anomaly.",
    citation="The authors of ad-contracts, 2025",
    licence="MIT",
    homepage="https://example.org/points",
    n_samples=60,
    n_features=2,
    n_anomalies=6,
    files=(
        RemoteFile(
            path="points.npz",
            url="https://example.org/v1/points.npz",
            sha256="f6fc395eda5feca26764487308bbe2f53a9e7b5a27eedaa25ab3b5ea039a0838",
            size=1930,
        ),
    ),
)


def checked(y_true, values):
    """Return arrays of labels and values."""
    y, values = np.asarray(y_true), np.asarray(values, dtype=float)
    if y.shape != values.shape:
        raise InputError(f"{values.size} values for {y.size} labels")
    if not np.isin(y, (0, 1)).all():
        raise InputError("labels must be 0 or 1")
    if not np.isfinite(values).all():
        raise InputError("there is NaN or infinity among the values")
    if len(np.unique(y)) == 1:
        raise UndefinedMetricError("there is one class only")
    return y, values


def auc(y_true, scores):
    """Share of the pairs of an anomaly and a normal row in which the anomaly is higher."""
    y, scores = checked(y_true, scores)
    gaps = scores[y == 1][:, None] - scores[y == 0]
    return ((gaps > 0).sum() + (gaps == 0).sum() / 2) / gaps.size


def recall(y_true, predictions):
    """Share of the anomalies that are flagged."""
    y, flags = checked(y_true, predictions)
    if not np.isin(flags, (0, 1)).all():
        raise InputError("predictions must be 0 or 1")
    return flags[y == 1].mean()


AUC = MetricSpec(
    name="reference_auc",
    target="reference:auc",
    summary="Share of pairs in the right order",
    examples=(
        MetricExample(
            y_true=(0, 1, 0, 1),
            values=(0.1, 0.2, 0.2, 0.3),
            expected=0.875,
            source="By hand: three pairs and a tie.",
        ),
    ),
)
RECALL = MetricSpec(
    name="reference_recall",
    target="reference:recall",
    summary="Share of the anomalies that are flagged",
    input="predictions",
    examples=(
        MetricExample(
            y_true=(0, 1, 0, 1), values=(0, 1, 1, 0), expected=0.5, source="By hand: one of two."
        ),
    ),
)
SPECS = [
    DetectorSpec(
        name="mahalanobis",
        target="reference:Mahalanobis",
        summary="Mahalanobis distance from the mean",
        family="probabilistic",
        capabilities=("novelty", "multivariate", "deterministic", "serializable"),
        references=("P. C. Mahalanobis. On the generalised distance in statistics, 1936.",),
    ),
    DetectorSpec(
        name="whole_steps",
        target="reference:WholeSteps",
        summary="Mahalanobis distance in whole steps",
        family="probabilistic",
        capabilities=("novelty", "multivariate", "deterministic", "serializable"),
        references=("P. C. Mahalanobis. On the generalised distance in statistics, 1936.",),
    ),
    DetectorSpec(
        name="random_unit",
        target="reference:RandomUnit",
        summary="Mahalanobis distance in a drawn unit",
        family="probabilistic",
        capabilities=("novelty", "multivariate", "seeded", "serializable"),
        references=("P. C. Mahalanobis. On the generalised distance in statistics, 1936.",),
    ),
    DetectorSpec(
        name="normal_mahalanobis",
        target="reference:NormalMahalanobis",
        summary="Mahalanobis distance from the mean of the normal rows",
        family="probabilistic",
        learning="supervised",
        capabilities=("novelty", "multivariate", "deterministic", "serializable", "supervised"),
        references=("P. C. Mahalanobis. On the generalised distance in statistics, 1936.",),
    ),
    DetectorSpec(
        name="nearest_window",
        target="reference:NearestWindow",
        summary="Distance of windows to their nearest training windows",
        family="proximity",
        data=("timeseries",),
        capabilities=("novelty", "multivariate", "transductive", "deterministic", "serializable"),
        references=("M. M. Breunig, H.-P. Kriegel, R. T. Ng, J. Sander. LOF. SIGMOD, 2000.",),
    ),
    CLOUD,
    BEATS,
    POINTS,
    AUC,
    RECALL,
]
