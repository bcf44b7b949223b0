"""Histogram-based outlier score: one histogram a column, their negative log heights added."""

from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from ad_classical._histograms import best_numbers_of_bins, count_values
from ad_classical._steps import Steps, grid_of
from ad_core.detector import BaseDetector

__all__ = ["HBOS"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

FEW = 400
"""Values that are looked up one by one: numpy would take longer to start."""


class HBOS(BaseDetector):
    """Histogram-based outlier score, in linear time.

    The score is ``-sum_j log2(height_j + alpha)`` over the columns ``j``. With
    ``heights="relative"`` a height of 1 is that of a uniform column, so the
    score does not depend on the columns' units; with ``"density"`` heights are
    densities in the columns' own units, which is PyOD's HBOS (there a column of
    large numbers has densities far below `alpha` and hardly counts).

    Parameters
    ----------
    n_bins
        Number of bins of every histogram, or ``"auto"`` for the number that
        Birgé and Rozenholc's penalised likelihood prefers, column by column.
    alpha
        Added to every height, so that an empty bin has a finite score.
    tol
        A value outside the histogram by at most this many bin widths counts as in
        the outermost bin; one further out gets the score of the lowest bin.
    heights
        Units of the heights: ``"relative"`` or ``"density"``.
    n_jobs
        Number of threads; None for one, -1 for one a core.

    References
    ----------
    M. Goldstein, A. Dengel. Histogram-based outlier score (HBOS): a fast
    unsupervised anomaly detection algorithm. KI, 2012.

    L. Birgé, Y. Rozenholc. How many bins should be put in a regular histogram.
    ESAIM: Probability and Statistics 10, 2006.
    """

    _private_rows = False
    edges_: list[Array]
    logs_: list[Array]
    _steps: Steps | None = None

    def __init__(
        self,
        n_bins: Annotated[int, Ge(2)] | Literal["auto"] = 10,
        alpha: Annotated[float, Ge(0), Le(1)] = 0.1,
        tol: Annotated[float, Ge(0), Le(1)] = 0.5,
        heights: Literal["relative", "density"] = "relative",
        n_jobs: int | None = None,
    ) -> None:
        self.n_bins = n_bins
        self.alpha = alpha
        self.tol = tol
        self.heights = heights
        self.n_jobs = n_jobs

    def _fit(self, X: Array, y: Any) -> None:
        n_bins = best_numbers_of_bins(X, self.n_jobs) if self.n_bins == "auto" else self.n_bins
        self.edges_, counts = count_values(X, n_bins, self.n_jobs)
        bounds = _bounds(counts)
        logs = _log2(self._heights(np.concatenate(counts), np.diff(bounds), len(X)) + self.alpha)
        self.logs_ = [logs[start:end] for start, end in pairwise(bounds.tolist())]

    def _heights(self, counts: Array, n_bins: Ints, n: int) -> Array:
        """Return the heights of all bins, column after column."""
        right = np.concatenate([edges[1:] for edges in self.edges_])
        left = np.concatenate([edges[:-1] for edges in self.edges_])
        with np.errstate(all="ignore"):  # what it says of a column of one bin does not count
            widths = right - left
            if self.heights == "relative":
                widths /= np.repeat([edges[-1] - edges[0] for edges in self.edges_], n_bins)
            heights = counts / widths / n
        return np.where(np.repeat(n_bins == 1, n_bins), 1.0, heights)

    def _score(self, X: Array) -> Array:
        if self._steps is None:
            self._steps = self._laid_out()
        if X.size <= FEW:
            return self._steps.totals(X)
        total = np.empty(len(X))
        self._steps.fill(X, total, self.n_jobs)
        return total

    def _laid_out(self) -> Steps:
        """Return at which values the surprise of each column changes, and to what."""
        steps, starts = np.concatenate(self.edges_), _bounds(self.edges_)
        logs, bounds = np.concatenate(self.logs_), _bounds(self.logs_)
        n_bins = np.diff(bounds)
        first, last = starts[:-1], starts[1:] - 1
        grid = grid_of(steps[first], steps[last], n_bins)
        with np.errstate(over="ignore"):
            below, above = steps[first + 1] - steps[first], steps[last] - steps[last - 1]
        lowest = np.minimum.reduceat(logs, bounds[:-1])
        alone = n_bins == 1
        below[alone], above[alone], lowest[alone] = 0.0, 0.0, _log2(np.array(self.alpha))
        steps[first] = np.nextafter(steps[first] - self.tol * below, -np.inf)
        steps[last] += self.tol * above
        # The lowest bin's stands before those of each column, and after them.
        outside = np.repeat(bounds, 2)[1:-1]
        return Steps.of(grid, starts, steps, -np.insert(logs, outside, np.repeat(lowest, 2)))

    def _write_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        attributes, files = super()._write_state()
        attributes.pop("_steps", None)
        return attributes, files


def _bounds(columns: list[Array]) -> Ints:
    """Return where each column begins when they follow each other, and where the last one ends."""
    return np.cumsum([0, *map(len, columns)])


def _log2(heights: Array) -> Array:
    # alpha = 0 leaves empty bins at -inf; the smallest number keeps them finite.
    return np.asarray(np.log2(np.maximum(heights, np.finfo(np.float64).tiny)))
