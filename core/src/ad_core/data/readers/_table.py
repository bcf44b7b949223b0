"""A file as a detector wants it: numbers, names, labels, and the way back to the file."""

from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from ad_core.data.readers._raw import Lines, located

__all__ = ["IgnoredColumn", "Table"]


@frozen
class IgnoredColumn:
    """A column that is not among the features, and why."""

    name: str
    reason: str


@frozen(kw_only=True, eq=False, slots=False)
class Table:
    """The rows of a file.

    Parameters
    ----------
    path
        The file.
    X
        Features, float64 of shape (n_rows, n_features), C-contiguous and
        read-only. A missing cell is NaN.
    y
        Labels in {0, 1}, int64 of shape (n_rows,); None without a label column.
    feature_names
        Names of the columns of `X`.
    ignored
        Columns left out because they hold no numbers.
    frame
        All columns as they stand in the file, one row a row of `X`.
    lines
        Line of each row (1-based); None for formats without lines.
    """

    path: Path
    X: NDArray[np.float64]
    y: NDArray[np.int64] | None
    feature_names: tuple[str, ...]
    ignored: tuple[IgnoredColumn, ...]
    frame: pl.DataFrame
    lines: Lines | None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.X)

    def line_of(self, row: int) -> int | None:
        """Return the line (1-based) on which row `row` starts; None for binary formats."""
        return None if self.lines is None else int(self.lines[row])

    def locate(self, row: int, column: str | None = None) -> str:
        """Say where a cell is, for messages: ``sales.csv, line 17, column 'price'``."""
        return located(self.path, self.lines, row, column)

    @cached_property
    def typed_frame(self) -> pl.DataFrame:
        """`frame` with the features as numbers: Int64 where all are whole, else Float64."""
        columns = [
            _whole_if_possible(pl.Series(name, self.X[:, index], nan_to_null=True))
            for index, name in enumerate(self.feature_names)
        ]
        return self.frame.with_columns(columns)


def _whole_if_possible(series: pl.Series) -> pl.Series:
    whole = (series.is_finite() & (series == series.round()) & (series.abs() < 2**53)).all()
    return series.cast(pl.Int64) if whole else series
