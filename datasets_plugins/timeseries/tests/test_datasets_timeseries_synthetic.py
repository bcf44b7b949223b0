"""Synthetic series: what is planted is where the labels say, and nothing else differs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_core.data import load_dataset
from ad_core.errors import InputError, ParameterError
from ad_core.registry import get_registry
from ad_datasets_timeseries import Windows, sliding_windows

NAMES = [
    entry.spec.name
    for entry in get_registry().datasets
    if entry.distribution == "ad-datasets-timeseries" and entry.spec.synthetic
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 42])
def test_a_series_has_what_its_spec_states(name, seed):
    train, test = (load_dataset(name, split, seed) for split in ("train", "test"))
    whole = load_dataset(name, "all", seed)
    assert whole.X.shape == (whole.spec.n_samples, whole.spec.n_features)
    assert train.n_anomalies == 0
    assert test.n_anomalies == whole.spec.n_anomalies
    assert whole.sha256 == load_dataset(name, "all", seed).sha256
    assert whole.sha256 != load_dataset(name, "all", seed + 100).sha256


@pytest.mark.parametrize("name", NAMES)
def test_planted_stretches_do_not_touch(name):
    data = load_dataset(name, "all")
    begins = np.flatnonzero(np.diff(np.r_[0, data.y]) == 1)
    assert len(begins) == data.spec.params["count"]


def test_spikes_leave_the_range_and_discords_do_not():
    spikes, discords = (
        load_dataset("toy-series-spikes", "all"),
        load_dataset("toy-series-discords", "all"),
    )
    anomalous = spikes.y == 1
    steps = np.abs(np.diff(spikes.X[:, 0], prepend=spikes.X[0, 0]))
    assert steps[anomalous].min() > 0.8
    inside = discords.X[discords.y == 1, 0]
    assert inside.max() <= discords.X[discords.y == 0, 0].max() + 0.1
    assert np.polyfit(np.arange(50), inside[:50], 1)[0] < 0


def test_decoupled_channels_are_ordinary_one_by_one():
    data = load_dataset("toy-series-decoupled", "all")
    for channel in data.X.T:
        limits = channel[data.y == 0].min() - 0.2, channel[data.y == 0].max() + 0.2
        assert (channel[data.y == 1] > limits[0]).all()
        assert (channel[data.y == 1] < limits[1]).all()


@given(length=st.integers(1, 60), stride=st.integers(1, 70))
@settings(max_examples=30, deadline=None)
def test_windows_are_the_slices_of_the_series(length, stride):
    data = load_dataset("toy-series-decoupled", "test")
    windows = sliding_windows(data, length, stride)
    assert isinstance(windows, Windows)
    assert np.shares_memory(windows.X, data.X)
    assert not windows.X.flags.writeable
    for window, label, start in zip(windows.X, windows.y, windows.starts, strict=True):
        np.testing.assert_array_equal(window, data.X[start : start + length])
        assert label == data.y[start : start + length].max()


def test_windows_refuse_what_has_none():
    data = load_dataset("toy-series-spikes", "train")
    with pytest.raises(InputError, match="has 1000 time steps, fewer than one window of 1001"):
        sliding_windows(data, 1001)
    with pytest.raises(ParameterError, match="stride must be an integer >= 1, got 0"):
        sliding_windows(data, 10, 0)
    with pytest.raises(InputError, match="toy-blobs is tabular data; windows need a time series"):
        sliding_windows(load_dataset("toy-blobs"), 10)


def test_windows_of_an_unlabelled_series_have_no_labels():
    from attrs import evolve

    data = evolve(load_dataset("toy-series-spikes", "train"), y=None)
    assert sliding_windows(data, 10).y is None
