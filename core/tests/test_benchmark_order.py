"""The order of runs and the time left, from what earlier runs took."""

import json
from heapq import heappop, heappush
from itertools import compress, product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ad_core.benchmark import (
    DetectorEntry,
    Durations,
    Experiment,
    Forecast,
    RunFinished,
    RunStarted,
    SequentialExecutor,
    longest_first,
    plan,
    run,
)
from ad_core.benchmark._task import Problem
from ad_core.hookspecs import hookimpl
from ad_core.registry import get_registry
from ad_core.results import ErrorInfo, RunStore, Status, Timing, read_timings, timing

TASK = plan(Experiment(datasets=("wine",), detectors=(DetectorEntry(name="random"),))).tasks[0]
PROBLEM = Problem(status=Status.SKIPPED, error=ErrorInfo(type="E", message="no library"))


def task(model, dataset="wine", seed=0, **more):
    return evolve(
        TASK, key=f"{model}/{dataset}/{seed}", model=model, dataset=dataset, seed=seed, **more
    )


def took(seconds, model, dataset="wine", size=100):
    return Timing(
        model=model, detector=TASK.detector, dataset=dataset, size=size, seconds=float(seconds)
    )


def names(tasks):
    return [one.model for one in tasks]


def makespan(tasks, seconds, n_workers):
    """Return when the last worker of a pool ends that hands out runs in their order."""
    free = [0.0] * n_workers
    for one in tasks:
        heappush(free, heappop(free) + seconds[one.model])
    return max(free)


MODELS = st.sampled_from("abcde")
SETS = st.sampled_from(["wine", "iris", "digits"])
SIZES = st.none() | st.integers(0, 10**9)
TASKS = st.lists(
    st.builds(
        task,
        MODELS,
        SETS,
        st.integers(0, 3),
        size=SIZES,
        problem=st.sampled_from([None, None, None, PROBLEM]),
    )
)
TIMINGS = st.lists(st.builds(took, st.floats(0, 1e6), MODELS, SETS, SIZES))


@given(tasks=TASKS, timings=TIMINGS)
def test_every_run_is_there_once_and_nothing_of_it_changes(tasks, timings):
    ordered = longest_first(tasks, Durations(timings))
    assert sorted(map(id, ordered)) == sorted(map(id, tasks))


@given(tasks=TASKS, timings=TIMINGS)
def test_known_durations_descend(tasks, timings):
    durations = Durations(timings)
    ordered = [one for one in longest_first(tasks, durations) if one.problem is None]
    known = [one for one in map(durations.expected, ordered) if one is not None]
    assert known == sorted(known, reverse=True)


@given(seconds=st.lists(st.integers(1, 1000), min_size=1, max_size=7))
def test_two_workers_take_at_most_a_sixth_longer_than_the_best_order(seconds):
    # Graham, Bounds on multiprocessing timing anomalies (1969): 4/3 - 1/(3 * 2).
    by_model = {f"m{place}": one for place, one in enumerate(seconds)}
    durations = Durations([took(one, model) for model, one in by_model.items()])
    ordered = longest_first([task(model) for model in by_model], durations)
    shares = (compress(seconds, chosen) for chosen in product([0, 1], repeat=len(seconds)))
    best = min(max(one, sum(seconds) - one) for one in map(sum, shares))
    assert makespan(ordered, by_model, 2) <= best * 7 / 6 + 1e-9


def test_a_long_run_at_the_end_of_the_plan_keeps_nobody_waiting():
    seconds = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "slow": 6}
    tasks = [task(model) for model in seconds]
    durations = Durations([took(one, model) for model, one in seconds.items()])
    assert makespan(tasks, seconds, 2) == 9
    assert makespan(longest_first(tasks, durations), seconds, 2) == 6


def test_a_run_should_take_what_the_same_took_with_other_seeds():
    durations = Durations([took(1, "a"), took(5, "a"), took(2, "a"), took(90, "b")])
    assert durations.expected(task("a", seed=7)) == 2
    assert durations.expected(task("c")) is None


def test_another_data_set_takes_as_much_longer_as_it_is_larger():
    durations = Durations([took(1, "a", "small", 100), took(50, "a", "large", 1000)])
    assert durations.expected(task("a", "middle", size=200)) == 2
    assert durations.expected(task("a", "huge", size=4000)) == 200
    assert durations.expected(task("a", "unsized", size=None)) is None


def test_another_detector_by_the_same_label_says_nothing():
    durations = Durations([took(1, "a")])
    assert durations.expected(evolve(task("a"), detector="other/a")) is None


def test_a_model_that_has_never_run_counts_as_slow_as_the_slowest():
    durations = Durations([took(1, "quick"), took(9, "slow"), took(90, "slow", "iris", 1000)])
    tasks = [task("quick"), task("new"), task("slow"), task("slow", "iris")]
    assert names(longest_first(tasks, durations)) == ["slow", "new", "slow", "quick"]


def test_where_nothing_is_known_the_largest_data_come_first_and_stay_together():
    sizes = {"wine": 10, "digits": 1000, "iris": 20}
    tasks = [task(model, name, size=size) for name, size in sizes.items() for model in "ab"]
    ordered = longest_first(tasks, Durations())
    assert [(one.dataset, one.model) for one in ordered] == [
        ("digits", "a"), ("digits", "b"), ("iris", "a"), ("iris", "b"), ("wine", "a"), ("wine", "b"),
    ]  # fmt: skip


def test_what_cannot_be_done_is_said_first():
    tasks = [task("slow"), task("needy", problem=PROBLEM)]
    assert names(longest_first(tasks, Durations([took(9, "slow")]))) == ["needy", "slow"]


class Observer:
    def __init__(self):
        self.events = []

    @hookimpl
    def ad_event(self, event):
        self.events.append(event)


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


def trial(*detectors, **more):
    return plan(
        Experiment(
            datasets=("wine", "digits/0"),
            detectors=tuple(DetectorEntry(name=name) for name in detectors),
            **more,
        )
    )


def executed(planned, store):
    observer = Observer()
    with get_registry().observe(observer):
        run(planned, store, SequentialExecutor())
    return observer.events


def test_several_processes_start_with_the_longest_and_one_with_the_first(store, tmp_path):
    planned = trial("random", "constant", n_jobs=2)
    started = [e.key for e in executed(planned, store) if isinstance(e, RunStarted)]
    assert started[:2] == [one.key for one in planned.tasks if one.dataset == "digits/0"]
    assert {*started} == {one.key for one in planned.tasks}
    alone = trial("random", "constant")
    started = [
        e.key for e in executed(alone, RunStore(tmp_path / "alone")) if isinstance(e, RunStarted)
    ]
    assert started == [one.key for one in alone.tasks] == [one.key for one in planned.tasks]


def test_timings_are_those_of_the_folder_and_damage_has_no_say(store):
    executed(trial("random"), store)
    records = store.records()
    (store.folder / f"{'0' * 64}.json").write_text("{")
    (store.folder / f"{'1' * 64}.json").write_text(json.dumps([1]))
    found = sorted(read_timings(store.folder), key=lambda one: one.dataset)
    assert found == sorted(map(timing, records), key=lambda one: one.dataset)
    assert [one.dataset for one in found] == ["digits/0", "wine"]
    sizes = {one.dataset: one.size for one in trial("random").tasks}
    assert {one.dataset: one.size for one in found} == sizes


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"status": Status.TIMEOUT}, True),
        ({"status": Status.ERROR}, False),
        ({"status": Status.INTERRUPTED}, False),
        ({"finished_at": "1999-01-01T00:00:00+00:00"}, False),
    ],
)
def test_a_run_that_says_nothing_of_the_next_has_no_timing(store, change, told):
    executed(trial("random"), store)
    assert (timing(evolve(store.records()[0], **change)) is not None) == told


def finished(one, seconds=0):
    """Return the record of a run that took so long."""
    (event,) = (e for e in FINISHED if e.record.model == "random" and e.record.dataset == "wine")
    return evolve(
        event.record,
        key=one.key,
        model=one.model,
        dataset=one.dataset,
        started_at="2026-01-01T00:00:00+00:00",
        finished_at=f"2026-01-01T00:00:{seconds:02}+00:00",
    )


@pytest.fixture(autouse=True, scope="module")
def _finished(tmp_path_factory):
    events = executed(trial("random"), RunStore(tmp_path_factory.mktemp("runs")))
    FINISHED.extend(event for event in events if isinstance(event, RunFinished))


FINISHED = []


def test_the_time_left_is_shared_out_among_the_workers():
    tasks = [task("a", seed=seed) for seed in range(4)]
    forecast = Forecast(tasks, Durations([took(10, "a")]))
    assert forecast.left(0) == 40
    forecast.started(tasks[0].key, 0)
    forecast.started(tasks[1].key, 0)
    assert forecast.left(0) == 20
    assert forecast.left(5) == 15
    forecast.finished(finished(tasks[0], 10))
    assert forecast.left(10) == 10
    for one in tasks:
        forecast.finished(finished(one, 10))
    assert forecast.left(20) == 0


def test_what_runs_cost_beside_their_own_time_is_to_be_expected_again():
    tasks = [task("a", seed=seed) for seed in range(4)]
    forecast = Forecast(tasks, Durations([took(10, "a")]))
    forecast.started(tasks[0].key, 0)
    forecast.finished(finished(tasks[0], 10))
    assert forecast.left(15) == 3 * (10 + 5)
    forecast.started(tasks[1].key, 15)
    assert forecast.left(17) == 8 + 2 * (10 + 5)


def test_what_others_did_says_nothing_of_the_workers_here():
    tasks = [task("a", seed=seed) for seed in range(3)]
    forecast = Forecast(tasks, Durations([took(10, "a")]))
    forecast.started(tasks[0].key, 0)
    forecast.gone(tasks[0].key)
    forecast.finished(finished(tasks[0], 10))
    assert forecast.left(15) == 2 * 10


def test_the_time_left_is_at_least_that_of_the_longest_run():
    tasks = [task("quick"), task("slow")]
    forecast = Forecast(tasks, Durations([took(2, "quick"), took(60, "slow")]))
    for one in tasks:
        forecast.started(one.key, 0)
    assert forecast.left(0) == 60


def test_the_time_left_is_unknown_until_something_has_run():
    tasks = [task("a", seed=seed) for seed in range(3)]
    forecast = Forecast(tasks, Durations())
    forecast.started(tasks[0].key, 0)
    assert forecast.left(5) is None
    forecast.finished(finished(tasks[0], 10))
    assert forecast.left(10) == 20


def test_an_unknown_model_counts_as_an_average_one():
    forecast = Forecast(
        [task("a"), task("b"), task("new")], Durations([took(2, "a"), took(4, "b")])
    )
    assert forecast.left(0) == 2 + 4 + 3


def test_what_another_process_is_at_is_still_to_come():
    one = task("a")
    forecast = Forecast([one], Durations([took(10, "a")]))
    forecast.started(one.key, 0)
    assert forecast.left(8) == 2
    forecast.gone(one.key)
    assert forecast.left(8) == 10
