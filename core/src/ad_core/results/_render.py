"""A leaderboard as table data, Markdown or JSON: the same bytes from the same records."""

import json
from collections.abc import Iterable

from attrs import asdict, frozen

from ad_core.results._leaderboard import Board, Cell, Row

__all__ = ["Table", "to_json", "to_markdown", "to_table"]


@frozen(kw_only=True)
class Table:
    """Text ready to be set: a title, headers, rows of as many strings, notes below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def to_table(board: Board) -> Table:
    """Return the board as strings.

    A dash stands for no value, an asterisk marks a mean over some of the seeds only.
    """
    columns = (
        *("rank", "model", "mean rank", f"mean {board.metric}", *board.datasets),
        *("failed", "coverage", "fit s", "ms / 1,000", "peak MB"),
    )
    ranked = [row for row in board.rows if row.mean_rank is not None]
    places = {row.model: 1 + sum(_rank(other) < _rank(row) for other in ranked) for row in ranked}
    direction = "higher is better" if board.higher_is_better else "lower is better"
    return Table(
        title=f"{board.metric} ({direction}), {board.n_records} runs",
        columns=columns,
        rows=tuple(_strings(row, places.get(row.model)) for row in board.rows),
        notes=board.notes,
    )


def to_markdown(board: Board) -> str:
    """Return the board as a Markdown document."""
    table = to_table(board)
    lines = [
        f"# Leaderboard: {table.title}",
        "",
        _line(table.columns),
        _line("---" if column == "model" else "---:" for column in table.columns),
        *(_line(row) for row in table.rows),
    ]
    if table.notes:
        lines += ["", *(f"- {_escaped(note)}" for note in table.notes)]
    return "\n".join(lines) + "\n"


def to_json(board: Board) -> str:
    """Return the board as JSON, values unrounded."""
    values = {"$schema": "urn:ad-core:leaderboard:1", "schema_version": 1, **asdict(board)}
    for row in values["rows"]:
        row["cells"] = dict(zip(board.datasets, row["cells"], strict=True))
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _rank(row: Row) -> float:
    assert row.mean_rank is not None
    return row.mean_rank


def _strings(row: Row, place: int | None) -> tuple[str, ...]:
    return (
        "–" if place is None else str(place),
        row.model,
        _number(row.mean_rank, 2),
        _number(row.mean, 4),
        *(_cell(cell) for cell in row.cells),
        str(row.n_failed),
        f"{row.coverage:.0%}",
        _number(row.fit_time, 3),
        _number(None if row.time_per_1000 is None else 1e3 * row.time_per_1000, 2),
        _number(None if row.peak_memory is None else row.peak_memory / 1e6, 1),
    )


def _cell(cell: Cell) -> str:
    return _number(cell.value, 4) + ("*" if cell.value is not None and not cell.complete else "")


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
