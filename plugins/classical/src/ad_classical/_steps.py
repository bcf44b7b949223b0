"""Sums of step functions, one a column."""

from bisect import bisect_left
from itertools import pairwise
from types import ModuleType
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ad_classical._kernels import kernels
from ad_classical._threads import in_threads

__all__ = ["STEPS_PER_VALUE", "Steps", "grid_of", "rows_of_a_thread"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS_PER_VALUE = 20
"""How the work of placing a value is counted: see `kernels`."""
WORTH_A_THREAD = 500_000, 20_000
"""Values that take longer than to start a thread: for a kernel, and for numpy."""


class Steps(NamedTuple):
    """What values say of themselves; see `sum_surprise` of the kernels."""

    grid: Floats
    starts: Ints
    steps: Floats
    surprise: Floats
    columns: list[tuple[list[float], list[float]]]
    """The same as plain numbers: for one row, numpy would take longer to start."""

    @classmethod
    def of(cls, grid: Floats, starts: Ints, steps: Floats, surprise: Floats) -> Self:
        """Lay out the steps of each column, and the surprise up to each and above the last."""
        values, says = steps.tolist(), surprise.tolist()
        bounds = enumerate(pairwise(starts.tolist()))
        columns = [(values[a:b], says[a + j : b + j + 1]) for j, (a, b) in bounds]
        return cls(grid, starts, steps, surprise, columns)

    def totals(self, X: Floats) -> Floats:
        """Return what `fill` would write, soon for few rows."""
        totals = np.empty(len(X))
        for i, row in enumerate(X.tolist()):
            total = 0.0
            for value, (steps, surprise) in zip(row, self.columns, strict=True):
                total += surprise[bisect_left(steps, value)]
            totals[i] = total
        return totals

    def fill(self, X: Floats, total: Floats, n_jobs: int | None) -> None:
        """Write into `total`, shape (m,), the sum over the columns of X, shape (m, d)."""
        compiled = kernels("histograms", X.size * STEPS_PER_VALUE)

        def work(part: slice) -> None:
            if compiled is None:
                self._fill(X[part], total[part])
            else:
                compiled.sum_surprise(X[part], *self[:4], total[part])

        in_threads(work, len(X), n_jobs, least=rows_of_a_thread(X.shape[1], compiled))

    def _fill(self, X: Floats, total: Floats) -> None:
        """Do what the kernel does."""
        total[:] = 0.0
        for j, values in enumerate(X.T):
            first, last = self.starts[j], self.starts[j + 1]
            places = np.searchsorted(self.steps[first:last], values)
            total += self.surprise[first + j : last + j + 1][places]


def rows_of_a_thread(n_columns: int, compiled: ModuleType | None) -> int:
    """Return how many rows are worth a thread."""
    return WORTH_A_THREAD[compiled is None] // n_columns


def grid_of(low: Any, high: Any, n_bins: Any) -> Floats:
    """Return what the kernels call a grid, shape (3, d)."""
    with np.errstate(all="ignore"):
        scales = np.asarray(n_bins / np.subtract(high, low), dtype=np.float64)
        scales[~np.isfinite(scales)] = 0.0
        largest = np.maximum(np.abs(low), np.abs(high))
        return np.array([low, scales, 8 * np.finfo(np.float64).eps * (largest * scales + n_bins)])
