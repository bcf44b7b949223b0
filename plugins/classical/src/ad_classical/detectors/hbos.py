"""Histogram-based outlier score: one histogram a column, their negative log heights added."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from ad_core.detector import BaseDetector

__all__ = ["HBOS"]

Array = np.ndarray[Any, np.dtype[np.float64]]


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

    References
    ----------
    M. Goldstein, A. Dengel. Histogram-based outlier score (HBOS): a fast
    unsupervised anomaly detection algorithm. KI, 2012.

    L. Birgé, Y. Rozenholc. How many bins should be put in a regular histogram.
    ESAIM: Probability and Statistics 10, 2006.
    """

    edges_: list[Array]
    logs_: list[Array]

    def __init__(
        self,
        n_bins: Annotated[int, Ge(2)] | Literal["auto"] = 10,
        alpha: Annotated[float, Ge(0), Le(1)] = 0.1,
        tol: Annotated[float, Ge(0), Le(1)] = 0.5,
        heights: Literal["relative", "density"] = "relative",
    ) -> None:
        self.n_bins = n_bins
        self.alpha = alpha
        self.tol = tol
        self.heights = heights

    def _fit(self, X: Array, y: Any) -> None:
        self.edges_, self.logs_ = [], []
        for column in np.ascontiguousarray(X.T):
            edges, heights = self._histogram(column)
            self.edges_.append(edges)
            # alpha = 0 leaves empty bins at -inf; the smallest number keeps them finite.
            self.logs_.append(np.log2(np.maximum(heights + self.alpha, np.finfo(np.float64).tiny)))

    def _histogram(self, column: Array) -> tuple[Array, Array]:
        """Edges (n_bins + 1,) and heights (n_bins,); two equal edges for a constant column."""
        low, high = column.min(), column.max()
        n_bins = _optimal_n_bins(column) if self.n_bins == "auto" else self.n_bins
        edges = np.linspace(low, high, n_bins + 1)
        if not (np.diff(edges) > 0).all():
            return np.array([low, high]), np.ones(1)
        heights, edges = np.histogram(column, bins=n_bins, density=True)
        return edges, heights * (high - low) if self.heights == "relative" else heights

    def _score(self, X: Array) -> Array:
        scores = np.zeros(len(X))
        for column, edges, logs in zip(X.T, self.edges_, self.logs_, strict=True):
            scores -= self._column_logs(column, edges, logs)
        return scores

    def _column_logs(self, column: Array, edges: Array, logs: Array) -> Array:
        """Log height at each value of one column."""
        if len(logs) == 1:
            floor = np.log2(max(self.alpha, np.finfo(np.float64).tiny))
            inside = (column >= edges[0]) & (column <= edges[1])
            return np.asarray(np.where(inside, logs[0], floor), dtype=np.float64)
        bins = np.searchsorted(edges, column, side="left") - 1
        found = logs[np.clip(bins, 0, len(logs) - 1)]
        too_low = edges[0] - column > (edges[1] - edges[0]) * self.tol
        too_high = column - edges[-1] > (edges[-1] - edges[-2]) * self.tol
        return np.asarray(np.where(too_low | too_high, logs.min(), found), dtype=np.float64)


def _optimal_n_bins(column: Array) -> int:
    """Number of bins of largest penalised likelihood, at least 2 (Birgé and Rozenholc, eq. 2)."""
    n = len(column)
    most = max(2, round(n / np.log(n))) if n > 1 else 2
    values = []
    for n_bins in range(2, most + 1):
        counts, _ = np.histogram(column, bins=n_bins)
        counts = counts[counts > 0]
        likelihood = np.sum(counts * np.log(n_bins * counts / n))
        values.append(likelihood - (n_bins - 1 + np.log(n_bins) ** 2.5))
    return 2 + int(np.argmax(values))
