"""KDE: Gaussian kernel density, exact everywhere."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray

from ad_classical._distances import row_blocks
from ad_classical._gaussian_sums import (
    exponent_error,
    gaussian_sums,
    kernel_factors,
    squared_norms,
)
from ad_core.detector import BaseDetector

__all__ = ["KDE"]

Floats = NDArray[np.float64]

_TOLERANCE = 1e-10
"""Largest error of an exponent, relative to the least one where that is above 1."""
_VANISHING = 575.0
"""Logarithm below which a sum is not computed without a scale of its own."""


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

    center_: Floats
    factors_: Floats
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
        self.factors_ = kernel_factors((X - self.center_) / self.bandwidth_)

    def _score(self, X: Floats) -> Floats:
        return self._negative_log_density(X, leave_one_out=False)

    def _training_scores(self, X: Floats) -> Floats:
        return self._negative_log_density(X, leave_one_out=True)

    def _negative_log_density(self, X: Floats, *, leave_one_out: bool) -> Floats:
        d, n = len(self.center_), self.factors_.shape[1]
        rows = (X - self.center_) / self.bandwidth_
        sums = gaussian_sums(rows, self.factors_, leave_own_out=leave_one_out, n_jobs=self.n_jobs)
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = -np.log(sums)
            least = np.maximum(scores, 0.0)
            error = exponent_error(squared_norms(rows), least, d)
            good = (scores < _VANISHING) & (error <= _TOLERANCE * np.maximum(least, 1.0))
        if not good.all():
            left = np.flatnonzero(~good)
            scores[left] = self._by_differences(rows[left], left if leave_one_out else None)
        constant = d * (math.log(2 * math.pi) / 2 + math.log(self.bandwidth_))
        return scores + (math.log(n - leave_one_out) + constant)

    def _by_differences(self, rows: Floats, own: NDArray[np.intp] | None) -> Floats:
        """Return minus the logarithm of the sum of kernels, without the row's own, if given."""
        from scipy.spatial.distance import cdist

        train = np.ascontiguousarray(self.factors_[:-2].T)
        scores = np.empty(len(rows))
        for part in row_blocks(len(rows), len(train)):
            exponents = cdist(rows[part], train, "sqeuclidean") / 2
            if own is not None:
                exponents[np.arange(len(exponents)), own[part]] = np.inf
            smallest = exponents.min(axis=1)
            sums = np.exp(smallest[:, None] - exponents).sum(axis=1)
            scores[part] = smallest - np.log(sums)
        return scores
