"""Histograms of sparse projections."""

from typing import Any

import numpy as np

from ad_classical._kernels._compiling import FLOATS, INT, INTS, compiled, given, ready

__all__ = ["add_surprises", "count", "widen"]

_LANES = 8


@compiled
def _project(columns: Any, used: Any, weights: Any, out: Any) -> None:
    """Write one projection of each row to `out`, which is as long as a column."""
    for term in range(len(used)):
        column, weight = columns[used[term]], weights[term]
        if term == 0:
            for r in range(len(out)):
                out[r] = column[r] * weight
        else:
            for r in range(len(out)):
                out[r] += column[r] * weight


@compiled
def _places(values: Any, low: float, high: float, bins: int, first: int, out: Any) -> None:
    """Write to `out` the place of each value's bin, the histogram's first one being `first`."""
    width = high - low if high > low else 1.0
    for r in range(len(values)):
        value = values[r]
        inside = (value >= low) & (value <= high)
        share = (value - low) / width * bins
        place = bins - 1 if share >= bins else 0  # 0 where the share overflows
        place = int(share if inside and share < bins else place)
        out[r] = first + (place if inside else bins)


@compiled
def widen(columns: Any, used: Any, weights: Any, low: Any, high: Any) -> None:
    """Lower `low` and raise `high` to the extremes of each projection."""
    values = np.empty(columns.shape[1])
    # One value after the other would wait for the comparison before it.
    least, most = np.empty(_LANES), np.empty(_LANES)
    for cut in range(len(used)):
        _project(columns, used[cut], weights[cut], values)
        least[:] = low[cut]
        most[:] = high[cut]
        whole = len(values) // _LANES * _LANES
        for start in range(0, whole, _LANES):
            for lane in range(_LANES):
                value = values[start + lane]
                least[lane] = min(least[lane], value)
                most[lane] = max(most[lane], value)
        for r in range(whole, len(values)):
            least[0] = min(least[0], values[r])
            most[0] = max(most[0], values[r])
        low[cut], high[cut] = least.min(), most.max()


@compiled
def count(
    columns: Any, used: Any, weights: Any, low: Any, high: Any, bins: Any, first: Any, counts: Any
) -> None:
    """Add 1 to the count of each row's bin in each projection."""
    values = np.empty(columns.shape[1])
    places = np.empty(columns.shape[1], np.int64)
    for cut in range(len(used)):
        _project(columns, used[cut], weights[cut], values)
        _places(values, low[cut], high[cut], bins[cut], first[cut], places)
        for place in places:
            counts[np.uint64(place)] += 1


@compiled
def add_surprises(
    columns: Any,
    used: Any,
    weights: Any,
    low: Any,
    high: Any,
    bins: Any,
    first: Any,
    surprises: Any,
    out: Any,
) -> None:
    """Add to `out` the surprise of each row's bin, projection after projection."""
    values = np.empty(columns.shape[1])
    places = np.empty(columns.shape[1], np.int64)
    for cut in range(len(used)):
        _project(columns, used[cut], weights[cut], values)
        _places(values, low[cut], high[cut], bins[cut], first[cut], places)
        for r in range(len(places)):
            out[r] += surprises[np.uint64(places[r])]


ready(widen, (given(2), given(2, INT), given(2), FLOATS, FLOATS))
ready(
    count,
    (given(2), given(2, INT), given(2), given(1), given(1), given(1, INT), given(1, INT), INTS),
)
ready(
    add_surprises,
    (
        given(2),
        given(2, INT),
        given(2),
        given(1),
        given(1),
        given(1, INT),
        given(1, INT),
        given(1),
        FLOATS,
    ),
)
