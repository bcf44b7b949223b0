"""Threads that supervise: so many tasks run at a time, and what has run may still be kept."""

import threading
from queue import Empty
from time import sleep

import pytest

from ad_core.benchmark._supervised import leave_slot, supervised

PATIENCE = 20.0


class Watched:
    """A function that tells how many run at a time, and how many are under way.

    A task sleeps twice: while it runs, and while it is kept.
    """

    def __init__(self, runs: float, kept: float) -> None:
        self.runs, self.kept = runs, kept
        self.running = self.under_way = self.most_running = self.most_under_way = 0
        self._lock = threading.Lock()

    def __call__(self, task: int) -> int:
        with self._lock:
            self.running += 1
            self.under_way += 1
            self.most_running = max(self.most_running, self.running)
            self.most_under_way = max(self.most_under_way, self.under_way)
        sleep(self.runs)
        with self._lock:
            self.running -= 1
        leave_slot()
        sleep(self.kept)
        with self._lock:
            self.under_way -= 1
        return task


def test_the_next_task_begins_while_what_has_run_is_kept():
    begun = threading.Event()

    def keep(task):
        if task == "next":
            begun.set()
            return True
        leave_slot()
        return begun.wait(PATIENCE)

    assert [*supervised(keep, ["first", "next"], lambda: 1)].count(True) == 2


def test_a_task_that_does_not_leave_its_slot_has_it_to_its_end():
    def run(task):
        running.append(task)
        sleep(0.02)
        alone.append(len(running) == 1)
        running.remove(task)

    running, alone = [], []
    assert len([*supervised(run, range(5), lambda: 1)]) == 5
    assert all(alone)


@pytest.mark.parametrize("n_slots", [1, 3])
def test_so_many_run_and_no_more_than_twice_as_many_are_under_way(n_slots):
    work = Watched(runs=0.005, kept=0.1)
    assert sorted(supervised(work, range(20), lambda: n_slots)) == [*range(20)]
    assert work.most_running <= n_slots < work.most_under_way <= 2 * n_slots


def test_more_run_as_soon_as_there_is_room_for_them():
    slots = iter([1, 1])
    work = Watched(runs=0.05, kept=0.0)
    assert len([*supervised(work, range(30), lambda: next(slots, 4))]) == 30
    assert 1 < work.most_running <= 4


@pytest.mark.parametrize("error", [ZeroDivisionError, Empty])
def test_an_error_comes_out_and_nothing_begins_after_it(error):
    begun = []

    def fail(task):
        begun.append(task)
        leave_slot()
        raise error

    with pytest.raises(error):
        [*supervised(fail, range(100), lambda: 1)]
    assert len(begun) <= 3


def test_closing_tells_what_supervises_and_waits_for_it():
    ended, told = [], []
    begun, closing = threading.Event(), threading.Event()

    def work(task):
        if task == 0:
            assert begun.wait(PATIENCE)  # what has not begun is called off
        else:
            begun.set()
            assert closing.wait(PATIENCE)
            sleep(0.1)
        ended.append(task)
        return task

    def tell():
        told.append(True)
        closing.set()

    results = supervised(work, [0, 1], lambda: 2, tell)
    assert next(results) == 0
    results.close()
    assert ended == [0, 1]
    assert told == [True]
