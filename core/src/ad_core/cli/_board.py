"""A leaderboard for people; on a terminal, as many data sets as fit."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.cli._output import fit_columns, on_terminal, print_table, printable

if TYPE_CHECKING:
    from ad_core.results import Board

__all__ = ["print_board"]

MOST_GAPS = 10
"""How many gaps a terminal shows."""


def print_board(board: "Board", folders: Sequence[Path]) -> None:
    """Print the board of the runs in `folders`, and its notes."""
    from ad_core.results import to_table

    table = to_table(board)
    click.echo(f"Leaderboard by {table.title}")
    columns, rows, hidden = fit_columns(
        table.columns,
        table.rows,
        optional=(
            *("ms / 1,000", "fit s", *board.datasets, "peak MB", "coverage", "win rate"),
            "median",
        ),
    )
    print_table(columns, rows, right=[column for column in columns if column != "model"])
    if hidden:
        click.echo(
            f"Not shown for want of room: {', '.join(hidden)}; for all of it: {_whole(folders)}"
        )
    for note in table.notes:
        click.echo(f"- {printable(note)}")
    _print_gaps(table.gaps, folders)


def _print_gaps(gaps: Sequence[str], folders: Sequence[Path]) -> None:
    """Print why cells have no value; on a terminal the first few."""
    shown = gaps[:MOST_GAPS] if on_terminal() else gaps
    for gap in shown:
        click.echo(f"- {printable(gap)}")
    if len(gaps) > len(shown):
        click.echo(f"- and {len(gaps) - len(shown)} more gaps; for all of them: {_whole(folders)}")


def _whole(folders: Sequence[Path]) -> str:
    return shlex.join(["ad", "leaderboard", *map(str, folders), "--format", "md"])
