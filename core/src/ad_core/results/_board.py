"""What a leaderboard says: a board of rows of cells."""

from collections.abc import Mapping

from attrs import frozen

from ad_core.results._statistics import Interval

__all__ = ["Board", "Cell", "Row", "Tests"]


@frozen(kw_only=True)
class Cell:
    """One model on one data set.

    Parameters
    ----------
    value
        Mean over the seeds that have one; None when none has.
    n_values, n_runs
        How many seeds have a value, and how many were run for any model.
    statuses
        Seeds by status: a record's, ``undefined`` for a run that ended `ok`
        without a value of the metric, ``missing`` for no run.
    problem
        Why seeds are missing; empty when the cell is complete.
    """

    value: float | None
    n_values: int
    n_runs: int
    statuses: Mapping[str, int]
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Whether every seed has a value."""
        return self.value is not None and self.n_values == self.n_runs

    @property
    def word(self) -> str:
        """``ok`` for a complete cell, else what befell most of the other seeds."""
        gone = {status: count for status, count in self.statuses.items() if status != "ok"}
        return "ok" if self.complete else max(sorted(gone), key=gone.__getitem__, default="missing")


@frozen(kw_only=True)
class Row:
    """One model.

    Parameters
    ----------
    model, detector
        Label and full name.
    baseline
        Whether it is a null baseline.
    cells
        A cell a data set, in the board's order.
    place, place_interval
        Among the ranked models, 1 for the lowest mean rank, and its 95 % interval.
    mean_rank, rank_interval
        Over the board's `ranked_on`, and its 95 % interval.
    win_rate
        Share of comparisons with another ranked model on a data set that it
        wins, ties one half.
    mean, median
        Of the metric, over the board's `ranked_on`.
    beats_baselines
        Whether its mean rank is lower than that of every null baseline; None
        for a baseline, and where none is ranked.
    coverage
        Share of the data sets whose cell is complete.
    n_failed, statuses
        Number of runs that did not end `ok`, and of runs by status.
    fit_time, score_time, time_per_1000, peak_memory
        Means, data sets weighing the same, over `ranked_on` (for a model that
        is not ranked, over what it has): seconds, seconds, seconds per 1,000
        samples scored, bytes.

    All but the last three lines are None where the model is not ranked, and the
    intervals where there are fewer than two data sets or models.
    """

    model: str
    detector: str
    baseline: bool
    cells: tuple[Cell, ...]
    place: int | None = None
    place_interval: Interval | None = None
    mean_rank: float | None = None
    rank_interval: Interval | None = None
    win_rate: float | None = None
    mean: float | None = None
    median: float | None = None
    beats_baselines: bool | None = None
    coverage: float
    n_failed: int
    statuses: Mapping[str, int]
    fit_time: float | None
    score_time: float | None
    time_per_1000: float | None
    peak_memory: float | None


@frozen(kw_only=True)
class Tests:
    """Whether the ranked models differ; see `ad_core.results._statistics`.

    Parameters
    ----------
    friedman, friedman_p
        Statistic and p-value that no model differs; None below three models.
    p_values
        Two-sided, adjusted by Holm; a row and a column a ranked model, in their order.
    cliques
        Labels of neighbours in rank between whom no pair differs at 5 %.
    """

    friedman: float | None
    friedman_p: float | None
    p_values: tuple[tuple[float, ...], ...]
    cliques: tuple[tuple[str, ...], ...]


@frozen(kw_only=True)
class Board:
    """Models ranked by one metric.

    Parameters
    ----------
    metric, higher_is_better, oracle
        What they are ranked by; an oracle looks at the labels to choose a threshold.
    datasets
        All data sets.
    ranked_on
        Those on which every ranked model has a complete cell.
    rows
        The ranked models from best to worst, then the others by name.
    tests
        None below ten data sets and below two models.
    n_records, n_superseded
        Records read, and how many of them a newer run of the same cell replaces.
    notes
        What a reader has to know, a line each.
    gaps
        The cells that are not complete and why, a line each.
    """

    metric: str
    higher_is_better: bool
    oracle: bool
    datasets: tuple[str, ...]
    ranked_on: tuple[str, ...]
    rows: tuple[Row, ...]
    tests: Tests | None
    n_records: int
    n_superseded: int
    notes: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def ranked(self) -> tuple[Row, ...]:
        """The rows with a place."""
        return tuple(row for row in self.rows if row.place is not None)
