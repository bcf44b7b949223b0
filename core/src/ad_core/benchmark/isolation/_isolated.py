"""Supervise one run in a process of its own."""

import pickle
import sys
import tempfile
import threading
import time
from typing import IO

import psutil
from attrs import evolve, frozen

from ad_core.benchmark._execute import Result, execute, now
from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation import _tree
from ad_core.benchmark.isolation._child import STARTED, Handover, Job, Preparation
from ad_core.benchmark.isolation._output import Tail
from ad_core.benchmark.isolation._verdict import Ending, verdict
from ad_core.benchmark.isolation._worker import (
    BOOT,
    Exit,
    Fresh,
    Worker,
    WorkerLostError,
    Zygote,
)
from ad_core.results import Limits, Status

__all__ = ["Isolator", "WorkerLostError", "run_isolated", "stop_on"]

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
        Whether to fork runs from a zygote. By default where that is safe: on Linux. macOS
        has it, but its system libraries do not survive it; Windows does not have it.
    """

    def __init__(self, threads: int | None = None, *, fork: bool = sys.platform == "linux") -> None:
        self.threads, self.fork = threads, fork
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
        started = now()
        if task.problem is not None:
            return execute(task)
        job = pickle.dumps(Job(task=task, memory=limits.memory), protocol=5)
        output = Tail()
        try:
            with tempfile.TemporaryFile() as result:
                worker = self._launched(task, job, output, result)
                output.close()
                ending = _Watch(worker, limits, stop).ending()
                handed = _read(result)
                ending = evolve(
                    ending, output=output.text(), result=None if handed is None else handed.result
                )
        except BaseException:
            # Ctrl-C above all: nothing may go on without its supervisor.
            self.close()
            raise
        finally:
            output.close()
        if ending.exit.code is None:
            self.close()
        elif handed is not None:
            _imported.update(handed.imported)
        return verdict(task, limits, ending, started)

    def close(self) -> None:
        """Kill what runs and end the worker process; the next run starts a new one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _launched(self, task: Task, job: bytes, output: Tail, result: IO[bytes]) -> Worker:
        try:
            return self._launch(job, Preparation.of(task, frozenset(_imported)), output, result)
        except WorkerLostError:
            # It died since the last run, or importing ahead killed it: then the run
            # imports for itself, and its record tells what happened.
            self.close()
            return self._launch(job, None, output, result)

    def _launch(
        self, job: bytes, ahead: Preparation | None, output: Tail, result: IO[bytes]
    ) -> Worker:
        if self._worker is None:
            self._worker = Zygote(self.threads) if self.fork else Fresh(self.threads)
        self._worker.launch(job, ahead, output.descriptor, result)
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


_imported: set[str] = set()
"""What runs of this process imported for themselves: the next ones find it there."""


class _Mine(threading.local):
    """What a thread keeps from run to run."""

    isolator: Isolator | None = None
    stop: threading.Event | None = None


_mine = _Mine()


def run_isolated(task: Task, limits: Limits) -> Result:
    """Do one run in a process of its own, with the isolator that this thread keeps.

    Any worker of any engine can call it: a thread, a daemonic process, one that
    was started by joblib, Dask or Ray. When the calling process dies, however,
    the run dies with it, with all its descendants.

    Parameters
    ----------
    task
        The run.
    limits
        What it may use; going beyond is a record with the status `timeout` or `oom`.

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
    if _mine.isolator is None or _mine.isolator.threads != limits.threads:
        if _mine.isolator is not None:
            _mine.isolator.close()
        _mine.isolator = Isolator(limits.threads)
    return _mine.isolator.run(task, limits, _mine.stop)


def stop_on(event: threading.Event) -> None:
    """End the runs that this thread supervises, now and later, when `event` is set."""
    _mine.stop = event


def _read(result: IO[bytes]) -> Handover | None:
    """Return what the run handed over; None when it ended before that."""
    result.seek(0)
    packed = result.read().removeprefix(STARTED)
    try:
        found = pickle.loads(packed)  # noqa: S301 - our own process wrote it
    except (EOFError, pickle.UnpicklingError):  # it was cut short
        return None
    return found if isinstance(found, Handover) else None
