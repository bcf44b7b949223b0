"""HBOS and PCA on many rows: compiled, in threads and by blocks, with the same scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyod.models import hbos
from sklearn.covariance import ledoit_wolf
from sklearn.datasets import load_breast_cancer

from ad_classical import _kernels, _steps
from ad_classical._covariance import shrunk_covariance
from ad_classical._histograms import best_numbers_of_bins, count_values
from ad_classical.detectors.hbos import HBOS
from ad_classical.detectors.mad import MAD, _median
from ad_classical.detectors.pca import PCA
from ad_core.detector import BaseDetector

rng = np.random.default_rng(0)
ROWS = st.tuples(st.integers(2, 40), st.just(3))


@pytest.fixture
def compiled(monkeypatch):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)


def whole_numbers(n=300, d=4):
    return rng.integers(0, 11, size=(n, d)).astype(float)


# -- HBOS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["numpy", "compiled"])
@pytest.mark.parametrize("X", [whole_numbers(), load_breast_cancer().data], ids=["ties", "cancer"])
def test_hbos_is_pyods_for_values_on_the_edges_too(X, path, request):
    if path == "compiled":
        request.getfixturevalue("compiled")
    T = np.vstack([X, X - X.std(axis=0), X + X.std(axis=0)])
    ours, theirs = HBOS(heights="density").fit(X), hbos.HBOS().fit(X)
    expected = theirs.decision_function(T)
    np.testing.assert_allclose(ours.score_samples(T), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.training_scores_, theirs.decision_scores_, rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    X=arrays(float, ROWS, elements=st.floats(-1e3, 1e3)),
    T=arrays(float, ROWS, elements=st.floats(-2e3, 2e3)),
    rounded=st.booleans(),
    n_bins=st.sampled_from([2, 3, 10, 64, "auto"]),
    tol=st.sampled_from([0.0, 0.5]),
)
def test_hbos_compiled_in_threads_and_row_by_row_changes_no_bit(X, T, rounded, n_bins, tol):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    X, T = (np.round(X / 100), np.round(T / 100)) if rounded else (X, T)
    X[:, 2] = 5.0
    plain = HBOS(n_bins, tol=tol)
    T = np.vstack([T, X, np.repeat(T[:1], 150, axis=0)])  # too many to go row by row
    expected = plain.fit(X).score_samples(T)
    alone = [plain.score_samples(row[None])[0] for row in T]
    np.testing.assert_array_equal(alone, expected)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_kernels, "WORTHWHILE", 0)
        patch.setattr(_steps, "WORTH_A_THREAD", (9, 9))
        for n_jobs in (1, 3):
            detector = HBOS(n_bins, tol=tol, n_jobs=n_jobs).fit(X)
            np.testing.assert_array_equal(detector.score_samples(T), expected)


@settings(max_examples=60, deadline=None)
@given(
    X=arrays(float, ROWS, elements=st.floats(-1e3, 1e3) | st.integers(-9, 9).map(float)),
    n_bins=st.integers(2, 30),
    low=st.sampled_from([0.0, 1e9]),
)
def test_counts_and_edges_are_those_of_numpys_histogram(X, n_bins, low):
    X = X + low
    for worthwhile in (0, _kernels.WORTHWHILE):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_kernels, "WORTHWHILE", worthwhile)
            patch.setattr(_steps, "WORTH_A_THREAD", (9, 9))
            found = count_values(X, n_bins, 2)
        for column, edges, counts in zip(X.T, *found, strict=True):
            if len(counts) == 1:
                assert not (np.diff(np.linspace(column.min(), column.max(), n_bins + 1)) > 0).all()
                continue
            expected = np.histogram(column, n_bins)
            np.testing.assert_array_equal(counts, expected[0])
            np.testing.assert_array_equal(edges, expected[1])


@pytest.mark.parametrize("path", ["numpy", "compiled"])
def test_the_number_of_bins_maximises_the_published_criterion(path, request):
    if path == "compiled":
        request.getfixturevalue("compiled")
    X = np.c_[
        rng.normal(size=400), rng.uniform(size=400), rng.integers(0, 4, size=400), np.ones(400)
    ]
    X[:200, 0] += 30
    best = best_numbers_of_bins(X, 2)
    for column, found in zip(X.T[:3], best[:3], strict=True):
        values = []
        for n_bins in range(2, round(400 / np.log(400)) + 1):
            counts = np.histogram(column, n_bins)[0]
            counts = counts[counts > 0]
            likelihood = np.sum(counts * np.log(n_bins * counts / 400))
            values.append(likelihood - (n_bins - 1 + np.log(n_bins) ** 2.5))
        assert found == 2 + np.argmax(values)
    assert best[3] == 2


@pytest.mark.parametrize("path", ["numpy", "compiled"])
def test_hbos_of_many_rows_does_not_depend_on_the_number_of_threads(path, request, monkeypatch):
    if path == "compiled":
        request.getfixturevalue("compiled")
    monkeypatch.setattr(_steps, "WORTH_A_THREAD", (9_000, 9_000))
    X = np.c_[rng.normal(size=(15_000, 2)), whole_numbers(15_000, 1)]
    one, three = HBOS().fit(X), HBOS(n_jobs=3).fit(X)
    np.testing.assert_array_equal(np.array(three.logs_), np.array(one.logs_))
    np.testing.assert_array_equal(three.training_scores_, one.training_scores_)
    np.testing.assert_array_equal(three.score_samples(X), one.score_samples(X))


@pytest.mark.parametrize("path", ["numpy", "compiled"])
@pytest.mark.parametrize("n_bins", [2, 10, "auto"])
def test_a_column_too_wide_for_its_span_to_be_a_number_has_one_bin(path, n_bins, request):
    if path == "compiled":
        request.getfixturevalue("compiled")
    X = whole_numbers()
    X[:, 1] = rng.choice([-1.7e308, 1.7e308], len(X))
    detector = HBOS(n_bins).fit(X)
    assert [len(one) == 1 for one in detector.logs_] == [False, True, False, False]
    assert np.isfinite(detector.training_scores_).all()


def test_hbos_is_saved_with_its_histograms_alone(tmp_path):
    X = whole_numbers()
    detector = HBOS("auto").fit(X)
    detector.score_samples(X)
    detector.save(tmp_path / "hbos.ad")
    loaded = BaseDetector.load(tmp_path / "hbos.ad")
    assert "_steps" not in vars(loaded)
    np.testing.assert_array_equal(loaded.score_samples(X[:3]), detector.score_samples(X[:3]))


# -- PCA -----------------------------------------------------------------------------------------


def tables():
    normal = rng.normal(size=(9000, 6))
    return {
        "many": normal,
        "few": normal[:50],
        "wide": rng.normal(size=(20, 40)),
        "one column": normal[:500, :1],
        "constant": np.c_[normal, np.full(9000, 3.0)],
        "dependent": np.c_[normal, normal[:, :2] @ [[1.0], [-2.0]]],
        "ill-conditioned": normal @ (rng.normal(size=(6, 6)) * 10.0 ** -np.arange(6)),
        "small": normal * 1e-9,
        "cancer": load_breast_cancer().data,
    }


@pytest.mark.parametrize("name", tables())
@pytest.mark.parametrize("standardized", [True, False])
def test_the_covariance_is_scikit_learns(name, standardized):
    X = tables()[name]
    means, scales, covariance = shrunk_covariance(X, standardized=standardized, n_jobs=2)
    expected, _ = ledoit_wolf((X - means) / scales, assume_centered=True)
    limit = 1e-12 * np.abs(expected).max()
    np.testing.assert_allclose(covariance, np.atleast_2d(expected), rtol=0, atol=limit)
    np.testing.assert_allclose(means, X.mean(axis=0), rtol=1e-9, atol=1e-9 * np.abs(X).max())
    if standardized:
        deviations = X.std(axis=0)
        assert (scales == 1)[deviations < 1e-12 * np.abs(X).max(axis=0)].all()
        spread = deviations >= 1e-12 * np.abs(X).max(axis=0)
        np.testing.assert_allclose(scales[spread], deviations[spread], rtol=1e-12)
    else:
        assert (scales == 1).all()


@pytest.mark.parametrize("name", tables())
def test_pca_is_the_sum_of_squared_scores_by_an_svd(name):
    X = tables()[name]
    detector = PCA().fit(X)
    Z = (X - X.mean(axis=0)) / detector.scale_
    shrunk, shrinkage = ledoit_wolf(Z, assume_centered=True)
    values, components = np.linalg.svd(Z, full_matrices=True)[1:]
    variances = np.zeros(Z.shape[1])
    variances[: len(values)] = values**2 / len(Z)
    mean = np.trace(np.atleast_2d(shrunk)) / Z.shape[1]
    variances = (1 - shrinkage) * variances + shrinkage * mean
    expected = np.sum((Z @ components.T) ** 2 / variances, axis=1)
    np.testing.assert_allclose(detector.training_scores_, expected, rtol=1e-9)


def test_pca_does_not_depend_on_the_number_of_threads():
    X = tables()["dependent"]
    one, three = PCA().fit(X), PCA(n_jobs=3).fit(X)
    np.testing.assert_array_equal(one.training_scores_, three.training_scores_)
    np.testing.assert_array_equal(one.score_samples(X), three.score_samples(X))
    alone = [one.score_samples(row[None])[0] for row in X[:50]]
    np.testing.assert_allclose(alone, one.training_scores_[:50], rtol=1e-12)


def test_the_mean_of_a_column_far_from_zero_is_exact():
    column = 1e6 + 1e-3 * rng.normal(size=(9000, 1))
    means, scales, _ = shrunk_covariance(column, standardized=True, n_jobs=1)
    precise = column.astype(np.longdouble)
    assert abs(means[0] - precise.mean()) <= 2e-16 * 1e6
    assert scales[0] == pytest.approx(float(precise.std()), rel=1e-12)


# -- MAD -----------------------------------------------------------------------------------------


@given(arrays(float, st.integers(1, 30), elements=st.floats(-1e6, 1e6)))
def test_the_median_is_numpys(numbers):
    assert _median(numbers.copy()) == np.median(numbers)


def test_mad_leaves_the_training_rows_as_they_are():
    X = rng.normal(size=(31, 2))
    before = X.copy()
    MAD()._fit(X, None)
    np.testing.assert_array_equal(X, before)
