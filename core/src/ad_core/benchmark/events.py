"""What observers (hook ``ad_event``) hear of a benchmark."""

from collections.abc import Mapping

from attrs import field, frozen

from ad_core.benchmark._task import Task
from ad_core.results import Record, Timing

__all__ = [
    "BenchmarkFinished",
    "BenchmarkStarted",
    "ReadingDataset",
    "RunElsewhere",
    "RunFinished",
    "RunStarted",
    "Summary",
]


@frozen(kw_only=True)
class Summary:
    """How a benchmark went.

    Parameters
    ----------
    name, folder
        The experiment and its results folder.
    n_planned
        Runs in the plan.
    n_reused
        Of these, taken from the folder: they were there, or another process made them.
    n_elsewhere
        Of the reused, those that another process computed in the meantime.
    by_status
        Of all that have a record now, how many ended how.
    kept
        Failures of earlier times that were not tried again, by status.
    elapsed
        Seconds.
    interrupted
        Whether it was stopped by hand; every finished run is kept.
    """

    name: str
    folder: str
    n_planned: int
    n_reused: int
    n_elsewhere: int = 0
    by_status: Mapping[str, int]
    kept: Mapping[str, int] = field(factory=dict)
    elapsed: float
    interrupted: bool

    @property
    def n_done(self) -> int:
        """Number of runs that have a record now."""
        return sum(self.by_status.values())

    @property
    def n_computed(self) -> int:
        """Number of runs that were computed here."""
        return self.n_done - self.n_reused

    @property
    def n_failed(self) -> int:
        """Number of runs that have a record but no scores."""
        return self.n_done - self.by_status.get("ok", 0)


@frozen(kw_only=True)
class ReadingDataset:
    """A plan is about to read, and maybe download, data set number `place` of `n_total`."""

    dataset: str
    seed: int
    place: int
    n_total: int


@frozen(kw_only=True)
class BenchmarkStarted:
    """A benchmark begins: `n_planned` runs, of which `n_reused` are there already.

    `tasks` are the others, in the order in which they start, and `timings` what
    earlier runs in the folder took.
    """

    name: str
    folder: str
    n_planned: int
    n_reused: int
    tasks: tuple[Task, ...] = field(repr=False)
    timings: tuple[Timing, ...] = field(repr=False)


@frozen(kw_only=True)
class RunStarted:
    """A run was handed to a worker (maybe from another thread than the main one)."""

    key: str
    model: str
    dataset: str
    seed: int


@frozen(kw_only=True)
class RunElsewhere:
    """A run that was started is another process's: it is waited for at the end."""

    key: str


@frozen(kw_only=True)
class RunFinished:
    """A run has a record; `reused` tells that it was not computed here."""

    record: Record
    reused: bool


@frozen(kw_only=True)
class BenchmarkFinished:
    """A benchmark ended, by itself or by hand."""

    summary: Summary
