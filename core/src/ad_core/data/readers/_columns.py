"""Which columns are numbers, and which cells are not."""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_core.data.readers._raw import Raw, located
from ad_core.data.readers._table import IgnoredColumn
from ad_core.errors import FileFormatError

__all__ = ["MISSING", "numbers_or_reason"]

FloatArray = NDArray[np.float64]

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none"})
"""Texts that stand for a missing value, in any case and with white space around them."""

_BOOLEANS = {"true": 1.0, "false": 0.0}
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2}.*)?")


def numbers_or_reason(raw: Raw, name: str, missing: frozenset[str]) -> FloatArray | IgnoredColumn:
    """Return the column as float64 with NaN for missing, or why it is no feature.

    A column of text counts as numeric when at least half of its cells that are
    not missing are numbers; then every other one is an error.

    Raises
    ------
    FileFormatError
        A cell of a numeric column is not a number; names line, column and value.
    """
    series = raw.frame[name]
    if name in raw.unnamed:
        return IgnoredColumn(name, "has no name in the header")
    if series.null_count() == len(series):
        return IgnoredColumn(name, "has no values")
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return _floats(series)
    if series.dtype in (pl.Categorical, pl.Enum, pl.String):
        return _from_text(raw, name, series.cast(pl.String), missing)
    if series.dtype.is_temporal():
        return IgnoredColumn(name, "holds dates or times")
    return IgnoredColumn(name, f"holds values of type {series.dtype}")


def _floats(series: pl.Series) -> FloatArray:
    return series.cast(pl.Float64, strict=False).to_numpy(writable=True)


def _from_text(
    raw: Raw, name: str, series: pl.Series, missing: frozenset[str]
) -> FloatArray | IgnoredColumn:
    values = _floats(series)
    rows = np.flatnonzero(np.isnan(values))
    texts = series.gather(rows).fill_null("").str.strip_chars()
    again = _floats(texts)
    values[rows] = again
    absent = texts.str.to_lowercase().is_in(list(missing)).to_numpy()
    unread = np.isnan(again) & ~absent
    if not unread.any():
        if np.isnan(values).all():
            return IgnoredColumn(name, "has no values")
        return values
    n_numbers, n_unread = np.count_nonzero(~np.isnan(values)), np.count_nonzero(unread)
    if n_numbers >= n_unread:
        first = int(np.flatnonzero(unread)[0])
        raise FileFormatError(
            f"{located(raw.path, raw.lines, int(rows[first]), name)}: {texts[first]!r} is not a "
            "number; correct the cell, leave it empty, or drop the column"
        )
    bad = texts.filter(pl.Series(unread))
    lowered = bad.str.to_lowercase()
    if n_numbers == 0 and lowered.is_in(list(_BOOLEANS)).all():
        values[rows[unread]] = [_BOOLEANS[text] for text in lowered]
        return values
    return IgnoredColumn(name, "holds dates or times" if _DATE.fullmatch(bad[0]) else "holds text")
