"""A file as a series: its clock, its flagged intervals, and a line of blocks to see them in."""

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ad_core.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from ad_core.data import Table

__all__ = ["Interval", "find_intervals", "mark", "read_clock", "sparkline"]

BLOCKS = "▁▂▃▄▅▆▇█"


@frozen
class Interval:
    """Flagged steps that belong together: positions of the first, the last and the highest."""

    first: int
    last: int
    peak: int

    @property
    def n_steps(self) -> int:
        """How many steps it spans."""
        return self.last - self.first + 1


def read_clock(table: "Table", column: str) -> "pl.Series":
    """Return the time column as it stands in the file, once it is seen to run forwards.

    Raises
    ------
    InputError
        A cell is no time, or the time goes back; names the line.
    """
    texts = table.frame[column]
    times = _times(texts)
    bad = times.is_null()
    if bad.any():
        row = int(bad.arg_max() or 0)
        raise InputError(
            f"{table.locate(row, column)}: {texts[row]!r} is no time; "
            "write times as numbers or like 2026-01-31 12:00:00"
        )
    back = times < times.shift(1)
    if back.any():
        row = int(back.arg_max() or 0)
        raise InputError(
            f"{table.locate(row, column)}: the time goes back from {texts[row - 1]} to "
            f"{texts[row]}; sort the file by {column!r}"
        )
    return texts


def _times(texts: "pl.Series") -> "pl.Series":
    import polars as pl

    if texts.dtype.is_numeric() or texts.dtype.is_temporal():
        return texts
    numbers = texts.cast(pl.Float64, strict=False)
    if numbers.null_count() <= len(texts) // 2:
        return numbers
    try:
        return texts.str.to_datetime(strict=False)
    except pl.exceptions.PolarsError:  # no format fits the first cells
        return pl.Series([None] * len(texts), dtype=pl.Float64)


def find_intervals(
    labels: "NDArray[Any]", scores: "NDArray[Any]", gap: int | None = None
) -> list[Interval]:
    """Merge flagged steps into intervals, the one with the highest score first.

    Parameters
    ----------
    labels, scores
        One each a step, shape (n,).
    gap
        Flagged steps at most so many steps apart belong together; by default 1 %
        of the series.
    """
    import numpy as np

    flagged = np.flatnonzero(labels)
    if not len(flagged):
        return []
    apart = max(1, len(labels) // 100) if gap is None else gap
    parts = np.split(flagged, np.flatnonzero(np.diff(flagged) > apart) + 1)
    found = [
        Interval(int(part[0]), int(part[-1]), int(part[np.argmax(scores[part])])) for part in parts
    ]
    return sorted(found, key=lambda one: (-scores[one.peak], one.first))


def sparkline(values: "NDArray[Any]", width: int) -> str:
    """Draw values as blocks, `width` at most; each block is the largest value of its part."""
    import numpy as np

    heights = np.array([part.max() for part in _parts(values, width)])
    low, span = heights.min(), np.ptp(heights)
    levels = np.zeros(len(heights)) if span == 0 else (heights - low) / span
    return "".join(BLOCKS[int(level)] for level in np.minimum(levels * len(BLOCKS), 7))


def mark(labels: "NDArray[Any]", width: int) -> str:
    """Draw a caret below each block that holds a flagged step."""
    return "".join("^" if part.any() else " " for part in _parts(labels, width)).rstrip()


def _parts(values: "NDArray[Any]", width: int) -> "list[NDArray[Any]]":
    import numpy as np

    return np.array_split(values, min(width, len(values)))
