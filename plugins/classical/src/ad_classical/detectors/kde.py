"""KDE: Gaussian kernel density, exact everywhere."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ad_classical._distances import row_blocks
from ad_core.detector import BaseDetector

__all__ = ["KDE"]

Floats = NDArray[np.float64]


class KDE(BaseDetector):
    r"""Negative log-density under a Gaussian kernel on every training row.

    .. math:: -\log \frac{1}{n (2 \pi h^2)^{d/2}}
              \sum_{i=1}^{n} e^{-\|x - x_i\|^2 / 2 h^2},

    summed over all training rows in logarithms relative to the nearest one, so
    that the density of a far row does not vanish: there the score grows with the
    square of the distance. A training row is left out of its own density, since
    its own kernel would make it look more normal than any new row.

    Parameters
    ----------
    bandwidth
        Standard deviation h of the kernel, in the units of the data. ``"spread"`` takes
        the square root of the columns' mean variance, so 1 for standardised columns;
        ``"scott"`` and ``"silverman"`` multiply it by the factor of these rules.

    References
    ----------
    L. J. Latecki, A. Lazarevic, D. Pokrajac, "Outlier detection with kernel
    density functions", MLDM 2007. doi:10.1007/978-3-540-73499-4_6
    """

    rows_: Floats
    bandwidth_: float

    def __init__(
        self,
        bandwidth: Annotated[float, Gt(0)] | Literal["spread", "scott", "silverman"] = "spread",
    ) -> None:
        self.bandwidth = bandwidth

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
        self.rows_ = X

    def _score(self, X: Floats) -> Floats:
        return self._negative_log_density(X, leave_one_out=False)

    def _training_scores(self, X: Floats) -> Floats:
        return self._negative_log_density(X, leave_one_out=True)

    def _negative_log_density(self, X: Floats, *, leave_one_out: bool) -> Floats:
        n, d = self.rows_.shape
        h = self.bandwidth_
        constant = np.log(n - leave_one_out) + d * (np.log(2 * np.pi) / 2 + np.log(h))
        scores = np.empty(len(X))
        for rows in row_blocks(len(X), n):
            exponents = cdist(X[rows] / h, self.rows_ / h, "sqeuclidean") / 2
            if leave_one_out:
                own = np.arange(rows.start, rows.stop)
                exponents[np.arange(len(own)), own] = np.inf
            smallest = exponents.min(axis=1)
            sums = np.exp(smallest[:, None] - exponents).sum(axis=1)
            scores[rows] = smallest - np.log(sums) + constant
        return scores
