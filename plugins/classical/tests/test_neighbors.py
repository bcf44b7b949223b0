"""Nearest rows with and without skipping, and the detectors on top beside the reference ones."""

import logging
import os
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyod.models import knn
from scipy.spatial.distance import cdist
from sklearn.neighbors import LocalOutlierFactor as ReferenceLOF

from ad_classical import _kernels, _searches
from ad_classical._distances import nearest, nearest_others
from ad_classical._neighbors import Neighbors
from ad_classical._searches import Blocks, Plain, Products
from ad_core import load_dataset
from ad_core.load import create

MIRROR = pytest.mark.skipif(
    "AD_DATA_MIRROR" not in os.environ, reason="AD_DATA_MIRROR names no folder with the data sets"
)


def compiled(patch, share):
    """Take a compiled search however few the rows are, and cut small blocks and parts."""
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    patch.setattr(_kernels, "WORTHWHILE", 0)
    patch.setattr(_searches, "BLOCK", 8)
    patch.setattr(_searches, "ROWS", 16)
    tried = Blocks.tried
    patch.setattr(Blocks, "tried", lambda self: (share, tried(self)[1]))


@pytest.fixture
def skipping(monkeypatch):
    """Find that blocks can be skipped."""
    compiled(monkeypatch, 0.0)


@pytest.fixture
def multiplying(monkeypatch):
    """Find that no block can be skipped."""
    compiled(monkeypatch, 99.0)


@pytest.fixture
def plain(monkeypatch):
    """Take numpy's path whatever is installed."""
    monkeypatch.setattr(_kernels, "_numba", lambda: False)


def rows(seed, n, d, ties):
    found = np.random.default_rng(seed).normal(size=(n, d)) * 3
    return np.round(found) if ties else found


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10**6), st.integers(2, 90), st.integers(1, 6), st.booleans(), st.integers(1, 9)
)
def test_no_way_of_searching_changes_a_distance_or_a_neighbour(seed, n, d, ties, k):
    train, fresh = rows(seed, n, d, ties), rows(seed + 1, 20, d, ties)
    k = min(k, n - 1)
    for share, way in ((0.0, Blocks), (99.0, Products)):
        with pytest.MonkeyPatch.context() as patch:
            compiled(patch, share)
            index = Neighbors(train)
            found = index.nearest_others(k, 2), index.nearest(fresh, k, 2)
        assert isinstance(index._search, way)
        np.testing.assert_array_equal(index.rows, train)
        np.testing.assert_array_equal(index.take(np.arange(n)[::-1]), train[::-1])
        expected = nearest_others(train, k), nearest(fresh, train, k)
        for ours, plain in zip(found, expected, strict=True):
            np.testing.assert_array_equal(ours[0], plain[0])
            np.testing.assert_array_equal(ours[1], plain[1])


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10**6), st.integers(1, 700), st.integers(1, 40), st.sampled_from([1, 3, 40, 0])
)
def test_the_nearest_rows_are_the_first_ones_of_a_stable_sort(seed, n, k, distinct):
    """Whether strips are looked at or not; many or all distances equal, and infinite ones too."""
    draws = np.random.default_rng(seed)
    values = draws.integers(0, distinct, (5, n)) * 1.0 if distinct else draws.random((5, n))
    values[draws.random((5, n)) < 0.1] = np.inf
    k = min(k, n)
    distances, indices = nearest(
        np.arange(5.0)[:, None],
        np.zeros((n, 1)),
        k,
        measure=lambda x, _: values[x[:, 0].astype(int)],
    )
    order = np.argsort(values, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_array_equal(distances, np.take_along_axis(values, order, axis=1))


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
@pytest.mark.parametrize("path", ["skipping", "multiplying"])
def test_rows_far_from_zero_and_one_that_is_farther_are_told_apart(path, offset, request):
    train = rows(0, 400, 30, ties=False) + offset
    train[7] = 1e12
    expected = nearest_others(train, 5)
    request.getfixturevalue(path)
    found = Neighbors(train).nearest_others(5)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda train: train, np.float32),
        (lambda train: train * 1e140, np.float32),
        (lambda train: train * 1e-90, np.float32),
        (lambda train: train * 1e-140, np.float64),
        (lambda train: np.repeat(train[:20], 20, axis=0), np.float64),
        (lambda train: np.concatenate([train[1:] * [[1e-6]], train[:1] * 1e6]), np.float64),
        # Some so near the mean that nothing is left of their products.
        (lambda train: np.where(np.arange(400)[:, None] < 9, train * 1e-30, train), np.float32),
        (lambda train: np.where(np.arange(400)[:, None] < 9, 0.0, train), np.float32),
    ],
)
def test_products_of_single_precision_rule_out_no_near_row(change, kind, multiplying):
    train = change(np.concatenate([half := rows(0, 200, 30, ties=False), -half]))
    fresh = np.concatenate([train[:50], 1e3 * train[50:60], 1e20 * train[60:70], 0 * train[:2]])
    search = Neighbors(train)._search
    assert search._type == kind
    for ours, plain in (
        (Neighbors(train).nearest_others(7), nearest_others(train, 7)),
        (Neighbors(train).nearest(fresh, 7), nearest(fresh, train, 7)),
    ):
        np.testing.assert_array_equal(ours[0], plain[0])
        np.testing.assert_array_equal(ours[1], plain[1])


@pytest.mark.parametrize("path", ["skipping", "multiplying", "plain"])
@pytest.mark.parametrize("layout", ["C", "F"])
def test_training_rows_are_chosen_by_their_order(path, layout, request):
    request.getfixturevalue(path)
    train = rows(0, 700, 3, ties=True)
    order = np.random.default_rng(1).permutation(700)[:600]
    given = np.asarray(train, order=layout)
    index, expected = Neighbors(given, order=order), Neighbors(train[order])
    np.testing.assert_array_equal(index.rows, expected.rows)
    for found, same in (
        (index.nearest(train, 4), expected.nearest(train, 4)),
        (index.nearest_others(4), expected.nearest_others(4)),
    ):
        np.testing.assert_array_equal(found[0], same[0])
        np.testing.assert_array_equal(found[1], same[1])


def test_blocks_are_skipped_where_they_can_be():
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    near, far = rows(0, 5000, 2, ties=False), rows(0, 2000, 40, ties=False)
    assert isinstance(Neighbors(near)._search, Blocks)
    assert isinstance(Neighbors(far)._search, Products)
    assert Blocks(near).tried()[0] < 0.7
    share, reach = Blocks(far).tried()
    assert share == 1.0
    tenth = np.sort(cdist(far, far, "sqeuclidean"), axis=1)[:, 10]
    assert reach == pytest.approx(np.median(tenth), rel=0.1)


@pytest.mark.parametrize("path", ["skipping", "multiplying"])
def test_numbers_whose_squares_overflow_are_compared_one_by_one(path, request):
    request.getfixturevalue(path)
    train = rows(0, 50, 2, ties=False)
    assert isinstance(Neighbors(train * 1e160)._search, Plain)
    far = np.array([[1e200, 0.0]])
    index = Neighbors(train)
    assert not isinstance(index._search, Plain)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(index.nearest(far, 3)[1], nearest(far, train, 3)[1])


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "minkowski"])
def test_other_metrics_are_measured_by_scipy(metric):
    from scipy.spatial.distance import cdist

    train = rows(0, 60, 3, ties=False)
    named = {"manhattan": "cityblock"}.get(metric, metric)
    more = {"p": 3.0} if metric == "minkowski" else {}
    expected = np.sort(cdist(train, train, named, **more), axis=1)[:, 1:4]
    found = Neighbors(train, metric, 3.0).nearest_others(3, 2)[0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("path", ["skipping", "multiplying", "plain"])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("method", ["largest", "mean", "median"])
def test_knn_is_pyods(method, ties, path, request):
    request.getfixturevalue(path)
    X, fresh = rows(0, 300, 4, ties), rows(1, 200, 4, ties)
    X[:, 2] = 7.0  # a constant column
    name = {"largest": "knn", "mean": "avg_knn", "median": "median_knn"}[method]
    ours, theirs = create(name).fit(X), knn.KNN(method=method, algorithm="ball_tree").fit(X)
    np.testing.assert_allclose(ours.score_samples(fresh), theirs.decision_function(fresh), 1e-9)
    np.testing.assert_allclose(ours.training_scores_, theirs.decision_scores_, 1e-9)


@pytest.mark.parametrize("path", ["skipping", "multiplying", "plain"])
@pytest.mark.parametrize("n_neighbors", [1, 20])
def test_local_outlier_factor_is_scikit_learns(n_neighbors, path, request):
    request.getfixturevalue(path)
    X, fresh = rows(0, 300, 4, ties=False), rows(1, 200, 4, ties=False)
    X[:20] = X[20:40]  # duplicates
    theirs = ReferenceLOF(n_neighbors=n_neighbors, novelty=True).fit(X)
    ours = create("lof", n_neighbors=n_neighbors).fit(X)
    np.testing.assert_allclose(ours.score_samples(fresh), -theirs.score_samples(fresh), 1e-9)
    np.testing.assert_allclose(ours.training_scores_, -theirs.negative_outlier_factor_, 1e-9)


def test_local_outlier_factor_does_not_change_with_a_small_unit():
    X, fresh = rows(0, 300, 4, ties=False), rows(1, 200, 4, ties=False)
    expected = create("lof").fit(X).score_samples(fresh)
    found = create("lof").fit(X * 1e-12).score_samples(fresh * 1e-12)
    np.testing.assert_allclose(found, expected, 1e-5)


@MIRROR
@pytest.mark.parametrize("name", ["adbench/cardio", "adbench/breastw", "adbench/thyroid"])
def test_real_data_give_the_reference_scores(name):
    """Scikit-learn's trees: its brute force loses digits in differences of squares."""
    X = load_dataset(name).X
    theirs = knn.KNN(algorithm="ball_tree").fit(X)
    np.testing.assert_allclose(
        create("knn").fit(X).training_scores_, theirs.decision_scores_, rtol=1e-9, atol=1e-12
    )
    # Which of several equally near rows are neighbours is a matter of taste: no ties.
    X = X + np.random.default_rng(0).normal(scale=1e-3 * X.std(axis=0), size=X.shape)
    theirs = ReferenceLOF(novelty=True, algorithm="kd_tree").fit(X)
    ours = create("lof").fit(X).training_scores_
    np.testing.assert_allclose(ours, -theirs.negative_outlier_factor_, rtol=1e-9)


@pytest.mark.parametrize("name", ["knn", "lof"])
@pytest.mark.parametrize("path", ["skipping", "multiplying", "plain"])
def test_threads_batches_pickles_and_saving_change_no_bit(name, path, tmp_path, request):
    request.getfixturevalue(path)
    X, fresh = rows(0, 200, 5, ties=True), rows(1, 150, 5, ties=True)
    detector = create(name).fit(X)
    expected = detector.score_samples(fresh)
    np.testing.assert_array_equal(
        detector.training_scores_, create(name, n_jobs=3).fit(X).training_scores_
    )
    np.testing.assert_array_equal(create(name, n_jobs=3).fit(X).score_samples(fresh), expected)
    alone = [detector.score_samples(fresh[[i]])[0] for i in range(len(fresh))]
    np.testing.assert_array_equal(alone, expected)
    detector.save(tmp_path / "saved")
    for twin in (type(detector).load(tmp_path / "saved"), pickle.loads(pickle.dumps(detector))):
        np.testing.assert_array_equal(twin.score_samples(fresh), expected)


@pytest.mark.parametrize(("name", "most"), [("knn", 79), ("avg_knn", 79), ("lof", 40)])
def test_no_more_neighbours_are_asked_for_than_make_sense(name, most, caplog):
    X = rows(0, 80, 3, ties=False)
    with caplog.at_level(logging.INFO, logger="ad.classical"):
        many = create(name, n_neighbors=100).fit(X)
    assert f"n_neighbors=100 is too many for 80 rows: {most} used" in caplog.text
    np.testing.assert_array_equal(
        many.score_samples(X), create(name, n_neighbors=most).fit(X).score_samples(X)
    )
    assert many.get_params()["n_neighbors"] == 100


@pytest.mark.parametrize("path", ["skipping", "multiplying"])
@pytest.mark.parametrize("ties", [False, True])
def test_sod_is_the_same_however_neighbours_are_searched_for(
    ties, path, monkeypatch, request, tmp_path
):
    X, fresh = rows(0, 200, 4, ties), rows(1, 150, 4, ties)
    with monkeypatch.context() as patch:
        patch.setattr(_kernels, "_numba", lambda: False)
        plain = create("sod").fit(X)
        expected, training = plain.score_samples(fresh), plain.training_scores_
    request.getfixturevalue(path)
    other = create("sod", n_jobs=3).fit(X)
    assert isinstance(plain.neighbors_._search, Plain)
    assert not isinstance(other.neighbors_._search, Plain)
    np.testing.assert_array_equal(other.training_scores_, training)
    np.testing.assert_array_equal(other.score_samples(fresh), expected)
    other.save(tmp_path / "saved")
    loaded = type(other).load(tmp_path / "saved")
    np.testing.assert_array_equal(loaded.score_samples(fresh[:1]), expected[:1])
