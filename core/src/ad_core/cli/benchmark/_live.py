"""How a benchmark goes, on a terminal: what is done, what runs, what failed, the time left."""

import math
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ad_core.benchmark import (
    BenchmarkStarted,
    Durations,
    Forecast,
    ReadingDataset,
    RunFinished,
    RunStarted,
)
from ad_core.cli.benchmark._lines import failure_line, reason

if TYPE_CHECKING:
    from ad_core.results import Record

__all__ = ["LiveView"]

AROUND = 6
"""Lines of the terminal that are kept for what stands around the table of runs."""

FORECAST_EVERY = 2.0
"""Seconds between two forecasts of the time left."""


class _Running(NamedTuple):
    event: RunStarted
    since: float


class LiveView:
    """A table that is updated in place; failures are printed above it.

    Its methods are called where events come from, and it is drawn in a thread
    of its own.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._reading: ReadingDataset | None = None
        self._forecast: Forecast | None = None
        self._running: dict[str, _Running] = {}
        self._elsewhere: set[str] = set()
        self._statuses: Counter[str] = Counter()
        self._said: set[tuple[str, str, str]] = set()
        self._n_planned = 0
        self._begin = time.monotonic()
        self._forecast_at = -math.inf
        self._forecast_left: float | None = None
        self._live = Live(
            console=console, get_renderable=self.render, refresh_per_second=2, transient=True
        )

    def start(self) -> None:
        """Begin to draw."""
        self._live.start()

    def stop(self) -> None:
        """Take the table away."""
        self._live.stop()

    def reading(self, event: ReadingDataset) -> None:
        """Show which data set is being read."""
        with self._lock:
            self._reading = event

    def begin(self, event: BenchmarkStarted) -> None:
        """Show the table."""
        with self._lock:
            self._n_planned = event.n_planned
            self._begin = time.monotonic()
            self._forecast = Forecast(event.tasks, Durations(event.timings))

    def there(self, record: "Record") -> None:
        """Count a run that was there already."""
        with self._lock:
            self._statuses[str(record.status)] += 1

    def started(self, event: RunStarted) -> None:
        """Show a run."""
        now = time.monotonic()
        with self._lock:
            self._running[event.key] = _Running(event, now)
            self._elsewhere.discard(event.key)
            if self._forecast is not None:
                self._forecast.started(event.key, now)

    def elsewhere(self, key: str) -> None:
        """Take away a run that another process is at."""
        with self._lock:
            self._running.pop(key, None)
            self._elsewhere.add(key)
            if self._forecast is not None:
                self._forecast.gone(key)

    def finished(self, event: RunFinished) -> None:
        """Count a run, and print a line when it failed as its model did not before."""
        record = event.record
        with self._lock:
            self._running.pop(record.key, None)
            self._statuses[str(record.status)] += 1
            if self._forecast is not None:
                self._forecast.finished(record)
        kind = (record.model, str(record.status), reason(record))
        if not record.ok and kind not in self._said:
            self._said.add(kind)
            self._console.print(Text(failure_line(record), style="red"))

    def render(self) -> RenderableType:
        """Return what to draw now."""
        with self._lock:
            if self._forecast is None:
                return self._planning()
            now = time.monotonic()
            rows = [self._bar(), self._counts(now)]
            if self._running:
                rows.append(self._table(now))
            # The ^C that a terminal echoes must not begin a line of its own.
            return Constrain(Group(*rows), self._console.width - len("^C "))

    def _planning(self) -> RenderableType:
        if self._reading is None:
            return Text("")
        text = (
            f"reading {self._reading.place} of {self._reading.n_total}: "
            f"{self._reading.dataset}, seed {self._reading.seed}"
        )
        return Text(text, no_wrap=True, overflow="ellipsis")

    def _bar(self) -> RenderableType:
        done = self._statuses.total()
        grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
        grid.add_column(ratio=1)
        grid.add_column(no_wrap=True)
        grid.add_row(ProgressBar(self._n_planned, done), f"{done}/{self._n_planned}")
        return grid

    def _counts(self, now: float) -> RenderableType:
        left = self._left(now)
        parts = [(f"{self._statuses['ok']} ok", "green")]
        parts += [
            (f"{count} {status}", "red")
            for status, count in sorted(self._statuses.items())
            if status != "ok"
        ]
        if self._elsewhere:
            parts.append((f"{len(self._elsewhere)} held by another process", "yellow"))
        parts.append((f"{_clock(now - self._begin)} elapsed", ""))
        if left is not None:
            parts.append((f"about {_clock(left)} left", ""))
        text = Text()
        for place, (part, style) in enumerate(parts):
            text.append(", " if place else "").append(part, style=style)
        return text

    def _left(self, now: float) -> float | None:
        """Return the time left; with thousands of runs it is too dear to compute for each frame."""
        due = self._forecast_left is None or now - self._forecast_at >= FORECAST_EVERY
        if self._forecast is not None and due:
            self._forecast_at, self._forecast_left = now, self._forecast.left(now)
        if self._forecast_left is None:
            return None
        return max(0.0, self._forecast_left - (now - self._forecast_at))

    def _table(self, now: float) -> RenderableType:
        table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim")
        for name, ratio in (("running", 2), ("on", 3)):
            table.add_column(name, ratio=ratio, no_wrap=True, overflow="ellipsis")
        for name in ("seed", "for"):
            table.add_column(name, justify="right", no_wrap=True)
        room = max(1, self._console.height - AROUND)
        longest = sorted(self._running.values(), key=lambda one: one.since)
        for event, since in longest[:room]:
            table.add_row(
                Text(event.model), Text(event.dataset), str(event.seed), _clock(now - since)
            )
        if len(longest) > room:
            table.add_row(f"and {len(longest) - room} more", "", "", "")
        return table


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
