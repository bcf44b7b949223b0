"""Plan detector × data set × seed, execute what is not there yet, keep records."""

from ad_core.benchmark._collect import collect
from ad_core.benchmark._execute import Result, execute
from ad_core.benchmark._executors import (
    Executor,
    JoblibExecutor,
    SequentialExecutor,
    ThreadExecutor,
    WorkerLostError,
    make_executor,
)
from ad_core.benchmark._experiment import DetectorEntry, Experiment, Source, read_experiment
from ad_core.benchmark._forecast import Forecast
from ad_core.benchmark._order import Durations, longest_first
from ad_core.benchmark._plan import Plan, plan
from ad_core.benchmark._policy import ALWAYS_RETRIED, Policy
from ad_core.benchmark._reproduce import Reproduction, find_run, reproduce
from ad_core.benchmark._rescore import Rescored, rescore, rescore_run
from ad_core.benchmark._run import Outcome, get_ready, perform, run
from ad_core.benchmark._status import PlannedRun, Progress, planned_runs, progress, runs_of
from ad_core.benchmark._task import Task
from ad_core.benchmark.engines import ClusterExecutor, Engine, make_cluster_executor
from ad_core.benchmark.events import (
    BenchmarkFinished,
    BenchmarkStarted,
    ReadingDataset,
    RunElsewhere,
    RunFinished,
    RunStarted,
    Summary,
)
from ad_core.benchmark.isolation import run_isolated
from ad_core.benchmark.protocols import PROTOCOLS, RunProtocol, data_seed, get_protocol

__all__ = [
    "ALWAYS_RETRIED",
    "PROTOCOLS",
    "BenchmarkFinished",
    "BenchmarkStarted",
    "ClusterExecutor",
    "DetectorEntry",
    "Durations",
    "Engine",
    "Executor",
    "Experiment",
    "Forecast",
    "JoblibExecutor",
    "Outcome",
    "Plan",
    "PlannedRun",
    "Policy",
    "Progress",
    "ReadingDataset",
    "Reproduction",
    "Rescored",
    "Result",
    "RunElsewhere",
    "RunFinished",
    "RunProtocol",
    "RunStarted",
    "SequentialExecutor",
    "Source",
    "Summary",
    "Task",
    "ThreadExecutor",
    "WorkerLostError",
    "collect",
    "data_seed",
    "execute",
    "find_run",
    "get_protocol",
    "get_ready",
    "longest_first",
    "make_cluster_executor",
    "make_executor",
    "perform",
    "plan",
    "planned_runs",
    "progress",
    "read_experiment",
    "reproduce",
    "rescore",
    "rescore_run",
    "run",
    "run_isolated",
    "runs_of",
]
