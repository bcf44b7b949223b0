"""How a benchmark goes: a live line on a terminal, a line a run elsewhere."""

import sys
from typing import TYPE_CHECKING, Any, Self

from ad_core.benchmark import BenchmarkStarted, RunFinished, RunStarted
from ad_core.cli._bar import live_bar
from ad_core.cli._output import note, number
from ad_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ad_core.results import Record

__all__ = ["Progress"]


class Progress:
    """Observes a benchmark and reports on standard error.

    Attributes
    ----------
    records
        Of every run that has one, in the order in which they came.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._n_planned = self._n_done = self._n_failed = self._n_reused = 0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = live_bar()
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    @hookimpl
    def ad_event(self, event: Any) -> None:
        """Hear of an event."""
        if isinstance(event, BenchmarkStarted):
            self._started(event)
        elif isinstance(event, RunStarted):
            self._show(f"{event.model} on {event.dataset}, seed {event.seed}")
        elif isinstance(event, RunFinished):
            self._finished(event)

    def _started(self, event: BenchmarkStarted) -> None:
        self._n_planned = event.n_planned
        self._n_done = self._n_reused = event.n_reused
        reused = f", {event.n_reused} of them there already" if event.n_reused else ""
        note(f"{event.name}: {event.n_planned} runs{reused}; records go to {event.folder}")
        if self._bar is not None:
            # What is there already says nothing of the time that is left.
            self._task = self._bar.add_task(
                "", total=event.n_planned, completed=event.n_reused, failed=""
            )

    def _finished(self, event: RunFinished) -> None:
        record = event.record
        self.records.append(record)
        if event.reused and self._n_reused:
            self._n_reused -= 1
            return
        self._n_done += 1
        if self._bar is None or not record.ok:
            note(self._line(record))
        if self._bar is not None and self._task is not None:
            self._n_failed += not record.ok
            failed = f"{self._n_failed} failed" if self._n_failed else ""
            self._bar.update(self._task, advance=1, failed=failed)

    def _show(self, text: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=text)

    def _line(self, record: "Record") -> str:
        width = len(str(self._n_planned))
        head = (
            f"[{self._n_done:{width}}/{self._n_planned}] {record.status} "
            f"{record.model} on {record.dataset}, seed {record.seed}"
        )
        if not record.ok:
            return f"{head}: {' '.join(record.error.message.split())}" if record.error else head
        name, value = next(iter(record.metrics.items()), ("", None))
        return f"{head}: {name} {number(value)}, {number(record.fit_time, 3)} s to fit"
