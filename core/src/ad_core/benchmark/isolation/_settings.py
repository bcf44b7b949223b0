"""What code can set for its whole process, read so that two times can be compared. Linux only."""

import builtins
import ctypes
import faulthandler
import gc
import locale
import logging
import os
import resource
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["READ", "READ_FIRST"]

_MODES = (b"Umask:", b"SigBlk:", b"SigIgn:", b"SigCgt:")
_SIGNALS = tuple(sorted(number for number in signal.valid_signals() if number < signal.SIGRTMIN))
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_LIMITS = tuple(
    getattr(resource, name)
    for name in dir(resource)
    if name.startswith("RLIMIT_") and name != "RLIMIT_DATA"
)


def _environment() -> object:
    # Python does not know what a library in C has set.
    return dict(os.environ), _variables(ctypes.c_char_p)


def _places_of_variables() -> object:
    # Who sets a variable puts it somewhere else.
    return _variables(ctypes.c_void_p)


def _variables(kind: Any) -> list[object]:
    variables: Any = ctypes.POINTER(kind).in_dll(ctypes.CDLL(None), "environ")
    return list(takewhile(lambda one: one is not None, variables))


def _descriptors() -> object:
    found = {}
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names alone
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115 - so is this
        except FileNotFoundError:  # the one that listed them
            continue
    return found


def _modes() -> object:
    lines = Path("/proc/self/status").read_bytes().splitlines()
    return [line for line in lines if line.startswith(_MODES)]


def _signals() -> object:
    handlers = [signal.getsignal(number) for number in _SIGNALS]
    timers = [signal.getitimer(timer) for timer in _TIMERS]
    return handlers, timers, faulthandler.is_enabled()


def _limits() -> object:
    limits: list[tuple[int, ...]] = [resource.getrlimit(limit) for limit in _LIMITS]
    limits.append(resource.getrlimit(resource.RLIMIT_DATA)[1:])  # each run has its own soft one
    return limits, os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)


def _logging() -> object:
    root = logging.root
    return root.level, list(root.handlers), root.manager.disable


def _interpreter() -> object:
    places = [list(sys.path), list(sys.meta_path), list(sys.path_hooks)]
    streams = [sys.stdin, sys.stdout, sys.stderr, sys.excepthook, sys.displayhook]
    traced = [sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile()]
    limits = [sys.getrecursionlimit(), sys.getswitchinterval(), gc.isenabled(), gc.get_threshold()]
    return places, streams, traced, limits


def _arithmetic() -> object:
    """Return what tells how the processor rounds, and whether it keeps subnormal numbers."""
    one, three, least = np.float64(1), np.float64(3), np.float64(5e-324)
    return float(one / three), float(-one / three), float(least * one), float(least + least)


def _numpy() -> object:
    return np.geterr(), np.geterrcall(), np.get_printoptions()


def _names() -> object:
    """Return what the interpreter and numpy offer by name: it can be replaced."""
    return [
        {name: one for name, one in names.items() if not isinstance(one, ModuleType)}
        for names in _all_names()
    ]


def _all_names() -> list[dict[str, object]]:
    return [dict(vars(module)) for module in (builtins, np, np.linalg, np.random)]


def _scikit_learn() -> object:
    library: Any = sys.modules.get("sklearn")
    return None if library is None else library.get_config()


def _torch() -> object:
    library: Any = sys.modules.get("torch")
    if library is None:
        return None
    return (
        library.get_rng_state().numpy().tobytes(),
        library.get_num_threads(),
        library.get_default_dtype(),
        library.is_grad_enabled(),
        library.are_deterministic_algorithms_enabled(),
    )


READ: dict[str, Callable[[], object]] = {
    "working directory": os.getcwd,
    "environment": _environment,
    "descriptors": _descriptors,
    "modes": _modes,
    "signals": _signals,
    "limits": _limits,
    "warnings": lambda: (list(warnings.filters), warnings.showwarning),
    "logging": _logging,
    "locale": lambda: (locale.setlocale(locale.LC_ALL), time.tzname),
    "interpreter": _interpreter,
    "arithmetic": _arithmetic,
    "numpy": _numpy,
    "names": _names,
    "scikit-learn": _scikit_learn,
    "torch": _torch,
}
"""By what it is called."""

READ_FIRST: dict[str, Callable[[], object]] = {
    "environment": _places_of_variables,
    "names": _all_names,
}
"""What is read sooner, and cannot stay the same when the other changes."""
