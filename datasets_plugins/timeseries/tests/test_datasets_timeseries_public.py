"""The public series: names, sizes and published facts; values where a mirror is at hand."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from ad_core.data import MIRROR_VARIABLE, fetch_file, find_file, load_dataset, needed_files
from ad_core.errors import DatasetError, DownloadError, IntegrityError
from ad_core.registry import get_registry
from ad_core.spec import DataKind
from ad_datasets_timeseries import loaders

SPECS = {
    entry.spec.name: entry.spec
    for entry in get_registry().datasets
    if entry.distribution == "ad-datasets-timeseries" and not entry.spec.synthetic
}
COUNTS = {"nab": 58, "skab": 31, "smap": 40, "msl": 20, "smd": 2, "asd": 8}
needs_mirror = pytest.mark.skipif(
    not os.environ.get(MIRROR_VARIABLE), reason=f"{MIRROR_VARIABLE} names no folder of data files"
)


def names(group):
    return [name for name in SPECS if name.startswith(f"{group}/")]


@pytest.mark.parametrize("group", COUNTS)
def test_every_series_of_a_collection_is_listed(group):
    assert len(names(group)) == COUNTS[group]


def test_the_names_that_people_know_are_there():
    known = {
        "nab/realKnownCause/machine_temperature_system_failure",
        "nab/realTweets/Twitter_volume_AAPL",
        "smd/machine-1-6",
        "smap/P-3",
        "msl/M-6",
        "asd/omi-1",
        "skab/valve1/0",
        "skab/anomaly-free",
    }
    assert known <= {*SPECS}


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_says_where_its_files_come_from(name):
    spec = SPECS[name]
    assert spec.data is DataKind.TIMESERIES
    assert spec.licence
    assert spec.homepage.startswith("https://github.com/")
    assert "19" in spec.citation or "20" in spec.citation
    for file in spec.files:
        assert file.url.startswith("https://raw.githubusercontent.com/")
        assert len(file.url.split("/")[5]) == 40  # a commit, not a branch
        assert file.size > 0


def test_listing_the_data_sets_imports_no_numpy():
    code = (
        "import sys; from ad_core.registry import get_registry\n"
        "assert len(list(get_registry().datasets)) > 150\n"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_probationary_period_is_that_of_nab():
    assert [loaders.probation(n) for n in (1000, 5000, 22695)] == [150, 750, 750]


@needs_mirror
@pytest.mark.parametrize("name", SPECS)
def test_a_series_has_the_stated_size_and_every_anomaly_in_one_of_its_parts(name):
    if name == "skab/anomaly-free":
        parts = [load_dataset(name, "train"), load_dataset(name, "test")]
    else:
        parts = [load_dataset(name, split) for split in ("train", "test")]
    spec = SPECS[name]
    assert sum(part.n_samples for part in parts) == spec.n_samples
    assert {part.n_features for part in parts} == {spec.n_features}
    assert sum(part.n_anomalies or 0 for part in parts) == spec.n_anomalies
    assert np.isfinite(parts[0].X).all()
    assert np.isfinite(parts[1].X).all()


@needs_mirror
def test_nab_has_116_windows_and_none_begins_in_a_probationary_period():
    """Lavin and Ahmad (2015); the benchmark scores 116 windows in 58 files."""
    windows = json.loads(fetch_file(SPECS[names("nab")[0]].files[1]).read_text())
    assert len(windows) == 58
    assert sum(map(len, windows.values())) == 116
    for name in names("nab"):
        train, test = (load_dataset(name, split) for split in ("train", "test"))
        assert train.n_anomalies == 0
        assert len(train.X) == loaders.probation(SPECS[name].n_samples)
        begins = np.flatnonzero(np.diff(np.r_[0, test.y]) == 1)
        assert len(begins) <= len(windows[f"{name.removeprefix('nab/')}.csv"])


@needs_mirror
def test_a_nab_step_is_an_anomaly_exactly_inside_a_window():
    name = "nab/realKnownCause/machine_temperature_system_failure"
    data = load_dataset(name, "all")
    assert data.X[0, 0] == pytest.approx(73.96732207)
    file, windows = (fetch_file(remote) for remote in SPECS[name].files)
    times = [line.split(",")[0] for line in file.read_text().splitlines()[1:]]
    listed = json.loads(windows.read_text())[f"{name.removeprefix('nab/')}.csv"]
    inside = [any(a[:19] <= time <= b[:19] for a, b in listed) for time in times]
    assert np.array_equal(data.y, inside)


@needs_mirror
def test_the_published_splits_have_labels_in_test_only():
    for name in ("smd/machine-1-6", "smap/P-3", "msl/M-6", "asd/omi-1"):
        assert load_dataset(name, "train").y is None
        assert load_dataset(name, "test").n_anomalies == SPECS[name].n_anomalies
    with pytest.raises(DatasetError, match="only one of its parts has labels"):
        load_dataset("smap/P-3", "all")


@needs_mirror
def test_a_damaged_conversion_is_named(tmp_path, monkeypatch):
    path = tmp_path / "asd" / "ASD.npz"
    path.parent.mkdir()
    path.write_bytes(b"not it")
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))
    with pytest.raises(IntegrityError, match=r"ASD.npz: expected 1392536 bytes, got 6; replace"):
        load_dataset("asd/omi-1", "test")


@needs_mirror
def test_with_a_converted_file_in_the_mirror_the_published_ones_are_not_needed(monkeypatch):
    spec = SPECS["smap/P-3"]
    assert needed_files(spec) == (spec.converted,)
    assert find_file(spec.converted) is not None
    monkeypatch.delenv(MIRROR_VARIABLE)
    assert needed_files(spec) == spec.files


@needs_mirror
def test_a_nab_series_is_read_from_the_cache_like_from_the_mirror(tmp_path, monkeypatch):
    name = "nab/artificialWithAnomaly/art_daily_jumpsup"
    mirrored = load_dataset(name, "all").sha256
    for file in SPECS[name].files:
        target = tmp_path / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(fetch_file(file), target)
    monkeypatch.delenv(MIRROR_VARIABLE)
    monkeypatch.setenv("AD_CACHE", str(tmp_path))
    assert load_dataset(name, "all").sha256 == mirrored


def test_without_a_copy_and_a_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.setenv("AD_CACHE", str(tmp_path))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=rf"cannot download https.*{MIRROR_VARIABLE}"):
        load_dataset("smap/P-3", "test")


def test_readers_of_arrays_refuse_foreign_classes(tmp_path):
    import pickle

    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps(np.arange(3.0, dtype=np.float32)))
    assert loaders._read_array(path).tolist() == [0.0, 1.0, 2.0]
    path.write_bytes(pickle.dumps(subprocess.Popen))
    with pytest.raises(pickle.UnpicklingError, match="subprocess.Popen is no part of an array"):
        loaders._read_array(path)


def test_a_channel_is_read_from_the_published_files(tmp_path):
    rng = np.random.default_rng(0)
    arrays = rng.normal(size=(30, 2)), rng.normal(size=(20, 2))
    paths = [tmp_path / "train.npy", tmp_path / "test.npy", tmp_path / "labels.csv"]
    np.save(paths[0], arrays[0])
    np.save(paths[1], arrays[1])
    paths[2].write_text(
        'chan_id,spacecraft,anomaly_sequences,class,num_values\nA-1,SMAP,"[[3, 5], [9, 9]]",[point],20\n'
    )
    train, test, y = loaders.read_telemanom(*paths, "A-1")
    assert np.flatnonzero(y).tolist() == [3, 4, 5, 9]
    np.testing.assert_array_equal(train, arrays[0].astype(np.float32))
    assert test.shape == (20, 2)
