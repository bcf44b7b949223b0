"""Which runs start first: the longest, so that no worker is left alone with one at the end."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Protocol

from ad_core.benchmark._task import Task
from ad_core.results import Timing

__all__ = ["Durations", "Expectable", "longest_first"]

_Who = tuple[str, str]


class Expectable(Protocol):
    """What the length of a run is told by: a task, or what a folder says of one."""

    @property
    def model(self) -> str: ...
    @property
    def detector(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def size(self) -> int | None: ...


class Durations:
    """How long a run may take, from what earlier ones took.

    Parameters
    ----------
    timings
        Of runs of the same or other experiments.
    """

    def __init__(self, timings: Iterable[Timing] = ()) -> None:
        self._seconds: dict[_Who, dict[str, list[float]]] = {}
        self._sizes: dict[str, int] = {}
        for timing in timings:
            self.add(timing)

    def add(self, timing: Timing) -> None:
        """Learn from one more run."""
        of_model = self._seconds.setdefault((timing.model, timing.detector), {})
        of_model.setdefault(timing.dataset, []).append(timing.seconds)
        if timing.size:
            self._sizes[timing.dataset] = timing.size

    def expected(self, task: Expectable) -> float | None:
        """Return the seconds that a run should take; None for a model that has never run.

        The median of the same model on the same data set; else its median on the
        set nearest in size, times the ratio of the sizes.
        """
        return self._scaled(self._seconds.get((task.model, task.detector), {}), task)

    def at_worst(self, task: Task) -> float | None:
        """Return what the slowest model that has run would take; None when none has."""
        known = [self._scaled(of_model, task) for of_model in self._seconds.values()]
        return max((one for one in known if one is not None), default=None)

    def _scaled(self, of_model: Mapping[str, list[float]], task: Expectable) -> float | None:
        if task.dataset in of_model:
            return median(of_model[task.dataset])
        sizes = {name: self._sizes[name] for name in of_model if name in self._sizes}
        if not task.size or not sizes:
            return None
        size = task.size
        nearest = min(sizes, key=lambda name: (_ratio(sizes[name], size), name))
        return median(of_model[nearest]) * size / sizes[nearest]


def _ratio(one: int, other: int) -> float:
    return max(one, other) / min(one, other)


def longest_first(tasks: Iterable[Task], durations: Durations) -> list[Task]:
    """Order runs so that those that should take longest start first.

    A model that has never run counts as slow as the slowest that has: started
    late, it could keep everybody waiting. Where nothing at all is known, the
    largest data sets come first. Runs with a problem that is known beforehand
    take no time and come before all others. Equals keep their order.
    """

    def key(task: Task) -> tuple[bool, float, int]:
        expected = durations.expected(task)
        if expected is None:
            expected = durations.at_worst(task)
        return (task.problem is None, -(expected or 0.0), -(task.size or 0))

    return sorted(tasks, key=key)
