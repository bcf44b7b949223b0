"""What is sent to a worker of a cluster, and what the worker does with it."""

import os
import pickle
import platform
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from importlib.metadata import version
from typing import Self

from attrs import frozen

from ad_core.benchmark._conduct import conduct
from ad_core.benchmark._execute import Result
from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation import stop_on
from ad_core.errors import AdError, EngineError
from ad_core.registry import installed
from ad_core.results import Isolation, Limits

__all__ = ["Order", "StoppedError", "call_off", "versions", "whereabouts", "work"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn")

_alone = threading.Lock()
_stops: defaultdict[str, threading.Event] = defaultdict(threading.Event)


class StoppedError(AdError):
    """A run was called off."""


@frozen(kw_only=True)
class Order:
    """A run to do, unread until the worker has compared versions.

    Parameters
    ----------
    driver
        Who ordered it: `call_off` ends all orders of one driver.
    versions
        What the driver has; see `versions`.
    content
        The pickled task, its limits, and its isolation where it has limits.
    """

    driver: str
    versions: Mapping[str, str]
    content: bytes

    @classmethod
    def of(
        cls,
        task: Task,
        limits: Limits | None,
        isolation: Isolation,
        *,
        driver: str,
        versions: Mapping[str, str],
    ) -> Self:
        """Pack a task."""
        content = pickle.dumps((task, limits, isolation), protocol=5)
        return cls(driver=driver, versions=versions, content=content)


def work(order: Order) -> Result:
    """Do a run on a worker; reads its data set there and writes nothing.

    Raises
    ------
    EngineError
        The worker has other versions than the driver, or lacks a plugin.
    StoppedError
        The run was called off.
    """
    differing = [
        f"{name} {here or 'is missing'} there, {wanted} here"
        for name, wanted in sorted(order.versions.items())
        if (here := _versions_here().get(name)) != wanted
    ]
    if differing:
        raise EngineError(
            f"the worker {whereabouts()} has other versions than this machine: "
            f"{'; '.join(differing)}; install the same ones on every worker"
        )
    task, limits, isolation = pickle.loads(order.content)  # noqa: S301 - from the driver
    stop_on(_stops[order.driver])
    try:
        # Where a worker has several threads, runs without processes of their own take turns.
        with _alone if limits is None else nullcontext():
            return conduct(task, limits, isolation)
    except KeyboardInterrupt as error:
        raise StoppedError("the run was called off") from error


def call_off(driver: str) -> None:
    """End the isolated runs that this worker does for a driver; the others end by themselves."""
    _stops[driver].set()


def versions() -> dict[str, str]:
    """Return what driver and workers must agree on.

    Python, the core, every plugin, and the libraries on which most detectors rest.
    """
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    return found | {name: version(name) for name in _LIBRARIES} | installed()


_versions_here = cache(versions)  # what a process that runs has loaded does not change


def whereabouts() -> str:
    """Return the name of this worker in messages."""
    return f"{os.getpid()} on {platform.node()}"
