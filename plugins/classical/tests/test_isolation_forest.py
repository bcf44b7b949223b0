"""The trees of scikit-learn, walked by us: its scores to the last bit."""

import os
import pickle

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from ad_classical import _kernels
from ad_core import load_dataset
from ad_core.load import create

RNG = np.random.default_rng(0)
X, FRESH = RNG.normal(size=(400, 5)), RNG.normal(size=(301, 5)) * 2


@pytest.fixture(params=["compiled", "plain"])
def path(request, monkeypatch):
    if request.param == "compiled":
        pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
        monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    else:
        monkeypatch.setattr(_kernels, "_numba", lambda: False)


def both(train, fresh, **arguments):
    ours = create("isolation_forest", random_state=3, **arguments).fit(train)
    theirs = IsolationForest(random_state=3, **arguments).fit(train)
    return ours.score_samples(fresh), -theirs.score_samples(fresh)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"n_estimators": 7, "max_samples": 0.5, "bootstrap": True},
        {"max_features": 2, "max_samples": 3},
        {"max_features": 0.5, "n_jobs": 2},
        {"max_samples": 1},
        {"n_estimators": 1},
    ],
)
def test_scores_are_scikit_learns_to_the_last_bit(arguments, path):
    ours, theirs = both(X, FRESH, **arguments)
    np.testing.assert_array_equal(ours, theirs)


def test_ties_and_constant_columns(path):
    train, fresh = np.round(X), np.round(FRESH)
    train[:, 1] = fresh[:, 1] = 4.0
    ours, theirs = both(train, fresh)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["adbench/cardio", "adbench/breastw", "adbench/shuttle"])
@pytest.mark.skipif(
    "AD_DATA_MIRROR" not in os.environ, reason="AD_DATA_MIRROR names no folder with the data sets"
)
def test_real_data(name, path):
    rows = load_dataset(name).X
    ours, theirs = both(rows[:3000], rows[-3000:])
    np.testing.assert_array_equal(ours, theirs)


def test_threads_batches_pickles_and_saving_change_no_bit(path, tmp_path):
    detector = create("isolation_forest", random_state=0).fit(X)
    rows = np.tile(FRESH, (10, 1))
    expected = detector.score_samples(rows)
    threads = create("isolation_forest", random_state=0, n_jobs=3).fit(X)
    np.testing.assert_array_equal(threads.score_samples(rows), expected)
    alone = [detector.score_samples(FRESH[[i]])[0] for i in range(len(FRESH))]
    np.testing.assert_array_equal(alone, expected[: len(FRESH)])
    detector.save(tmp_path / "saved")
    for twin in (type(detector).load(tmp_path / "saved"), pickle.loads(pickle.dumps(detector))):
        np.testing.assert_array_equal(twin.score_samples(rows), expected)


def test_the_training_rows_are_scored_only_for_a_threshold(monkeypatch):
    calls = []
    detector = create("isolation_forest", random_state=0, threshold=None)
    monkeypatch.setattr(type(detector), "_score", lambda _, rows: calls.append(len(rows)))
    detector.fit(X)
    assert calls == []
