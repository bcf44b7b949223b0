"""Runs that cannot hurt one another: each in a process of its own, watched and limited.

`run_isolated` is what a worker of any engine calls. It keeps one *zygote* for each
run at a time: a small program that imports the libraries once and forks a child for
runs, so that a run costs milliseconds, not the seconds of a cold start. A child does
one run after the other, as long as each leaves it as good as new. The caller's thread
watches the child: its wall time, and the memory of its whole process tree. Where
forking is not to be had, each run gets a fresh interpreter.
"""

from ad_core.benchmark.isolation._isolated import (
    Isolator,
    WorkerLostError,
    run_isolated,
    share_isolators,
    start_early,
    stop_on,
)
from ad_core.benchmark.isolation._limits import parse_memory, thread_variables
from ad_core.results import Limits

__all__ = [
    "Isolator",
    "Limits",
    "WorkerLostError",
    "parse_memory",
    "run_isolated",
    "share_isolators",
    "start_early",
    "stop_on",
    "thread_variables",
]
