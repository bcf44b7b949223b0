"""The user's file: options that say how to read it, and its rows as a detector takes them."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from ad_core.cli._series import read_clock
from ad_core.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from ad_core.data import Table

__all__ = ["Reading", "Rows", "read_rows", "reading_options"]

_OPTIONS = (
    click.option(
        "--label-column",
        metavar="COLUMN",
        help="Column with 1 (or true) for an anomaly, 0 for a normal row: not a feature, but "
        "what the scores are measured by.",
    ),
    click.option("--anomaly-label", metavar="VALUE", help="The label of anomalies, if not 1."),
    click.option(
        "--drop", metavar="COLUMN", multiple=True, help="Column that is no feature, e.g. a number."
    ),
    click.option(
        "--drop-missing", is_flag=True, help="Leave out rows with missing or infinite values."
    ),
    click.option(
        "--missing", metavar="TEXT", multiple=True, help="Text that stands for a missing value."
    ),
    click.option("--separator", metavar="CHAR", help="Of a CSV file; by default it is guessed."),
    click.option(
        "--time-column",
        metavar="COLUMN",
        help="The rows are the steps of a series, in the order of this column; no feature.",
    ),
    click.option("--no-header", is_flag=True, help="The CSV file does not name its columns."),
)


@frozen(kw_only=True)
class Reading:
    """How to read a file; the options that `reading_options` adds."""

    label_column: str | None
    anomaly_label: str | None
    drop: tuple[str, ...]
    drop_missing: bool
    missing: tuple[str, ...]
    separator: str | None
    time_column: str | None
    no_header: bool


@frozen(kw_only=True, eq=False)
class Rows:
    """Rows of a file for a detector.

    Parameters
    ----------
    table
        The whole file.
    kept
        Numbers of the rows of `table` that are used, in order.
    features
        Their features, a frame of float64 columns.
    y
        Their labels, None without a label column.
    clock
        The time of each, as it stands in the file; None without a time column.
    """

    table: "Table"
    kept: "NDArray[Any]"
    features: "pl.DataFrame"
    y: "NDArray[Any] | None"
    clock: "pl.Series | None" = None

    @property
    def n_dropped(self) -> int:
        """How many rows ``--drop-missing`` left out."""
        return self.table.n_rows - len(self.kept)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, which reach the command as one argument `reading`."""

    @wraps(command)
    def with_reading(**arguments: Any) -> Any:
        reading = Reading(**{name: arguments.pop(name) for name in Reading.__annotations__})
        return command(reading=reading, **arguments)

    wrapped: Callable[..., Any] = with_reading
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def read_rows(path: Path, reading: Reading, *, accepts_missing: bool) -> Rows:
    """Read a file, and find the rows that a detector can use.

    Parameters
    ----------
    path
        The file.
    reading
        The user's options.
    accepts_missing
        Whether the detector takes NaN.

    Raises
    ------
    FileFormatError
        The file cannot be read.
    InputError
        A cell is missing or infinite; names its line and column.
    """
    import numpy as np
    import polars as pl

    from ad_core.data import read_table

    table = read_table(
        path,
        label_column=reading.label_column,
        anomaly_label=reading.anomaly_label,
        drop=(*reading.drop, *([reading.time_column] if reading.time_column else [])),
        missing=reading.missing,
        separator=reading.separator,
        has_header=False if reading.no_header else None,
    )
    clock = None if reading.time_column is None else read_clock(table, reading.time_column)
    bad = np.isinf(table.X) if accepts_missing else ~np.isfinite(table.X)
    bad_rows = bad.any(axis=1)
    if bad_rows.any() and not reading.drop_missing:
        raise _unusable(table, bad, int(bad_rows.sum()))
    kept = np.flatnonzero(~bad_rows)
    if not len(kept):
        raise InputError(
            f"{path}: every row has a missing or infinite value; "
            "leave the emptiest columns out with --drop COLUMN"
        )
    X = table.X if len(kept) == table.n_rows else table.X[kept]
    return Rows(
        table=table,
        kept=kept,
        features=pl.DataFrame(X, schema=list(table.feature_names)),
        y=None if table.y is None else table.y[kept],
        clock=None if clock is None else clock[kept],
    )


def _unusable(table: "Table", bad: "NDArray[Any]", n_rows: int) -> InputError:
    import numpy as np

    row, column = (int(index) for index in np.argwhere(bad)[0])
    what = "the value is missing" if np.isnan(table.X[row, column]) else "the value is infinite"
    rest = f" (and in {n_rows - 1} more rows)" if n_rows > 1 else ""
    return InputError(
        f"{table.locate(row, table.feature_names[column])}: {what}{rest}; fill it in, or leave "
        f"such rows out with --drop-missing, or the column with --drop"
    )
