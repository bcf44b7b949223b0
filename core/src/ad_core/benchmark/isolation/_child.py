"""What happens inside the process of one run."""

import faulthandler
import os
import pickle
import random
import signal
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from attrs import evolve, frozen

from ad_core.benchmark._execute import Result, described, execute, failed, now
from ad_core.benchmark._task import Task
from ad_core.results import Status
from ad_core.spec import DetectorSpec

__all__ = ["STARTED", "Handover", "Job", "Preparation", "answer", "serve", "settle"]

STARTED = b"\0"
"""What a result begins with: the interpreter is there, the run begins."""


_FORKABLE = frozenset({"joblib", "llvmlite", "numba", "numpy", "scipy", "sklearn", "threadpoolctl"})
"""Libraries that start no thread of their own when they are imported, so that a fork of who
has imported them is whole. So are those that a zygote was told to import."""


@frozen(kw_only=True)
class Job:
    """One run.

    Parameters
    ----------
    task
        What to do.
    memory
        Bytes that it may use.
    again
        Whether its process may do another run, where it can.
    """

    task: Task
    memory: int | None
    again: bool = False


@frozen(kw_only=True)
class Handover:
    """What a run leaves: its result, and the modules that it had to import for it."""

    result: Result
    imported: frozenset[str]


@frozen(kw_only=True)
class Preparation:
    """What the runs of one detector have in common, and a zygote can do ahead.

    Parameters
    ----------
    modules
        To import.
    spec, distribution
        The detector, and the distribution of its plugin; None for none.
    """

    modules: tuple[str, ...]
    spec: DetectorSpec | None = None
    distribution: str = ""

    @classmethod
    def of(cls, task: Task, imported: Iterable[str] = ()) -> "Preparation":
        """Return what the run of `task` needs; `imported` is what earlier runs turned out to."""
        metrics = [spec.target for spec in task.metrics]
        targets = [task.spec.adapter, task.spec.target, task.dataset_spec.target, *metrics]
        modules = {target.partition(":")[0] for target in targets if target}
        modules |= {*task.spec.modules, *task.dataset_spec.modules, *imported}
        return cls(
            modules=tuple(sorted(modules)),
            spec=task.spec,
            distribution=task.plugin.distribution,
        )

    def less(self, done: Collection[str]) -> "Preparation":
        """Return what is left when some modules are there."""
        return evolve(self, modules=tuple(name for name in self.modules if name not in done))


def serve(packed: bytes, output: int, result: int) -> None:
    """Do the run of a pickled `Job`, hand its result over, and end the process.

    Everything that it prints goes to descriptor `output`, and its pickled `Handover` to `result`.
    """
    settle(output)
    os.write(result, STARTED)
    pid = os.getpid()
    outcome = pickle.dumps(answer(pickle.loads(packed)), protocol=5)  # noqa: S301 - it comes from the supervisor
    if os.getpid() == pid:  # not a child of its own that the detector let run on
        with os.fdopen(result, "wb") as stream:
            stream.write(outcome)
    # Not sys.exit: threads that the detector left would be waited for.
    os._exit(0)


def settle(output: int) -> None:
    """Make ready for strangers' code; everything that it prints goes to descriptor `output`."""
    _redirect(output)
    if os.name == "nt":
        return
    import resource

    _reservable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # Linux; should memory run out, the kernel takes this process first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def answer(job: Job) -> Handover:
    """Do the run of a job."""
    _limit(job.memory)
    _seed()
    n_modules = len(sys.modules)
    result = _outcome(job.task)
    return Handover(result=result, imported=_forkable(n_modules))


def _forkable(n_before: int) -> frozenset[str]:
    """Return what was imported after so many modules, as far as a zygote may import it ahead."""
    # Looking at all names, not the newest alone, would copy some hundred pages of the zygote.
    new = {*islice(reversed(sys.modules), max(0, len(sys.modules) - n_before))}
    roots = ((name, name.partition(".")[0]) for name in new)
    return frozenset(name for name, root in roots if root in _FORKABLE or root not in new)


def _outcome(task: Task) -> Result:
    started = now()
    try:
        return execute(task)
    except BaseException as error:  # noqa: BLE001 - sys.exit in a stranger's code ends one run
        info = described(error)
        message = f"{task.model} on {task.dataset} raised {info.type}: {info.message}"
        return failed(task, Status.ERROR, evolve(info, message=message), started)


def _redirect(output: int) -> None:
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    # A crash would lose what a buffer holds.
    sys.stdout, sys.stderr = (
        os.fdopen(number, "w", buffering=1, errors="backslashreplace", closefd=False)
        for number in (1, 2)
    )
    # Where it crashed, and where it was when it was told to end.
    faulthandler.enable(sys.stderr)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGTERM, sys.stderr, chain=True)


def _limit(memory: int | None) -> None:
    if os.name == "nt":
        return
    import resource

    soft, hard = _reservable()
    if memory is not None:
        # A net below the watchdog for what outruns it, hence wider: it counts what is
        # reserved, not what is resident. RLIMIT_AS would count mapped files too.
        soft = 2 * memory + _reserved()
        soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@cache
def _reservable() -> tuple[int, int]:
    """Return how much this process might reserve before it did a run."""
    import resource

    return resource.getrlimit(resource.RLIMIT_DATA)


def _reserved() -> int:
    import psutil

    return int(getattr(psutil.Process().memory_info(), "data", 0))


def _seed() -> None:
    """Seed the global generators anew: forks of one parent would all draw the same numbers."""
    # What numpy draws for itself without a seed takes it twenty times as long to spread.
    np.random.seed(int.from_bytes(os.urandom(4)))  # noqa: NPY002 - for detectors that take no seed
    random.seed()
