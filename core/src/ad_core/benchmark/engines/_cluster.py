"""Runs on a cluster: its workers compute, this process claims runs and writes records."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from types import TracebackType
from typing import Protocol, Self, TypeVar
from uuid import uuid4

from ad_core.benchmark._execute import Result, execute, failed, now
from ad_core.benchmark._supervised import supervised
from ad_core.benchmark._task import Task
from ad_core.benchmark.engines._order import Order, StoppedError, versions
from ad_core.benchmark.engines._quiet import undisturbed
from ad_core.errors import AdError, EngineError
from ad_core.results import ErrorInfo, Isolation, Limits, Status

__all__ = ["TRIES", "Cluster", "ClusterExecutor", "LostRunError"]

TRIES = 3
"""How often a run is started whose worker dies under it."""

T = TypeVar("T")
R = TypeVar("R")


class LostRunError(AdError):
    """A run's worker died, and so did those that it was given to after that."""

    def __init__(self, message: str, status: Status = Status.CRASH) -> None:
        super().__init__(message)
        self.status = status


class Cluster(Protocol):
    """What an engine brings: a way of having one run done elsewhere."""

    name: str
    address: str | None

    def open(self) -> None:
        """Start a cluster, or connect to one."""

    def n_slots(self) -> int:
        """Return how many runs it can do at a time, now."""

    def call(self, order: Order) -> Result:
        """Have one run done and wait for it; called from many threads.

        Raises
        ------
        LostRunError
            Every worker that tried it died.
        StoppedError
            `stop` was called.
        EngineError
            The cluster is lost, or a worker cannot take runs.
        """

    def stop(self, driver: str) -> None:
        """Call off what is in flight; `driver` is that of its orders."""

    def close(self) -> None:
        """End what `open` started, and nothing else."""


class ClusterExecutor:
    """Has runs done on a cluster.

    One thread of this process a run: it claims the run, waits for the cluster,
    and writes the record. So the workers need no access to the results folder,
    and a claim goes when this process dies.

    Parameters
    ----------
    cluster
        Who does them.
    patience
        Seconds for which the cluster may be without workers.
    """

    def __init__(self, cluster: Cluster, *, patience: float = 300.0) -> None:
        self._cluster, self._patience = cluster, patience
        self._empty_since: float | None = None
        self._driver = uuid4().hex

    @property
    def name(self) -> str:
        """Name of the engine."""
        return self._cluster.name

    def __enter__(self) -> Self:
        self._versions = versions()
        with undisturbed() as pressed:
            self._cluster.open()
            if pressed:
                self._cluster.close()
        if pressed:
            raise KeyboardInterrupt
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with undisturbed():
            self._cluster.close()

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Yield ``function(task)``, called in threads, in the order of completion."""
        return supervised(function, tasks, self._n_slots, self._stop)

    def _n_slots(self) -> int:
        n_slots = self._cluster.n_slots()
        if n_slots:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = monotonic()
        elif monotonic() - self._empty_since > self._patience:
            raise EngineError(
                f"the {self.name} cluster at {self._cluster.address} has had no worker for "
                f"{self._patience:.0f} s; start some, and run the benchmark again"
            )
        # A cluster that grows with its work has no worker before there is some.
        return max(n_slots, 1)

    def _stop(self) -> None:
        with undisturbed():
            self._cluster.stop(self._driver)

    def conduct(
        self, task: Task, limits: Limits | None, isolation: Isolation = Isolation.PROCESS
    ) -> Result:
        """Have one run done on the cluster and wait for it."""
        if task.problem is not None:
            return execute(task)
        started = now()
        work = (task, limits, isolation)
        order = Order.of(*work, driver=self._driver, versions=self._versions)
        try:
            return self._cluster.call(order)
        except LostRunError as error:
            info = ErrorInfo(type=type(error).__name__, message=str(error))
            return failed(task, error.status, info, started, here=False)
        except StoppedError as error:
            raise KeyboardInterrupt from error
