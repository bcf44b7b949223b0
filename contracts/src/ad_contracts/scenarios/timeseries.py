"""Series with planted anomalies: every scenario is seeded, and short.

Training holds one anomaly of the scenario's kind, too, so that a detector that
learns from labels has both classes; no two anomalies have the same shape.
"""

import numpy as np
from numpy.typing import NDArray

from ad_contracts import Sample, scenario
from ad_core.spec import Capability, DataKind

__all__ = ["broken_period", "level_shift", "one_of_three_channels", "reordered_period", "spikes"]

FloatArray = NDArray[np.float64]

PERIOD = 25
STEPS = 450
"""Time steps of the training series, and as many of the test series."""
CUT = slice(STEPS), slice(STEPS, 2 * STEPS)


def _pulses(rng: np.random.Generator, channels: int = 1) -> FloatArray:
    """Draw noisy periods of a rise and a faster fall, shape (2 * STEPS, channels)."""
    steps = np.arange(2 * STEPS)[:, None] + PERIOD // 3 * np.arange(channels)
    phase = (steps % PERIOD) / PERIOD
    shape = np.where(phase < 0.7, phase / 0.7, (1 - phase) / 0.3)
    return 2 * shape - 1 + 0.05 * rng.normal(size=(2 * STEPS, channels))


def _sample(series: FloatArray, anomalous: list[slice]) -> Sample:
    y = np.zeros(2 * STEPS, dtype=np.int64)
    for where in anomalous:
        y[where] = 1
    train, test = CUT
    return Sample(X_train=series[train], y_train=y[train], X_test=series[test], y_test=y[test])


def _periods(*numbers: int) -> list[slice]:
    return [slice(number * PERIOD, (number + 1) * PERIOD) for number in numbers]


@scenario(data=DataKind.TIMESERIES)
def broken_period() -> Sample:
    """Regular pulses in one channel, one of them lifted and out of order."""
    rng = np.random.default_rng(0)
    series = _pulses(rng)
    anomalous = _periods(9, 28)
    for where in anomalous:
        series[where] = 3 + rng.permutation(series[where])
    return _sample(series, anomalous)


@scenario(data=DataKind.TIMESERIES)
def reordered_period() -> Sample:
    """Regular pulses in one channel, one of them of usual values in an unusual order."""
    rng = np.random.default_rng(1)
    series = _pulses(rng)
    anomalous = _periods(6, 26)
    for where in anomalous:
        series[where] = rng.permutation(series[where])
    return _sample(series, anomalous)


@scenario(data=DataKind.TIMESERIES)
def spikes() -> Sample:
    """Regular pulses in one channel, four single steps far above or below."""
    rng = np.random.default_rng(2)
    series = _pulses(rng)
    places = [210, 530, 612, 741, 838]
    series[places, 0] += [5.0, -4.0, 5.0, -6.0, 4.5]
    return _sample(series, [slice(place, place + 1) for place in places])


@scenario(data=DataKind.TIMESERIES)
def level_shift() -> Sample:
    """Regular pulses in one channel, lifted for a while."""
    rng = np.random.default_rng(3)
    series = _pulses(rng)
    anomalous = [slice(130, 150), slice(640, 680)]
    for where, shift in zip(anomalous, (-3.0, 3.0), strict=True):
        series[where] += shift
    return _sample(series, anomalous)


@scenario(data=DataKind.TIMESERIES, needs={Capability.MULTIVARIATE})
def one_of_three_channels() -> Sample:
    """Three channels of one rhythm, one of which is lifted and out of order for a period."""
    rng = np.random.default_rng(4)
    series = _pulses(rng, channels=3)
    anomalous = _periods(12, 27)
    for where, channel in zip(anomalous, (2, 1), strict=True):
        series[where, channel] = 3 + rng.permutation(series[where, channel])
    return _sample(series, anomalous)
