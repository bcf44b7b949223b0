"""How a benchmark goes, where there is no terminal: a line a run."""

import time
from typing import TYPE_CHECKING

from ad_core.cli._output import note, number, printable

if TYPE_CHECKING:
    from ad_core.benchmark import BenchmarkStarted, ReadingDataset, RunFinished, RunStarted
    from ad_core.results import Record

__all__ = ["Lines", "failure_line", "reason"]

EVERY = 15.0
"""Seconds between two lines while data sets are read."""
_LONGEST = 200


class Lines:
    """Prints a line for each run that ends, and now and then one while data sets are read."""

    def __init__(self) -> None:
        self._n_planned = self._n_done = 0
        self._said = time.monotonic()

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def reading(self, event: "ReadingDataset") -> None:
        """Say which data set is being read, unless something was said a moment ago."""
        if time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            note(f"reading {event.place} of {event.n_total}: {event.dataset}, seed {event.seed}")

    def begin(self, event: "BenchmarkStarted") -> None:
        """Hear how many runs there are."""
        self._n_planned = event.n_planned

    def there(self, _record: "Record") -> None:
        """Count a run that was there already."""
        self._n_done += 1

    def started(self, event: "RunStarted") -> None:
        """Do nothing."""

    def elsewhere(self, key: str) -> None:
        """Do nothing."""

    def finished(self, event: "RunFinished") -> None:
        """Print the line of a run."""
        self._n_done += 1
        head = f"[{self._n_done:{len(str(self._n_planned))}}/{self._n_planned}] "
        record = event.record
        if not record.ok:
            note(head + failure_line(record))
            return
        name, value = next(iter(record.metrics.items()), ("", None))
        note(
            f"{head}{record.status} {_which(record)}: "
            f"{name} {number(value)}, {number(record.fit_time, 3)} s to fit"
        )


def failure_line(record: "Record") -> str:
    """Return which run failed, how and why, as one line."""
    return f"{record.status} {_which(record)}: {reason(record)}"


def reason(record: "Record") -> str:
    """Return why a run failed, as one line that is not too long; its record has the whole."""
    text = printable(record.error.message) if record.error else "no reason is recorded"
    text = text.removeprefix(f"{record.model} on {record.dataset} ")  # which run, is said before
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _which(record: "Record") -> str:
    return f"{record.model} on {record.dataset}, seed {record.seed}"
