"""KDE: Gaussian kernel density, exact everywhere."""

import math
from types import ModuleType
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray

from ad_classical._distances import row_blocks
from ad_classical._gaussian_sums import (
    BOX,
    box_bounds,
    exponent_error,
    gaussian_sums,
    kernel_tiles,
    near_order,
    squared_norms,
    tile_rows,
)
from ad_classical._kernels import kernels
from ad_core.detector import BaseDetector

__all__ = ["KDE"]

Floats = NDArray[np.float64]

_TOLERANCE = 1e-10
"""Largest error of an exponent, relative to the least one where that is above 1."""
_VANISHING = 575.0
"""Logarithm below which a sum is not computed without a scale of its own."""
_NEGLIGIBLE = 37.0
"""How far below the largest one the exponents of kernels lie whose mean no longer counts."""
_FEW = 4
"""Rows up to which those near each are looked for."""
_DISTANCES = 2**16
"""Distances that are measured at once where products are not exact enough."""
_STEPS_PER_PAIR = 1 / 10
"""How the work of fitting is counted: see `kernels`."""


class KDE(BaseDetector):
    r"""Negative log-density under a Gaussian kernel on every training row.

    .. math:: -\log \frac{1}{n (2 \pi h^2)^{d/2}}
              \sum_{i=1}^{n} e^{-\|x - x_i\|^2 / 2 h^2},

    summed over all training rows; that of a far row in logarithms relative to the
    nearest one, so that it does not vanish: there the score grows with the square
    of the distance. Distances come from matrix products where these are exact to ten
    digits, elsewhere from differences. A training row is left out of its own density, since
    its own kernel would make it look more normal than any new row.

    Parameters
    ----------
    bandwidth
        Standard deviation h of the kernel, in the units of the data. ``"spread"`` takes
        the square root of the columns' mean variance, so 1 for standardised columns;
        ``"scott"`` and ``"silverman"`` multiply it by the factor of these rules.
    n_jobs
        Threads that score; None for 1, -1 for one a core. The scores are the same.

    References
    ----------
    L. J. Latecki, A. Lazarevic, D. Pokrajac, "Outlier detection with kernel
    density functions", MLDM 2007. doi:10.1007/978-3-540-73499-4_6
    """

    _private_rows = False
    center_: Floats
    tiles_: Floats
    n_rows_: int
    order_: NDArray[np.intp]
    bounds_: Floats | None
    bandwidth_: float

    def __init__(
        self,
        bandwidth: Annotated[float, Gt(0)] | Literal["spread", "scott", "silverman"] = "spread",
        n_jobs: int | None = None,
    ) -> None:
        self.bandwidth = bandwidth
        self.n_jobs = n_jobs

    def _fit(self, X: Floats, y: Any) -> None:
        n, d = X.shape
        # The variance of equal numbers need not be 0: their mean is rounded.
        spread = float(np.sqrt(X.var(axis=0).mean())) if np.ptp(X, axis=0).any() else 1.0
        match self.bandwidth:
            case "spread":
                self.bandwidth_ = spread
            case "scott":
                self.bandwidth_ = spread * float(n ** (-1 / (d + 4)))
            case "silverman":
                self.bandwidth_ = spread * float((n * (d + 2) / 4) ** (-1 / (d + 4)))
            case number:
                self.bandwidth_ = float(number)
        self.center_ = X.mean(axis=0)
        self.n_rows_, self.order_ = n, np.arange(n)
        unit = self.center_, self.bandwidth_
        if self._compiled() is None:
            self.tiles_, self.bounds_ = kernel_tiles(X, unit=unit), None
            return
        self.order_ = near_order(X)
        self.tiles_ = kernel_tiles(X, order=self.order_, unit=unit)
        self.bounds_ = box_bounds(self.tiles_, n)

    def _compiled(self) -> ModuleType | None:
        return kernels("neighbors", self.n_rows_**2 * _STEPS_PER_PAIR)

    def _score(self, X: Floats) -> Floats:
        few = len(X) <= _FEW and self.bounds_ is not None
        compiled = self._compiled() if few else None
        if compiled is None:
            rows = X - self.center_
            rows /= self.bandwidth_
            sums = self._negative_log_sums(rows)
        else:
            sums = self._near(compiled, X)
        return self._scaled(sums, self.n_rows_)

    def _near(self, compiled: ModuleType, X: Floats) -> Floats:
        """Return minus the logarithms of the sums of a few rows; far boxes are skipped."""
        assert self.bounds_ is not None
        low, high = self.bounds_
        index = self.tiles_, low, high, self.n_rows_, BOX, _NEGLIGIBLE + math.log(self.n_rows_)
        sums = np.empty(len(X))
        compiled.near_log_sums(X, self.center_, self.bandwidth_, *index, sums)
        return sums

    def _training_scores(self, X: Floats) -> Floats:
        scores = np.empty(self.n_rows_)
        rows = tile_rows(self.tiles_, self.n_rows_)
        scores[self.order_] = self._negative_log_sums(rows, leave_one_out=True)
        return self._scaled(scores, self.n_rows_ - 1)

    def _scaled(self, scores: Floats, n: int) -> Floats:
        """Return minus the logarithm of the density, given that of the sum of n kernels."""
        d = len(self.center_)
        return scores + (math.log(n) + d * (math.log(2 * math.pi) / 2 + math.log(self.bandwidth_)))

    def _negative_log_sums(self, rows: Floats, *, leave_one_out: bool = False) -> Floats:
        sums = gaussian_sums(rows, self.tiles_, leave_own_out=leave_one_out, n_jobs=self.n_jobs)
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = -np.log(sums)
            least = np.maximum(scores, 0.0)
            error = exponent_error(squared_norms(rows), least, rows.shape[1])
            good = (scores < _VANISHING) & (error <= _TOLERANCE * np.maximum(least, 1.0))
        if not good.all():
            left = np.flatnonzero(~good)
            if leave_one_out:
                scores[left] = self._by_differences(rows[left], rows, left)
            else:
                train = tile_rows(self.tiles_, self.n_rows_)
                scores[left] = self._by_differences(rows[left], train, None)
        return scores

    def _by_differences(self, rows: Floats, train: Floats, own: NDArray[np.intp] | None) -> Floats:
        """Return minus the logarithm of the sum of kernels, without the row's own, if given."""
        from scipy.spatial.distance import cdist

        scores = np.empty(len(rows))
        for part in row_blocks(len(rows), len(train), _DISTANCES):
            exponents = cdist(rows[part], train, "sqeuclidean")
            exponents /= 2
            if own is not None:
                exponents[np.arange(len(exponents)), own[part]] = np.inf
            smallest = exponents.min(axis=1)
            np.subtract(smallest[:, None], exponents, out=exponents)
            scores[part] = smallest - np.log(np.exp(exponents, out=exponents).sum(axis=1))
        return scores
