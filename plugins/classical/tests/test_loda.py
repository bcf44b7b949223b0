"""LODA: numpy and numba, few rows and many, one thread and several give the same bits."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ad_classical import _kernels
from ad_classical.detectors.loda import LODA

X = np.random.default_rng(0).normal(size=(3000, 6))
FRESH = np.random.default_rng(1).normal(size=(3000, 6)) * 1.5

DATA = {
    "normal": (X, FRESH),
    "whole numbers": (load_digits().data[:900], load_digits().data[900:]),
    "one column": (X[:, :1], FRESH[:, :1]),
    "far from 0": (X + 1e9, FRESH + 1e9),
    "equal rows": (np.ones((40, 3)), np.vstack([np.ones((4, 3)), X[:5, :3]])),
    "overflowing": (X * 1e307, np.vstack([FRESH * 1e307, np.full((1, 6), -1.7e308)])),
}


@pytest.fixture(params=["numpy", "numba"])
def path(request, monkeypatch):
    if request.param == "numba":
        pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    monkeypatch.setattr(_kernels, "WORTHWHILE", 0)
    monkeypatch.setattr(_kernels, "_numba", lambda: request.param == "numba")


def fitted(train, **params):
    with np.errstate(all="ignore"):
        return LODA(**{"random_state": 0, **params}).fit(train)


def by_definition(detector, rows):
    """Look every projection up in its histogram, one after the other."""
    total = np.zeros(len(rows))
    for cut, bins in enumerate(detector.bins_):
        low, high = detector.low_[cut], detector.high_[cut]
        first = detector.first_[cut]
        counts = detector.counts_[first : first + bins + 1]
        value = np.zeros(len(rows))
        for column, weight in zip(detector.columns_[cut], detector.weights_[cut], strict=True):
            value += rows[:, column] * weight
        inside = (value >= low) & (value <= high)
        share = (value - low) / (high - low if high > low else 1.0) * bins
        place = np.where(inside, np.clip(np.where(inside, share, 0), 0, bins - 1), bins).astype(int)
        total += np.log(counts.sum() + bins + 1) - np.log(counts[place] + 1)
    return total / len(detector.bins_)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    "params", [{}, {"n_bins": 1}, {"n_bins": 300, "n_random_cuts": 3}], ids=str
)
@pytest.mark.parametrize(("train", "fresh"), list(DATA.values())[:-1], ids=list(DATA)[:-1])
def test_scores_are_those_of_the_definition(train, fresh, params):
    detector = fitted(train, **params)
    rows = np.vstack([train, fresh])
    np.testing.assert_allclose(detector.score_samples(rows), by_definition(detector, rows), 1e-13)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(("train", "fresh"), list(DATA.values())[:-1], ids=list(DATA)[:-1])
def test_every_training_row_is_counted_once_and_left_out_of_its_own_score(train, fresh):
    detector = fitted(train)
    assert np.add.reduceat(detector.counts_, detector.first_).tolist() == [len(train)] * 100
    others = detector.counts_ - 1  # what the row's own bins hold without it
    surprises = np.log(len(train) + 10) - np.log(np.maximum(others, 0) + 1)
    expected = surprises[detector._places(np.ascontiguousarray(train.T))].mean(axis=0)
    np.testing.assert_allclose(detector.training_scores_, expected, rtol=1e-13)


@pytest.mark.parametrize(("train", "fresh"), DATA.values(), ids=DATA.keys())
def test_no_path_changes_a_bit(train, fresh, monkeypatch):
    pytest.importorskip("numba", reason="needs the extra ad-classical[numba]")
    expected = None
    with np.errstate(all="ignore"):
        for worthwhile in (0, np.inf):
            monkeypatch.setattr(_kernels, "WORTHWHILE", worthwhile)
            for n_jobs in (1, 3):
                detector = fitted(train, n_jobs=n_jobs)
                found = [detector.training_scores_, detector.score_samples(fresh)]
                expected = found if expected is None else expected
                np.testing.assert_array_equal(found[0], expected[0])
                np.testing.assert_array_equal(found[1], expected[1])
        alone = [detector.score_samples(row[None])[0] for row in fresh[-100:]]
    np.testing.assert_array_equal(alone, expected[1][-100:])


def test_bins_found_by_the_data_differ_from_projection_to_projection():
    modes = np.vstack([X[:300], X[300:600] + 30])
    detector = fitted(modes, n_bins="auto", n_random_cuts=8)
    assert len({*detector.bins_}) > 1
    assert len(detector.counts_) == (detector.bins_ + 1).sum()
    np.testing.assert_allclose(detector.score_samples(X), by_definition(detector, X), rtol=1e-13)
