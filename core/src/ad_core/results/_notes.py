"""What a reader of a leaderboard has to know, in sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ad_core.results._board import Board, Row
from ad_core.results._cells import Grid
from ad_core.results._record import Record
from ad_core.results._statistics import LEAST_DATASETS

__all__ = ["gaps", "notes"]

_THREADS = "_NUM_THREADS"
_MOST_LISTED = 8
"""How many neighbours in rank are listed by name."""


def notes(board: Board, grid: Grid) -> tuple[str, ...]:
    """Return what has to be said about a board beside its numbers."""
    return (
        *_oracle(board),
        *grid.differences,
        *_scope(board),
        *_baselines(board),
        *_certainty(board),
        *_mixtures(list(grid.records())),
        *_superseded(board),
    )


def gaps(board: Board) -> tuple[str, ...]:
    """Say of every cell that is not complete why."""
    return tuple(
        f"{row.model} on {name}: {row.cells[place].problem}"
        for place, name in enumerate(board.datasets)
        for row in sorted(board.rows, key=lambda row: row.model)
        if not row.cells[place].complete
    )


def _oracle(board: Board) -> Iterator[str]:
    if board.oracle:
        yield (
            f"{board.metric} chooses a threshold by looking at the labels: "
            "an upper bound that nobody gets who has none."
        )


def _scope(board: Board) -> Iterator[str]:
    if not board.ranked_on:
        yield f"No ranks: there is no data set on which every model has {board.metric}."
    elif len(board.ranked_on) < len(board.datasets):
        yield (
            f"Means and ranks are over {len(board.ranked_on)} of {len(board.datasets)} data sets, "
            "those without a gap."
        )
    unranked = [row for row in board.rows if row.place is None]
    if unranked and board.ranked_on:
        names = (f"{row.model} ({_n_complete(row)} of {len(row.cells)})" for row in unranked)
        yield f"Not ranked, for their gaps: {', '.join(names)}."


def _n_complete(row: Row) -> int:
    return sum(cell.complete for cell in row.cells)


def _baselines(board: Board) -> Iterator[str]:
    null = [row for row in board.ranked if row.baseline]
    if not board.ranked:
        return
    if not null:
        yield "No null baseline is ranked: nothing here tells what chance would give."
        return
    yield f"Null baselines: {_names(null)}."
    if any(row.place == 1 for row in null):
        first = _names(row for row in null if row.place == 1)
        yield (
            f"{board.metric} does not tell these detectors from chance: "
            f"the null baseline {first} comes first."
        )
    beaten = [row for row in board.ranked if row.beats_baselines is False]
    if beaten:
        best = null[0].model
        yield f"† Not better in rank than the best null baseline ({best}): {_names(beaten)}."


def _certainty(board: Board) -> Iterator[str]:
    n_datasets = len(board.ranked_on)
    if len(board.ranked) < 2:
        return
    if n_datasets == 1:
        yield "Over one data set: no intervals and no p-values."
    elif board.tests is None:
        yield (
            f"Over {n_datasets} data sets: no p-values below {LEAST_DATASETS}, and the 95 % "
            "intervals (bootstrap over data sets) are too narrow."
        )
    else:
        yield from _tested(board)


def _tested(board: Board) -> Iterator[str]:
    tests = board.tests
    assert tests is not None
    if tests.friedman_p is not None:
        differ = "the detectors differ" if tests.friedman_p < 0.05 else "no difference is shown"
        p = f"= {tests.friedman_p:.2g}" if tests.friedman_p > 1e-300 else "< 1e-300"
        yield (
            f"Friedman's test over {len(board.ranked_on)} data sets: chi-squared "
            f"{tests.friedman:.1f}, p {p}: {differ}."
        )
    for clique in tests.cliques:
        yield f"No difference is shown at 5 % (Wilcoxon–Pratt, Holm) within: {_neighbours(clique)}."


def _neighbours(clique: tuple[str, ...]) -> str:
    if len(clique) <= _MOST_LISTED:
        return ", ".join(clique)
    return f"the {len(clique)} from {clique[0]} to {clique[-1]} in rank"


def _mixtures(records: list[Record]) -> Iterator[str]:
    """Say what differs between runs that a reader would take for alike."""
    protocols = sorted({record.protocol for record in records})
    if len(protocols) > 1:
        yield f"Several protocols, told apart in the labels: {', '.join(protocols)}."
    machines = {(record.hardware, _threads(record)) for record in records if record.ok}
    if len(machines) > 1:
        hardware = {name for name, _ in machines}
        what = "kinds of machine" if len(hardware) > 1 else "limits on threads"
        yield f"Times are not comparable: the runs come from {len(machines)} {what}."
    contents: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for record in records:
        if record.dataset_sha256 is not None:
            cell = (record.protocol, record.dataset, record.data_seed)
            contents[cell].add(record.dataset_sha256)
    changed = sorted({name for (_, name, _), hashes in contents.items() if len(hashes) > 1})
    if changed:
        yield f"The content of these data sets differs between runs: {', '.join(changed)}."


def _threads(record: Record) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted((name, one) for name, one in record.environment.items() if name.endswith(_THREADS))
    )


def _superseded(board: Board) -> Iterator[str]:
    if board.n_superseded:
        yield f"{board.n_superseded} older runs of the same cells are left out."


def _names(rows: Iterable[Row]) -> str:
    return ", ".join(row.model for row in rows)
