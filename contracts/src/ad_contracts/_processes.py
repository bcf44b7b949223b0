"""Cases in other processes: what a detector does to its process ends one case, not the run."""

import faulthandler
import math
import multiprocessing
import os
import pickle
import re
import signal
import time
from collections import defaultdict, deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, field, frozen

from ad_contracts._cases import Case
from ad_contracts._check import AnySpec
from ad_contracts._run import Outcome, Status, judged, run
from ad_contracts._table import load_table
from ad_core.errors import AdError

__all__ = ["Finished", "Started", "run_in_processes"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_FRAME = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)')


@frozen
class Started:
    """The case at this place of the list is being run."""

    place: int


@frozen
class Finished:
    """The case at this place of the list has its outcome."""

    place: int
    outcome: Outcome


@frozen
class _Errand:
    """A case in a form that pickles."""

    place: int
    spec: AnySpec
    check: str
    scenario: str | None

    @property
    def case(self) -> Case:
        table = load_table()
        scenario = None if self.scenario is None else table.scenarios[self.scenario]
        return Case(spec=self.spec, check=table.checks[self.check], scenario=scenario)


@define(eq=False)
class _Worker:
    """A process, what it prints, and the places of the cases that it has yet to finish."""

    process: SpawnProcess
    pipe: Connection
    log: Path
    places: deque[int] = field(factory=deque)
    was_heard: bool = False
    running_since: float | None = None


def run_in_processes(cases: list[Case], n_jobs: int) -> Generator[Started | Finished, None, None]:
    """Run cases of registered checks and scenarios, and tell how it goes.

    The cases of one subject stay in one process, so that they share its fits;
    where there are fewer subjects than processes, they are split. A case whose
    process dies has failed; the cases after it run in a new one. Closing the
    iterator ends every process.

    Parameters
    ----------
    cases
        What `ad_contracts.cases` returns.
    n_jobs
        Number of processes, at least 1.

    Raises
    ------
    AdError
        A process cannot be started, or a spec cannot be sent to one.
    """
    left = deque(_portions(cases, n_jobs))
    workers: list[_Worker] = []
    with TemporaryDirectory(prefix="ad-check-") as folder, _shared_processors(n_jobs):
        try:
            while left or any(worker.places for worker in workers):
                while left and len(workers) < n_jobs:
                    workers.append(_start(Path(folder)))
                for worker in workers:
                    if left and not worker.places:
                        _hand(worker, left.popleft(), cases)
                for worker in _heard_of(workers):
                    is_dead = worker.process.exitcode is not None
                    yield from _messages(worker)
                    if is_dead:
                        yield from _death(worker, cases)
                        workers.remove(worker)
                        if worker.places:
                            left.appendleft(list(worker.places))
        finally:
            for worker in workers:
                worker.process.kill()
                worker.process.join()


def _portions(cases: list[Case], n_jobs: int) -> Iterator[list[int]]:
    """Yield the places of each subject's cases, scenario by scenario, in enough portions."""
    of_subjects = defaultdict(list)
    for place, case in enumerate(cases):
        of_subjects[case.spec].append(place)
    n_portions = math.ceil(n_jobs / max(1, len(of_subjects)))
    for places in of_subjects.values():
        places.sort(key=lambda place: _scenario_of(cases[place]) or "")
        size = math.ceil(len(places) / n_portions)
        for first in range(0, len(places), size):
            yield places[first : first + size]


def _scenario_of(case: Case) -> str | None:
    return None if case.scenario is None else case.scenario.name


def _start(folder: Path) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    log = folder / f"{time.monotonic_ns()}.log"
    process = context.Process(target=_work, args=(theirs, log))
    process.start()
    theirs.close()  # so that ours ends with the process
    return _Worker(process, ours, log)


def _hand(worker: _Worker, places: list[int], cases: list[Case]) -> None:
    found = [(place, cases[place]) for place in places]
    errands = [_Errand(place, one.spec, one.check.name, _scenario_of(one)) for place, one in found]
    try:
        worker.pipe.send(errands)
    except OSError:  # it has died; the next look at it says so
        pass
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise AdError(f"the spec of {found[0][1].subject} does not pickle: {error}") from error
    worker.places = deque(places)


def _heard_of(workers: list[_Worker]) -> list[_Worker]:
    """Wait for messages and deaths, and return whose they are."""
    busy = [worker for worker in workers if worker.places]
    ready = wait([*(one.pipe for one in busy), *(one.process.sentinel for one in busy)])
    return [one for one in busy if one.pipe in ready or one.process.sentinel in ready]


def _messages(worker: _Worker) -> Iterator[Started | Finished]:
    """Yield what a worker has sent."""
    try:
        while worker.pipe.poll():
            message = worker.pipe.recv()
            worker.was_heard = True
            worker.running_since = time.perf_counter() if isinstance(message, Started) else None
            if isinstance(message, Finished):
                worker.places.popleft()
            yield message
    except (EOFError, OSError):  # it has closed its end: it is dying
        worker.process.join()


def _death(worker: _Worker, cases: list[Case]) -> Iterator[Finished]:
    """Yield the outcome of the case that a worker did not survive, if one was being run."""
    status = worker.process.exitcode or 0
    printed = worker.log.read_text(errors="replace") if worker.log.is_file() else ""
    if status == -signal.SIGINT:
        raise KeyboardInterrupt
    if not worker.was_heard:
        last = (printed.strip().splitlines() or ["no message"])[-1]
        raise AdError(f"a process for the checks ended with exit status {status}: {last}")
    if worker.running_since is None:
        return
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    frame = _FRAME.search(printed, max(0, printed.rfind("Fatal Python error")))
    where = f" (in {frame['name']}, {frame['file']}:{frame['line']})" if frame else ""
    place = worker.places.popleft()
    message = f"expected no error, got the end of the process with {how}{where}"
    seconds = time.perf_counter() - worker.running_since
    yield Finished(place, judged(cases[place], Status.FAILED, message, seconds))


@contextmanager
def _shared_processors(n_jobs: int) -> Iterator[None]:
    """Give each process its share of the processors, unless the user has said how many."""
    share = str(max(1, (os.cpu_count() or 1) // n_jobs))
    added = {} if n_jobs == 1 else {name: share for name in _THREADS if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _work(pipe: Connection, log: Path) -> None:
    """Run errands until nobody sends any."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with log.open("w") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    faulthandler.enable(all_threads=False)
    try:
        while True:
            for errand in pipe.recv():
                case = errand.case
                pipe.send(Started(errand.place))
                pipe.send(Finished(errand.place, run(case)))
    except (EOFError, BrokenPipeError):
        return
