"""From how a run's process ended to the run's record."""

import signal

from attrs import evolve, frozen

from ad_core.benchmark._execute import Result, failed
from ad_core.benchmark._task import Task
from ad_core.benchmark.isolation._limits import megabytes, thread_variables
from ad_core.benchmark.isolation._worker import Exit
from ad_core.results import ErrorInfo, Limits, Record, Status

__all__ = ["Ending", "verdict"]

_FATAL = "Fatal Python error: "
"""What the traceback of a crash begins with."""
_LINES, _CHARACTERS = 3, 300


@frozen(kw_only=True)
class Ending:
    """How a run ended.

    Parameters
    ----------
    exit
        Of its process.
    cause
        `timeout` or `oom` when the supervisor ended it; None when it ended by itself.
    peak_rss
        Bytes of resident memory of its processes together at their highest; 0 when it was
        gone before it was looked at.
    output
        The end of what it printed.
    result
        What it handed over; None when it ended before that.
    """

    exit: Exit
    cause: Status | None
    peak_rss: int
    output: str = ""
    result: Result | None = None

    @property
    def good(self) -> bool:
        """Whether it ended by itself and gave scores."""
        return self.whole and self.result is not None and self.result.record.ok

    @property
    def whole(self) -> bool:
        """Whether it ended by itself and handed a result over, whichever."""
        return self.cause is None and self.exit.code == 0 and self.result is not None


def verdict(task: Task, limits: Limits, ending: Ending, started: str) -> Result:
    """Return the result of a run, or the record that says why there is none."""
    if ending.result is not None and ending.whole:
        result = ending.result
    else:
        status = ending.cause or Status.CRASH
        error = ErrorInfo(
            type=_type(status, ending.exit),
            message=_message(task, limits, ending),
            traceback=ending.output,
        )
        result = failed(task, status, error, started)
        threads = thread_variables(limits.threads)
        result = evolve(
            result,
            record=evolve(result.record, environment={**result.record.environment, **threads}),
        )
    return evolve(result, record=_observed(result.record, limits, ending))


def _observed(record: Record, limits: Limits, ending: Ending) -> Record:
    code = ending.exit.code
    if record.status is Status.OOM and record.error is not None and ending.cause is None:
        remedy = "" if limits.memory is None else f"; {_limit(limits.memory)}"
        record = evolve(record, error=evolve(record.error, message=record.error.message + remedy))
    return evolve(
        record,
        signal=_signal(code),
        exit_code=code if code is not None and code >= 0 else None,
        peak_rss=ending.peak_rss or None,
    )


def _signal(code: int | None) -> str | None:
    if code is None or code >= 0:
        return None
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal
        return f"SIGRTMIN+{-code - signal.SIGRTMIN}"


def _type(status: Status, exit_: Exit) -> str:
    names = {Status.TIMEOUT: "TimeoutError", Status.OOM: "MemoryError"}
    return names.get(status) or _signal(exit_.code) or "SystemExit"


def _message(task: Task, limits: Limits, ending: Ending) -> str:
    whose = f"{task.model} on {task.dataset}"
    if ending.cause is Status.TIMEOUT:
        return f"{whose} exceeded {limits.timeout:g} s; raise it with --timeout or timeout:"
    if ending.cause is Status.OOM and limits.memory is not None:
        return f"{whose} used {megabytes(ending.peak_rss)}, more than {_limit(limits.memory)}"
    return f"{whose} {_death(ending.exit)}; {_printed(ending.output)}"


def _limit(memory: int) -> str:
    return f"the limit of {megabytes(memory)}; raise it with --memory or memory:"


def _death(exit_: Exit) -> str:
    if exit_.code is None:
        return "ended together with the process that started it"
    name = _signal(exit_.code)
    if name is None:
        return f"ended its process with exit code {exit_.code} before it gave scores"
    hint = " (by the system, when memory runs out)" if name == "SIGKILL" else ""
    return f"was killed by {name}{hint}"


def _printed(output: str) -> str:
    before = output.partition(_FATAL)[0]
    lines = [" ".join(line.split()) for line in before.splitlines() if line.strip()]
    if not lines:
        return "it printed nothing" if before == output else "its record has the traceback"
    return f"the last lines it printed: {' | '.join(lines[-_LINES:])[-_CHARACTERS:]}"
