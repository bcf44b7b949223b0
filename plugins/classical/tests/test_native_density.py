"""KDE, Gaussian mixtures, MCD and one-class SVM: exact, in blocks, by any number of threads."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp

from ad_classical.detectors.kde import KDE

TABLES = Path(os.environ.get("AD_DATA_MIRROR", "")) / "adbench" / "Classical"


def clusters(n=700, d=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 6 * rng.integers(3, size=(n, 1))


DATA = {
    "clusters": clusters(),
    "ties": np.random.default_rng(1).integers(0, 3, size=(400, 4)).astype(float),
    "constant": np.c_[clusters(300), np.full(300, 7.0)],
    "one column": clusters(300, 1),
    "far from 0": clusters(300) + 1e9,
}
EACH = pytest.mark.parametrize("X", DATA.values(), ids=DATA.keys())


def real(name):
    found = sorted(TABLES.glob(f"*_{name}.npz"))
    if not found:
        pytest.skip("AD_DATA_MIRROR holds no data sets of ADBench")
    return np.asarray(np.load(found[0])["X"], dtype=float)


def new(X, n=200):
    rng = np.random.default_rng(7)
    chosen = X[rng.integers(len(X), size=n)]
    noise = rng.normal(size=chosen.shape) * X.std(axis=0)
    return np.vstack([chosen, chosen + noise, X.mean(axis=0) + 50 * noise[:9]])


def assert_alone_as_in_the_batch(detector, T):
    batch = detector.score_samples(T)
    alone = [detector.score_samples(row[None])[0] for row in T[::13]]
    np.testing.assert_allclose(alone, batch[::13], rtol=1e-12, atol=1e-12)


# -- KDE ------------------------------------------------------------------------------------------


def negative_log_density(X, T, h):
    logs = [logsumexp(-((X - t) ** 2).sum(axis=1) / 2 / h**2) for t in T]
    return np.log(len(X)) + X.shape[1] / 2 * np.log(2 * np.pi * h**2) - np.array(logs)


@EACH
@pytest.mark.parametrize("width", [0.01, 1.0, 100.0])
def test_kde_is_the_direct_sum(X, width):
    h, T = width * X.std(axis=0).max(), new(X)
    detector = KDE(bandwidth=h).fit(X)
    expected = negative_log_density(X, T, h)
    np.testing.assert_allclose(detector.score_samples(T), expected, rtol=1e-9, atol=1e-9)
    left_out = [negative_log_density(np.delete(X, i, axis=0), X[[i]], h)[0] for i in range(20)]
    np.testing.assert_allclose(detector.training_scores_[:20], left_out, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["cardio", "satellite"])
def test_kde_is_the_direct_sum_on_real_rows(name):
    X = real(name)[:1500]
    detector = KDE().fit(X[:1000])
    expected = negative_log_density(X[:1000], X[1000:], detector.bandwidth_)
    np.testing.assert_allclose(detector.score_samples(X[1000:]), expected, rtol=1e-9, atol=1e-9)


@EACH
def test_kde_scores_a_row_alone_as_in_the_batch(X):
    assert_alone_as_in_the_batch(KDE().fit(X), new(X))


def test_kde_has_the_same_bits_with_any_number_of_threads():
    X, T = clusters(1500), new(clusters(1500), 500)
    one, two = KDE(n_jobs=1).fit(X), KDE(n_jobs=2).fit(X)
    np.testing.assert_array_equal(one.training_scores_, two.training_scores_)
    np.testing.assert_array_equal(one.score_samples(T), two.score_samples(T))
