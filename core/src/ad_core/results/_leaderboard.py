"""From records to a leaderboard: the unit is the data set, seeds are averaged first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import fmean, median
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from ad_core.results._board import Board, Cell, Row, Tests
from ad_core.results._cells import Runs, gather
from ad_core.results._notes import gaps, notes
from ad_core.results._record import Record
from ad_core.results._statistics import Statistics, mean_ranks, statistics
from ad_core.spec import Family

__all__ = ["leaderboard"]

Cells = Mapping[str, Mapping[str, Cell]]


def leaderboard(
    records: Iterable[Record],
    metric: str = "roc_auc",
    *,
    higher_is_better: bool = True,
    oracle: bool = False,
) -> Board:
    """Rank models by `metric`; the order of the records does not matter.

    Ranks are taken on each data set (ties share the mean rank) and averaged
    over the data sets on which every ranked model has a value for every seed.
    A model with many gaps would take those data sets from all others: how many a
    ranked model may have is chosen so that the ranked table, models times data
    sets, is as large as it can be. The other models are listed, not ranked.

    Parameters
    ----------
    records
        Any number of runs, failed ones among them. Of several runs of one cell
        and seed the newest that ended `ok` counts.
    metric
        Name of a metric in the records.
    higher_is_better
        Which way to rank.
    oracle
        Whether the metric looks at the labels to choose a threshold.
    """
    grid = gather(records)
    cells = grid.cells(metric)
    complete, ranked_on = _largest_table(cells, grid.datasets)
    ranked, table = _ranking(complete, ranked_on, cells, higher_is_better)
    found = statistics(table, higher_is_better=higher_is_better) if ranked else None
    rows = [_row(label, grid.models[label], cells[label], ranked_on) for label in ranked]
    if found is not None:
        rows = _placed(rows, table, found)
    rows += [
        _row(label, grid.models[label], cells[label], ())
        for label in grid.models
        if label not in {*ranked}
    ]
    board = Board(
        metric=metric,
        higher_is_better=higher_is_better,
        oracle=oracle,
        datasets=grid.datasets,
        ranked_on=ranked_on,
        rows=tuple(rows),
        tests=_tests(found, ranked),
        n_records=grid.n_records,
        n_superseded=grid.n_superseded,
        notes=(),
        gaps=(),
    )
    return evolve(board, notes=notes(board, grid), gaps=gaps(board))


def _largest_table(cells: Cells, datasets: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """Return the models and data sets of the largest table without a gap.

    The models are those of at least a certain coverage; of equally large tables the
    one with more models is taken.
    """
    coverage = {label: _coverage(found) for label, found in cells.items()}
    best: tuple[list[str], tuple[str, ...]] = ([], ())
    for least in sorted(set(coverage.values())):
        labels = [label for label in cells if coverage[label] >= least]
        common = tuple(
            name for name in datasets if all(cells[label][name].complete for label in labels)
        )
        if len(labels) * len(common) > len(best[0]) * len(best[1]):
            best = labels, common
    return best


def _coverage(cells: Mapping[str, Cell]) -> float:
    return fmean(cell.complete for cell in cells.values())


def _ranking(
    labels: list[str], ranked_on: tuple[str, ...], cells: Cells, higher_is_better: bool
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the labels from best to worst, and their values, models × data sets."""
    table = np.array(
        [[cells[label][name].value for name in ranked_on] for label in labels], dtype=np.float64
    ).reshape(len(labels), len(ranked_on))
    if not labels:
        return labels, table
    ranks = mean_ranks(table, higher_is_better=higher_is_better)
    means = table.mean(axis=1) * (-1 if higher_is_better else 1)
    order = sorted(range(len(labels)), key=lambda one: (ranks[one], means[one], labels[one]))
    return [labels[one] for one in order], table[order]


def _row(label: str, runs: Runs, cells: Mapping[str, Cell], ranked_on: tuple[str, ...]) -> Row:
    everything = [record for by_seed in runs.values() for record in by_seed.values()]
    measured = {name: runs[name] for name in ranked_on or runs}
    return Row(
        model=label,
        detector=everything[0].detector,
        baseline=all(record.family == Family.BASELINE for record in everything),
        cells=tuple(cells.values()),
        coverage=_coverage(cells),
        n_failed=sum(not record.ok for record in everything),
        statuses=dict(sorted(Counter(str(record.status) for record in everything).items())),
        fit_time=_mean_over_datasets(measured, "fit_time"),
        score_time=_mean_over_datasets(measured, "score_time"),
        time_per_1000=_mean_over_datasets(measured, "time_per_1000"),
        peak_memory=_mean_over_datasets(measured, "peak_memory"),
    )


def _mean_over_datasets(runs: Runs, name: str) -> float | None:
    means = []
    for by_seed in runs.values():
        known = [getattr(record, name) for record in by_seed.values()]
        known = [value for value in known if value is not None]
        if known:
            means.append(fmean(known))
    return fmean(means) if means else None


def _placed(rows: list[Row], table: NDArray[np.float64], found: Statistics) -> list[Row]:
    """Add to the ranked rows what only all of them together tell."""
    ranks = found.mean_ranks
    null = [rank for rank, row in zip(ranks, rows, strict=True) if row.baseline]
    return [
        evolve(
            row,
            place=1 + sum(other < rank for other in ranks),
            mean_rank=rank,
            win_rate=(len(ranks) - rank) / (len(ranks) - 1) if len(ranks) > 1 else None,
            mean=fmean(values),
            median=median(values),
            beats_baselines=None if row.baseline or not null else rank < min(null),
            **_intervals(found, one),
        )
        for one, (row, rank, values) in enumerate(zip(rows, ranks, table.tolist(), strict=True))
    ]


def _intervals(found: Statistics, one: int) -> dict[str, Any]:
    if found.rank_intervals is None or found.place_intervals is None:
        return {}
    return {
        "rank_interval": found.rank_intervals[one],
        "place_interval": found.place_intervals[one],
    }


def _tests(found: Statistics | None, ranked: list[str]) -> Tests | None:
    if found is None or found.p_values is None:
        return None
    return Tests(
        friedman=found.friedman,
        friedman_p=found.friedman_p,
        p_values=found.p_values,
        cliques=tuple(tuple(ranked[one] for one in clique) for clique in found.cliques),
    )
