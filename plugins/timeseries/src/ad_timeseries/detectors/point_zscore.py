"""Point z-scores: how many deviations each step is from what is usual."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge
from numpy.lib.stride_tricks import sliding_window_view

from ad_core.detector import BaseDetector, InputKind, Series
from ad_timeseries._windows import Array, dominant_period

__all__ = ["PointZScore"]

NORMAL_MAD = 1.482602218505602
"""Standard deviation of a normal distribution over its median absolute deviation."""
NORMAL_MEAN_AD = 1.2533141373155001
"""The same over its mean absolute deviation."""
SMALLEST_SHARE = 1e-3
BLOCK_VALUES = 2**22


class PointZScore(BaseDetector):
    """Absolute z-score of each step, the largest among the channels.

    ``"global"`` uses mean and standard deviation of the training series;
    ``"robust"`` its median and median absolute deviation (scaled to a normal
    distribution; where more than half of the values are equal, the mean absolute
    deviation). ``"rolling"`` uses mean and deviation of the `window` steps
    before each step, in the scored series itself and never later ones; a series
    is treated as though `window` steps came before it that alternate between one
    training deviation above and below the training mean. A rolling deviation
    counts as at least a thousandth of the training deviation.

    Parameters
    ----------
    method
        ``"global"``, ``"robust"`` or ``"rolling"``.
    window
        Number of past steps for ``"rolling"``; None for the dominant period of the
        training series.

    Attributes
    ----------
    center_ : ndarray of shape (n_channels,)
        Training mean or median.
    scale_ : ndarray of shape (n_channels,)
        Training deviation; 1 for a constant channel.
    window_ : int

    References
    ----------
    B. Iglewicz, D. C. Hoaglin. How to detect and handle outliers. ASQC Quality
    Press, 1993.
    """

    input: ClassVar[InputKind] = Series()
    center_: Array
    scale_: Array
    window_: int

    def __init__(
        self,
        method: Literal["global", "robust", "rolling"] = "global",
        window: Annotated[int, Ge(2)] | None = None,
    ) -> None:
        self.method = method
        self.window = window

    def _fit(self, X: Array, y: Any) -> None:
        if self.method == "robust":
            self.center_ = np.median(X, axis=0)
            deviations = np.abs(X - self.center_)
            middle = NORMAL_MAD * np.median(deviations, axis=0)
            spread = np.where(middle > 0, middle, NORMAL_MEAN_AD * deviations.mean(axis=0))
        else:
            self.center_ = X.mean(axis=0)
            spread = X.std(axis=0)
        rounding = 10 * np.finfo(np.float64).eps * np.abs(X).max(axis=0)
        self.scale_ = np.where(spread > rounding, spread, 1.0)
        self.window_ = dominant_period(X) if self.window is None else self.window

    def _score(self, X: Array) -> Array:
        Z = (X - self.center_) / self.scale_
        if self.method == "rolling":
            Z = _against_past(Z, self.window_)
        scores: Array = np.abs(Z).max(axis=1)
        return scores


def _against_past(Z: Array, window: int) -> Array:
    """Standardise each step by the `window` steps before it; Z is in training deviations."""
    signs = np.where(np.arange(window) % 2 == 0, 1.0, -1.0)
    before = np.repeat(signs[:, None], Z.shape[1], axis=1)
    pasts = sliding_window_view(np.vstack([before, Z[:-1]]), window, axis=0)
    result = np.empty_like(Z)
    block = max(1, BLOCK_VALUES // (window * Z.shape[1]))
    for start in range(0, len(Z), block):
        past = pasts[start : start + block]
        deviation = np.maximum(past.std(axis=2), SMALLEST_SHARE)
        result[start : start + block] = (Z[start : start + block] - past.mean(axis=2)) / deviation
    return result
