"""The leading eigenvectors, a few or all of them."""

import numpy as np
import pytest

from ad_classical import _leading
from ad_classical._leading import leading_eigenvectors
from ad_classical.detectors.kpca import KPCA


def matrix(decay, n=600):
    rng = np.random.default_rng(0)
    vectors = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return (vectors * decay ** np.arange(n)) @ vectors.T


@pytest.mark.parametrize("decay", [0.1, 0.8, 0.999])
@pytest.mark.parametrize("wanted", [5, 0.9])
def test_they_are_those_of_the_whole_decomposition(decay, wanted):
    M = matrix(decay)
    values, vectors = leading_eigenvectors(M, wanted)
    expected = np.linalg.eigvalsh(M)[::-1]
    needed = wanted
    if isinstance(wanted, float):
        needed = int(np.searchsorted(np.cumsum(expected) / expected.sum(), wanted)) + 1
    assert len(values) >= needed
    assert (len(values) == 600) == (needed > 32)
    np.testing.assert_allclose(values, expected[: len(values)], atol=1e-13)
    np.testing.assert_allclose(
        M @ vectors[:, :needed], vectors[:, :needed] * values[:needed], atol=1e-13
    )


def test_fewer_than_looked_for_are_no_trouble():
    rows = np.random.default_rng(0).normal(size=(600, 3))
    values = leading_eigenvectors(rows @ rows.T, 0.99)[0]
    assert (values[:3] > 100).all()
    assert np.abs(values[3:]).max() < 1e-9


@pytest.mark.parametrize("kernel", ["rbf", "linear", "cosine", "poly", "sigmoid"])
@pytest.mark.parametrize("wanted", [3, 0.9])
def test_kpca_scores_as_with_the_whole_decomposition(monkeypatch, kernel, wanted):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(520, 5)) + 4 * rng.integers(3, size=(520, 1))
    T = rng.normal(size=(50, 5)) * 4

    def detector():
        return KPCA(wanted, kernel=kernel, gamma=0.05).set_params(threshold=None).fit(X)

    few = detector()
    np.testing.assert_array_equal(few.score_samples(T), detector().score_samples(T))
    monkeypatch.setattr(_leading, "_LARGE", 10_000)
    expected = detector().score_samples(T)
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(few.score_samples(T), expected, rtol=1e-9, atol=1e-11 * scale)
