"""The matrix profile against its definition, stumpy, and published scores."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_core import create
from ad_core.errors import InputError, ParameterError
from ad_timeseries._profile import CONSTANT, exclusion_zone, join, self_join

VALUES = st.one_of(
    st.floats(-100, 100, width=32),
    st.integers(-3, 3).map(float),  # ties and constant stretches
    st.sampled_from([1e6, -1e6, 1e-3]),  # large values that enter and leave the window
)


@st.composite
def series(draw, channels=1, shortest=16, longest=60):
    n = draw(st.integers(shortest, longest))
    return draw(arrays(np.float64, (n, channels), elements=VALUES))


def normalised(X, window):
    """Every z-normalised window of one channel; None for a constant one."""
    rows = []
    for start in range(len(X) - window + 1):
        row = X[start : start + window]
        constant = row.max() - row.min() <= CONSTANT * np.abs(row).max()
        rows.append(None if constant else (row - row.mean()) / row.std())
    return rows


def distance(a, b, window):
    if a is None and b is None:
        return 0.0
    if a is None or b is None:
        return np.sqrt(window)
    return np.linalg.norm(a - b)


def naive(A, B, window, n_dimensions, zone):
    """O(n² m): for each window of A the smallest distance to a window of B."""
    channels = [
        (normalised(A[:, c], window), normalised(B[:, c], window)) for c in range(A.shape[1])
    ]
    profile = np.full(len(A) - window + 1, np.inf)
    for i in range(len(profile)):
        for j in range(len(B) - window + 1):
            if abs(i - j) > zone:
                each = sorted(distance(a[i], b[j], window) for a, b in channels)
                profile[i] = min(profile[i], np.mean(each[:n_dimensions]))
    return profile


@given(X=series(), window=st.integers(3, 10))
@settings(max_examples=40, deadline=None)
def test_a_self_join_equals_the_definition(X, window):
    expected = naive(X, X, window, 1, exclusion_zone(window))
    np.testing.assert_allclose(self_join(X, window, n_dimensions=1), expected, atol=1e-6)


@given(X=series(shortest=10), reference=series(), window=st.integers(3, 10))
@settings(max_examples=40, deadline=None)
def test_a_join_of_two_series_equals_the_definition(X, reference, window):
    expected = naive(X, reference, window, 1, -1)
    np.testing.assert_allclose(join(X, reference, window, n_dimensions=1), expected, atol=1e-6)


@given(X=series(channels=3, longest=30), window=st.integers(3, 8), k=st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_joins_of_several_channels_equal_the_definition(X, window, k):
    expected = naive(X, X, window, k, exclusion_zone(window))
    np.testing.assert_allclose(self_join(X, window, n_dimensions=k), expected, atol=1e-6)
    half = X[: len(X) // 2 + window]
    expected = naive(half, X, window, k, -1)
    np.testing.assert_allclose(join(half, X, window, n_dimensions=k), expected, atol=1e-6)


def test_the_number_of_threads_changes_nothing():
    X = np.random.default_rng(0).normal(size=(2500, 1)).cumsum(axis=0)
    one, four = (self_join(X, 40, n_dimensions=1, n_threads=count) for count in (1, 4))
    np.testing.assert_array_equal(one, four)


def test_a_large_value_that_has_left_the_window_leaves_no_trace():
    X = np.random.default_rng(0).normal(size=(300, 1))
    X[100] = 1e9
    expected = naive(X, X, 12, 1, exclusion_zone(12))
    np.testing.assert_allclose(self_join(X, 12, n_dimensions=1), expected, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e200])
def test_the_unit_does_not_matter(scale):
    X = np.random.default_rng(0).normal(size=(200, 2))
    expected = self_join(X, 15, n_dimensions=2)
    np.testing.assert_allclose(self_join(X * scale, 15, n_dimensions=2), expected, atol=1e-6)


STUMPY = """
import json, sys, warnings
import numpy as np
import stumpy
X, T = (np.array(part) for part in json.load(sys.stdin))
profile = lambda *arguments, **named: stumpy.stump(*arguments, **named)[:, 0].astype(float).tolist()
json.dump([
    profile(X[:, 0], 8),
    profile(T[:, 0], 8, X[:, 0], ignore_trivial=False),
    stumpy.mstump(X.T, 8)[0].tolist(),
], sys.stdout)
"""


@pytest.mark.skipif(find_spec("stumpy") is None, reason="stumpy is not installed")
def test_profiles_equal_those_of_stumpy():
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(90, 3)).cumsum(axis=0), rng.normal(size=(50, 3)).cumsum(axis=0)
    X[20:32, 0] = 1.5  # constant windows
    # Without its compiler, which would take a minute for a second's work.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STUMPY],
        input=json.dumps([X.tolist(), T.tolist()]),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    alone, against, several = json.loads(done.stdout)
    first = X[:, :1]
    np.testing.assert_allclose(self_join(first, 8, n_dimensions=1), alone, atol=1e-6)
    np.testing.assert_allclose(join(T[:, :1], first, 8, n_dimensions=1), against, atol=1e-6)
    for k in (1, 2, 3):
        np.testing.assert_allclose(self_join(X, 8, n_dimensions=k), several[k - 1], atol=1e-6)


@pytest.mark.skipif(
    not os.environ.get("AD_DATA_MIRROR"), reason="AD_DATA_MIRROR names no folder of data files"
)
def test_the_profile_equals_the_scores_that_tsb_ad_published():
    """TSB-AD-U 001: scores of its MatrixProfile (window 6), scaled to [0, 1] and padded."""
    folder = Path(os.environ["AD_DATA_MIRROR"]) / "tsb-ad"
    file = folder / "001_NAB_id_1_Facility_tr_1007_1st_2014.csv"
    X = np.loadtxt(file, delimiter=",", skiprows=1)[:, :1]
    published = np.load(folder / "scores" / "tsb001_MatrixProfile.npy")[3:-2]
    profile = self_join(X, 6, n_dimensions=1)
    assert np.corrcoef(profile, published)[0, 1] == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(profile, published, atol=1e-9)


def test_a_planted_discord_comes_first():
    rng = np.random.default_rng(3)
    X = np.sin(2 * np.pi * np.arange(1500) / 50) + 0.05 * rng.normal(size=1500)
    X[700:750] = X[700:750][::-1]  # the same values in another order
    profile = create("matrix_profile", window=50).fit(X)
    assert 675 <= np.argmax(profile.training_scores_) <= 775
    new = create("matrix_profile", window=50).fit(np.delete(X, np.s_[700:750]))
    assert 675 <= np.argmax(new.score_samples(X)) <= 775


def test_a_discord_in_one_of_several_channels_comes_first():
    rng = np.random.default_rng(3)
    phase = 2 * np.pi * np.arange(1200)[:, None] / 40
    X = np.sin(phase + np.arange(3.0)) + 0.05 * rng.normal(size=(1200, 3))
    X[600:640, 1] = X[600:640, 1][::-1]
    scores = create("matrix_profile", window=40).fit(X).training_scores_
    assert 580 <= np.argmax(scores) <= 660


def test_more_dimensions_than_channels_are_refused():
    detector = create("matrix_profile", window=5, n_dimensions=3)
    with pytest.raises(ParameterError, match="n_dimensions=3, but the series has 2 channels"):
        detector.fit(np.random.default_rng(0).normal(size=(40, 2)))


def test_every_training_window_needs_a_neighbour():
    X = np.random.default_rng(0).normal(size=15)
    with pytest.raises(InputError, match="has 12 time steps, but windows of 8 need at least 13"):
        create("matrix_profile", window=8).fit(X[:12])
    create("matrix_profile", window=8).fit(X[:13])
