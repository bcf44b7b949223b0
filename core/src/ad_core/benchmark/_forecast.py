"""How long a benchmark still takes, from what its runs took so far."""

from collections.abc import Iterable

from ad_core.benchmark._order import Durations
from ad_core.benchmark._task import Task
from ad_core.results import Record, timing

__all__ = ["Forecast"]


class Forecast:
    """Estimates the time left while a benchmark goes on; times are seconds of one clock.

    Parameters
    ----------
    tasks
        The runs to compute.
    durations
        What is known of their length; it learns from those that finish.
    """

    def __init__(self, tasks: Iterable[Task], durations: Durations) -> None:
        self._waiting = {task.key: task for task in tasks}
        self._running: dict[str, tuple[Task, float]] = {}
        self._durations = durations
        self._n_workers = 1
        self._begin: float | None = None
        self._n_finished = 0
        self._busy = 0.0

    def started(self, key: str, now: float) -> None:
        """Hear that a run was handed to a worker."""
        if self._begin is None:
            self._begin = now
        if key in self._waiting:
            self._running[key] = (self._waiting.pop(key), now)
            self._n_workers = max(self._n_workers, len(self._running))

    def gone(self, key: str) -> None:
        """Hear that another process is at a run: nobody here works on it."""
        if key in self._running:
            self._waiting[key], _ = self._running.pop(key)

    def finished(self, record: Record) -> None:
        """Hear that a run has a record."""
        took = timing(record)
        if took is not None:
            self._durations.add(took)
        self._waiting.pop(record.key, None)
        if self._running.pop(record.key, None) is not None:
            self._n_finished += 1
            self._busy += took.seconds if took is not None else 0.0

    def left(self, now: float) -> float | None:
        """Return the seconds until everything is done; None while nothing is known.

        All that is left, shared out among the workers, and at least what the
        longest run needs. A run of an unknown model counts as an average one, and
        each that waits costs what the runs so far took beside their own time.
        """
        tasks = [*self._waiting.values(), *(task for task, _ in self._running.values())]
        # What cannot be done takes no time.
        tasks = [task for task in tasks if task.problem is None]
        expected = {task.key: self._durations.expected(task) for task in tasks}
        known = [one for one in expected.values() if one is not None]
        if expected and not known:
            return None
        average = sum(known) / max(len(known), 1)
        needed = {key: average if one is None else one for key, one in expected.items()}
        for key, (_, begun) in self._running.items():
            needed[key] = max(0.0, needed.get(key, 0.0) - (now - begun))
        total = sum(needed.values()) + self._overhead(now) * len(self._waiting)
        return max(total / self._n_workers, max(needed.values(), default=0.0))

    def _overhead(self, now: float) -> float:
        """Return the seconds of a worker that a run costs beside its own, on average."""
        if self._begin is None or not self._n_finished:
            return 0.0
        running = sum(now - begun for _, begun in self._running.values())
        idle = self._n_workers * (now - self._begin) - self._busy - running
        return max(0.0, idle / self._n_finished)
