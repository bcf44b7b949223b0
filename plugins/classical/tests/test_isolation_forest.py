"""The isolation forest: scikit-learn's trees and scores, on flat arrays."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_digits, load_wine
from sklearn.ensemble import IsolationForest as Reference

from ad_classical import _kernels
from ad_classical._forest import Growth, average_depth, flatten, grow
from ad_classical.detectors.isolation_forest import IsolationForest
from ad_core import load_dataset
from ad_core.detector import load_detector
from ad_core.errors import ParameterError
from ad_core.load import create


def normal(n=400, d=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


@pytest.fixture(params=["numpy", "numba"])
def path(request, monkeypatch):
    """Each way to walk the trees, whatever the amount of work."""
    if request.param == "numba":
        pytest.importorskip("numba")
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    monkeypatch.setattr(_kernels, "_numba", lambda: request.param == "numba")


def assert_reference(X, T, **params):
    ours = IsolationForest(random_state=3, **params).fit(X)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "max_samples .* is greater than the total number")
        theirs = Reference(random_state=3, **params).fit(X)
    np.testing.assert_array_equal(ours.score_samples(T), -theirs.score_samples(T))


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"max_features": 0.7, "max_samples": 1.0, "bootstrap": True},
        {"max_features": 1, "max_samples": 3, "n_estimators": 7},
        {"max_samples": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "X",
    [
        load_wine().data,
        load_digits().data[:500],
        np.c_[normal(3), np.ones(3)],
        np.repeat(normal(30), 4, axis=0),
        np.ones((50, 3)),
    ],
    ids=["real", "whole numbers", "three rows", "equal rows", "one row"],
)
def test_scores_are_scikit_learns(X, params):
    assert_reference(X[::2], X, **params)


@pytest.mark.usefixtures("path")
@settings(max_examples=30, deadline=None)
@given(
    X=arrays(np.float64, (20, 2), elements=st.integers(-500, 500).map(lambda n: n / 8)),
    T=arrays(np.float64, (9, 2), elements=st.floats(-1e30, 1e30)),
)
def test_scores_of_any_numbers_are_scikit_learns(X, T):
    T[:4] = np.nextafter(X[:4].astype(np.float32), np.float32(np.inf))  # rounding matters
    assert_reference(X, T, n_estimators=10)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", ["adbench/cardio", "adbench/breastw", "adbench/shuttle"])
@pytest.mark.skipif(
    "AD_DATA_MIRROR" not in os.environ, reason="AD_DATA_MIRROR names no folder with the data sets"
)
def test_scores_of_real_data_are_scikit_learns(name):
    rows = load_dataset(name).X
    assert_reference(rows[:3000], rows[-3000:])


def test_the_training_rows_are_scored_only_for_a_threshold(monkeypatch):
    calls = []
    monkeypatch.setattr(
        IsolationForest, "_score", lambda _, rows: calls.append(len(rows)) or np.zeros(len(rows))
    )
    create("isolation_forest", random_state=0, threshold=None).fit(normal())
    assert calls == []
    create("isolation_forest", random_state=0).fit(normal())
    assert calls == [400]


@pytest.mark.parametrize(
    ("n", "sample"),
    [(256, 256), (257, 256), (258, 256), (2_000, 256), (25_600, 256), (30_000, 256), (700, 7)],
)
def test_the_trees_are_scikit_learns(n, sample):
    """However it draws: all rows, a permutation, a reservoir, or one by one."""
    X = normal(n, 3)
    theirs = Reference(n_estimators=15, max_samples=sample, random_state=8).fit(X)
    growth = Growth(n_trees=15, n_rows=sample, n_columns=3, bootstrap=False)
    ours = grow(X, np.zeros(3), np.ones(3), growth, 8)
    trees = [estimator.tree_ for estimator in theirs.estimators_]
    names = ("children_left", "children_right", "feature", "threshold", "n_node_samples")
    assert ours.counts.tolist() == [tree.node_count for tree in trees]
    for part, name in zip(ours[1:], names, strict=True):
        np.testing.assert_array_equal(part, np.concatenate([getattr(one, name) for one in trees]))


def test_a_generator_is_left_where_scikit_learn_leaves_it():
    ours, theirs = np.random.RandomState(5), np.random.RandomState(5)
    IsolationForest(n_estimators=3, random_state=ours).fit(normal())
    Reference(n_estimators=3, random_state=theirs).fit(normal())
    assert ours.randint(10**6) == theirs.randint(10**6)


def test_the_nodes_lie_level_by_level_and_leaves_lead_to_themselves():
    growth = Growth(n_trees=4, n_rows=64, n_columns=6, bootstrap=False)
    nodes = grow(normal(), np.zeros(6), np.ones(6), growth, 0)
    forest = flatten(nodes)
    ids = np.arange(len(forest.children))
    inner = forest.children != ids
    assert forest.height == 6
    assert len(ids) == nodes.counts.sum()
    assert (forest.children[inner] > ids[inner]).all()
    assert sorted([0, 1, 2, 3, *forest.children[inner], *(forest.children[inner] + 1)]) == [*ids]
    assert np.isinf(forest.thresholds[~inner]).all()


def test_the_mean_depth_is_that_of_the_paper():
    harmonic = np.log(99) + np.euler_gamma
    assert average_depth([0, 1, 2, 100]).tolist() == [0, 0, 1, 2 * harmonic - 2 * 99 / 100]


def test_numpy_numba_and_every_number_of_threads_agree_to_the_bit(monkeypatch):
    pytest.importorskip("numba")
    X = normal(10_000)
    detector = IsolationForest(random_state=0).fit(X)
    expected = detector.score_samples(X)
    for worthwhile in (0, np.inf):
        monkeypatch.setattr(_kernels, "WORTHWHILE", worthwhile)
        for n_jobs in (1, 2, 3):
            threaded = IsolationForest(random_state=0, n_jobs=n_jobs).fit(X)
            np.testing.assert_array_equal(threaded.score_samples(X), expected)
            alone = [threaded.score_samples(row[None])[0] for row in X[:20]]
            np.testing.assert_array_equal(alone, expected[:20])


def test_more_columns_than_there_are_is_an_error_that_says_how_many_there_are():
    with pytest.raises(ParameterError, match="max_features=9, but there are only 6 columns"):
        IsolationForest(max_features=9).fit(normal())


def test_a_share_of_less_than_a_row_is_an_error():
    with pytest.raises(ParameterError, match=r"max_samples=0.01 of 30 rows is less than a row"):
        IsolationForest(max_samples=0.01).fit(normal(30))


def test_a_saved_forest_holds_arrays_alone_and_scores_alike(tmp_path):
    detector = create("isolation_forest", random_state=0).fit(normal())
    detector.save(tmp_path / "forest.ad")
    loaded = load_detector(tmp_path / "forest.ad")
    assert isinstance(loaded, IsolationForest)
    assert {type(value) for value in loaded.forest_.values()} == {np.ndarray, int}
    np.testing.assert_array_equal(loaded.score_samples(normal()), detector.training_scores_)


def test_a_forest_comes_without_scikit_learn_and_numba_until_they_are_needed():
    code = (
        "import sys, ad_classical.detectors.isolation_forest; "
        "print({'sklearn', 'numba', 'scipy'} & {*sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
