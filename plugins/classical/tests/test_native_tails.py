"""ECOD, COPOD and MAD: what the training columns say of one value at a time."""

import importlib
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_breast_cancer

from ad_classical import _kernels, _tails
from ad_classical.detectors.copod import COPOD
from ad_classical.detectors.ecod import ECOD
from ad_classical.detectors.mad import MAD

TAILS = pytest.mark.parametrize("kind", [ECOD, COPOD])


def upstream(kind, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module(f"pyod.models.{kind.__name__.lower()}")
        return getattr(module, kind.__name__)().fit(X)


def upstream_scores(detector, T):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return detector.decision_function(T)


def data():
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(150, 4))
    return {
        "breast cancer": load_breast_cancer().data,
        "normal": normal,
        "ties": rng.integers(0, 4, size=(120, 5)).astype(float),
        "constant columns": np.c_[normal, np.full(150, 3.0), np.zeros(150)],
        "symmetric column": np.c_[np.repeat([-2.0, -1, 0, 1, 2], 30), normal],
        "one column": np.exp(normal[:, :1]),
        "more columns than rows": rng.normal(size=(8, 20)),
        "large and small": normal * [1e9, 1e-9, 1, -1],
        "duplicates": np.repeat(normal[:30], 5, axis=0),
    }


@TAILS
@pytest.mark.parametrize("name", data())
def test_training_rows_score_as_in_pyod(kind, name):
    X = data()[name]
    detector = kind().fit(X)
    expected = upstream(kind, X).decision_scores_
    np.testing.assert_allclose(detector.training_scores_, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(detector.score_samples(X), expected, rtol=0, atol=1e-9)


@TAILS
@pytest.mark.parametrize("name", data())
def test_transductive_scoring_is_pyods_to_the_digit(kind, name):
    X = data()[name]
    train, T = X[::2], X[1::2]
    detector = kind(scoring="transductive").fit(train)
    expected = upstream_scores(upstream(kind, train), T)
    np.testing.assert_allclose(detector.score_samples(T), expected, rtol=0, atol=1e-9)


@TAILS
def test_a_row_scores_the_same_alone_and_among_copies(kind):
    X = data()["normal"]
    detector = kind().fit(X)
    row = np.full((1, 4), 3.5)
    alone = detector.score_samples(row)[0]
    assert (detector.score_samples(np.repeat(row, 300, axis=0)) == alone).all()
    assert detector.predict(row) == [1]
    transductive = kind(scoring="transductive").fit(X)
    assert transductive.score_samples(np.repeat(row, 300, axis=0))[0] < 0.5 * alone


@TAILS
def test_beyond_the_training_range_the_score_stays_that_of_the_extremes(kind):
    X = data()["one column"]
    detector = kind().fit(X)
    extreme, beyond, far = detector.score_samples([[X.max()], [X.max() + 1], [1e300]])
    assert extreme == beyond == far == pytest.approx(np.log(150))


@TAILS
def test_a_constant_column_scores_its_own_value_zero_and_any_other_high(kind):
    detector = kind().fit(np.full((50, 1), 7.0))
    own, other = detector.score_samples([[7.0], [8.0]])
    assert own == 0
    assert other == pytest.approx(np.log(50))


@settings(max_examples=30, deadline=None)
@given(
    X=arrays(float, (12, 3), elements=st.floats(-1e6, 1e6)),
    order=st.permutations(range(12)),
    columns=st.permutations(range(3)),
)
def test_order_of_rows_and_columns_does_not_matter(X, order, columns):
    for kind in (ECOD, COPOD, MAD):
        expected = kind().fit(X).score_samples(X)[list(order)]
        moved = X[list(order)][:, list(columns)]
        np.testing.assert_allclose(kind().fit(moved).score_samples(moved), expected, rtol=1e-9)


def test_mad_of_one_column_is_pyods():
    for X in (data()["one column"], load_breast_cancer().data[:, 3:4]):
        expected = upstream(MAD, X).decision_scores_
        np.testing.assert_allclose(MAD().fit(X).training_scores_, expected, rtol=1e-12)


def test_mad_takes_the_largest_column():
    X = data()["normal"]
    columns = [MAD().fit(X[:, [j]]).training_scores_ for j in range(4)]
    np.testing.assert_array_equal(MAD().fit(X).training_scores_, np.max(columns, axis=0))


def test_mad_of_a_column_with_most_values_equal_uses_the_mean_deviation():
    X = np.r_[np.zeros(30), np.arange(1.0, 11)][:, None]
    scores = MAD().fit(X).training_scores_
    assert scores[0] == 0
    np.testing.assert_allclose(scores[30:], np.arange(1, 11) / (1.253314 * 55 / 40))


def test_mad_of_a_constant_column_finds_every_other_value_extreme():
    scores = MAD().fit(np.full((20, 1), 5.0)).score_samples([[5.0], [5.001], [-1e9]])
    assert scores[0] == 0
    assert (scores[1:] > 1e9).all()
    assert np.isfinite(scores).all()


@TAILS
@pytest.mark.parametrize("scoring", ["inductive", "transductive"])
@settings(max_examples=60, deadline=None)
@given(
    X=arrays(float, st.tuples(st.integers(2, 40), st.just(3)), elements=st.floats(-1e3, 1e3)),
    T=arrays(float, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(-1e3, 1e3)),
    rounded=st.booleans(),
)
def test_the_compiled_path_changes_no_bit(kind, scoring, X, T, rounded):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    X, T = (np.round(X / 100), np.round(T / 100)) if rounded else (X, T)
    X[:, 2] = 5.0
    expected = kind(scoring).fit(X).score_samples(T)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_kernels, "WORTHWHILE", 0)
        for n_jobs in (1, 3):
            detector = kind(scoring, n_jobs=n_jobs).fit(X)
            np.testing.assert_array_equal(detector.score_samples(T), expected)
            if scoring == "inductive":
                assert detector.score_samples(T[:1])[0] == expected[0]


@TAILS
@pytest.mark.parametrize("scale", [1e-300, 1e300, 1e-320])
def test_extreme_units_take_the_compiled_path_too(kind, scale, monkeypatch):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    X = data()["normal"]
    plain = kind().fit(X * scale).score_samples(X * scale)
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    np.testing.assert_array_equal(kind().fit(X * scale).score_samples(X * scale), plain)


@TAILS
@pytest.mark.parametrize("scoring", ["inductive", "transductive"])
def test_training_scores_from_ranks_change_no_bit(kind, scoring, monkeypatch):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    for rows in data().values():
        X = np.where(rows == 0, -0.0, rows)
        train, T = X[::2], X[1::2]
        plain = kind(scoring).fit(train)
        expected, of_T = plain.training_scores_, plain.score_samples(T)
        looked_up = kind().fit(train)
        np.testing.assert_array_equal(looked_up.score_samples(train), expected)
        with monkeypatch.context() as patch:
            patch.setattr(_tails, "RANKED", 2)
            patch.setattr(_tails, "COLUMNS", 3)
            for n_jobs in (1, 3):
                detector = kind(scoring, n_jobs=n_jobs).fit(train)
                np.testing.assert_array_equal(detector.training_scores_, expected)
                np.testing.assert_array_equal(detector.score_samples(T), of_T)
                assert detector._totals is None


@settings(max_examples=60, deadline=None)
@given(arrays(float, (30, 2), elements=st.floats(-1e308, 1e308) | st.integers(-2, 2).map(float)))
def test_columns_sorted_by_radix_are_sorted(X):
    tails = pytest.importorskip("ad_classical._kernels.tails", reason="needs numba")
    for values in (X + 0.0).T.copy():
        column = np.empty(30)
        places = tails.sort_column(values, values.view(np.uint64), column)
        np.testing.assert_array_equal(column, np.sort(values))
        np.testing.assert_array_equal(values[places], column)
