"""Tables and JSON on standard output.

A table is drawn for people on a terminal. Elsewhere each row is one line with
every name whole, so that ``grep`` and ``awk`` have something to work with.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

__all__ = [
    "fit_columns",
    "note",
    "number",
    "on_terminal",
    "print_json",
    "print_pairs",
    "print_table",
    "warn",
]


GAP = 3
"""Columns of a terminal between two columns of a drawn table."""


def on_terminal() -> bool:
    """Tell whether standard output is a terminal."""
    return sys.stdout.isatty()


def print_json(value: Any) -> None:
    """Print one JSON document; numbers that JSON lacks (NaN, infinity) are an error."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[str] = ()
) -> None:
    """Print a table; the columns named in `right` are aligned to the right."""
    texts = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    numeric = set(right)
    if on_terminal():
        _print_drawn(columns, texts, numeric)
        return
    _print_plain(columns, texts, numeric)


def _print_drawn(columns: Sequence[str], rows: list[list[str]], right: set[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        # What names the row is never wrapped.
        table.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=position == 0,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _print_plain(columns: Sequence[str], rows: list[list[str]], right: set[str]) -> None:
    lines = [list(columns), *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, cell, width in zip(columns, line, widths, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def fit_columns(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, optional: Sequence[str]
) -> tuple[list[str], list[list[str]], list[str]]:
    """Leave out the last of the `optional` columns until a table fits the terminal.

    Returns
    -------
    tuple
        The columns and the rows that are left, and the columns that are not.
    """
    if not on_terminal():
        return list(columns), [list(row) for row in rows], []
    from rich.cells import cell_len

    widths = {
        place: max(map(cell_len, (column, *(row[place] for row in rows))))
        for place, column in enumerate(columns)
    }
    room = shutil.get_terminal_size().columns
    places = list(range(len(columns)))
    for column in reversed(optional):
        if sum(widths[place] + GAP for place in places) - GAP <= room:
            break
        places = [place for place in places if columns[place] != column]
    hidden = [column for place, column in enumerate(columns) if place not in places]
    kept = [[row[place] for place in places] for row in rows]
    return [columns[place] for place in places], kept, hidden


def print_pairs(pairs: Mapping[str, object]) -> None:
    """Print labelled values, one a line, wrapped to the terminal; empty ones are left out."""
    shown = {label: str(value) for label, value in pairs.items() if str(value)}
    indent = max(map(len, shown), default=0) + 2
    width = 10**6
    if on_terminal():
        width = max(40, shutil.get_terminal_size().columns)
    for label, value in shown.items():
        lines = textwrap.wrap(
            value,
            width,
            initial_indent=label.ljust(indent),
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
        )
        click.echo("\n".join(lines))


def number(value: float | None, digits: int = 4) -> str:
    """Show a number with `digits` significant digits; a dash for None."""
    return "-" if value is None else f"{value:.{digits}g}"


def note(text: str) -> None:
    """Say something beside the result, on standard error."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """Print one line of warning on standard error."""
    click.echo(f"warning: {text}", err=True)
