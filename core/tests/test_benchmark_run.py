"""Planning and executing: seeds, keys, statuses, resuming, pools."""

import sys
from importlib.metadata import distributions, entry_points

import pytest
from attrs import evolve

from ad_core.benchmark import (
    BenchmarkFinished,
    BenchmarkStarted,
    DetectorEntry,
    Experiment,
    JoblibExecutor,
    Policy,
    ReadingDataset,
    RunElsewhere,
    RunFinished,
    RunStarted,
    SequentialExecutor,
    data_seed,
    get_protocol,
    make_executor,
    perform,
    plan,
    run,
)
from ad_core.benchmark._execute import failed, now
from ad_core.benchmark._executors import ThreadExecutor, WorkerLostError
from ad_core.data import load_parts
from ad_core.errors import ConfigError, ResultsError
from ad_core.hookspecs import hookimpl
from ad_core.load import build
from ad_core.metrics import roc_auc
from ad_core.registry import Registry
from ad_core.results import ErrorInfo, Isolation, Limits, RunStore, Status

FUTURE = "2999-01-01T00:00:00.000000+00:00"

DETECTORS = '''
import os

import numpy as np

from ad_core.detector import BaseDetector


class Center(BaseDetector):
    """Distance from the mean."""

    def _fit(self, X, y):
        assert y is None
        self.center_ = X.mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)


class Taught(BaseDetector):
    """Distance from the mean of the normal rows."""

    _needs_labels = True

    def _fit(self, X, y):
        self.center_ = X[y == 0].mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.center_, axis=1)


class Raises(Center):
    """Raises."""

    def _fit(self, X, y):
        raise ZeroDivisionError("on purpose")


class Nan(Center):
    """Returns NaN for unseen rows."""

    def _training_scores(self, X):
        return np.zeros(len(X))

    def _score(self, X):
        return np.full(len(X), np.nan)


class Hungry(Center):
    """Runs out of memory."""

    def _fit(self, X, y):
        raise MemoryError("1 TiB")


class Dies(Center):
    """Ends its process."""

    def _fit(self, X, y):
        os._exit(3)


class Stopped(Center):
    """Is interrupted by hand."""

    def _fit(self, X, y):
        raise KeyboardInterrupt


def lost(spec, seed):
    from ad_core.errors import DownloadError

    raise DownloadError("no network")


def unlabelled(spec, seed):
    return np.random.default_rng(seed).normal(size=(50, 2)), None


def one_class(spec, seed):
    return np.random.default_rng(seed).normal(size=(50, 2)), np.zeros(50)
'''

PLUGIN = """
from ad_core.hookspecs import hookimpl
from ad_core.spec import DatasetSpec, DetectorSpec


def detector(name, target, **more):
    return DetectorSpec(
        name=name, target=f"bench_detectors:{target}", summary="For a test", family="rule", **more
    )


def dataset(name):
    return DatasetSpec(
        name=name,
        target=f"bench_detectors:{name}",
        summary="For a test",
        construction="",
        citation="nobody",
        licence="MIT",
    )


@hookimpl
def ad_detectors():
    return [
        detector("center", "Center"),
        detector("taught", "Taught", learning="supervised", capabilities=("supervised",)),
        detector("raises", "Raises"),
        detector("nan", "Nan"),
        detector("hungry", "Hungry"),
        detector("dies", "Dies"),
        detector("stopped", "Stopped"),
        detector("needy", "Center", modules=("nowhere_at_all",), extra="nowhere"),
        detector("broken", "Nobody"),
        detector("for_images", "Center", data=("image",)),
    ]


@hookimpl
def ad_datasets():
    return [dataset("lost"), dataset("unlabelled"), dataset("one_class")]
"""


@pytest.fixture
def registry(site, monkeypatch):
    site.add("bench", PLUGIN, bench_detectors=DETECTORS)
    monkeypatch.syspath_prepend(site.path)
    points = [
        point for found in distributions(path=[str(site.path)]) for point in found.entry_points
    ]
    yield Registry([*entry_points(group="ad.plugins", name="core"), *points])
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


class Observer:
    def __init__(self):
        self.events = []

    @hookimpl
    def ad_event(self, event):
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def experiment(*detectors, datasets=("wine",), seeds=(0,), **more):
    entries = tuple(
        one if isinstance(one, DetectorEntry) else DetectorEntry(name=one) for one in detectors
    )
    more.setdefault("isolation", Isolation.NONE)  # what costs nothing; isolation has its own tests
    return Experiment(datasets=tuple(datasets), detectors=entries, seeds=seeds, **more)


def by_model(store):
    return {record.model: record for record in store.records()}


def test_a_plan_is_every_detector_on_every_data_set_with_every_seed(registry):
    planned = plan(
        experiment("random", "constant", datasets=["wine", "iris/*"], seeds=(0, 5)), registry
    )
    assert len(planned.tasks) == 2 * 4 * 2
    assert len({task.key for task in planned.tasks}) == 16
    assert [task.repetition for task in planned.tasks[:4]] == [0, 0, 1, 1]


def test_all_detectors_share_a_split_and_a_seed_of_their_own(registry):
    planned = plan(
        experiment("random", "constant", datasets=["wine", "iris/setosa"], seeds=(3,)), registry
    )
    seeds = {(task.dataset, task.data_seed) for task in planned.tasks}
    assert seeds == {(name, data_seed(f"core/{name}", 3)) for name in ("wine", "iris/setosa")}
    assert len({seed for _, seed in seeds} | {3}) == 3
    assert {task.arguments.get("random_state") for task in planned.tasks} == {3, None}


def labels(planned, dataset):
    return [task.model for task in planned.tasks if task.dataset == dataset]


def test_null_baselines_are_added_for_kinds_of_data_that_have_none(registry):
    added = plan(experiment("center", baselines=True), registry)
    assert labels(added, "wine") == ["center", "constant", "random"]
    assert added.added == {"random", "constant"}
    named = plan(experiment("center", "constant", baselines=True), registry)
    assert labels(named, "wine") == ["center", "constant"]
    assert plan(experiment("center"), registry).added == frozenset()


def test_an_added_null_baseline_gives_way_to_a_label(registry):
    entry = DetectorEntry(name="center", label="random")
    planned = plan(experiment(entry, baselines=True), registry)
    assert labels(planned, "wine") == ["random", "constant", "core/random"]


def test_null_baselines_alone_do_not_make_a_plan(registry):
    with pytest.raises(ConfigError, match="none of the detectors takes the kind of data"):
        plan(experiment("for_images", baselines=True), registry)


def test_planning_twice_gives_the_same_keys_and_settings_change_them(registry):
    def key(*detectors, **more):
        return plan(experiment(*detectors, **more), registry).tasks[0].key

    assert key("random") == key("core/random")
    assert key("random") == key("random", metrics=("f1",), n_jobs=2)
    others = [
        key("random"),
        key("constant"),
        key("random", seeds=(1,)),
        key("random", datasets=["iris/setosa"]),
        key(DetectorEntry(name="random", params={"contamination": 0.2})),
    ]
    assert len(set(others)) == 5


def test_observers_hear_of_each_data_set_before_it_is_read(registry):
    observer = Observer()
    with registry.observe(observer):
        plan(experiment("random", datasets=["wine", "lost"], seeds=(0, 1)), registry)
    events = observer.of(ReadingDataset)
    assert [(event.dataset, event.seed) for event in events] == [
        ("wine", 0), ("wine", 1), ("lost", 0), ("lost", 1),
    ]  # fmt: skip
    assert [(event.place, event.n_total) for event in events] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_task_knows_the_size_of_its_data(registry):
    wine, lost = plan(experiment("random", datasets=["wine", "lost"]), registry).tasks
    assert (wine.size, lost.size) == (sum(p.X.size for p in load_parts(wine.dataset_spec)), None)


def test_a_change_of_the_detectors_code_changes_the_key(registry, site):
    before = plan(experiment("center"), registry).tasks[0].key
    source = site.path / "bench_detectors.py"
    source.write_text(source.read_text() + "\n# changed\n")
    assert plan(experiment("center"), registry).tasks[0].key != before


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            experiment("randon"),
            "key detectors.0.: no detector is called 'randon'; did you mean random",
        ),
        (experiment("random", datasets=["wino"]), "key datasets.0.: no data set is called 'wino'"),
        (experiment("random", metrics=("auk",)), "key metrics.0.: no metric is called 'auk'"),
        (
            experiment(DetectorEntry(name="random", params={"k": 1})),
            "key detectors.0..params: random has no parameter 'k'",
        ),
        (
            experiment(DetectorEntry(name="random", params={"random_state": 1})),
            "key detectors.0..params: random_state is set from the seeds; leave it out",
        ),
        (
            experiment(DetectorEntry(name="constant", params={"contamination": 2})),
            "key detectors.0..params: constant: contamination must be a number > 0 and <= 0.5, got 2",
        ),
        (
            experiment("random", DetectorEntry(name="random", params={"contamination": 0.2})),
            "key detectors.1.: the label 'random' stands for two detectors; give one a label",
        ),
        (
            experiment(DetectorEntry(name="*an*", label="x")),
            r"key detectors.0..label: '\*an\*' selects \d detectors, so they cannot share a label",
        ),
        (experiment("for_images"), "key detectors: none of the detectors takes the kind of data"),
    ],
)
def test_a_plan_that_cannot_be_is_an_error_with_its_key(registry, wanted, message):
    with pytest.raises(ConfigError, match=message):
        plan(wanted, registry)


@pytest.mark.parametrize("name", ["center", "random"])
def test_a_record_can_be_done_again_by_hand(registry, store, name):
    run(plan(experiment(name, seeds=(4,)), registry), store, registry=registry)
    (record,) = store.records()
    wine = registry.datasets.get("wine").spec
    train, test = get_protocol(record.protocol).parts(wine, record.data_seed)
    seeded = {"random_state": record.seed} if name == "random" else {}
    detector = build(registry.detectors.get(name).spec, {**record.params, **seeded}).fit(train.X)
    assert record.metrics["roc_auc"] == roc_auc(test.y, detector.score_samples(test.X))
    assert record.threshold == detector.decision_threshold
    assert (record.n_train, record.n_test) == (len(train.X), len(test.X))
    assert record.prevalence == test.y.mean()
    assert record.time_per_1000 == pytest.approx(1000 * record.score_time / record.n_test)
    assert record.peak_memory >= 0
    assert {"python", "ad-core", "numpy"} <= {*record.versions}
    assert store.scores(record).y_true.tolist() == test.y.tolist()


def test_whatever_goes_wrong_is_a_record_and_the_rest_goes_on(registry, store):
    names = ("center", "taught", "raises", "nan", "hungry", "needy", "broken")
    summary = run(plan(experiment(*names), registry), store, registry=registry)
    records = by_model(store)
    assert {name: str(records[name].status) for name in names} == {
        "center": "ok",
        "taught": "ok",
        "raises": "error",
        "nan": "invalid_scores",
        "hungry": "oom",
        "needy": "skipped",
        "broken": "error",
    }
    assert summary.by_status == {"error": 2, "invalid_scores": 1, "ok": 2, "oom": 1, "skipped": 1}
    assert (summary.n_done, summary.n_failed, summary.interrupted) == (7, 5, False)
    assert "ZeroDivisionError: on purpose" in records["raises"].error.message
    assert "Traceback" in records["raises"].error.traceback
    assert records["needy"].error.message == "needy needs nowhere_at_all: pip install 'nowhere'"
    assert records["broken"].error.type == "TargetError"


def test_data_that_cannot_be_had_are_failed_runs(registry, store):
    run(plan(experiment("center", datasets=["lost", "wine"]), registry), store, registry=registry)
    lost, wine = sorted(store.records(), key=lambda record: record.dataset)
    assert (lost.status, lost.error.message) == (Status.ERROR, "no network")
    assert lost.dataset_sha256 is None
    assert wine.ok


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("unlabelled", "the data set has no labels"),
        ("one_class", "the labels hold normal samples only"),
    ],
)
def test_metrics_without_two_classes_are_null_with_a_reason(registry, store, name, reason):
    run(plan(experiment("center", datasets=[name]), registry), store, registry=registry)
    (record,) = store.records()
    assert record.ok
    assert {*record.metrics.values()} == {None}
    assert {*record.reasons.values()} == {reason}


@pytest.mark.parametrize("executor", [SequentialExecutor(), JoblibExecutor(2)])
def test_a_second_run_computes_nothing(registry, store, executor, monkeypatch):
    planned = plan(experiment("random", "center", datasets=["wine", "iris/*"]), registry)
    first = run(planned, store, executor, registry=registry)
    before = {path.name: path.stat().st_mtime_ns for path in store.folder.glob("[!.]*")}
    assert (first.n_reused, first.by_status) == (0, {"ok": 8})
    monkeypatch.setattr("ad_core.benchmark._run.conduct", None)
    second = run(planned, store, registry=registry)
    assert (second.n_reused, second.by_status) == (8, {"ok": 8})
    assert before == {path.name: path.stat().st_mtime_ns for path in store.folder.glob("[!.]*")}


def test_a_pool_gives_the_scores_of_one_process(registry, tmp_path):
    planned = plan(experiment("random", "center", "raises", datasets=["wine", "iris/*"]), registry)
    one, two = RunStore(tmp_path / "one"), RunStore(tmp_path / "two")
    run(planned, one, SequentialExecutor(), registry=registry)
    run(planned, two, JoblibExecutor(2), registry=registry)
    assert [r.scores_sha256 for r in one.records()] == [r.scores_sha256 for r in two.records()]
    assert [r.metrics for r in one.records()] == [r.metrics for r in two.records()]
    assert [r.status for r in one.records()] == [r.status for r in two.records()]


FAILING = {"raises": "error", "nan": "invalid_scores", "hungry": "oom", "needy": "skipped"}


@pytest.mark.parametrize(
    ("policy", "again"),
    [
        (Policy(), {"needy"}),
        (Policy(retry=[Status.ERROR]), {"needy", "raises"}),
        (Policy(retry=[Status.OOM, Status.INVALID_SCORES]), {"needy", "hungry", "nan"}),
        (Policy(force=True), {"needy", "raises", "hungry", "nan", "center"}),
    ],
)
def test_what_failed_of_itself_is_kept_unless_it_is_asked_for(registry, store, policy, again):
    planned = plan(experiment("center", *FAILING), registry)
    run(planned, store, registry=registry)
    first = by_model(store)
    summary = run(planned, store, policy=policy, registry=registry)
    later = {
        name for name, one in by_model(store).items() if one.started_at > first[name].started_at
    }
    assert later == again
    assert (summary.n_reused, summary.n_computed) == (5 - len(again), len(again))
    assert {*summary.kept} == {FAILING[name] for name in {*FAILING} - again}
    assert summary.by_status == dict.fromkeys(sorted(["ok", *FAILING.values()]), 1)


@pytest.mark.parametrize("status", Status)
def test_circumstances_are_tried_again_and_a_detectors_failure_is_not(registry, store, status):
    planned = plan(experiment("center"), registry)
    run(planned, store, registry=registry)
    record = evolve(store.records()[0], status=status)
    kept = Policy().keeps(record, planned.tasks[0], None)
    assert kept == (status not in ("crash", "interrupted", "skipped"))
    assert Policy(retry=[status]).keeps(record, planned.tasks[0], None) == (status == "ok")


def test_a_failure_is_tried_again_when_the_code_has_changed(registry, store, site):
    run(plan(experiment("raises"), registry), store, registry=registry)
    source = site.path / "bench_detectors.py"
    source.write_text(source.read_text() + "\n# mended\n")
    summary = run(plan(experiment("raises"), registry), store, registry=registry)
    assert (summary.n_computed, summary.kept) == (1, {})


def test_data_that_could_not_be_had_are_asked_for_each_time(registry, store):
    planned = plan(experiment("center", datasets=["lost"]), registry)
    for _ in range(2):
        summary = run(planned, store, registry=registry)
        assert (summary.n_computed, summary.by_status, summary.kept) == (1, {"error": 1}, {})


def test_a_forced_run_that_another_process_has_just_done_is_not_done_again(registry, store):
    planned = plan(experiment("center"), registry)
    run(planned, store, registry=registry)
    (old,) = store.records()
    (task,) = planned.tasks
    stale = evolve(task, superseded=old.finished_at)
    first = perform(stale, store)
    second = perform(stale, store)  # as a second driver that began with the first
    assert (first.reused, second.reused) == (False, True)
    assert second.record == first.record
    assert first.record.finished_at != old.finished_at


def test_what_another_process_was_stopped_at_is_done(registry, store):
    planned = plan(experiment("center"), registry)
    (task,) = planned.tasks
    by_hand = ErrorInfo(type="KeyboardInterrupt", message="stopped by hand")
    store.write(failed(task, Status.INTERRUPTED, by_hand, now()).record)
    outcome = perform(task, store)
    assert (outcome.reused, outcome.record.status) == (False, "ok")


@pytest.mark.parametrize("executor", [SequentialExecutor(), ThreadExecutor(2)])
@pytest.mark.parametrize("leaves", ["a record", "nothing"])
def test_a_run_that_another_process_holds_is_waited_for(
    registry, store, tmp_path, monkeypatch, leaves, executor
):
    planned = plan(experiment("center", "random"), registry)
    other, observer = RunStore(tmp_path / "other"), Observer()
    run(planned, other, registry=registry)
    store.prepare()
    held = planned.tasks[0].key
    claim = store.claim(held, wait=False)
    claim.__enter__()

    def let_go(_seconds):
        if leaves == "a record":
            store.write(other.find(held), other.scores(other.find(held)))
        claim.__exit__(None, None, None)

    monkeypatch.setattr("ad_core.benchmark._run.sleep", let_go)
    with registry.observe(observer):
        summary = run(planned, store, executor, registry=registry)
    assert [event.key for event in observer.of(RunElsewhere)] == [held]
    assert observer.of(RunFinished)[-1].record.key == held
    assert summary.by_status == {"ok": 2}
    assert (summary.n_computed, summary.n_elsewhere) == ((1, 1) if leaves == "a record" else (2, 0))


def test_ctrl_c_while_another_process_is_waited_for_ends_at_once(registry, store, monkeypatch):
    def stop(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("ad_core.benchmark._run.sleep", stop)
    planned = plan(experiment("center", "random"), registry)
    store.prepare()
    with store.claim(planned.tasks[0].key, wait=False):
        summary = run(planned, store, registry=registry)
    assert summary.interrupted
    assert summary.by_status == {"ok": 1}


LIMITED = Limits(timeout=60.0, memory=10**9)


@pytest.mark.parametrize(
    ("status", "limits", "kept"),
    [
        ("timeout", LIMITED, True),
        ("timeout", evolve(LIMITED, timeout=5.0), True),
        ("timeout", evolve(LIMITED, timeout=600.0), False),
        ("timeout", evolve(LIMITED, timeout=None), False),
        ("timeout", evolve(LIMITED, memory=10**12), True),
        ("timeout", None, False),
        ("oom", LIMITED, True),
        ("oom", evolve(LIMITED, memory=10**12), False),
        ("oom", evolve(LIMITED, timeout=600.0), True),
        ("oom", None, False),
        ("error", None, True),
    ],
)
def test_a_limit_that_was_raised_is_a_reason_to_try_again(registry, store, status, limits, kept):
    planned = plan(experiment("center"), registry)
    run(planned, store, registry=registry)
    record = evolve(store.records()[0], status=Status(status), limits=LIMITED)
    assert Policy().keeps(record, planned.tasks[0], limits) == kept


def test_a_machine_without_memory_is_no_limit_that_was_raised(registry, store):
    planned = plan(experiment("hungry"), registry)
    run(planned, store, registry=registry)
    assert run(planned, store, registry=registry).kept == {"oom": 1}


def test_a_clock_that_goes_backwards_computes_nothing_twice(registry, store):
    planned = plan(experiment("center", "raises"), registry)
    run(planned, store, registry=registry)
    for record in store.records():
        store.write(evolve(record, started_at=FUTURE, finished_at=FUTURE))
    assert run(planned, store, registry=registry).n_computed == 0
    assert run(planned, store, policy=Policy(force=True), registry=registry).n_computed == 2
    assert FUTURE not in {record.finished_at for record in store.records()}


def test_a_new_metric_comes_from_the_kept_scores(registry, store, monkeypatch):
    run(plan(experiment("center", metrics=("roc_auc",)), registry), store, registry=registry)
    monkeypatch.setattr("ad_core.benchmark._run.conduct", None)
    both = plan(experiment("center", metrics=("roc_auc", "f1_fit")), registry)
    assert run(both, store, registry=registry).n_reused == 1
    (record,) = store.records()
    assert record.metrics["f1_fit"] is not None
    assert store.scores(record).scores.shape == (record.n_test,)


def test_observers_hear_of_everything(registry, store):
    observer = Observer()
    planned = plan(experiment("center", "raises"), registry)
    with registry.observe(observer):
        summary = run(planned, store, registry=registry)
    assert [type(event) for event in observer.events] == [
        BenchmarkStarted, RunStarted, RunFinished, RunStarted, RunFinished, BenchmarkFinished,
    ]  # fmt: skip
    assert observer.of(BenchmarkStarted)[0].n_planned == 2
    assert [event.key for event in observer.of(RunStarted)] == [task.key for task in planned.tasks]
    assert [event.record.status for event in observer.of(RunFinished)] == ["ok", "error"]
    assert observer.of(BenchmarkFinished)[0].summary == summary


def test_ctrl_c_keeps_what_is_done_and_says_so(registry, store):
    observer = Observer()
    planned = plan(experiment("center", "stopped", "random"), registry)
    with registry.observe(observer):
        summary = run(planned, store, registry=registry)
    assert summary.interrupted
    assert summary.by_status == {"ok": 1}
    assert {name: str(one.status) for name, one in by_model(store).items()} == {
        "center": "ok",
        "stopped": "interrupted",
    }
    assert by_model(store)["stopped"].error.message == "stopped by hand"
    assert observer.of(BenchmarkFinished)[0].summary.interrupted


def test_a_worker_that_dies_is_an_error_that_keeps_what_is_done(registry, store):
    observer = Observer()
    finished = run(plan(experiment("center"), registry), store, registry=registry)
    planned = plan(experiment("center", "dies", datasets=["wine", "iris/*"]), registry)
    with (
        registry.observe(observer),
        pytest.raises(WorkerLostError, match="a worker process died, .*; finished runs are kept: "),
    ):
        run(planned, store, JoblibExecutor(2), registry=registry)
    records = store.records()
    assert len(records) >= finished.n_done >= 1
    assert all(record.ok for record in records)
    assert observer.of(BenchmarkFinished)


def test_a_damaged_record_stops_before_anything_runs(registry, store):
    planned = plan(experiment("center"), registry)
    store.folder.mkdir()
    (store.folder / f"{planned.tasks[0].key}.json").write_text("{")
    with pytest.raises(ResultsError, match="is damaged .*; delete it and run the benchmark again"):
        run(planned, store, registry=registry)


def test_a_folder_that_cannot_be_written_stops_before_anything_runs(
    registry, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("ad_core.benchmark._run.conduct", None)
    with pytest.raises(
        ResultsError, match="cannot write .*: Not a directory; choose another output"
    ):
        run(
            plan(experiment("center"), registry),
            RunStore(tmp_path / "file" / "runs"),
            registry=registry,
        )


def test_number_of_jobs_chooses_the_executor():
    assert make_executor(1) == SequentialExecutor()
    assert make_executor(-1) == JoblibExecutor(-1)


def test_a_label_is_what_tables_show(registry, store):
    entry = DetectorEntry(name="random", label="dice")
    run(plan(experiment(entry, "random"), registry), store, registry=registry)
    assert {*by_model(store)} == {"dice", "random"}
    assert {record.detector for record in store.records()} == {"core/random"}
