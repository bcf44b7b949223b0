"""Windows over a series: their length, views of them, and from window scores to step scores."""

from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ad_core.errors import InputError

__all__ = [
    "Array",
    "Reduction",
    "dominant_period",
    "flat_windows",
    "require_steps",
    "to_steps",
]

Array = np.ndarray[Any, np.dtype[np.float64]]
Reduction = Literal["mean", "max"]

SHORTEST_PERIOD, LONGEST_PERIOD = 4, 500
WEAKEST_PERIOD = 0.1
FALLBACK_LENGTH = 50


def require_steps(n_steps: int, needed: int, window: int, whose: str) -> None:
    """Raise InputError where a series is shorter than its windows allow.

    Parameters
    ----------
    n_steps, needed
        Length of the series and the smallest that will do.
    window
        Length of the windows, for the message.
    whose
        Name of the detector.
    """
    if n_steps < needed:
        raise InputError(
            f"{whose}: the series has {n_steps} time steps, but windows of {window} need at least "
            f"{needed}; give a longer series or a shorter window"
        )


def flat_windows(X: Array, window: int, stride: int) -> Array:
    """Return whole windows as rows, without a copy.

    Parameters
    ----------
    X
        C-contiguous series, shape (n_timesteps, n_channels).
    window, stride
        Steps in a window, and from one window to the next.

    Returns
    -------
    ndarray of shape (n_windows, window * n_channels)
        A read-only view; a row holds the steps of a window one after the other.
    """
    channels = X.shape[1]
    # Consecutive steps are consecutive in memory, so one flat window spans all channels.
    rows = sliding_window_view(X.reshape(-1), window * channels)[:: channels * stride]
    view: Array = rows
    return view


def to_steps(scores: Array, window: int, stride: int, n_steps: int, reduction: Reduction) -> Array:
    """Reduce window scores to step scores.

    A step's score is the mean or the maximum over the windows that cover it.
    Windows begin every `stride` steps; the last one ends with the series,
    wherever the one before begins, so that every step is covered.

    Parameters
    ----------
    scores
        One score a window, shape (n_windows,), as `window_starts` places them.
    window, stride, n_steps
        Steps in a window (at least `stride`), between windows, in the series.
    reduction
        ``"mean"`` or ``"max"``.

    Returns
    -------
    ndarray of shape (n_steps,)
    """
    starts = np.arange(len(scores)) * stride
    starts[-1] = n_steps - window
    # The windows that cover step t are a run: from the first that ends after t to the last that
    # begins at or before it.
    steps = np.arange(n_steps)
    first = np.searchsorted(starts, steps - window, side="right")
    last = np.searchsorted(starts, steps, side="right")
    if reduction == "mean":
        # Centred, so that the running sum stays small beside its terms.
        centre = float(scores.mean())
        sums = np.concatenate([[0.0], np.cumsum(scores - centre)])
        means: Array = centre + (sums[last] - sums[first]) / (last - first)
        return np.asarray(np.clip(means, scores.min(), scores.max()))
    return _range_maximum(scores, first, last)


def _range_maximum(values: Array, first: Any, last: Any) -> Array:
    """Maximum over ``values[first:last]`` for many non-empty ranges (a sparse table)."""
    levels = [values]
    while 2 ** len(levels) <= len(values):
        half = 2 ** (len(levels) - 1)
        below = levels[-1]
        levels.append(np.maximum(below[:-half], below[half:]))
    level = np.frexp(last - first)[1] - 1
    result = np.empty(len(first))
    for power, table in enumerate(levels):
        mine = level == power
        result[mine] = np.maximum(table[first[mine]], table[last[mine] - 2**power])
    return result


def dominant_period(X: Array) -> int:
    """Return the dominant period of a series in steps, to be used as a window length.

    The autocorrelation is averaged over the channels after a linear trend is
    taken out, for lags from 4 to 500 and to a third of the series. Its local
    maxima count once it has fallen half the way from lag 1 to its minimum. The
    first that reaches nine tenths of the highest marks the period, so that no
    multiple is taken; the highest value up to a quarter beyond it is the answer.
    Where no maximum reaches 0.1 there is no period; the length is then 50, or a
    tenth of a series of fewer than 500 steps (at least 4).

    Parameters
    ----------
    X
        Series of shape (n_timesteps, n_channels).
    """
    n = len(X)
    fallback = max(SHORTEST_PERIOD, min(FALLBACK_LENGTH, n // 10))
    longest = min(LONGEST_PERIOD, n // 3)
    if longest <= SHORTEST_PERIOD:
        return fallback
    curve = _autocorrelation(X, longest + 1)
    fallen = int(np.argmax(curve < (curve[1] + curve.min()) / 2))
    lags = np.arange(max(SHORTEST_PERIOD, fallen), longest + 1)
    middle = curve[lags]
    peaks = (middle > curve[lags - 1]) & (middle >= curve[lags + 1]) & (middle >= WEAKEST_PERIOD)
    if not peaks.any():
        return fallback
    first = int(lags[peaks & (middle >= 0.9 * middle[peaks].max())][0])
    last = min(longest, first + first // 4)
    return first + int(np.argmax(curve[first : last + 1]))


def _autocorrelation(X: Array, longest: int) -> Array:
    """Autocorrelation at lags 0 to `longest`, shape (longest + 1,), averaged over channels."""
    n = len(X)
    time = np.arange(n) - (n - 1) / 2
    centred = X - X.mean(axis=0)
    centred = centred - np.outer(time, time @ centred / (time @ time))
    size = 2 ** int(np.ceil(np.log2(2 * n)))
    spectrum = np.fft.rfft(centred, size, axis=0)
    curves = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=0)[: longest + 1]
    rounding = n * (np.finfo(np.float64).eps * 10 * np.abs(X).max(axis=0)) ** 2
    moving = curves[0] > rounding
    if not moving.any():
        return np.zeros(longest + 1)
    average: Array = (curves[:, moving] / curves[0, moving]).mean(axis=1)
    return average
