"""Ways of getting many tasks done. The seam: `Executor.map`, results in any order."""

import signal
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from attrs import frozen

from ad_core.benchmark._measure import n_workers
from ad_core.benchmark._supervised import supervised
from ad_core.benchmark.isolation import WorkerLostError
from ad_core.results import Isolation

__all__ = [
    "Executor",
    "JoblibExecutor",
    "SequentialExecutor",
    "ThreadExecutor",
    "WorkerLostError",
    "make_executor",
]

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """Applies a function to tasks, here or elsewhere.

    Function, tasks and results pickle. Tasks are taken from the iterable as
    workers get free; closing the iterator abandons what is in flight.
    """

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield ``function(task)`` for every task, in the order of completion."""


@frozen
class SequentialExecutor:
    """One task after the other, in this process."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield each result as it is asked for."""
        return map(function, tasks)


@frozen
class JoblibExecutor:
    """A pool of joblib's loky processes.

    Parameters
    ----------
    n_jobs
        Number of processes, at least 2; -1 for one a processor. BLAS and OpenMP
        threads are shared out among them by joblib.
    """

    n_jobs: int

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield results as workers return them.

        Raises
        ------
        WorkerLostError
            A worker died (killed, or out of memory).
        """
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        # A batch of one: results come, and are kept, run by run; and none waits in a queue.
        pool = Parallel(
            self.n_jobs,
            backend="loky",
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch="n_jobs",
        )
        results = pool(delayed(_deaf_to_sigint)(function, task) for task in tasks)
        try:
            yield from results
        except TerminatedWorkerError as error:
            raise WorkerLostError(
                "a worker process died, killed or out of memory; finished runs are kept: "
                "run the benchmark again, with n_jobs: 1 to see which run it is"
            ) from error
        finally:
            results.close()


@frozen
class ThreadExecutor:
    """Threads of this process: for a function that only supervises, as isolated runs have it.

    Parameters
    ----------
    n_jobs
        Number of threads, at least 1.
    """

    n_jobs: int

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield results as threads return them; closing the iterator kills isolated runs."""
        return supervised(function, tasks, lambda: self.n_jobs)


def make_executor(n_jobs: int, isolation: Isolation = Isolation.NONE) -> Executor:
    """Return the executor for a number of processes; -1 for one a processor."""
    if isolation is not Isolation.NONE:
        return ThreadExecutor(n_workers(n_jobs))
    return SequentialExecutor() if n_jobs == 1 else JoblibExecutor(n_jobs)


def _deaf_to_sigint(function: Callable[[T], R], task: T) -> R:
    """Leave Ctrl-C, which a terminal sends to every process, to the driver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return function(task)
