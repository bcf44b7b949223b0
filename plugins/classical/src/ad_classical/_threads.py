"""Threads for what releases the GIL: numpy's loops, BLAS and the compiled kernels."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import pairwise
from typing import Any

__all__ = ["in_blocks", "in_threads", "n_threads", "serial_blas"]

_lock = threading.Lock()
_limiters: list[Any] = []
_depth = 0


def n_threads(n_jobs: int | None) -> int:
    """Return how many threads `n_jobs` asks for, as joblib reads it: None is 1, -1 all cores."""
    if n_jobs == 1:
        return 1
    from joblib import effective_n_jobs

    return int(effective_n_jobs(n_jobs))


def in_threads(
    work: Callable[[slice], None], size: int, n_jobs: int | None, *, least: int = 1
) -> None:
    """Call `work` on slices that cover ``range(size)``, each in a thread, one of them this one.

    `work` writes its results into places of its own slice, each computed as if alone:
    so they do not depend on the number of threads.

    Parameters
    ----------
    work
        Gets a slice; its first exception is raised here.
    size
        How many rows, columns or trees there are.
    n_jobs
        As `n_threads` reads it.
    least
        Fewer than that many are not worth a thread.
    """
    most = size // max(1, least)
    parts = 1 if most <= 1 else min(n_threads(n_jobs), most)  # to count cores takes an import
    bounds = [size * part // parts for part in range(parts + 1)]
    slices = [slice(*pair) for pair in pairwise(bounds)]
    if parts == 1:
        work(slices[0])
        return
    with ThreadPoolExecutor(parts - 1) as pool:
        others = [pool.submit(work, one) for one in slices[1:]]
        work(slices[0])
        for other in others:
            other.result()


def in_blocks(
    work: Callable[[slice], None], size: int, step: int, n_jobs: int | None, *, blas: bool
) -> None:
    """Call `work` on blocks of `step` rows, with BLAS kept to the calling threads if need be.

    A matrix product may round a row differently in a block of another size. The blocks
    are the same for any number of threads, so the results are, too.

    Parameters
    ----------
    work, size, n_jobs
        As `in_threads` takes them.
    step
        Rows in a block.
    blas
        Whether to limit BLAS. In a fork, that starts its threads first: say False where
        blocks call no BLAS, or where, with one thread, there is less work than that.
    """
    if size <= step:
        work(slice(0, size))
        return
    starts = range(0, size, step)

    def run(part: slice) -> None:
        for start in starts[part]:
            work(slice(start, min(start + step, size)))

    with serial_blas() if blas else nullcontext():
        in_threads(run, len(starts), n_jobs)


@contextmanager
def serial_blas() -> Iterator[None]:
    """Let numpy's matrix products use one thread: the one that calls them.

    The limit is the process's. Where callers overlap, the first to enter sets it and
    the last to leave restores what was there.
    """
    global _depth  # noqa: PLW0603 - the state that is guarded is the process's own
    with _lock:
        _depth += 1
        if _depth == 1:
            _limiters.append(_blas().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                _limiters.pop().restore_original_limits()


@cache
def _blas() -> Any:
    """Return the libraries of the process; to search for them takes a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
