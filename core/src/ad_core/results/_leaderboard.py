"""From records to a leaderboard: the unit is the data set, seeds are averaged first."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

import numpy as np
from attrs import frozen

from ad_core.results._record import Record, Status

__all__ = ["Board", "Cell", "Row", "leaderboard"]


@frozen(kw_only=True)
class Cell:
    """One model on one data set.

    Parameters
    ----------
    value
        Mean over the seeds that have one; None when none has.
    n_values, n_runs
        How many seeds have a value, and how many were run for any model.
    problem
        Why seeds are missing; empty when the cell is complete.
    """

    value: float | None
    n_values: int
    n_runs: int
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Whether every seed has a value."""
        return self.value is not None and self.n_values == self.n_runs


@frozen(kw_only=True)
class Row:
    """One model.

    Parameters
    ----------
    model, detector
        Label and full name.
    cells
        A cell a data set, in the board's order.
    mean, mean_rank
        Over the board's `ranked_on`; None when the model is not ranked.
    coverage
        Share of the data sets whose cell is complete.
    n_failed
        Number of runs that did not end `ok`.
    fit_time, time_per_1000, peak_memory
        Means over the model's runs, data sets weighing the same: seconds,
        seconds per 1,000 samples scored, bytes.
    """

    model: str
    detector: str
    cells: tuple[Cell, ...]
    mean: float | None
    mean_rank: float | None
    coverage: float
    n_failed: int
    fit_time: float | None
    time_per_1000: float | None
    peak_memory: float | None


@frozen(kw_only=True)
class Board:
    """Models ranked by one metric.

    Parameters
    ----------
    metric, higher_is_better
        What they are ranked by.
    datasets
        All data sets.
    ranked_on
        Those on which every ranked model has a complete cell.
    rows
        The ranked models from best to worst, then the others by name.
    n_records, n_superseded
        Records read, and how many of them a newer run of the same cell replaces.
    notes
        What a reader has to know, a line each.
    """

    metric: str
    higher_is_better: bool
    datasets: tuple[str, ...]
    ranked_on: tuple[str, ...]
    rows: tuple[Row, ...]
    n_records: int
    n_superseded: int
    notes: tuple[str, ...]


Runs = Mapping[str, Mapping[int, Record]]
"""The runs of one model: by data set, then by seed."""


def leaderboard(
    records: Iterable[Record], metric: str = "roc_auc", *, higher_is_better: bool = True
) -> Board:
    """Rank models by `metric`; the order of the records does not matter.

    Ranks are taken on each data set (ties share the mean rank) and averaged
    over the data sets on which every ranked model has a value for every seed.
    A model without any value is listed, not ranked.

    Parameters
    ----------
    records
        Any number of runs, failed ones among them. Of several runs of one cell
        and seed the newest that ended `ok` counts.
    metric
        Name of a metric in the records.
    higher_is_better
        Which way to rank.
    """
    given = sorted(records, key=lambda record: record.key)
    models, n_superseded = _by_model(given)
    datasets = tuple(sorted({record.dataset for record in given}))
    seeds = {
        name: {seed for runs in models.values() for seed in runs.get(name, {})} for name in datasets
    }
    cells = {
        label: {name: _cell(runs.get(name, {}), seeds[name], metric) for name in datasets}
        for label, runs in models.items()
    }
    ranked = sorted(
        label for label, row in cells.items() if any(cell.complete for cell in row.values())
    )
    ranked_on = tuple(
        name for name in datasets if ranked and all(cells[label][name].complete for label in ranked)
    )
    ranks = _mean_ranks(
        [[_value(cells[m][d]) for d in ranked_on] for m in ranked], higher_is_better
    )
    rows = [
        _row(label, models[label], cells[label], ranked_on, ranks.get(ranked.index(label)))
        if label in ranked
        else _row(label, models[label], cells[label], (), None)
        for label in sorted(models)
    ]
    rows.sort(key=lambda row: _order(row, higher_is_better))
    notes = _notes(metric, datasets, ranked_on, cells, sorted({*models} - {*ranked}))
    if n_superseded:
        notes.append(f"{n_superseded} older runs of the same cells are left out.")
    return Board(
        metric=metric,
        higher_is_better=higher_is_better,
        datasets=datasets,
        ranked_on=ranked_on,
        rows=tuple(rows),
        n_records=len(given),
        n_superseded=n_superseded,
        notes=(*_differences(_settings(given)), *notes),
    )


def _by_model(records: list[Record]) -> tuple[dict[str, dict[str, dict[int, Record]]], int]:
    """Group the newest runs by label; a label that stands for two settings is told apart."""
    settings = _settings(records)
    newest: dict[str, dict[str, dict[int, Record]]] = defaultdict(lambda: defaultdict(dict))
    n_superseded = 0
    for record in sorted(records, key=lambda one: (one.ok, one.finished_at, one.key)):
        runs = newest[_label(record, settings[record.model])][record.dataset]
        n_superseded += record.seed in runs
        runs[record.seed] = record
    return {label: dict(runs) for label, runs in newest.items()}, n_superseded


def _settings(records: list[Record]) -> dict[str, list[str]]:
    """Return the different settings that each label stands for, in a fixed order."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.status is not Status.SKIPPED:  # such a run does not know its defaults
            found[record.model].add(_setting(record))
    return defaultdict(list, {label: sorted(texts) for label, texts in found.items()})


def _setting(record: Record) -> str:
    return json.dumps([record.detector, record.params], sort_keys=True)


def _label(record: Record, settings: list[str]) -> str:
    if len(settings) < 2:
        return record.model
    for place, text in enumerate(settings, start=1):
        detector, params = json.loads(text)
        if detector == record.detector and {**params, **record.params} == params:
            return f"{record.model} #{place}"
    return record.model


def _differences(settings: Mapping[str, list[str]]) -> list[str]:
    """Say what tells apart the settings that share a label."""
    notes = []
    for model, texts in sorted(settings.items()):
        parsed = [json.loads(text) for text in texts]
        for place, (detector, params) in enumerate(parsed, start=1):
            others = [other for _, other in parsed]
            own = {
                name: value
                for name, value in params.items()
                if any(name not in other or other[name] != value for other in others)
            }
            if len(texts) > 1:
                notes.append(f"{model} #{place}: {detector} {json.dumps(own, sort_keys=True)}")
    return notes


def _cell(runs: Mapping[int, Record], seeds: set[int], metric: str) -> Cell:
    values = []
    problems: dict[str, None] = {}
    for seed in sorted(seeds):
        record = runs.get(seed)
        value = record.metrics.get(metric) if record is not None and record.ok else None
        if value is not None:
            values.append(value)
        else:
            problems.setdefault(_problem(record, metric))
    return Cell(
        value=fmean(values) if values else None,
        n_values=len(values),
        n_runs=len(seeds),
        problem="; ".join(problems),
    )


def _problem(record: Record | None, metric: str) -> str:
    if record is None:
        return "not run"
    if record.ok:
        return record.reasons.get(metric, f"{metric} was not computed")
    return f"{record.status}: {record.error.message}" if record.error else str(record.status)


def _value(cell: Cell) -> float:
    assert cell.value is not None
    return cell.value


def _mean_ranks(values: list[list[float]], higher_is_better: bool) -> dict[int, float]:
    """Return each model's mean rank over the data sets; `values` is models × data sets."""
    table = np.array(values, dtype=np.float64)
    if table.size == 0:
        return {}
    losses = -table if higher_is_better else table
    better = (losses[None, :, :] < losses[:, None, :]).sum(axis=1)
    equal = (losses[None, :, :] == losses[:, None, :]).sum(axis=1)
    return dict(enumerate((better + (equal + 1) / 2).mean(axis=1).tolist()))


def _row(
    label: str,
    runs: Runs,
    cells: Mapping[str, Cell],
    ranked_on: tuple[str, ...],
    mean_rank: float | None,
) -> Row:
    everything = [record for by_seed in runs.values() for record in by_seed.values()]
    return Row(
        model=label,
        detector=everything[0].detector,
        cells=tuple(cells.values()),
        mean=fmean(_value(cells[name]) for name in ranked_on) if ranked_on else None,
        mean_rank=mean_rank,
        coverage=fmean(cell.complete for cell in cells.values()),
        n_failed=sum(not record.ok for record in everything),
        fit_time=_mean_over_datasets(runs, "fit_time"),
        time_per_1000=_mean_over_datasets(runs, "time_per_1000"),
        peak_memory=_mean_over_datasets(runs, "peak_memory"),
    )


def _mean_over_datasets(runs: Runs, name: str) -> float | None:
    means = []
    for _, by_seed in sorted(runs.items()):
        values = [getattr(by_seed[seed], name) for seed in sorted(by_seed)]
        known = [value for value in values if value is not None]
        if known:
            means.append(fmean(known))
    return fmean(means) if means else None


def _order(row: Row, higher_is_better: bool) -> tuple[bool, float, float, str]:
    mean = 0.0 if row.mean is None else row.mean
    rank = 0.0 if row.mean_rank is None else row.mean_rank
    return (row.mean_rank is None, rank, -mean if higher_is_better else mean, row.model)


def _notes(
    metric: str,
    datasets: tuple[str, ...],
    ranked_on: tuple[str, ...],
    cells: Mapping[str, Mapping[str, Cell]],
    unranked: list[str],
) -> list[str]:
    notes = []
    if not ranked_on:
        notes.append(f"No ranks: there is no data set on which every model has {metric}.")
    elif len(ranked_on) < len(datasets):
        notes.append(
            f"Means and ranks are over {len(ranked_on)} of {len(datasets)} data sets, "
            "those without a gap."
        )
    if unranked:
        notes.append(f"Not ranked, no complete result: {', '.join(unranked)}.")
    notes.extend(
        f"{label} on {name}: {cells[label][name].problem}"
        for name in datasets
        for label in sorted(cells)
        if not cells[label][name].complete
    )
    return notes
