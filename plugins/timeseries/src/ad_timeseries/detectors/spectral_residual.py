"""Spectral residual: saliency of each step, borrowed from vision."""

from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge

from ad_core.detector import BaseDetector, InputKind, Series
from ad_timeseries._windows import Array

__all__ = ["SpectralResidual"]

TINY = 1e-8
"""Share of the largest amplitude, or saliency, below which another is raised to it."""
ROUNDING = 1e-14


class SpectralResidual(BaseDetector):
    """Spectral residual transform (Ren et al.): steps that a smooth spectrum does not explain.

    The log amplitude spectrum of a series less its moving average goes back to
    the time domain with the phases unchanged and without the level. A step's
    score is the saliency there, relative to its average over the steps before
    (equations 1 to 9 of the paper; the first step is compared with the average
    of all). The series is continued by a few estimated points first, so that its
    end is treated much like its middle; a jump at the very last step is continued
    with it, and shows one step early. With several channels the largest score
    counts.

    The transform knows no training: each series, old or new, is transformed as a
    whole and by itself, and only the decision threshold comes from the training
    series. A step's score therefore depends on later steps, too.

    Parameters
    ----------
    spectrum_window
        Width of the moving average over the spectrum (q in the paper).
    score_window
        Number of steps before that a saliency is compared with (z in the paper).
    n_estimated
        Number of points by which a series is continued (kappa in the paper).
    gradient_window
        Number of last steps that the continuation is estimated from (m in the
        paper).

    References
    ----------
    H. Ren and others. Time-series anomaly detection service at Microsoft. KDD,
    2019. doi:10.1145/3292500.3330680
    """

    input: ClassVar[InputKind] = Series()

    def __init__(
        self,
        spectrum_window: Annotated[int, Ge(1)] = 3,
        score_window: Annotated[int, Ge(1)] = 21,
        n_estimated: Annotated[int, Ge(0)] = 5,
        gradient_window: Annotated[int, Ge(1)] = 5,
    ) -> None:
        self.spectrum_window = spectrum_window
        self.score_window = score_window
        self.n_estimated = n_estimated
        self.gradient_window = gradient_window

    def _fit(self, X: Array, y: Any) -> None:
        """Learn nothing: see the class."""

    def _score(self, X: Array) -> Array:
        scores: Array = np.max([self._channel_scores(channel) for channel in X.T], axis=0)
        return scores

    def _channel_scores(self, series: Array) -> Array:
        extended = _continued(series, self.n_estimated, self.gradient_window)
        saliency = _saliency(extended, self.spectrum_window)[: len(series)]
        usual = _average_before(saliency, self.score_window)
        floor = TINY * saliency.max()
        return (saliency - usual) / np.maximum(usual, floor if floor > 0 else 1.0)


def _continued(series: Array, count: int, gradient_window: int) -> Array:
    """Append `count` copies of an estimate of the next step (equations 8 and 9)."""
    m = min(gradient_window, len(series) - 1)
    if m < 1:
        return np.concatenate([series, np.repeat(series[-1:], count)])
    before = series[-1 - m : -1]
    gradient = np.mean((series[-1] - before) / np.arange(m, 0, -1))
    return np.concatenate([series, np.full(count, series[-m] + gradient * m)])


def _saliency(series: Array, width: int) -> Array:
    """Return the saliency map (equations 1 to 6)."""
    # The unit of a series says nothing: with values of at most 1, no logarithm can overflow.
    largest = np.abs(series).max()
    spectrum = np.fft.fft(series / (largest if largest > 0 else 1.0))
    phases, amplitude = np.angle(spectrum[1:]), np.abs(spectrum[1:])
    if amplitude.max(initial=0.0) <= ROUNDING * len(series):  # constant: nothing stands out
        return np.zeros(len(series))
    log_amplitude = np.log(np.maximum(amplitude, TINY * amplitude.max()))
    residual = log_amplitude - _circular_average(log_amplitude, width)
    # Without frequency 0, the level, which would hide what is above it behind what is below.
    kept = np.concatenate([[0.0], np.exp(residual + 1j * phases)])
    saliency: Array = np.abs(np.fft.ifft(kept))
    return saliency


def _circular_average(values: Array, width: int) -> Array:
    """Centred moving average; the frequencies of a real series go round."""
    width = min(width, len(values))
    left = width // 2
    wrapped = np.concatenate([values[len(values) - left :], values, values[: width - 1 - left]])
    kernel = np.full(width, 1.0 / width)
    average: Any = np.convolve(wrapped, kernel, mode="valid")
    return np.asarray(average)


def _average_before(values: Array, width: int) -> Array:
    """Average of up to `width` values before each; the first has that of all."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    steps = np.arange(1, len(values))
    first = np.maximum(0, steps - width)
    averages = (sums[steps] - sums[first]) / (steps - first)
    return np.concatenate([[values.mean()], np.maximum(averages, 0.0)])
