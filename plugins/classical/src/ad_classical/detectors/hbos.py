"""Histogram-based outlier score: one histogram a column, their negative log heights added."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from ad_classical._histograms import best_numbers_of_bins, count_values
from ad_classical._steps import Steps, grid_of
from ad_core.detector import BaseDetector

__all__ = ["HBOS"]

Array = np.ndarray[Any, np.dtype[np.float64]]

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
        self.logs_ = [
            _log2(self._heights(*one) + self.alpha) for one in zip(self.edges_, counts, strict=True)
        ]

    def _heights(self, edges: Array, counts: Array) -> Array:
        if len(counts) == 1:
            return np.ones(1)
        unit = edges[-1] - edges[0] if self.heights == "relative" else 1.0
        return np.asarray(counts / (np.diff(edges) / unit) / counts.sum())

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
        steps, surprise = [], []
        for edges, logs in zip(self.edges_, self.logs_, strict=True):
            if len(logs) == 1:
                first, last, lowest = edges[0], edges[1], _log2(np.array(self.alpha))
            else:
                first = edges[0] - (edges[1] - edges[0]) * self.tol
                last = edges[-1] + (edges[-1] - edges[-2]) * self.tol
                lowest = logs.min()
            steps.append(np.array([np.nextafter(first, -np.inf), *edges[1:-1], last]))
            surprise.append(-np.array([lowest, *logs, lowest]))
        low, high = np.transpose([one[[0, -1]] for one in self.edges_])
        n_bins = np.array([len(one) for one in self.logs_])
        return Steps.of(grid_of(low, high, n_bins), steps, surprise)

    def _write_state(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        attributes, files = super()._write_state()
        attributes.pop("_steps", None)
        return attributes, files


def _log2(heights: Array) -> Array:
    # alpha = 0 leaves empty bins at -inf; the smallest number keeps them finite.
    return np.asarray(np.log2(np.maximum(heights, np.finfo(np.float64).tiny)))
