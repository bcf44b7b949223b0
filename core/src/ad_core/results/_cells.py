"""Records by model, data set and seed: which run counts, and what stands in a cell."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

from attrs import frozen

from ad_core.results._board import Cell
from ad_core.results._record import Record, Status

__all__ = ["Grid", "Runs", "gather"]

Runs = Mapping[str, Mapping[int, Record]]
"""The runs of one model that count: by data set, then by seed."""


@frozen(kw_only=True)
class Grid:
    """The runs that count.

    Parameters
    ----------
    models
        Their runs, by label.
    datasets
        Every data set, by name.
    differences
        What tells apart the models that share a label in the records, a line each.
    n_records, n_superseded
        How many there are, and how many do not count.
    """

    models: Mapping[str, Runs]
    datasets: tuple[str, ...]
    differences: tuple[str, ...]
    n_records: int
    n_superseded: int

    def cells(self, metric: str) -> dict[str, dict[str, Cell]]:
        """Return every cell, by label and data set."""
        seeds: dict[tuple[str, str], set[int]] = defaultdict(set)
        for record in self.records():
            seeds[record.protocol, record.dataset].add(record.seed)
        found = {}
        for label, runs in self.models.items():
            protocol = _any(runs).protocol
            found[label] = {
                name: _cell(runs.get(name, {}), seeds[protocol, name], metric)
                for name in self.datasets
            }
        return found

    def records(self) -> Iterable[Record]:
        """Yield the runs that count."""
        for runs in self.models.values():
            for by_seed in runs.values():
                yield from by_seed.values()


def gather(records: Iterable[Record]) -> Grid:
    """Sort records into a grid; their order does not matter.

    Of several runs of one cell and seed the newest that ended `ok` counts. A
    label that stands for several settings is told apart by a number, one that
    was run by several protocols by their names.
    """
    given = sorted(records, key=lambda record: record.key)
    by_name = _named(given)
    settings = {name: _settings(runs) for name, runs in by_name.items()}
    newest: dict[str, dict[str, dict[int, Record]]] = defaultdict(lambda: defaultdict(dict))
    n_superseded = 0
    for name, runs in by_name.items():
        for record in sorted(runs, key=lambda one: (one.ok, one.finished_at, one.key)):
            cell = newest[_label(name, record, settings[name])][record.dataset]
            n_superseded += record.seed in cell
            cell[record.seed] = record
    return Grid(
        models={
            label: {
                name: dict(sorted(cell.items())) for name, cell in sorted(newest[label].items())
            }
            for label in sorted(newest)
        },
        datasets=tuple(sorted({record.dataset for record in given})),
        differences=tuple(_differences(settings)),
        n_records=len(given),
        n_superseded=n_superseded,
    )


def _named(records: list[Record]) -> dict[str, list[Record]]:
    """Group records by label, and by protocol where there are several."""
    several = len({record.protocol for record in records}) > 1
    groups = defaultdict(list)
    for record in records:
        groups[f"{record.model} [{record.protocol}]" if several else record.model].append(record)
    return groups


def _settings(records: list[Record]) -> list[str]:
    """Return the different settings of records, in a fixed order."""
    # A skipped run does not know its defaults.
    return sorted({_setting(one) for one in records if one.status is not Status.SKIPPED})


def _setting(record: Record) -> str:
    return json.dumps([record.detector, record.params], sort_keys=True)


def _label(name: str, record: Record, settings: list[str]) -> str:
    if len(settings) < 2:
        return name
    for place, text in enumerate(settings, start=1):
        detector, params = json.loads(text)
        if detector == record.detector and {**params, **record.params} == params:
            return f"{name} #{place}"
    return name


def _differences(settings: Mapping[str, list[str]]) -> Iterable[str]:
    """Say what tells apart the settings that share a label."""
    for model, texts in sorted(settings.items()):
        parsed = [json.loads(text) for text in texts]
        others = [params for _, params in parsed]
        for place, (detector, params) in enumerate(parsed, start=1):
            own = {
                name: value
                for name, value in params.items()
                if any(name not in other or other[name] != value for other in others)
            }
            if len(texts) > 1:
                yield f"{model} #{place}: {detector} {json.dumps(own, sort_keys=True)}"


def _cell(runs: Mapping[int, Record], seeds: set[int], metric: str) -> Cell:
    values = []
    problems: dict[str, None] = {}
    statuses: Counter[str] = Counter()
    for seed in sorted(seeds):
        record = runs.get(seed)
        value = record.metrics.get(metric) if record is not None and record.ok else None
        if value is not None:
            values.append(value)
        else:
            problems.setdefault(_problem(record, metric))
        statuses[_status(record, defined=value is not None)] += 1
    return Cell(
        value=fmean(values) if values else None,
        n_values=len(values),
        n_runs=len(seeds),
        statuses=dict(sorted(statuses.items())),
        problem="; ".join(problems) or ("" if seeds else "not run"),
    )


def _status(record: Record | None, *, defined: bool) -> str:
    if record is None:
        return "missing"
    return "undefined" if record.ok and not defined else str(record.status)


def _problem(record: Record | None, metric: str) -> str:
    if record is None:
        return "not run"
    if record.ok:
        return record.reasons.get(metric, f"{metric} was not computed")
    return f"{record.status}: {record.error.message}" if record.error else str(record.status)


def _any(runs: Runs) -> Record:
    return next(record for by_seed in runs.values() for record in by_seed.values())
