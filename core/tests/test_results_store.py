"""A folder of runs: whole files or none, damage named, one claim a run."""

import errno
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from ad_core.errors import ResultsError
from ad_core.results import ErrorInfo, Plugin, Record, RunStore, Scores, Status, read_records

KEY = "a" * 64


@pytest.fixture
def record():
    return Record(
        key=KEY,
        status=Status.OK,
        protocol="holdout/2",
        dataset="wine",
        dataset_sha256="b" * 64,
        model="knn",
        detector="classical/knn",
        plugin=Plugin(name="classical", distribution="ad-classical", version="0.1.0"),
        params={},
        seed=0,
        data_seed=1,
        repetition=0,
        fit_time=0.1,
        score_time=0.2,
        started_at="2026-01-01T00:00:00+00:00",
        finished_at="2026-01-01T00:00:01+00:00",
        hardware="a machine",
    )


@pytest.fixture
def scores():
    return Scores(scores=np.array([0.1, 0.9]), y_true=np.array([0, 1], dtype=np.int8))


def files(folder):
    return sorted(path.name for path in Path(folder).iterdir() if path.name != ".locks")


def test_a_run_is_read_as_it_was_written(tmp_path, record, scores):
    store = RunStore(tmp_path / "new")
    written = store.write(record, scores)
    assert store.find(KEY) == written == read_records(tmp_path / "new")[0]
    read = store.scores(written)
    assert read.scores.tolist() == [0.1, 0.9]
    assert read.y_true.tolist() == [0, 1]
    assert read.predictions is None
    assert files(store.folder) == [f"{KEY}.json", f"{KEY}.npz"]


def test_what_is_not_there_is_none(tmp_path):
    assert RunStore(tmp_path).find(KEY) is None


def test_the_same_run_gives_the_same_bytes(tmp_path, record, scores):
    for name in ("a", "b"):
        RunStore(tmp_path / name).write(record, scores)
    for name in (f"{KEY}.json", f"{KEY}.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_full_disk_leaves_nothing_half_written(tmp_path, record, scores, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store = RunStore(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResultsError, match=r"cannot write .*json: No space left on device; choose"):
        store.write(record, scores)
    assert files(tmp_path) == []


def test_scores_are_there_before_their_record(tmp_path, record, scores, monkeypatch):
    replaced = []
    original = Path.replace

    def fail_on_record(self, target):
        replaced.append(Path(target).suffix)
        if Path(target).suffix == ".json":
            raise OSError(errno.EIO, "gone")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", fail_on_record)
    with pytest.raises(ResultsError, match="gone"):
        RunStore(tmp_path).write(record, scores)
    assert replaced == [".npz", ".json"]
    assert files(tmp_path) == [f"{KEY}.npz"]


def test_a_run_that_is_replaced_never_stands_beside_other_scores(
    tmp_path, record, scores, monkeypatch
):
    store = RunStore(tmp_path)
    store.write(record, scores)
    original = Path.replace

    def fail_on_record(self, target):
        if Path(target).suffix == ".json":
            raise OSError(errno.EIO, "gone")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", fail_on_record)
    with pytest.raises(ResultsError, match="gone"):
        store.write(record, scores)  # the same scores: the record is still right
    assert store.scores(store.find(KEY)).scores.tolist() == [0.1, 0.9]
    with pytest.raises(ResultsError, match="gone"):
        store.write(record, evolve(scores, scores=np.array([0.2, 0.3])))
    assert store.find(KEY) is None


def test_a_run_that_fails_the_second_time_leaves_no_scores(tmp_path, record, scores):
    store = RunStore(tmp_path)
    store.write(record, scores)
    failure = ErrorInfo(type="RuntimeError", message="no luck")
    store.write(evolve(record, status=Status.ERROR, error=failure))
    assert files(tmp_path) == [f"{KEY}.json"]


# These tests may run as root, whom no permission stops: the folder is put below
# a regular file, and a read-only one is acted by the operating system's own error.
def test_a_folder_that_cannot_be_made_is_named(tmp_path, record, scores):
    (tmp_path / "file").write_text("")
    store = RunStore(tmp_path / "file" / "results")
    with pytest.raises(
        ResultsError, match="cannot write .*results: Not a directory; choose another"
    ):
        store.prepare()
    with pytest.raises(ResultsError, match="cannot write .*json: Not a directory; choose another"):
        store.write(record, scores)


def test_a_read_only_folder_is_named_before_anything_runs(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(
        ResultsError, match="cannot write .*: Read-only file system; choose another"
    ):
        RunStore(tmp_path / "results").prepare()


def test_prepare_leaves_nothing_behind(tmp_path):
    RunStore(tmp_path).prepare()
    assert files(tmp_path) == []
    assert list((tmp_path / ".locks").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"key": ', "is damaged (.*); delete it and run the benchmark again"),
        ("", "is damaged (.*); delete it and run the benchmark again"),
        ("[]", r"is not a valid run record: the whole: \[\] is not of type 'object'"),
        ("{}", "is not a valid run record: the whole: '.schema' is a required property"),
    ],
)
def test_a_damaged_record_is_named_with_its_remedy(tmp_path, text, message):
    (tmp_path / f"{KEY}.json").write_text(text)
    with pytest.raises(ResultsError, match=f"{KEY}.json {message}"):
        RunStore(tmp_path).find(KEY)


def test_a_renamed_record_is_noticed(tmp_path, record):
    store = RunStore(tmp_path)
    store.write(evolve(record, scores_sha256="d" * 64))
    (tmp_path / f"{KEY}.json").rename(tmp_path / f"{'e' * 64}.json")
    with pytest.raises(ResultsError, match=f"has the key {KEY}; restore its file name"):
        store.records()


def test_damaged_or_missing_scores_are_named(tmp_path, record, scores):
    store = RunStore(tmp_path)
    written = store.write(record, scores)
    path = tmp_path / f"{KEY}.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ResultsError, match=r"npz are damaged; delete it and a+\.json, and run"):
        store.scores(written)
    path.unlink()
    with pytest.raises(ResultsError, match="cannot read the scores .*: No such file or directory"):
        store.scores(written)


def test_a_failed_run_has_no_scores(tmp_path, record):
    error = ErrorInfo(type="E", message="m")
    store = RunStore(tmp_path)
    failed = store.write(evolve(record, status=Status.TIMEOUT, error=error))
    with pytest.raises(ResultsError, match=f"run {KEY} has no scores: its status is timeout"):
        store.scores(failed)


def test_a_record_that_breaks_the_schema_is_not_written(tmp_path, record):
    with pytest.raises(ResultsError, match="is not a valid run record: seed: -1 is less"):
        RunStore(tmp_path).write(evolve(record, seed=-1, scores_sha256="d" * 64))
    assert files(tmp_path) == []


def test_folders_without_records_are_named(tmp_path):
    with pytest.raises(
        ResultsError, match="holds no run records; make some with: ad benchmark FILE"
    ):
        read_records(tmp_path)
    with pytest.raises(ResultsError, match="cannot read the results folder .*: No such file"):
        read_records(tmp_path / "none")


def test_a_claim_excludes_other_processes_and_dies_with_its_holder(tmp_path):
    holder = textwrap.dedent(f"""
        import time
        from ad_core.results import RunStore
        with RunStore({str(tmp_path)!r}).claim({KEY!r}, wait=False) as got:
            print(got, flush=True)
            time.sleep(60)
        """)
    store = RunStore(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "True\n"
        with store.claim(KEY, wait=False) as got:
            assert not got
        with store.claim("f" * 64, wait=False) as got:
            assert got
        child.kill()
    with store.claim(KEY, wait=True) as got:
        assert got


def test_records_are_readable_json(tmp_path, record, scores):
    RunStore(tmp_path).write(record, scores)
    assert json.loads((tmp_path / f"{KEY}.json").read_text())["dataset"] == "wine"
