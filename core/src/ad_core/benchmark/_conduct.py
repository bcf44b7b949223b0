"""Do a run where its limits want it done; what a worker of any engine calls."""

from ad_core.benchmark._execute import Result, execute
from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation import run_isolated
from ad_core.results import Isolation, Limits

__all__ = ["conduct"]


def conduct(task: Task, limits: Limits | None, isolation: Isolation = Isolation.PROCESS) -> Result:
    """Do a run, in a process of its own where it has limits; `isolation` says in which."""
    return execute(task) if limits is None else run_isolated(task, limits, isolation)
