"""One run again from its record, and what differs."""

from typing import Any

import numpy as np
from attrs import evolve, frozen

from ad_core.benchmark._execute import Result, execute
from ad_core.benchmark._experiment import DetectorEntry, Experiment
from ad_core.benchmark._plain import plain, restore
from ad_core.benchmark._plan import plan
from ad_core.benchmark._task import Task
from ad_core.benchmark.engines import Engine
from ad_core.benchmark.isolation import run_isolated
from ad_core.errors import AdError, ConfigError, ResultsError
from ad_core.load import availability, build
from ad_core.registry import Registry, get_registry
from ad_core.results import Isolation, Record, RunStore, record_keys

__all__ = ["Reproduction", "find_run", "reproduce"]


@frozen(kw_only=True)
class Reproduction:
    """A run and its repetition.

    Parameters
    ----------
    before, after
        The record and the one that the repetition would have.
    same
        Whether the scores are equal bit for bit or, of a run that gave none,
        whether it ended in the same way.
    largest_difference
        Between the scores; None when one of the two has none or they are not as many.
    differences
        What else differs, by name: what was, what is. Times are not among it.
    """

    before: Record
    after: Record
    same: bool
    largest_difference: float | None
    differences: dict[str, tuple[Any, Any]]


def find_run(store: RunStore, prefix: str) -> Record:
    """Return the record whose key begins with `prefix`.

    Raises
    ------
    ResultsError
        None does, or several; or the record is damaged.
    """
    keys = [key for key in record_keys(store.folder) if key.startswith(prefix.lower())]
    if len(keys) != 1 or not prefix:
        shown = ", ".join(key[:12] for key in keys[:5])
        found = f"{len(keys)} do: {shown}{' …' if len(keys) > 5 else ''}; give more of it"
        remedy = "see: ad benchmark collect" if not keys else found
        raise ResultsError(
            f"no single run in {store.folder} has a key that begins with {prefix!r}; {remedy}"
        )
    record = store.find(keys[0])
    assert record is not None
    return record


def reproduce(store: RunStore, record: Record, registry: Registry | None = None) -> Reproduction:
    """Do a run again; nothing in the folder is changed.

    Raises
    ------
    ResultsError
        The record does not hold enough, or what it names is not installed.
    """
    task = _task(record, get_registry() if registry is None else registry)
    kept = store.scores(record) if record.ok else None
    result: Result = (
        execute(task)
        if record.isolation is Isolation.NONE
        else run_isolated(task, record.limits, record.isolation)
    )
    environment = {**result.record.environment, "engine": str(Engine.LOCAL)}
    after = evolve(
        result.record, isolation=record.isolation, limits=record.limits, environment=environment
    )
    same, largest = after.status is record.status, None
    if kept is not None and result.scores is not None:
        one, two = kept.scores, result.scores.scores
        same = one.tobytes() == two.tobytes()
        if one.shape == two.shape:
            largest = float(np.max(np.abs(one - two), initial=0.0))
    return Reproduction(
        before=record,
        after=after,
        same=same,
        largest_difference=largest,
        differences=_differences(record, after),
    )


def _task(record: Record, registry: Registry) -> Task:
    """Plan the one run that a record describes."""
    try:
        entry = DetectorEntry(
            name=record.detector, label=record.model, params=_arguments(record, registry)
        )
        planned = plan(
            Experiment(
                datasets=(record.dataset,),
                detectors=(entry,),
                seeds=(record.seed,),
                metrics=tuple(sorted(name for name in record.metrics if name in registry.metrics))
                or ("roc_auc",),
                protocol=record.protocol,
            ),
            registry,
        )
    except ConfigError as error:
        raise ResultsError(f"run {record.key[:12]} cannot be done again: {error}") from error
    return planned.tasks[0]


def _arguments(record: Record, registry: Registry) -> dict[str, Any]:
    """Return the arguments that differ from the defaults, built again from plain data."""
    whose = f"run {record.key[:12]} cannot be done again: {record.model}"
    try:
        spec = registry.detectors.get(record.detector).spec
        if not (found := availability(spec)):
            raise ResultsError(f"{whose} {found.message}")
        defaults = plain(build(spec, {}).get_params())
    except ResultsError:
        raise
    except AdError as error:
        raise ResultsError(f"{whose}: {error}") from error
    given: dict[str, Any] = {}
    for name, value in record.params.items():
        if name in defaults and defaults[name] == value:
            continue
        try:
            given[name] = restore(value)
        except AdError as error:
            raise ResultsError(f"{whose}: the argument {name}: {error}") from error
    return given


_COMPARED = ("key", "status", "dataset_sha256", "data_seed", "hardware", "threshold")
_BY_NAME = ("params", "metrics", "versions", "environment")


def _differences(before: Record, after: Record) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in _COMPARED}
    for group in _BY_NAME:
        old, new = getattr(before, group), getattr(after, group)
        for name in sorted({*old, *new}):
            pairs[f"{group}.{name}"] = (old.get(name), new.get(name))
    pairs["plugin.version"] = (before.plugin.version, after.plugin.version)
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
