"""What a run cost and where it ran."""

import os
import platform
import sys
import threading
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, ClassVar, Self

import psutil

from ad_core.benchmark._peak import Mark
from ad_core.spec import DetectorSpec

__all__ = [
    "THREAD_VARIABLES",
    "PeakMemory",
    "environment",
    "hardware",
    "n_cpus",
    "n_workers",
    "pools",
    "thread_libraries",
    "threads",
    "versions",
]

_EVERY = 0.005
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""What OpenMP (torch too), the BLAS libraries and numba take their number of threads from."""


class PeakMemory:
    """Watches the resident memory of this process while a block runs.

    `growth` is the highest value less the one at the start, in bytes. It is a lower
    bound: memory that was freed earlier but kept by the allocator does not count when
    it is used again, and without a `mark` a peak shorter than 5 ms can be missed.

    Attributes
    ----------
    mark
        Where the system is to be asked for the highest value, which nothing else in the
        process may do meanwhile; None to look every few milliseconds.
    """

    mark: ClassVar[Mark | None] = None

    def __init__(self) -> None:
        self.growth = 0

    def __enter__(self) -> Self:
        if self.mark is not None:
            self._start = self.mark.restart()
            return self
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._start = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.mark is not None:
            self.growth = max(0, self.mark.now - self._start)
            return
        self._stop.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY):
            self._sample()

    def _sample(self) -> None:
        self.growth = max(self.growth, self._process.memory_info().rss - self._start)


@cache
def hardware() -> str:
    """Return the machine in one line: processor, number of cores, memory."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{_processor()}, {n_cpus()} CPUs, {memory:.0f} GiB, {platform.system()}"


def environment() -> dict[str, str]:
    """Return the limits on threads and the number of processors that this process may use."""
    return {**threads(), "n_cpus": str(n_cpus()), "platform": platform.platform()}


def threads() -> dict[str, str]:
    """Return the limits on threads, by the variable that sets them."""
    return {name: os.environ.get(name, "unset") for name in THREAD_VARIABLES}


def pools() -> dict[str, str]:
    """Return the number of threads in force, by library, of those that are loaded."""
    found = dict(_pools(frozenset(name for name in _WITH_POOLS if name in sys.modules)))
    if "numba" in sys.modules:
        found["numba"] = sys.modules["numba"].config.NUMBA_NUM_THREADS
    if "torch" in sys.modules:
        found["torch"] = sys.modules["torch"].get_num_threads()
    return {f"{name}_threads": str(count) for name, count in sorted(found.items())}


def thread_libraries() -> Any:
    """Return what scikit-learn knows of the libraries with threads of their own; None without it.

    It looks for them at the first call, which takes longer than many a fit.
    """
    if "sklearn" not in sys.modules:
        return None
    try:
        from sklearn.utils.parallel import _get_threadpool_controller
    except ImportError:  # it has another name
        return None
    return _get_threadpool_controller()


_WITH_POOLS = ("numpy", "scipy", "sklearn", "torch")


@cache
def _pools(loaded: frozenset[str]) -> dict[str, str]:
    # Finding the libraries takes longer than many a run; scikit-learn brings threadpoolctl.
    if "sklearn" not in loaded:
        return {}
    from threadpoolctl import threadpool_info

    found: dict[str, set[int]] = {}
    for pool in threadpool_info():
        found.setdefault(pool["internal_api"], set()).add(pool["num_threads"])
    return {name: ", ".join(map(str, sorted(counts))) for name, counts in found.items()}


def versions(spec: DetectorSpec, distribution: str) -> dict[str, str]:
    """Return the versions of Python and of the libraries that a detector rests on."""
    names = {distribution, "ad-core", "numpy", "scipy", "scikit-learn"}
    names |= {*spec.modules, spec.target.split(".", maxsplit=1)[0]}
    found = {name: _version(name) for name in sorted(names)}
    return {"python": platform.python_version()} | {
        name: text for name, text in found.items() if text is not None
    }


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # a module whose distribution has another name
        return None


def n_cpus() -> int:
    """Return the number of processors that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else (os.cpu_count() or 1)


def n_workers(n_jobs: int) -> int:
    """Return how many processes `n_jobs` stands for."""
    return n_cpus() if n_jobs == -1 else n_jobs


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a device, not a path
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()
