"""What every format is first read into: cells as they stand in the file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from ad_core.errors import FileFormatError

__all__ = ["Lines", "Raw", "broken", "located"]

Lines = Sequence[int] | NDArray[np.integer]
"""The line (1-based) of each row."""


@frozen(kw_only=True, eq=False)
class Raw:
    """The cells of a file, and where each row stands in it.

    Parameters
    ----------
    path
        The file.
    frame
        One column a column of the file; text stays text.
    lines
        Line in the file (1-based) of each row; None for formats without lines.
    unnamed
        Columns of `frame` that have no name in the file.
    """

    path: Path
    frame: pl.DataFrame
    lines: Lines | None = None
    unnamed: frozenset[str] = field(default=frozenset())


def located(path: Path, lines: Lines | None, row: int, column: str | None = None) -> str:
    """Say where a cell is: ``sales.csv, line 17, column 'price'``."""
    place = f"row {row} (counted from 0)" if lines is None else f"line {lines[row]}"
    return f"{path}, {place}" + ("" if column is None else f", column {column!r}")


def broken(path: Path, error: BaseException, kind: str) -> FileFormatError:
    """Build the error for a file that its format's library cannot read."""
    detail = " ".join(str(error).split())[:120] or type(error).__name__
    return FileFormatError(
        f"{path} is not a readable {kind} file, or is damaged or cut short ({detail}); "
        "write or copy it again"
    )
