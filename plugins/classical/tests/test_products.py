"""Products in stacks, by any number of threads; columns far from 0, found by their first rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_classical import _conditioning, _products
from ad_classical._conditioning import origin, unit_intervals
from ad_classical._whitening import row_length, squared_lengths

WIDTHS = [1, 3, 20, 100, 150]  # 150 columns are more than a small product takes


def rows(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) + 3


@pytest.mark.parametrize("d", WIDTHS)
@pytest.mark.parametrize("n", [1, 31, 32, 700, 9001])
def test_moments_are_numpys(n, d):
    X = rows(n, d)
    mean = _products.column_means(X)
    np.testing.assert_allclose(mean, X.mean(axis=0), rtol=1e-13)
    expected = np.cov(X.T, bias=True).reshape(d, d)
    np.testing.assert_allclose(_products.covariance(X, mean, 1), expected, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(_products.variances(X, mean, 1), X.var(axis=0), rtol=1e-9)


@pytest.mark.parametrize("d", WIDTHS)
@pytest.mark.parametrize("n", [1, 31, 32, 700, 9001])
@pytest.mark.parametrize("shifted", [False, True])
def test_squared_lengths_are_those_of_one_plain_product(n, d, shifted):
    X, center, W = rows(n, d), rows(1, d, 1)[0], rows(d, d, 2)
    shifts = rows(1, d, 3)[0] if shifted else None
    moved = X - center - (shifts if shifted else 0)
    for transform, turned in ((W, moved @ W), (W[0], moved * W[0])):
        lengths = squared_lengths(X, center, transform, shifts=shifts)
        np.testing.assert_allclose(lengths, (turned**2).sum(axis=1), rtol=1e-11)
        alone = [row_length(row, center, transform, shifts) for row in X[:9]]
        np.testing.assert_allclose(alone, lengths[:9], rtol=1e-11)


@pytest.mark.parametrize("d", WIDTHS)
def test_moments_and_lengths_have_the_same_bits_in_threads(monkeypatch, d):
    monkeypatch.setattr(_products, "MANY_ELEMENTS", 0)
    monkeypatch.setattr(_products, "MANY_WIDE_ELEMENTS", 0)
    X = rows(2_000_000 // d, d)
    mean, W = _products.column_means(X), rows(d, d, 2)
    for function in (
        lambda n_jobs: _products.covariance(X, mean, n_jobs),
        lambda n_jobs: _products.variances(X, mean, n_jobs),
        lambda n_jobs: squared_lengths(X, mean, W, n_jobs),
    ):
        np.testing.assert_array_equal(function(1), function(3))


COLUMNS = st.lists(
    st.one_of(
        st.floats(-1e6, 1e6),
        st.sampled_from([0.0, 1e4, 1e4 + 1, 9999.0, 1e9, 1e9 + 1e5, 1e9 + 99_999, 1e31]),
    ),
    min_size=1,
    max_size=12,
)


@given(COLUMNS, st.integers(1, 4))
def test_the_first_rows_tell_of_columns_far_from_0_what_all_do(column, head):
    X = np.array(column)[:, None]
    low, span = X.min(), np.ptp(X)
    far = np.abs(X).max() > 1e4 * span
    blurred = (far or span < 1e-4 or span > 1e30) and span > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_conditioning, "_HEAD", head)
        assert origin(X) == (low if far else 0)
        shifts, spans = unit_intervals(X)
    assert (shifts, spans) == ((low, span) if blurred else (0, 1))
