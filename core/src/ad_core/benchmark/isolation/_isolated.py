"""Supervise one run in a process of its own."""

import pickle
import sys
import threading
import time

import psutil
from attrs import evolve, frozen

from ad_core.benchmark._execute import Result, execute, now
from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation import _tree
from ad_core.benchmark.isolation._child import Handover, Job
from ad_core.benchmark.isolation._forks import Zygote
from ad_core.benchmark.isolation._interpreter import Fresh
from ad_core.benchmark.isolation._stems import stem
from ad_core.benchmark.isolation._verdict import Ending, verdict
from ad_core.benchmark.isolation._worker import BOOT, Exit, Worker, WorkerLostError
from ad_core.results import Isolation, Limits, Status

__all__ = [
    "Isolator",
    "WorkerLostError",
    "run_isolated",
    "share_isolators",
    "start_early",
    "stop_on",
]

FORKS = sys.platform == "linux"
"""Whether forking is safe. macOS has it, but its system libraries do not survive it; Windows
does not have it."""
TICK = 0.03
"""Seconds between two looks at a run whose memory is limited."""
IDLE = 0.2
"""Seconds between two looks at any other."""
SHARE = 10
"""Looking takes at most one part in so many of the supervisor's time."""
GRACE = 1.0
"""Seconds between asking a run to end and killing it."""
PATIENCE = 30.0
"""Seconds until a killed run is taken for gone, whatever the system says."""


class Isolator:
    """Does runs in processes of their own, one at a time; each thread needs one of its own.

    Parameters
    ----------
    threads
        Bound on the threads of numerical libraries; None for none.
    fork
        Whether to fork runs from a zygote.
    again
        Whether a forked process may do one run after the other, as long as each leaves it
        as good as new.
    """

    def __init__(
        self,
        threads: int | None = None,
        *,
        fork: bool = FORKS,
        again: bool = True,
    ) -> None:
        self.threads, self.fork, self.again = threads, fork, again
        self._worker: Worker | None = None

    def run(self, task: Task, limits: Limits, stop: threading.Event | None = None) -> Result:
        """Do one run; see `run_isolated`.

        Parameters
        ----------
        task
            The run.
        limits
            `threads` is the isolator's own.
        stop
            Ends the run when set, as Ctrl-C does.
        """
        if task.problem is not None:
            return execute(task)
        started = now()
        ending, used = self._ending(task, limits, stop, fresh=not self.again)
        if used and not ending.good:
            # The run before may be why, whatever came of it: so it is done again without.
            started = now()
            ending, _ = self._ending(task, limits, stop, fresh=True)
        return verdict(task, limits, ending, started)

    def close(self) -> None:
        """Kill what runs and end the worker process; the next run starts a new one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _ending(
        self, task: Task, limits: Limits, stop: threading.Event | None, *, fresh: bool
    ) -> tuple[Ending, bool]:
        """Return how a run ended, and whether its process had done another one before."""
        job = Job(task=task, memory=limits.memory, again=self.again)
        try:
            worker = self._launched(job, fresh=fresh)
            ending = _Watch(worker, limits, stop).ending()
            handed = _unpacked(worker.handed())
            if handed is None:
                ending = evolve(ending, output=worker.printed())
            else:
                ending = evolve(ending, result=handed.result)
        except BaseException:
            # Ctrl-C above all: nothing may go on without its supervisor.
            self.close()
            raise
        if ending.exit.code is None:
            self.close()
        elif handed is not None:
            Zygote.learn(job.task, handed.imported)
        return ending, worker.used

    def _launched(self, job: Job, *, fresh: bool) -> Worker:
        packed = pickle.dumps(job, protocol=5)
        try:
            return self._launch(packed, job.task, fresh=fresh)
        except WorkerLostError:
            # It died since the last run, or importing ahead killed it: then the run
            # imports for itself, and its record tells what happened.
            self.close()
            Zygote.doubt()
            return self._launch(packed, None, fresh=fresh)

    def _launch(self, job: bytes, ahead: Task | None, *, fresh: bool) -> Worker:
        if self._worker is None:
            self._worker = Zygote(self.threads) if self.fork else Fresh(self.threads)
        self._worker.launch(job, ahead, fresh=fresh)
        return self._worker


@frozen
class _Watch:
    """Looks at a run until it ends, or has to."""

    worker: Worker
    limits: Limits
    stop: threading.Event | None

    def ending(self) -> Ending:
        tick = IDLE if self.limits.memory is None else TICK
        peak, pause = 0, tick
        deadline: float | None = None
        tree: list[psutil.Process] = []
        boot = time.monotonic() + BOOT
        while (exit_ := self.worker.wait(pause)) is None:
            if self.stop is not None and self.stop.is_set():
                raise KeyboardInterrupt
            begin = time.monotonic()
            if deadline is None and (self.worker.began() or begin > boot):
                deadline = begin + (self.limits.timeout or float("inf"))
            tree = self.worker.tree()
            rss = _tree.resident(tree)
            peak = max(peak, rss)
            if self.limits.memory is not None and rss > self.limits.memory:
                return self._ended(Status.OOM, peak)
            if deadline is not None and begin > deadline:
                return self._ended(Status.TIMEOUT, peak)
            pause = max(tick, SHARE * (time.monotonic() - begin))
        if exit_.code is None:
            # Who would have known the others is gone: these are the ones last seen.
            _tree.end(lambda: [one for one in tree if one.is_running()], grace=0)
        return Ending(exit=exit_, cause=None, peak_rss=max(peak, exit_.rss))

    def _ended(self, cause: Status, peak: int) -> Ending:
        # What eats memory gets no time to eat more.
        _tree.end(self.worker.tree, grace=0 if cause is Status.OOM else GRACE)
        exit_ = self.worker.wait(PATIENCE)
        if exit_ is None:
            self.worker.close()
            exit_ = Exit(code=None)
        return Ending(exit=exit_, cause=cause, peak_rss=max(peak, exit_.rss))


class _Mine(threading.local):
    """What a thread keeps from run to run."""

    def __init__(self) -> None:
        self.isolators: list[Isolator] = []
        self.stop: threading.Event | None = None


_mine = _Mine()


def run_isolated(task: Task, limits: Limits, isolation: Isolation = Isolation.PROCESS) -> Result:
    """Do one run in a process of its own, with an isolator that this thread keeps.

    Any worker of any engine can call it: a thread, a daemonic process, one that
    was started by joblib, Dask or Ray. When the calling process dies, however,
    the run dies with it, with all its descendants.

    Parameters
    ----------
    task
        The run.
    limits
        What it may use; going beyond is a record with the status `timeout` or `oom`.
    isolation
        `fresh` for a process that does nothing else. Else it may do another run when it
        is as good as new. A run that gave no scores in such a process is done again in a
        fresh one, and what happens there is its record.

    Returns
    -------
    Result
        Whatever happens to the process is a record with a status.

    Raises
    ------
    WorkerLostError
        No process can be started.
    KeyboardInterrupt
        By Ctrl-C, or by the event of `stop_on`; the run was killed.
    """
    isolator = _free(limits.threads)
    isolator.again = isolation is not Isolation.FRESH
    try:
        return isolator.run(task, limits, _mine.stop)
    finally:
        _mine.isolators.append(isolator)


def _free(threads: int | None) -> Isolator:
    while True:
        try:
            isolator = _mine.isolators.pop()
        except IndexError:
            return Isolator(threads)
        if isolator.threads == threads:
            return isolator
        isolator.close()


def start_early(limits: Limits) -> None:
    """Start what runs within some limits are forked from, which takes a second or two.

    It goes on by itself, while this process looks for something to run. Where processes
    are not forked there is nothing to start.
    """
    if FORKS:
        stem(limits.threads)


def share_isolators(isolators: list[Isolator]) -> None:
    """Let this thread take what it needs from a list, and put it back, as other threads do."""
    _mine.isolators = isolators


def stop_on(event: threading.Event) -> None:
    """End the runs that this thread supervises, now and later, when `event` is set."""
    _mine.stop = event


def _unpacked(packed: bytes | None) -> Handover | None:
    """Return what the run handed over; None when it ended before that."""
    if packed is None:
        return None
    try:
        found = pickle.loads(packed)  # noqa: S301 - our own process wrote it
    except (EOFError, pickle.UnpicklingError):  # it was cut short
        return None
    return found if isinstance(found, Handover) else None
