"""Execute a plan: compute what is missing, keep it, tell observers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from time import perf_counter

from attrs import evolve, frozen

from ad_core.benchmark._execute import execute, failed, now, score_metrics
from ad_core.benchmark._executors import Executor, make_executor
from ad_core.benchmark._plan import Plan
from ad_core.benchmark._task import Task
from ad_core.benchmark.events import (
    BenchmarkFinished,
    BenchmarkStarted,
    RunFinished,
    RunStarted,
    Summary,
)
from ad_core.registry import Registry, get_registry
from ad_core.results import ErrorInfo, Record, RunStore, Status
from ad_core.spec import MetricSpec

__all__ = ["Outcome", "perform", "run"]


@frozen(kw_only=True)
class Outcome:
    """What became of a task.

    `record` is None while another process is at it; `reused` tells that it was
    not computed by this one.
    """

    task: Task
    record: Record | None
    reused: bool = False


def run(
    plan: Plan,
    store: RunStore,
    executor: Executor | None = None,
    *,
    registry: Registry | None = None,
) -> Summary:
    """Compute the runs of a plan that the store does not have.

    Runs that ended `ok` are never computed again; failed ones are tried again.
    Several processes may work on one folder: each run is computed by one of them.

    Parameters
    ----------
    plan
        What to run.
    store
        Where runs are kept.
    executor
        How; by default by the experiment's `n_jobs`.
    registry
        Whose observers hear of the events; by default that of the installed plugins.

    Returns
    -------
    Summary
        After Ctrl-C too, with `interrupted` set.

    Raises
    ------
    ResultsError
        The folder cannot be written, or holds a damaged record.
    WorkerLostError
        A worker process died.
    """
    driver = _Driver(plan, store, get_registry() if registry is None else registry)
    return driver.run(make_executor(plan.experiment.n_jobs) if executor is None else executor)


def perform(task: Task, store: RunStore, since: str, *, wait: bool) -> Outcome:
    """Claim a task, execute it and write its record; what a worker does.

    Parameters
    ----------
    task
        The run.
    store
        Where it is kept.
    since
        A failure recorded after this time, by another process, is not tried again.
    wait
        Whether to wait while another process has claimed it.
    """
    with store.claim(task.key, wait=wait) as got:
        if not got:
            return Outcome(task=task, record=None)
        known = store.find(task.key)
        if known is not None and (known.ok or known.finished_at > since):
            return Outcome(task=task, record=known, reused=True)
        started = now()
        try:
            result = execute(task)
        except KeyboardInterrupt:
            error = ErrorInfo(type="KeyboardInterrupt", message="stopped by hand")
            store.write(failed(task, Status.INTERRUPTED, error, started).record)
            raise
        return Outcome(task=task, record=store.write(result.record, result.scores))


class _Driver:
    def __init__(self, plan: Plan, store: RunStore, registry: Registry) -> None:
        self.plan, self.store, self.registry = plan, store, registry
        self.statuses: Counter[str] = Counter()
        self.n_reused = 0

    def run(self, executor: Executor) -> Summary:
        begin = perf_counter()
        self.store.prepare()
        since = now()
        kept = dict(self._kept())
        self.registry.emit(
            BenchmarkStarted(
                name=self.plan.experiment.name,
                folder=str(self.store.folder),
                n_planned=len(self.plan.tasks),
                n_reused=len(kept),
            )
        )
        for record in kept.values():
            self._finished(record, reused=True)
        interrupted = False
        try:
            self._compute(
                [task for task in self.plan.tasks if task.key not in kept], executor, since
            )
        except KeyboardInterrupt:
            interrupted = True
        finally:
            summary = Summary(
                name=self.plan.experiment.name,
                folder=str(self.store.folder),
                n_planned=len(self.plan.tasks),
                n_reused=self.n_reused,
                by_status=dict(sorted(self.statuses.items())),
                elapsed=perf_counter() - begin,
                interrupted=interrupted,
            )
            self.registry.emit(BenchmarkFinished(summary=summary))
        return summary

    def _kept(self) -> Iterator[tuple[str, Record]]:
        """Yield what is there already; metrics asked for since then come from the scores."""
        for task in self.plan.tasks:
            record = self.store.find(task.key)
            if record is not None and record.ok:
                missing = [spec for spec in task.metrics if spec.name not in record.metrics]
                yield task.key, self._rescored(record, missing) if missing else record

    def _rescored(self, record: Record, metrics: list[MetricSpec]) -> Record:
        scores = self.store.scores(record)
        found = score_metrics(metrics, scores)
        both = evolve(
            record,
            metrics={**record.metrics, **found.values},
            reasons={**record.reasons, **found.reasons},
        )
        return self.store.write(both)

    def _compute(self, tasks: list[Task], executor: Executor, since: str) -> None:
        work = partial(perform, store=self.store, since=since, wait=False)
        elsewhere = self._collect(executor.map(work, self._announced(tasks)))
        # What another process was computing: by now it is done, or has to be waited for.
        wait = partial(perform, store=self.store, since=since, wait=True)
        self._collect(executor.map(wait, elsewhere))

    def _announced(self, tasks: Iterable[Task]) -> Iterator[Task]:
        for task in tasks:
            self.registry.emit(
                RunStarted(key=task.key, model=task.model, dataset=task.dataset, seed=task.seed)
            )
            yield task

    def _collect(self, outcomes: Iterator[Outcome]) -> list[Task]:
        """Report what is done; return what other processes have claimed."""
        elsewhere = []
        for outcome in outcomes:
            if outcome.record is None:
                elsewhere.append(outcome.task)
            else:
                self._finished(outcome.record, reused=outcome.reused)
        return elsewhere

    def _finished(self, record: Record, *, reused: bool) -> None:
        self.statuses[str(record.status)] += 1
        self.n_reused += reused
        self.registry.emit(RunFinished(record=record, reused=reused))
