"""Tables and JSON on standard output.

A table is drawn for people on a terminal. Elsewhere each row is one line with
every name whole, so that ``grep`` and ``awk`` have something to work with.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
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
    "print_text",
    "printable",
    "room",
    "warn",
]


GAP = "  "
"""Between two columns of a table."""


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
    texts = [[printable(str(cell)) for cell in row] for row in rows]
    numeric = [column in {*right} for column in columns]
    widths = _natural_widths(columns, texts)
    header = "".join(_lines(columns, widths, numeric))
    if on_terminal():
        widths = _shared_widths(widths, numeric)
        header = click.style("\n".join(_lines(columns, widths, numeric)), bold=True)
        header += "\n" + GAP.join("─" * width for width in widths)
    click.echo(header)
    for row in texts:
        for line in _lines(row, widths, numeric):
            click.echo(line)


def printable(text: str) -> str:
    """Return a text on one line, without characters that would steer the terminal."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in line)


def _natural_widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(map(_width, (column, *(row[place] for row in rows))))
        for place, column in enumerate(columns)
    ]


def _shared_widths(widths: list[int], numeric: list[bool]) -> list[int]:
    """Share the terminal out: the last column is wrapped first, numbers never are."""
    shared = list(widths)
    excess = _total(widths) - room()
    last = len(widths) - 1
    for place in (last, *sorted(range(last), key=lambda place: -widths[place])):
        floor = 24 if place == last else 12
        if not numeric[place] and excess > 0 and widths[place] > floor:
            cut = min(excess, widths[place] - floor)
            shared[place] -= cut
            excess -= cut
    return shared


def _lines(cells: Sequence[str], widths: list[int], numeric: list[bool]) -> Iterator[str]:
    """Yield the lines of one row: as many as its tallest cell has."""
    wrapped = [
        [cell] if _width(cell) <= width else textwrap.wrap(cell, width)
        for cell, width in zip(cells, widths, strict=True)
    ]
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = [
            " " * (width - _width(part)) + part if right else part + " " * (width - _width(part))
            for part, width, right in zip(parts, widths, numeric, strict=True)
        ]
        yield GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """Count the columns of a terminal that a text takes; Chinese characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def room() -> int:
    """Return how many columns the terminal has."""
    return max(40, shutil.get_terminal_size().columns)


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
    widths = _natural_widths(columns, rows)
    places = list(range(len(columns)))
    for column in reversed(optional):
        if _total([widths[place] for place in places]) <= room():
            break
        places = [place for place in places if columns[place] != column]
    hidden = [column for place, column in enumerate(columns) if place not in places]
    kept = [[row[place] for place in places] for row in rows]
    return [columns[place] for place in places], kept, hidden


def print_pairs(pairs: Mapping[str, object]) -> None:
    """Print labelled values, one a line, wrapped to the terminal; empty ones are left out."""
    shown = {label: printable(str(value)) for label, value in pairs.items() if str(value)}
    indent = max(map(len, shown), default=0) + 2
    width = room() if on_terminal() else 10**6
    for label, value in shown.items():
        lines = textwrap.wrap(
            value,
            width,
            initial_indent=label.ljust(indent),
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
            break_long_words=False,  # a path or an address stays whole, to be copied
        )
        click.echo("\n".join(lines))


def print_text(text: str) -> None:
    """Print a sentence, wrapped to the terminal."""
    click.echo(textwrap.fill(text, room()) if on_terminal() else text)


def number(value: float | None, digits: int = 4) -> str:
    """Show a number with `digits` significant digits; a dash for None."""
    return "-" if value is None else f"{value:.{digits}g}"


def note(text: str) -> None:
    """Say something beside the result, on standard error; above a live line, if there is one."""
    click.echo(text, file=sys.stderr)


def warn(text: str) -> None:
    """Print one line of warning on standard error."""
    click.echo(f"warning: {text}", file=sys.stderr)
