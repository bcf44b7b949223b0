"""Whether a process that did a run is still as good as a new one. Linux only."""

import ctypes
import gc
import mmap
import os
import resource
import threading
import time
from pathlib import Path

from ad_core.benchmark.isolation._settings import READ, READ_FIRST

__all__ = ["Condition"]

SLACK = 4 << 20
"""Bytes of free memory that the allocator may keep from run to run."""
GROWTH = 256 << 20
"""Bytes by which the resident memory may grow, most of all by what a run imports."""

_LOOKS, _PAUSE = 20, 0.0001
"""A thread that was joined takes a moment until the system has it no more."""


class Condition:
    """How a process is before its first run, and what has changed since.

    It knows what a process has: threads, children, open files, memory, signals,
    environment, and the settings of Python, numpy, scikit-learn and torch. A value
    that some library keeps for itself it does not know.
    """

    def __init__(self) -> None:
        self._before = {name: read() for name, read in READ.items()}
        self._first = {name: read() for name, read in READ_FIRST.items()}
        self._threads = _threads()
        self._fresh = self._lean = _resident()

    def changed(self) -> list[str]:
        """Return the names of what has changed; empty when the process is as good as new."""
        gc.collect()
        # What lives by now are modules and caches: the next collection may leave them out.
        gc.freeze()
        changed = [name for name in READ if self._differs(name)]
        if self._has_grown():
            changed.append("memory")
        if not self._has_its_threads():
            changed.append("threads")
        if _has_children(self._fresh):
            changed.append("children")
        return changed

    def _differs(self, name: str) -> bool:
        if name in READ_FIRST and READ_FIRST[name]() == self._first[name]:
            return False
        return READ[name]() != self._before[name]

    def _has_its_threads(self) -> bool:
        for _ in range(_LOOKS):
            if _threads() == self._threads:
                return True
            if threading.active_count() > 1:
                return False
            time.sleep(_PAUSE)
        return False

    def _has_grown(self) -> bool:
        resident = _resident()
        if resident > self._lean + SLACK:
            # So that the next run's growth is told as if it were the first one's.
            _give_back()
            resident = self._lean = _resident()
        return resident > self._fresh + GROWTH


def _resident() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * mmap.PAGESIZE


def _give_back() -> None:
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc
        libc.malloc_trim(0)


def _threads() -> set[str]:
    return set(os.listdir("/proc/self/task"))  # noqa: PTH208 - names alone


def _has_children(least: int) -> bool:
    """Return whether a child is left, or one ended that held more than `least` bytes."""
    # The system tells the largest child so far, which would count for the next run too.
    if 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > least:
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
