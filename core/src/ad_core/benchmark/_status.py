"""How far a benchmark is, by its folder."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from ad_core.benchmark._order import Durations
from ad_core.benchmark._plan import Plan
from ad_core.errors import ResultsError
from ad_core.results import (
    Kind,
    Record,
    RunStore,
    Timing,
    read_artefact,
    record_paths,
    timing,
)

__all__ = ["PlannedRun", "Progress", "planned_runs", "progress", "runs_of"]


@frozen(kw_only=True)
class PlannedRun:
    """One run that an experiment wants; `size` is that of its data set, where known."""

    key: str
    model: str
    detector: str
    dataset: str
    seed: int
    size: int | None = None


@frozen(kw_only=True)
class Progress:
    """How far a benchmark is.

    Parameters
    ----------
    n_planned
        Runs that are wanted; None where the folder does not say.
    by_status
        Of those that have a record, how many ended how.
    reasons
        Of the failed ones: by status, how many failed with which message.
    missing
        Runs without a record, those that are running left out.
    running
        Runs that a live process has claimed; None where the locks cannot be asked.
    n_unplanned
        Records of runs that no experiment wants any more.
    spent
        Seconds that all runs took, one after the other.
    left
        Seconds that the missing and the running ones will take, as runs of their
        model took: as many at a time as are running now, and at least what the longest
        of them takes. None where nothing is known of one.
    """

    n_planned: int | None
    by_status: dict[str, int]
    reasons: dict[str, dict[str, int]]
    missing: tuple[PlannedRun, ...]
    running: tuple[str, ...] | None
    n_unplanned: int
    spent: float
    left: float | None


def planned_runs(store: RunStore) -> tuple[PlannedRun, ...] | None:
    """Return what ``config.json`` wants; None when there is none.

    Raises
    ------
    ResultsError
        The file is damaged.
    """
    config = read_artefact(store.folder, Kind.CONFIG)
    if config is None:
        return None
    found = {}
    for experiment in config["experiments"].values():
        detectors = {one["model"]: one["detector"] for one in experiment["detectors"]}
        for run in experiment["runs"]:
            found[run["key"]] = PlannedRun(**run, detector=detectors[run["model"]])
    return tuple(found.values())


def runs_of(plan: Plan) -> tuple[PlannedRun, ...]:
    """Return what a plan wants."""
    return tuple(
        PlannedRun(
            key=task.key,
            model=task.model,
            detector=task.detector,
            dataset=task.dataset,
            seed=task.seed,
            size=task.size,
        )
        for task in plan.tasks
    )


def progress(store: RunStore, planned: Iterable[PlannedRun] | None) -> Progress:
    """Say how far a benchmark is; reads every record, changes nothing.

    Raises
    ------
    ResultsError
        The folder is missing, or a record is damaged.
    """
    wanted = None if planned is None else {one.key: one for one in planned}
    keys = [path.stem for path in record_paths(store.folder)]
    records = [one for one in map(store.find, keys) if one is not None]
    counted = [one for one in records if wanted is None or one.key in wanted]
    running = _running(store, {one.key for one in records if one.ok})
    known = {one.key for one in records}
    lacking = [] if wanted is None else [one for key, one in wanted.items() if key not in known]
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for one in counted:
        if not one.ok:
            reasons[str(one.status)][one.error.message if one.error else ""] += 1
    return Progress(
        n_planned=None if wanted is None else len(wanted),
        by_status=dict(sorted(Counter(str(one.status) for one in counted).items())),
        reasons={status: dict(found.most_common()) for status, found in sorted(reasons.items())},
        missing=tuple(one for one in lacking if one.key not in (running or ())),
        running=running,
        n_unplanned=len(records) - len(counted),
        spent=sum(map(_seconds, counted)),
        left=_left(
            lacking,
            [took for one in records if (took := timing(one)) is not None],
            n_workers=max(1, len(running or ())),
        ),
    )


def _running(store: RunStore, done: set[str]) -> tuple[str, ...] | None:
    try:
        return tuple(key for key in store.claimable() if key not in done and store.is_claimed(key))
    except ResultsError:  # a read-only folder: None says that it is not known
        return None


def _seconds(record: Record) -> float:
    ends = (datetime.fromisoformat(one) for one in (record.started_at, record.finished_at))
    begin, end = ends
    return max(0.0, (end - begin).total_seconds())


def _left(lacking: list[PlannedRun], timings: list[Timing], n_workers: int) -> float | None:
    durations = Durations(timings)
    sizes = {took.dataset: took.size for took in timings}
    expected = [
        durations.expected(evolve(one, size=one.size or sizes.get(one.dataset))) for one in lacking
    ]
    known = [one for one in expected if one is not None]
    if len(known) < len(expected):
        return None
    return max(sum(known) / n_workers, max(known, default=0.0))
