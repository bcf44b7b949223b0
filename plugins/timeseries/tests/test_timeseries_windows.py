"""Windows: views without a copy, the way back to steps, and the dominant period."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_timeseries._windows import dominant_period, flat_windows, to_steps


@st.composite
def cuts(draw):
    window = draw(st.integers(1, 12))
    return window, draw(st.integers(1, window)), draw(st.integers(window, 60))


@given(cut=cuts(), channels=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_rows_are_the_windows_and_share_the_memory_of_the_series(cut, channels):
    window, stride, n = cut
    X = np.arange(float(n * channels)).reshape(n, channels)
    rows = flat_windows(X, window, stride)
    assert np.shares_memory(rows, X)
    starts = range(0, n - window + 1, stride)
    expected = [X[start : start + window].ravel() for start in starts]
    np.testing.assert_array_equal(rows, expected)


@given(cut=cuts(), reduction=st.sampled_from(["mean", "max"]), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_a_step_has_the_reduction_over_the_windows_that_cover_it(cut, reduction, seed):
    window, stride, n = cut
    starts = sorted({*range(0, n - window + 1, stride), n - window})
    scores = np.random.default_rng(seed).normal(size=len(starts)) * 10.0 ** (seed % 7)
    expected = [
        getattr(np, reduction)(
            [s for s, b in zip(scores, starts, strict=True) if b <= t < b + window]
        )
        for t in range(n)
    ]
    np.testing.assert_allclose(
        to_steps(scores, window, stride, n, reduction), expected, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("period", [6, 24, 100, 288])
@pytest.mark.parametrize("trend", [0.0, 0.01])
def test_the_dominant_period_of_a_noisy_seasonal_series_is_found(period, trend):
    rng = np.random.default_rng(period)
    time = np.arange(2000)
    X = np.sin(2 * np.pi * time / period) + 0.3 * rng.normal(size=2000) + trend * time
    assert abs(dominant_period(X[:, None]) - period) <= max(1, period // 50)


def test_a_series_without_a_period_has_the_stated_length():
    assert dominant_period(np.zeros((1000, 2))) == 50
    assert dominant_period(np.full((100, 1), 0.1)) == 10
    assert dominant_period(np.arange(10.0)[:, None]) == 4
    assert dominant_period(np.random.default_rng(0).normal(size=(3000, 1))) == 50


def test_a_constant_channel_does_not_hide_the_period_of_another():
    X = np.c_[np.full(600, 7.0), np.sin(2 * np.pi * np.arange(600) / 30)]
    assert dominant_period(X) == 30
