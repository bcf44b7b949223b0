"""Hears of a benchmark and has it shown on standard error."""

import os
import sys
from typing import TYPE_CHECKING, Any, Protocol, Self

from ad_core.benchmark import (
    BenchmarkStarted,
    ReadingDataset,
    RunElsewhere,
    RunFinished,
    RunStarted,
)
from ad_core.cli._output import note
from ad_core.cli.benchmark._lines import Lines
from ad_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from ad_core.results import Record

__all__ = ["Progress"]


class _View(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def reading(self, event: ReadingDataset) -> None: ...
    def begin(self, event: BenchmarkStarted) -> None: ...
    def there(self, record: "Record", /) -> None: ...
    def started(self, event: RunStarted) -> None: ...
    def elsewhere(self, key: str) -> None: ...
    def finished(self, event: RunFinished) -> None: ...


class Progress:
    """Observes a benchmark and reports: a live table on a terminal, lines elsewhere.

    Attributes
    ----------
    records
        Of every run that has one, in the order in which they came.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._view = _view()
        self._n_reused = 0

    def __enter__(self) -> Self:
        self._view.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._view.stop()

    @hookimpl
    def ad_event(self, event: Any) -> None:
        """Hear of an event."""
        if isinstance(event, ReadingDataset):
            self._view.reading(event)
        elif isinstance(event, BenchmarkStarted):
            self._begin(event)
        elif isinstance(event, RunStarted):
            self._view.started(event)
        elif isinstance(event, RunElsewhere):
            self._view.elsewhere(event.key)
        elif isinstance(event, RunFinished):
            self._finished(event)

    def _begin(self, event: BenchmarkStarted) -> None:
        self._n_reused = event.n_reused
        reused = f", {event.n_reused} of them there already" if event.n_reused else ""
        note(f"{event.name}: {event.n_planned} runs{reused}; records go to {event.folder}")
        self._view.begin(event)

    def _finished(self, event: RunFinished) -> None:
        self.records.append(event.record)
        if self._n_reused:  # those that were there come first
            self._n_reused -= 1
            self._view.there(event.record)
        else:
            self._view.finished(event)


def _view() -> _View:
    """Choose how to report; a terminal that cannot move its cursor gets lines."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return Lines()
    from rich.console import Console

    from ad_core.cli.benchmark._live import LiveView

    return LiveView(Console(stderr=True))
