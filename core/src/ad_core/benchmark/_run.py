"""Execute a plan: compute what is missing, keep it, tell observers."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from time import perf_counter, sleep

from attrs import evolve, frozen

from ad_core.benchmark._artefacts import keep_artefacts
from ad_core.benchmark._conduct import conduct
from ad_core.benchmark._execute import failed, now
from ad_core.benchmark._executors import Executor, make_executor
from ad_core.benchmark._experiment import Experiment
from ad_core.benchmark._order import Durations, longest_first
from ad_core.benchmark._plan import Plan
from ad_core.benchmark._policy import Policy
from ad_core.benchmark._rescore import rescore_run
from ad_core.benchmark._supervised import leave_slot
from ad_core.benchmark._task import Task
from ad_core.benchmark.engines import ClusterExecutor, Engine, make_cluster_executor
from ad_core.benchmark.events import (
    BenchmarkFinished,
    BenchmarkStarted,
    RunElsewhere,
    RunFinished,
    RunStarted,
    Summary,
)
from ad_core.benchmark.isolation import start_early
from ad_core.registry import Registry, get_registry
from ad_core.results import (
    ErrorInfo,
    Isolation,
    Limits,
    Record,
    RunStore,
    Status,
    read_timings,
)

__all__ = ["Outcome", "get_ready", "perform", "run"]

POLL = 0.5
"""Seconds between two looks at what other processes hold."""


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
    policy: Policy | None = None,
    registry: Registry | None = None,
) -> Summary:
    """Compute the runs of a plan that the store does not have.

    Several processes may work on one folder: each run is computed by one of them.

    Parameters
    ----------
    plan
        What to run.
    store
        Where runs are kept.
    executor
        How; by default by the experiment's `engine`, `n_jobs` and `isolation`.
    policy
        Which runs that have a record are computed again; see `Policy`.
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
    EngineError
        A cluster cannot be reached, is lost, or its workers cannot do runs.
    BackendMissingError
        The library of the engine is not installed.
    """
    driver = _Driver(plan, store, policy or Policy(), registry or get_registry())
    wanted = plan.experiment
    if executor is not None:
        return driver.run(executor)
    if wanted.engine is Engine.LOCAL:
        return driver.run(make_executor(wanted.n_jobs, wanted.isolation))
    with make_cluster_executor(wanted.engine, wanted.n_jobs, wanted.address) as cluster:
        return driver.run(cluster)


def get_ready(experiment: Experiment) -> None:
    """Start what an experiment's runs need, while it is planned: both take seconds.

    Parameters
    ----------
    experiment
        What `plan` is going to plan, and `run` to execute.
    """
    if experiment.limits is not None and experiment.engine is Engine.LOCAL:
        start_early(experiment.limits)


def perform(
    task: Task,
    store: RunStore,
    *,
    limits: Limits | None = None,
    isolation: Isolation = Isolation.PROCESS,
    cluster: ClusterExecutor | None = None,
) -> Outcome:
    """Claim a task, execute it and write its record; what a worker does.

    A record other than the one that the task supersedes was written by another
    process in the meantime: it is taken, unless that process was stopped by hand.

    Parameters
    ----------
    task
        The run.
    store
        Where it is kept.
    limits
        What the run may use, in a process of its own; None to do it in this one.
    isolation
        What kind of process, where the run has `limits`.
    cluster
        Who does it; None for this machine.
    """
    with store.claim(task.key, wait=False) as got:
        if not got:
            return Outcome(task=task, record=None)
        known = store.find(task.key)
        if known is not None and _settled(known, task):
            return Outcome(task=task, record=known, reused=True)
        started = now()
        try:
            do = conduct if cluster is None else cluster.conduct
            result = do(task, limits, isolation)
        except KeyboardInterrupt:
            error = ErrorInfo(type="KeyboardInterrupt", message="stopped by hand")
            stopped = failed(task, Status.INTERRUPTED, error, started, here=cluster is None)
            store.write(_placed(stopped.record, limits, isolation, cluster))
            raise
        leave_slot()
        record = _placed(result.record, limits, isolation, cluster)
        return Outcome(task=task, record=store.write(record, result.scores))


def _placed(
    record: Record, limits: Limits | None, isolation: Isolation, cluster: ClusterExecutor | None
) -> Record:
    """Say who did a run, and what it was allowed."""
    engine = Engine.LOCAL if cluster is None else cluster.name
    placed = evolve(record, environment={**record.environment, "engine": str(engine)})
    return placed if limits is None else evolve(placed, isolation=isolation, limits=limits)


def _settled(record: Record, task: Task) -> bool:
    return record.finished_at != task.superseded and record.status is not Status.INTERRUPTED


class _Driver:
    def __init__(self, plan: Plan, store: RunStore, policy: Policy, registry: Registry) -> None:
        self.plan, self.store, self.policy, self.registry = plan, store, policy, registry
        self.statuses: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.n_there = self.n_elsewhere = 0

    def run(self, executor: Executor) -> Summary:
        begin = perf_counter()
        self.store.prepare()
        keep_artefacts(self.plan, self.store)
        there, tasks = self._looked_through()
        timings = tuple(read_timings(self.store.folder)) if tasks else ()
        if self.plan.experiment.parallel:  # alone, a worker goes through the data sets in turn
            tasks = longest_first(tasks, Durations(timings))
        self.n_there = len(there)
        self.registry.emit(
            BenchmarkStarted(
                name=self.plan.experiment.name,
                folder=str(self.store.folder),
                n_planned=len(self.plan.tasks),
                n_reused=len(there),
                tasks=tuple(tasks),
                timings=timings,
            )
        )
        for record in there:
            self.kept[str(record.status)] += not record.ok
            self._finished(record, reused=True)
        interrupted = False
        try:
            self._compute(tasks, executor)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            summary = self._summary(perf_counter() - begin, interrupted=interrupted)
            self.registry.emit(BenchmarkFinished(summary=summary))
        return summary

    def _summary(self, elapsed: float, *, interrupted: bool) -> Summary:
        return Summary(
            name=self.plan.experiment.name,
            folder=str(self.store.folder),
            n_planned=len(self.plan.tasks),
            n_reused=self.n_there + self.n_elsewhere,
            n_elsewhere=self.n_elsewhere,
            by_status=dict(sorted(self.statuses.items())),
            kept=dict(sorted((+self.kept).items())),
            elapsed=elapsed,
            interrupted=interrupted,
        )

    def _looked_through(self) -> tuple[list[Record], list[Task]]:
        """Return the records that stand, and the runs to compute."""
        there, tasks = [], []
        limits = self.plan.experiment.limits
        for task in self.plan.tasks:
            record = self.store.find(task.key)
            if record is None:
                tasks.append(task)
            elif self.policy.keeps(record, task, limits):
                # Metrics that were asked for since then come from the kept scores.
                there.append(rescore_run(self.store, record, task.metrics))
            else:
                tasks.append(evolve(task, superseded=record.finished_at))
        return there, tasks

    def _compute(self, tasks: list[Task], executor: Executor) -> None:
        limits = self.plan.experiment.limits
        cluster = executor if isinstance(executor, ClusterExecutor) else None
        isolation = self.plan.experiment.isolation
        work = partial(
            perform, store=self.store, limits=limits, isolation=isolation, cluster=cluster
        )
        held: list[Task] = []
        while tasks or held:
            held += self._collect(executor.map(work, self._announced(tasks)))
            tasks, held = self._let_go(held)

    def _let_go(self, held: list[Task]) -> tuple[list[Task], list[Task]]:
        """Wait until other processes let go of some runs; return these and the others.

        They are done by then, unless the other process was stopped or killed.
        """
        free: set[str] = set()
        while held and not free:
            free = {task.key for task in held if self.store.is_free(task.key)}
            if not free:
                sleep(POLL)
        return (
            [task for task in held if task.key in free],
            [task for task in held if task.key not in free],
        )

    def _announced(self, tasks: Iterable[Task]) -> Iterator[Task]:
        for task in tasks:
            self.registry.emit(
                RunStarted(key=task.key, model=task.model, dataset=task.dataset, seed=task.seed)
            )
            yield task

    def _collect(self, outcomes: Iterator[Outcome]) -> list[Task]:
        """Report what is done; return what other processes hold."""
        elsewhere = []
        try:
            for outcome in outcomes:
                if outcome.record is None:
                    elsewhere.append(outcome.task)
                    self.registry.emit(RunElsewhere(key=outcome.task.key))
                else:
                    self.n_elsewhere += outcome.reused
                    self._finished(outcome.record, reused=outcome.reused)
        finally:
            # After Ctrl-C: what is in flight ends now, and not whenever this is forgotten.
            if isinstance(outcomes, Generator):
                outcomes.close()
        return elsewhere

    def _finished(self, record: Record, *, reused: bool) -> None:
        self.statuses[str(record.status)] += 1
        self.registry.emit(RunFinished(record=record, reused=reused))
