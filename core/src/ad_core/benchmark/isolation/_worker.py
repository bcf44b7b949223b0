"""What does runs, as the supervisor sees it."""

import os
import sys
from typing import Protocol

import psutil
from attrs import frozen

from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation._limits import thread_variables
from ad_core.errors import AdError

__all__ = ["BOOT", "Exit", "Worker", "WorkerLostError", "environment", "program"]

BOOT = 120.0
"""Seconds that a worker gets to start and to import what it needs."""
_SET_BY_SCIKIT_LEARN = {"KMP_DUPLICATE_LIB_OK": "True", "KMP_INIT_AT_FORK": "FALSE"}
"""When it is imported, as it is in every program here, and where they are not set."""


class WorkerLostError(AdError):
    """A worker process died and took the runs in flight with it, or could not start."""


@frozen
class Exit:
    """How a run's process ended.

    Parameters
    ----------
    code
        Its exit code, negative for a signal; None when that cannot be known.
    rss
        The highest resident memory of a single process of the run, as the system counted it.
    """

    code: int | None
    rss: int = 0


class Worker(Protocol):
    """Does one run at a time in a process of its own."""

    used: bool
    """Whether the process of the last run had done another one before."""

    def launch(self, job: bytes, ahead: Task | None, *, fresh: bool) -> None:
        """Start a run, the pickled `Job`, in a new process if it has to be `fresh`.

        What runs such as `ahead` need may be done before.
        """

    def wait(self, seconds: float) -> Exit | None:
        """Wait for the run to end; None when it has not."""

    def began(self) -> bool:
        """Whether the run itself has begun, and its clock runs."""

    def tree(self) -> list[psutil.Process]:
        """Return the processes of the run."""

    def handed(self) -> bytes | None:
        """Return the pickled `Handover` of the run that ended; None when it left none."""

    def printed(self) -> str:
        """Return the end of what the process of a run printed that left no handover."""

    def close(self) -> None:
        """Kill what runs; the worker cannot be used again."""


def program(name: str, *arguments: int) -> list[str]:
    """Return the command that starts a program of this room; see `__main__`."""
    module = "ad_core.benchmark.isolation"
    return [sys.executable, "-P", "-m", module, name, *map(str, arguments)]


def environment(threads: int | None) -> dict[str, str]:
    """Return the environment of one that finds what can be imported here.

    It is the same before this process has imported scikit-learn as it is after.
    """
    # What can be imported here can be imported there.
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
    return {
        **_SET_BY_SCIKIT_LEARN,
        **os.environ,
        "PYTHONPATH": paths,
        **thread_variables(threads),
    }
