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

    _private_rows = False
    median_: Floats
    scale_: Floats

    def _fit(self, X: Floats, y: Any) -> None:
        self.median_, self.scale_ = np.transpose([_center_and_spread(column) for column in X.T])

    def _score(self, X: Floats) -> Floats:
        if X.shape[1] == 1:
            return np.abs(X[:, 0] - self.median_) / self.scale_
        deviations = X - self.median_
        np.abs(deviations, out=deviations)
        deviations /= self.scale_
        return np.asarray(deviations.max(axis=1))


def _center_and_spread(column: Floats) -> tuple[float, float]:
    median = _median(column.copy())
    deviations = np.abs(column - median)
    # The mean first: `_median` moves the numbers about.
    mean = float(deviations.mean())
    spread = _median(deviations) / 0.6745
    rounding = _EPS * (abs(median) or 1.0)
    return median, max(spread or 1.253314 * mean or rounding, _SMALLEST)


def _median(numbers: Floats) -> float:
    """Return the median, moving the numbers about: half the time of numpy's, which minds NaN."""
    middle = len(numbers) // 2
    numbers.partition(middle)
    if len(numbers) % 2:
        return float(numbers[middle])
    return float((numbers[:middle].max() + numbers[middle]) / 2.0)
