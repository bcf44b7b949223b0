"""Sums of step functions, one a column."""

from bisect import bisect_left
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ad_classical._kernels import kernels
from ad_classical._threads import in_threads

__all__ = ["STEPS_PER_VALUE", "Steps", "grid_of"]

Floats = NDArray[np.float64]

STEPS_PER_VALUE = 20
"""How the work of placing a value is counted: see `kernels`."""


class Steps(NamedTuple):
    """What values say of themselves; see `sum_surprise` of the kernels."""

    grid: Floats
    starts: NDArray[np.int64]
    steps: Floats
    surprise: Floats
    columns: list[tuple[list[float], list[float]]]
    """The same as plain numbers: for one row, numpy would take longer to start."""

    @classmethod
    def of(cls, grid: Floats, steps: list[Floats], surprise: list[Floats]) -> Self:
        """Lay out the steps of each column, and the surprise up to each and above the last."""
        return cls(
            grid,
            np.r_[0, np.cumsum([len(one) for one in steps])],
            np.concatenate(steps),
            np.concatenate(surprise),
            [(one.tolist(), says.tolist()) for one, says in zip(steps, surprise, strict=True)],
        )

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

        in_threads(work, len(X), n_jobs, least=5000)

    def _fill(self, X: Floats, total: Floats) -> None:
        """Do what the kernel does."""
        total[:] = 0.0
        for j, values in enumerate(X.T):
            first, last = self.starts[j], self.starts[j + 1]
            places = np.searchsorted(self.steps[first:last], values)
            total += self.surprise[first + j : last + j + 1][places]


def grid_of(low: Any, high: Any, n_bins: Any) -> Floats:
    """Return what the kernels call a grid, shape (3, d)."""
    with np.errstate(all="ignore"):
        scales = np.asarray(n_bins / np.subtract(high, low), dtype=np.float64)
        scales[~np.isfinite(scales)] = 0.0
        largest = np.maximum(np.abs(low), np.abs(high))
        return np.array([low, scales, 8 * np.finfo(np.float64).eps * (largest * scales + n_bins)])
