"""Options that several commands share, and values that answer with the nearest known one."""

import math
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "FILE",
    "OUTPUT",
    "Member",
    "filter_option",
    "finite",
    "json_option",
    "output_options",
    "patterns_argument",
    "top_option",
]

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
"""A file to read; whether it can be read is for the reader to say."""
OUTPUT = click.Path(path_type=Path, dir_okay=False)


class Member(click.Choice[str]):
    """A value of an enum; an unknown one is answered with the nearest known ones."""

    def __init__(self, kind: type[StrEnum], what: str) -> None:
        super().__init__([str(member.value) for member in kind])
        self.what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value, or fail with the nearest known ones."""
        if value not in self.choices:
            self._refuse(str(value), param, ctx)
        return str(value)

    def _refuse(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        from ad_core.registry import nearest

        close = nearest(value, self.choices)
        known = f"did you mean {' or '.join(close)}? " if close else ""
        self.fail(
            f"no {self.what} is called {value!r}; {known}known are {', '.join(self.choices)}",
            param,
            ctx,
        )


def finite(threshold: float | None) -> float | None:
    """Return the value of ``--threshold``; NaN and infinity are wrong usage."""
    if threshold is not None and not math.isfinite(threshold):
        raise click.UsageError(f"--threshold must be a finite number, got {threshold}")
    return threshold


def filter_option(
    name: str, kind: type[StrEnum], what: str, text: str
) -> Callable[[CommandT], CommandT]:
    """Make a repeatable option that takes values of an enum, which its help lists."""
    return click.option(
        name,
        multiple=True,
        type=Member(kind, what),
        metavar="NAME",
        help=f"{text}  [{', '.join(kind)}]",
    )


def json_option(command: CommandT) -> CommandT:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def patterns_argument(command: CommandT) -> CommandT:
    """Add the names or globs that narrow a list."""
    return click.argument("patterns", nargs=-1, metavar="[NAME|GLOB]...")(command)


def output_options(command: CommandT) -> CommandT:
    """Add ``-o`` and the names of the columns that it adds."""
    for option in (
        click.option(
            "--anomaly-column", default="anomaly", show_default=True, help="Column that -o adds."
        ),
        click.option(
            "--score-column", default="score", show_default=True, help="Column that -o adds."
        ),
        click.option(
            "-o",
            "--output",
            type=OUTPUT,
            metavar="PATH",
            help="Write the rows with their scores and labels: .csv, .parquet or .jsonl.",
        ),
    ):
        command = option(command)
    return command


def top_option(command: CommandT) -> CommandT:
    """Add ``--top``."""
    return click.option(
        "--top",
        type=click.IntRange(min=0),
        default=10,
        show_default=True,
        help="How many of the most anomalous rows to show.",
    )(command)
