"""Any tabular detector over windows: what it is given, and what it refuses."""

import numpy as np
import pytest

from ad_core import create
from ad_core.errors import InputError, ParameterError, UnknownNameError
from ad_timeseries._windows import to_steps
from ad_timeseries.detectors import windowed

pytest.importorskip("ad_classical", reason="needs the detectors of ad-classical")


def waves(n=300, channels=2, seed=0):
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.arange(n)[:, None] / 20 + np.arange(channels)
    return np.sin(phase) * 10.0 ** np.arange(channels) + 0.1 * rng.normal(size=(n, channels))


def cut(X, window):
    return np.array([X[s : s + window].ravel() for s in range(len(X) - window + 1)])


def test_scores_are_those_of_the_detector_on_the_windows():
    X, T = waves(), waves(seed=1)
    detector = create("windowed_knn", window=12, normalize="none").fit(X)
    inner = create("knn").fit(cut(X, 12))
    expected = to_steps(inner.score_samples(cut(T, 12)), 12, 1, 300, "mean")
    np.testing.assert_allclose(detector.score_samples(T), expected)
    expected = to_steps(inner.training_scores_, 12, 1, 300, "mean")
    np.testing.assert_allclose(detector.training_scores_, expected)


def test_channels_are_scaled_by_training_and_windows_by_themselves():
    X, T = waves(), waves(seed=1)
    scaled = [(data - X.mean(axis=0)) / X.std(axis=0) for data in (X, T)]
    by_hand = create("windowed_knn", window=12, normalize="none").fit(scaled[0])
    by_channel = create("windowed_knn", window=12).fit(X)
    np.testing.assert_allclose(by_channel.score_samples(T), by_hand.score_samples(scaled[1]))
    by_window = create("windowed_knn", window=12, normalize="window").fit(X)
    lifted = T * 3 + 100
    np.testing.assert_allclose(by_window.score_samples(lifted), by_window.score_samples(T))


def test_blocks_change_nothing(monkeypatch):
    X, T = waves(), waves(seed=1)
    detector = create("windowed_isolation_forest", random_state=0, window=12, stride=5).fit(X)
    whole = detector.score_samples(T)
    monkeypatch.setattr(windowed, "BLOCK_VALUES", 100)
    np.testing.assert_array_equal(detector.score_samples(T), whole)


def test_a_detector_is_named_or_described():
    X = waves()
    by_name = create("windowed", detector="knn", detector_params={"n_neighbors": 3}).fit(X)
    described = {"name": "classical/knn", "params": {"n_neighbors": 3}}
    by_mapping = create("windowed", detector=described).fit(X)
    assert by_name.detector_.get_params()["n_neighbors"] == 3
    np.testing.assert_array_equal(by_name.training_scores_, by_mapping.training_scores_)


def test_the_seed_reaches_the_detector():
    X = waves()
    scores = [
        create("windowed_isolation_forest", random_state=seed).fit(X).training_scores_
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])


def test_the_window_is_the_dominant_period_unless_given():
    assert create("windowed_pca").fit(waves()).window_ == 20
    assert create("windowed_pca", window=9).fit(waves()).window_ == 9


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"detector": "matrix_profile"}, ParameterError, "matrix_profile takes timeseries data"),
        ({"detector": "windowed_knn"}, ParameterError, "windowed_knn takes timeseries data"),
        (
            {"detector": {"nam": "knn"}},
            ParameterError,
            "a detector is given by its name or by a mapping",
        ),
        ({"detector": "knnn"}, UnknownNameError, "did you mean knn"),
        ({"window": 5, "stride": 6}, ParameterError, "stride=6 is longer than the window of 5"),
        ({"detector_params": {"x": 1}}, ParameterError, "isolation_forest has no parameter 'x'"),
        ({"window": 300}, InputError, "has 300 time steps, but windows of 300 need at least 301"),
    ],
)
def test_what_cannot_work_is_refused_in_words(arguments, error, message):
    with pytest.raises(error, match=message):
        create("windowed", **arguments).fit(waves())
