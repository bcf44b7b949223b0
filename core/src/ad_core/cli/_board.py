"""A leaderboard for people; on a terminal, as many data sets as fit."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ad_core.cli._output import fit_columns, print_table

if TYPE_CHECKING:
    from ad_core.results import Board

__all__ = ["print_board"]


def print_board(board: "Board", folder: Path) -> None:
    """Print the board of the runs in `folder`, and its notes."""
    from ad_core.results import to_table

    table = to_table(board)
    click.echo(f"Leaderboard by {table.title}")
    columns, rows, hidden = fit_columns(
        table.columns,
        table.rows,
        optional=("ms / 1,000", "fit s", *board.datasets, "peak MB", "coverage"),
    )
    print_table(columns, rows, right=[column for column in columns if column != "model"])
    if hidden:
        click.echo(
            f"Not shown for want of room: {', '.join(hidden)}; "
            f"for all of it: ad leaderboard {folder} --format md"
        )
    for note in table.notes:
        click.echo(f"- {note}")
