"""Point z-scores and the spectral residual: formulas, the start of a series, published scores."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_core import create
from ad_timeseries.detectors.spectral_residual import _continued, _saliency


def noise(n=200, channels=2, seed=0):
    return np.random.default_rng(seed).normal(size=(n, channels)) * [1.0, 50.0][:channels] + 7.0


def test_the_global_form_is_the_z_score():
    X, T = noise(), noise(seed=1)
    expected = np.abs((T - X.mean(axis=0)) / X.std(axis=0)).max(axis=1)
    np.testing.assert_allclose(create("point_zscore").fit(X).score_samples(T), expected)


def test_the_robust_form_does_not_mind_a_third_of_outliers():
    X = noise(300, 1)
    X[::3] = 1e6
    T = np.array([[7.0], [10.0]])
    scores = create("point_zscore", method="robust").fit(X).score_samples(T)
    assert scores[0] < 0.8
    assert 1.0 < scores[1] < 3.5
    assert create("point_zscore").fit(X).score_samples(T).max() < 1


def test_the_robust_form_takes_the_mean_deviation_where_most_values_are_equal():
    X = np.r_[np.zeros(90), np.ones(10)]
    scores = create("point_zscore", method="robust").fit(X).score_samples([0.0, 1.0])
    np.testing.assert_allclose(scores, [0.0, 1 / (0.1 * np.sqrt(np.pi / 2))])


@given(window=st.integers(2, 30), seed=st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_the_rolling_form_looks_at_the_stated_past(window, seed):
    X, T = noise(80, 1), noise(40, 1, seed)[:, 0]
    scores = create("point_zscore", method="rolling", window=window).fit(X).score_samples(T)
    mean, deviation = X.mean(), X.std()
    signs = np.where(np.arange(window) % 2 == 0, 1, -1)
    whole = np.r_[mean + deviation * signs, T]
    for t, score in enumerate(scores):
        past = whole[t : t + window]
        expected = abs(T[t] - past.mean()) / max(past.std(), 1e-3 * deviation)
        assert score == pytest.approx(expected, rel=1e-8)


def test_the_rolling_form_never_looks_ahead():
    detector = create("point_zscore", method="rolling", window=10).fit(noise())
    T = noise(100, seed=1)
    whole = detector.score_samples(T)
    np.testing.assert_allclose(detector.score_samples(T[:60]), whole[:60])


def test_the_rolling_form_gets_used_to_a_new_level():
    X = noise(300, 1)
    T = noise(300, 1, seed=1)
    T[150:] += 20
    rolling = create("point_zscore", method="rolling", window=30).fit(X).score_samples(T)
    assert np.argmax(rolling) == 150
    assert rolling[200:].max() < 6
    assert create("point_zscore").fit(X).score_samples(T)[200:].min() > 10


def test_the_largest_channel_counts():
    X = noise()
    T = np.tile(X.mean(axis=0), (3, 1))
    T[1, 1] += 8 * X[:, 1].std()
    np.testing.assert_allclose(create("point_zscore").fit(X).score_samples(T), [0, 8, 0], atol=1e-9)


def test_the_spectral_residual_finds_spikes_wherever_they_are():
    X = np.sin(2 * np.pi * np.arange(1000) / 50) + 0.05 * np.random.default_rng(0).normal(size=1000)
    for place in (0, 20, 500, 995, 998):
        T = X.copy()
        T[place] += 2.0
        assert np.argmax(create("spectral_residual").fit(X).score_samples(T)) == place


def test_a_series_is_continued_as_in_the_paper():
    """Equations 8 and 9: x[n-m+1] + m times the mean gradient to the last step."""
    straight = np.arange(20.0) * 3
    # The last value is 57; x[n-m+1] of the paper is the m-th last, 45, and 45 + 5 * 3 = 60.
    np.testing.assert_allclose(_continued(straight, 2, 5)[20:], [60.0, 60.0])
    np.testing.assert_allclose(_continued(np.array([4.0]), 3, 5), [4.0] * 4)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_the_spectral_residual_scores_short_and_constant_series(n):
    detector = create("spectral_residual").fit(noise())
    assert np.isfinite(detector.score_samples(noise(n))).all()
    np.testing.assert_array_equal(detector.score_samples(np.full((n, 2), 0.1)), np.zeros(n))


@pytest.mark.skipif(
    not os.environ.get("AD_DATA_MIRROR"), reason="AD_DATA_MIRROR names no folder of data files"
)
def test_the_saliency_agrees_with_that_of_tsb_ad():
    """TSB-AD-U 001: its SR is a saliency with a window of 100 (padded in another way)."""
    folder = Path(os.environ["AD_DATA_MIRROR"]) / "tsb-ad"
    file = folder / "001_NAB_id_1_Facility_tr_1007_1st_2014.csv"
    X = np.loadtxt(file, delimiter=",", skiprows=1)[:, 0]
    published = np.load(folder / "scores" / "tsb001_SR.npy")
    assert np.corrcoef(_saliency(X, 100), published)[0, 1] > 0.99
