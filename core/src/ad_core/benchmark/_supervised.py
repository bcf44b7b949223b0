"""Threads that supervise runs which happen elsewhere: in processes of their own, on a cluster."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TypeVar

from ad_core.benchmark.isolation import Isolator, share_isolators, stop_on

__all__ = ["leave_slot", "supervised"]

T = TypeVar("T")
R = TypeVar("R")

_EVERY = 1.0
"""Seconds between two looks at how many may run."""
_MOST = 4096
_BEHIND = 2
"""Tasks under way for each that may run: the others have run, and are being kept."""

_mine = threading.local()


def supervised(
    function: Callable[[T], R],
    tasks: Iterable[T],
    n_slots: Callable[[], int],
    stopping: Callable[[], None] = lambda: None,
) -> Iterator[R]:
    """Yield ``function(task)``, called in threads, in the order of completion.

    Parameters
    ----------
    function, tasks
        Tasks are taken as there is room for them: when an earlier one is done, or has
        called `leave_slot`.
    n_slots
        How many may run at a time, at least 1; asked again and again.
    stopping
        Called before the end, when something may still run: closing the iterator
        ends it, as `stop_on` has it.
    """
    queue, stop = iter(tasks), threading.Event()
    isolators: list[Isolator] = []
    words: SimpleQueue[Future[R] | None] = SimpleQueue()
    pending: set[Future[R]] = set()
    n_running = 0

    def ready() -> None:
        stop_on(stop)
        share_isolators(isolators)

    def work(task: T) -> R:
        _mine.leave = partial(words.put, None)
        try:
            return function(task)
        finally:
            leave_slot()

    pool = ThreadPoolExecutor(_MOST, "ad-supervisor", ready)
    try:
        while True:
            most = n_slots()
            room = min(most - n_running, _BEHIND * most - len(pending))
            for task in islice(queue, max(room, 0)):
                future = pool.submit(work, task)
                pending.add(future)
                n_running += 1
                future.add_done_callback(words.put)
            if not pending:
                return
            try:
                word = words.get(timeout=_EVERY)
            except Empty:
                continue
            if word is None:
                n_running -= 1
            else:
                pending.discard(word)
                yield word.result()
    finally:
        stop.set()
        if pending:
            stopping()
        pool.shutdown(cancel_futures=True)
        for isolator in isolators:
            isolator.close()


def leave_slot() -> None:
    """Let the next task begin, though the function that `supervised` called here goes on."""
    leave = vars(_mine).pop("leave", None)
    if leave is not None:
        leave()
