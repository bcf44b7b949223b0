"""INNE: PyOD's scores; the matrix product never decides what rounding could."""

import numpy as np
import pytest
from pyod.models import inne
from scipy.spatial.distance import cdist
from sklearn.datasets import load_breast_cancer, load_digits

from ad_classical.detectors import inne as module
from ad_classical.detectors.inne import INNE


def normal(n=300, d=4, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def blobs():
    return np.vstack([normal(150), normal(150, seed=1) + 40])


DATA = {
    "normal": normal(),
    "far from 0": blobs() + 1e9,
    "small": blobs() * 1e-9,
    "huge": blobs() * 1e150,
    "whole numbers": np.round(normal() * 2),
    "equal rows": np.ones((300, 2)),
    "a constant column": np.c_[normal(), np.full(300, 0.1)],
    "one far row": np.vstack([normal(), np.full((1, 4), 1e12)]),
}
ALL = pytest.mark.parametrize("X", DATA.values(), ids=DATA.keys())
SIZES = pytest.mark.parametrize("size", [2, 8, 9, 40])


def by_definition(detector, X):
    """Score every row by the smallest hypersphere around it, sample after sample."""
    scores = []
    for centers, radii, ratios in zip(
        detector.centers_, detector.radii_, detector.ratios_, strict=True
    ):
        reach = np.where(cdist(X, centers, metric="sqeuclidean") <= radii, radii, np.inf)
        found = ratios[reach.argmin(axis=1)]
        scores.append(np.where(np.isinf(reach.min(axis=1)), 1.0, found))
    return np.mean(scores, axis=0)


@ALL
@SIZES
def test_many_rows_score_by_definition(X, size):
    """Training rows among them, some of which lie exactly on a hypersphere."""
    detector = INNE(n_estimators=30, max_samples=size, random_state=0).fit(X)
    rows = np.vstack([X, X + np.abs(X).max() / 7])
    np.testing.assert_allclose(detector.score_samples(rows), by_definition(detector, rows), 1e-13)


@ALL
@SIZES
def test_compiled_and_not_the_scores_are_the_same(X, size, monkeypatch):
    pytest.importorskip("numba", reason="numba is not installed")
    detector = INNE(n_estimators=30, max_samples=size, random_state=0).fit(X)
    rows = np.vstack([X, X + np.abs(X).max() / 7])
    expected = detector.score_samples(rows)
    monkeypatch.setattr("ad_classical._kernels.WORTHWHILE", 0)
    np.testing.assert_array_equal(detector.score_samples(rows), expected)


@ALL
def test_a_row_scores_alone_as_among_others_and_with_any_number_of_threads(X):
    detector = INNE(n_estimators=30, random_state=0).fit(X)
    expected = detector.score_samples(X)
    np.testing.assert_array_equal([detector.score_samples(row[None])[0] for row in X], expected)
    for n_jobs in (2, 3):
        threads = INNE(n_estimators=30, random_state=0, n_jobs=n_jobs).fit(X)
        np.testing.assert_array_equal(threads.score_samples(X), expected)


@pytest.mark.parametrize("size", [2, 8, 32])
@pytest.mark.parametrize("load", [load_breast_cancer, load_digits])
def test_new_rows_score_as_in_pyod(load, size):
    rows = load().data + np.random.default_rng(0).normal(size=load().data.shape) / 10
    X, T = rows[::2], rows[1::2]
    ours = INNE(max_samples=size, random_state=5).fit(X)
    theirs = inne.INNE(max_samples=size, random_state=5).fit(X)
    np.testing.assert_allclose(ours.score_samples(T), theirs.decision_function(T), rtol=1e-9)


@pytest.mark.parametrize("d", [1, 2, 3, 7, 8, 9, 16, 33, 100])
def test_a_row_on_a_hypersphere_is_in_it_whatever_the_number_of_columns(d):
    """The nearest neighbour of a centre is as far as the radius says, to the last bit."""
    X = normal(200, d)
    detector = INNE(n_estimators=30, random_state=0).fit(X)
    np.testing.assert_allclose(detector.score_samples(X), by_definition(detector, X), 1e-13)


def test_distances_are_measured_only_where_rounding_could_decide(monkeypatch):
    detector = INNE(random_state=0).fit(normal(600))
    measured = []
    within = module._Planes._within
    monkeypatch.setattr(
        module._Planes,
        "_within",
        lambda self, X, at: measured.append(len(X)) or within(self, X, at),
    )
    detector.score_samples(normal(600, seed=1))
    assert sum(measured) < 600 * detector.radii_.size / 1000
    measured.clear()
    # The two nearest of a sample lie on each other's hypersphere.
    detector.score_samples(np.repeat(detector.centers_[0][:1], 600, axis=0))
    assert 600 <= sum(measured) <= 6000
    measured.clear()
    detector.score_samples(np.full((600, 4), 1e200))  # squares overflow
    assert sum(measured) == 600 * detector.radii_.size


@pytest.mark.parametrize(
    ("X", "precision"),
    [
        (normal(), np.float32),
        (normal() * 1e-30, np.float32),
        (normal() + 1e6, np.float32),
        (np.vstack([normal(), normal(30, seed=1) * 1e4]), np.float64),
        (normal() * 1e150, np.float32),
        (normal() * 1e-155, np.float64),
        (DATA["equal rows"], np.float64),
    ],
)
def test_the_product_is_a_single_one_where_that_leaves_few_in_doubt(X, precision):
    detector = INNE(random_state=0).fit(X)
    assert module._Planes(detector, len(X))._type is precision
    np.testing.assert_allclose(detector.score_samples(X), by_definition(detector, X), 1e-13)


def test_the_hyperspheres_of_a_sample_are_in_ascending_order():
    detector = INNE(n_estimators=20, random_state=0).fit(normal())
    assert (np.diff(detector.radii_, axis=1) >= 0).all()
