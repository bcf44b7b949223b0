"""MAD: robust z-scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_core.detector import BaseDetector

__all__ = ["MAD"]

Floats = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)
_SMALLEST = 1e-150
"""Dividing by less could overflow."""


class MAD(BaseDetector):
    r"""The largest robust z-score of a row's columns.

    With the median of the training values of a column and their median absolute
    deviation (MAD) from it, the modified z-score of Iglewicz and Hoaglin is

    .. math:: z_j(x) = 0.6745 \, |x_j - \mathrm{median}_j| / \mathrm{MAD}_j,

    and the score its maximum over the columns; for a single column it is PyOD's.
    Where more than half of a column's values are equal, its MAD is 0, and
    1.253314 times the mean absolute deviation takes the place of MAD / 0.6745, as
    these authors advise. A constant column has no spread but that of its
    rounding: machine epsilon times its magnitude (or 1 for a column of zeros).

    The authors flag scores above 3.5: set ``decision_threshold = 3.5`` after `fit`,
    or pass it to `predict`.

    References
    ----------
    B. Iglewicz, D. C. Hoaglin, "How to detect and handle outliers", ASQC, 1993.
    """

    median_: Floats
    scale_: Floats

    def _fit(self, X: Floats, y: Any) -> None:
        self.median_ = np.median(X, axis=0)
        deviations = np.abs(X - self.median_)
        spread = np.median(deviations, axis=0) / 0.6745
        mean_spread = 1.253314 * deviations.mean(axis=0)
        rounding = _EPS * np.where(self.median_ == 0.0, 1.0, np.abs(self.median_))
        found = np.where(spread > 0.0, spread, np.where(mean_spread > 0.0, mean_spread, rounding))
        self.scale_ = np.maximum(found, _SMALLEST)

    def _score(self, X: Floats) -> Floats:
        return np.asarray((np.abs(X - self.median_) / self.scale_).max(axis=1))
