"""A leaderboard as table data, Markdown or JSON: the same bytes from the same records."""

import json
from collections.abc import Iterable
from html import escape

from attrs import asdict, frozen

from ad_core.results._board import Board, Cell, Row
from ad_core.results._statistics import Interval

__all__ = [
    "BOARD_ID",
    "BOARD_VERSION",
    "Table",
    "interval",
    "name",
    "number",
    "to_json",
    "to_markdown",
    "to_table",
]

BOARD_VERSION = 2
"""Version of the shape of a leaderboard in JSON."""
BOARD_ID = f"urn:ad-core:leaderboard:{BOARD_VERSION}"


@frozen(kw_only=True)
class Table:
    """Text ready to be set: a title, headers, rows of as many strings, notes and gaps below."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    gaps: tuple[str, ...]


def to_table(board: Board, *, cells: bool = True) -> Table:
    """Return the board as strings; without `cells`, only what sums up each model.

    The third column is the 95 % interval of the place. A word stands for a cell
    without a value, an asterisk marks a mean over some of the seeds only, a dagger
    a model that is not better than the best null baseline.
    """
    columns = (
        *("rank", "model", "95 %", "mean rank", f"mean {board.metric}"),
        *(board.datasets if cells else ()),
        *("failed", "coverage", "median", "win rate", "fit s", "ms / 1,000", "peak MB"),
    )
    direction = "higher is better" if board.higher_is_better else "lower is better"
    return Table(
        title=f"{board.metric} ({direction}), {board.n_records} runs",
        columns=columns,
        rows=tuple(_strings(row, row.cells if cells else ()) for row in board.rows),
        notes=board.notes,
        gaps=board.gaps if cells else (),
    )


def to_markdown(board: Board, *, cells: bool = True) -> str:
    """Return the board as a Markdown document; without `cells`, only what sums up each model."""
    table = to_table(board, cells=cells)
    lines = [
        f"# Leaderboard: {table.title}",
        "",
        _line(table.columns),
        _line("---" if column == "model" else "---:" for column in table.columns),
        *(_line(row) for row in table.rows),
    ]
    if table.notes:
        lines += ["", *(f"- {_escaped(note)}" for note in table.notes)]
    if table.gaps:
        lines += ["", "## Gaps", "", *(f"- {_escaped(gap)}" for gap in table.gaps)]
    return "\n".join(lines) + "\n"


def to_json(board: Board) -> str:
    """Return the board as JSON, values unrounded."""
    values = {"$schema": BOARD_ID, "schema_version": BOARD_VERSION, **asdict(board)}
    for row in values["rows"]:
        row["cells"] = dict(zip(board.datasets, row["cells"], strict=True))
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def name(row: Row) -> str:
    """Return a model's label with what marks it."""
    return row.model + (" †" if row.beats_baselines is False else "")


def interval(ends: Interval | None, digits: int = 0) -> str:
    """Return an interval as ``low–high``, one number where both are the same."""
    if ends is None:
        return "–"
    low, high = number(ends.low, digits), number(ends.high, digits)
    return low if low == high else f"{low}–{high}"


def number(value: float | None, digits: int) -> str:
    """Return a number with so many decimals, a dash for None."""
    return "–" if value is None else f"{value:.{digits}f}"


def _strings(row: Row, cells: Iterable[Cell]) -> tuple[str, ...]:
    return (
        number(row.place, 0),
        name(row),
        interval(row.place_interval),
        number(row.mean_rank, 2),
        number(row.mean, 4),
        *(_cell(cell) for cell in cells),
        str(row.n_failed),
        f"{row.coverage:.0%}",
        number(row.median, 4),
        "–" if row.win_rate is None else f"{row.win_rate:.0%}",
        number(row.fit_time, 3),
        number(None if row.time_per_1000 is None else 1e3 * row.time_per_1000, 2),
        number(None if row.peak_memory is None else row.peak_memory / 1e6, 1),
    )


def _cell(cell: Cell) -> str:
    if cell.value is None:
        return cell.word
    return number(cell.value, 4) + ("" if cell.complete else "*")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is: no cell ends in it, no HTML begins."""
    return " ".join(escape(text, quote=False).replace("|", "\\|").split())
