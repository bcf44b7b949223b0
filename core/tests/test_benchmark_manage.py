"""``ad benchmark status``, ``reproduce`` and ``verify`` on sound and on damaged folders."""

import json
import shutil
from contextlib import ExitStack
from statistics import median

import numpy as np
import pytest
from attrs import evolve

from ad_core.benchmark import (
    DetectorEntry,
    Experiment,
    find_run,
    plan,
    planned_runs,
    progress,
    reproduce,
    run,
)
from ad_core.errors import ResultsError
from ad_core.results import ErrorInfo, Isolation, RunStore, Scores, Status, timing, verify

DETECTORS = (
    DetectorEntry(name="random", params={"contamination": 0.2}),
    DetectorEntry(name="constant", label="flat"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two detectors with two seeds."""
    store = RunStore(tmp_path_factory.mktemp("made") / "runs")
    wanted = Experiment(
        datasets=("wine",),
        detectors=DETECTORS,
        seeds=(0, 1),
        metrics=("roc_auc", "f1"),
        isolation=Isolation.NONE,
    )
    run(plan(wanted), store)
    return store


@pytest.fixture
def store(made, tmp_path):
    return RunStore(shutil.copytree(made.folder, tmp_path / "runs"))


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fail(store, record, message="no luck"):
    error = ErrorInfo(type="RuntimeError", message=message)
    blank = {"metrics": {}, "reasons": {}, "scores_sha256": None}
    return store.write(evolve(record, status=Status.ERROR, error=error, **blank))


def test_a_finished_benchmark_has_nothing_missing(store):
    found = progress(store, planned_runs(store))
    assert (found.n_planned, found.by_status, found.missing) == (4, {"ok": 4}, ())
    assert (found.running, found.left) == ((), 0)
    assert found.spent > 0


def test_missing_failed_and_running_runs_are_told_apart(store):
    gone, claimed, broken, _ = store.records()
    for one in (gone, claimed):
        (store.folder / f"{one.key}.json").unlink()
    fail(store, broken)
    with store.claim(claimed.key, wait=True):
        found = progress(store, planned_runs(store))
    assert [one.key for one in found.missing] == [gone.key]
    assert found.running == (claimed.key,)
    assert found.by_status == {"error": 1, "ok": 1}
    assert found.reasons == {"error": {"no luck": 1}}


def test_the_time_left_is_told_by_runs_of_the_same_model_only(store):
    first, *others = store.records()
    (store.folder / f"{first.key}.json").unlink()
    assert progress(store, planned_runs(store)).left > 0
    for one in others:
        if one.model == first.model:
            (store.folder / f"{one.key}.json").unlink()
    assert progress(store, planned_runs(store)).left is None


def test_the_time_left_is_shared_out_among_those_that_run(ad, store):
    lacking = store.records()
    known = progress(store, planned_runs(store)).spent
    for one in lacking:
        twin = evolve(one, key=one.key[::-1])  # tells how long runs take, and is not planned
        store.write(twin, store.scores(one))
        (store.folder / f"{one.key}.json").unlink()
    alone = progress(store, planned_runs(store)).left
    assert alone == pytest.approx(known)
    with ExitStack() as claims:
        for one in lacking[:2]:
            claims.enter_context(store.claim(one.key, wait=True))
        two = progress(store, planned_runs(store)).left
        shown = ad("benchmark", "status", str(store.folder)).out
        for one in lacking[2:]:
            claims.enter_context(store.claim(one.key, wait=True))
        four = progress(store, planned_runs(store)).left
    assert two == pytest.approx(alone / 2)
    assert "2 at a time, as now" in shown
    took = {model: [] for model in ("random", "flat")}
    for one in store.records():
        took[one.model].append(timing(one).seconds)
    assert four == pytest.approx(max(alone / 4, *map(median, took.values())))


def test_a_folder_without_configuration_says_what_its_records_say(ad, store):
    (store.folder / "config.json").unlink()
    result = ad("benchmark", "status", store.folder)
    assert result.status == 0
    assert "unknown, there is no config.json" in result.out


def test_status_of_a_file_and_of_a_folder_agree(ad, tmp_path):
    path, folder = tmp_path / "e.yaml", tmp_path / "runs"
    path.write_text("detectors: [random]\ndatasets: [wine]\nseeds: [0, 1]\n")
    ad("benchmark", path, "-o", folder, "--limit", "1")
    folder_says = json.loads(ad("benchmark", "status", folder, "--json").out)
    result = ad("benchmark", "status", path, "-o", folder, "--json")
    file_says = json.loads(result.out)
    assert result.status == 1
    assert file_says["n_planned"] > folder_says["n_planned"] == 1
    assert len(file_says["missing"]) == file_says["n_planned"] - 1


def test_status_groups_reasons(ad, store):
    for one in store.records()[:3]:
        fail(store, one, "no luck " * 40)
    result = ad("benchmark", "status", store.folder)
    assert result.status == 1
    assert "error: 3" in result.out
    assert "   3 × no luck" in result.out


def test_a_run_is_reproduced_bit_for_bit_and_nothing_is_changed(store):
    before = content(store.folder)
    for record in store.records():
        found = reproduce(store, record)
        assert found.same
        assert found.largest_difference == 0
        assert found.differences == {}
    assert content(store.folder) == before


def test_the_command_shows_a_difference_and_exits_with_1(ad, store):
    record = store.records()[0]
    kept = store.scores(record)
    changed = Scores(scores=kept.scores + 0.5, y_true=kept.y_true, predictions=kept.predictions)
    store.write(evolve(record, versions={**record.versions, "numpy": "0.1"}), changed)
    result = ad("benchmark", "reproduce", store.folder, record.key[:8])
    assert result.status == 1
    assert "different, at most by 0.5" in result.out
    assert "versions.numpy" in result.out
    found = json.loads(ad("benchmark", "reproduce", store.folder, record.key, "--json").out)
    assert found["largest_difference"] == pytest.approx(0.5)


def test_a_run_that_failed_is_tried_again(store):
    assert not reproduce(store, fail(store, store.records()[0])).same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"params": {"contamination": {"$text": "numpy.mean"}}},
            "the argument contamination: numpy",
        ),
        ({"params": {"unheard_of": 1}}, "has no parameter 'unheard_of'"),
        ({"detector": "gone/thing"}, "no detector is called 'gone/thing'"),
        ({"dataset": "gone"}, "no data set is called 'gone'"),
    ],
)
def test_what_cannot_be_done_again_says_why(store, change, message):
    record = evolve(store.records()[0], **change)
    with pytest.raises(ResultsError, match=f"cannot be done again: .*{message}"):
        reproduce(store, record)


def test_a_key_must_tell_one_run(store):
    assert find_run(store, store.records()[0].key[:16]) == store.records()[0]
    with pytest.raises(ResultsError, match="has a key that begins with 'zzz'"):
        find_run(store, "zzz")
    with pytest.raises(ResultsError, match=r"4 do: .*give more of it"):
        find_run(store, "")


def test_a_sound_folder_has_no_fault(ad, store):
    assert verify(store.folder) == []
    result = ad("benchmark", "verify", store.folder)
    assert (result.status, result.out) == (0, f"{store.folder} is sound: 4 records\n")


def broken_record(store, key):
    (store.folder / f"{key}.json").write_text("{")


def renamed_record(store, key):
    (store.folder / f"{key}.json").rename(store.folder / f"{'0' * 64}.json")
    (store.folder / f"{key}.npz").rename(store.folder / f"{'0' * 64}.npz")


def foreign_record(store, key):
    (store.folder / f"{key}.json").write_text("{}")


def cut_scores(store, key):
    path = store.folder / f"{key}.npz"
    path.write_bytes(path.read_bytes()[:-9])


def no_scores(store, key):
    (store.folder / f"{key}.npz").unlink()


def short_scores(store, key):
    store.write(store.find(key), Scores(scores=np.zeros(3)))


def orphan_scores(store, key):
    (store.folder / f"{key}.json").unlink()
    (store.folder / ".locks" / f"{key}.lock").unlink()


def half_written(store, key):
    (store.folder / f".{key}.json.x1y2.part").write_text("{")


def stale_lock(store, key):
    (store.folder / ".locks" / f"{'e' * 64}.lock").touch()


def bad_config(store, key):
    (store.folder / "config.json").write_text('{"schema_version": 1}')


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (broken_record, "is damaged"),
        (renamed_record, "has the key"),
        (foreign_record, "is not a valid run record"),
        (cut_scores, "are damaged"),
        (no_scores, "cannot read the scores"),
        (short_scores, "holds 3 scores"),
        (orphan_scores, "scores without a record"),
        (half_written, "left half-written"),
        (stale_lock, "a process that is gone"),
        (bad_config, "is not a valid configuration"),
    ],
)
def test_each_kind_of_damage_is_found_named_and_left_alone(ad, store, damage, message):
    damage(store, store.records()[0].key)
    before = content(store.folder)
    faults = json.loads((result := ad("benchmark", "verify", store.folder, "--json")).out)
    assert result.status == 1
    assert len([one for one in faults if message in one["fault"]]) == 1
    assert all(one["remedy"] and "; delete" not in one["fault"] for one in faults)
    assert ad("benchmark", "verify", store.folder).status == 1
    assert {*content(store.folder)} == {*before}


def test_what_a_live_process_is_writing_is_no_fault(store):
    key = "d" * 64
    (store.folder / f"{key}.npz").touch()
    (store.folder / f".{key}.json.x1y2.part").touch()
    with store.claim(key, wait=True):
        assert verify(store.folder) == []
    assert len(verify(store.folder)) == 3


@pytest.mark.parametrize("command", ["status", "verify", "reproduce"])
def test_no_folder_is_one_line(ad, tmp_path, command):
    more = ("abc",) if command == "reproduce" else ()
    result = ad("benchmark", command, tmp_path / "none", *more)
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
