"""Threads that supervise runs which happen elsewhere: in processes of their own, on a cluster."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from ad_core.benchmark.isolation import stop_on

__all__ = ["supervised"]

T = TypeVar("T")
R = TypeVar("R")

_EVERY = 1.0
"""Seconds between two looks at how many may run."""
_MOST = 4096


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
        Tasks are taken as there is room for them.
    n_slots
        How many may run at a time, at least 1; asked again and again.
    stopping
        Called before the end, when something may still run: closing the iterator
        ends it, as `stop_on` has it.
    """
    queue, stop = iter(tasks), threading.Event()
    pending: set[Future[R]] = set()
    pool = ThreadPoolExecutor(_MOST, "ad-supervisor", stop_on, (stop,))
    try:
        while True:
            room = max(n_slots() - len(pending), 0)
            pending |= {pool.submit(function, task) for task in islice(queue, room)}
            if not pending:
                return
            done, pending = wait(pending, _EVERY, FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        stop.set()
        if pending:
            stopping()
        pool.shutdown(cancel_futures=True)
