"""A histogram of positive numbers on a logarithmic scale, drawn in one line of blocks."""

import math
from collections.abc import Iterable

from attrs import frozen

from ad_core.cli._series import BLOCKS

__all__ = ["Histogram", "draw", "histogram"]

BINS = 20


@frozen
class Histogram:
    """How many values lie in each bin, and in which one a value of interest does.

    Attributes
    ----------
    edges
        Of the bins, one more than there are bins; the first and the last are
        the smallest and the largest value.
    counts
        Number of values a bin.
    bin
        Index of the bin of the value of interest.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    bin: int


def histogram(values: Iterable[float | None], own: float | None) -> Histogram | None:
    """Sort the positive ones of `values`, of which `own` is one, into bins of equal log width.

    Returns
    -------
    Histogram or None
        None where `own` is not positive, or all values are the same.
    """
    positive = sorted(value for value in values if value)
    if not own or positive[0] == positive[-1]:
        return None
    low, high = positive[0], positive[-1]
    step = math.log(high / low) / BINS
    counts = [0] * BINS
    for value in positive:
        counts[_bin(value, low, step)] += 1
    edges = (low, *(low * math.exp(step * place) for place in range(1, BINS)), high)
    return Histogram(edges, tuple(counts), _bin(own, low, step))


def _bin(value: float, low: float, step: float) -> int:
    return min(int(math.log(value / low) / step), BINS - 1)


def draw(one: Histogram, own: str) -> tuple[str, str]:
    """Return the blocks, and the line below them: a caret and the value at its own bin."""
    highest = max(one.counts)
    blocks = "".join(
        BLOCKS[math.ceil(count / highest * len(BLOCKS)) - 1] if count else " "
        for count in one.counts
    )
    if one.bin >= BINS // 2 and len(own) < one.bin:
        return blocks, f"{f'{own} ^':>{one.bin + 1}}"
    return blocks, f"{'^':>{one.bin + 1}} {own}"
