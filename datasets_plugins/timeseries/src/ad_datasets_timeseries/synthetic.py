"""Synthetic series with planted anomalies: one generator a shape, drawn anew for each seed.

Each is a loader ``(spec, seed, *, train, test, period, …) -> Parts``: `train`
steps without an anomaly, then `test` steps with `count` of them, one series
without a break. Planted stretches do not touch each other.
"""

import numpy as np
from numpy.typing import NDArray

from ad_core.data import Parts, Rows
from ad_core.errors import DatasetError
from ad_core.spec import DatasetSpec

__all__ = ["decoupled", "discords", "frequency_changes", "level_shifts", "spikes"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def spikes(
    spec: DatasetSpec,
    seed: int,
    *,
    train: int,
    test: int,
    period: int,
    count: int,
    smallest: float,
    largest: float,
) -> Parts:
    """Move `count` single steps by `smallest` to `largest`, up or down."""
    rng = np.random.default_rng(seed)
    series = _sine(rng, train + test, period)
    starts = _places(spec, rng, train, test, length=1, gap=10, count=count)
    series[starts] += rng.choice((-1.0, 1.0), size=count) * rng.uniform(smallest, largest, count)
    return _parts(series[:, None], starts, 1, train)


def level_shifts(
    spec: DatasetSpec,
    seed: int,
    *,
    train: int,
    test: int,
    period: int,
    count: int,
    length: int,
    shift: float,
) -> Parts:
    """Move `count` stretches of `length` steps by `shift`, up or down."""
    rng = np.random.default_rng(seed)
    series = _sine(rng, train + test, period)
    starts = _places(spec, rng, train, test, length=length, gap=period, count=count)
    for start in starts:
        series[start : start + length] += shift * rng.choice((-1.0, 1.0))
    return _parts(series[:, None], starts, length, train)


def frequency_changes(
    spec: DatasetSpec, seed: int, *, train: int, test: int, period: int, count: int, factor: float
) -> Parts:
    """Let `count` stretches of two periods run `factor` times as fast.

    With a whole `factor` the phase is back where it was at the end of a stretch.
    """
    rng = np.random.default_rng(seed)
    length = 2 * period
    starts = _places(spec, rng, train, test, length=length, gap=period, count=count)
    speed = np.ones(train + test)
    for start in starts:
        speed[start : start + length] = factor
    phase = 2 * np.pi * (np.cumsum(speed) / period + rng.uniform())
    series = np.sin(phase) + rng.normal(scale=0.1, size=len(phase))
    return _parts(series[:, None], starts, length, train)


def discords(
    spec: DatasetSpec, seed: int, *, train: int, test: int, period: int, count: int
) -> Parts:
    """Run `count` whole periods of a sawtooth backwards."""
    rng = np.random.default_rng(seed)
    phase = np.arange(train + test) % period
    series = phase / period + rng.normal(scale=0.05, size=len(phase))
    places = _places(spec, rng, train, test, length=2 * period, gap=period, count=count)
    starts = -(-places // period) * period  # the next whole period, still inside the place
    for start in starts:
        series[start : start + period] = series[start : start + period][::-1].copy()
    return _parts(series[:, None], starts, period, train)


def decoupled(
    spec: DatasetSpec, seed: int, *, train: int, test: int, period: int, count: int
) -> Parts:
    """Delay one of three channels by half a period in `count` stretches of two periods."""
    rng = np.random.default_rng(seed)
    steps = np.arange(train + test)
    amplitudes = np.array([1.0, 2.0, 0.5])
    late = np.zeros((len(steps), 3))
    length = 2 * period
    starts = _places(spec, rng, train, test, length=length, gap=period, count=count)
    for start in starts:
        late[start : start + length, rng.integers(3)] = period / 2
    series = amplitudes * np.sin(2 * np.pi * (steps[:, None] - late) / period)
    series += 0.1 * amplitudes * rng.normal(size=series.shape)
    return _parts(series, starts, length, train)


def _sine(rng: np.random.Generator, n_steps: int, period: int) -> FloatArray:
    phase = 2 * np.pi * (np.arange(n_steps) / period + rng.uniform())
    return np.sin(phase) + rng.normal(scale=0.1, size=n_steps)


def _places(
    spec: DatasetSpec,
    rng: np.random.Generator,
    train: int,
    test: int,
    *,
    length: int,
    gap: int,
    count: int,
) -> IntArray:
    """Draw where stretches of `length` begin in test, at least `gap` steps from each other.

    The free steps are dealt out at random between the stretches.
    """
    free = test - count * (length + gap) - gap
    if free < 0:
        raise DatasetError(
            f"{spec.name}: {count} stretches of {length} steps, {gap} apart, do not fit into "
            f"{test} steps"
        )
    cuts = np.sort(rng.integers(free + 1, size=count))
    return train + gap + cuts + np.arange(count) * (length + gap)


def _parts(series: FloatArray, starts: IntArray, length: int, train: int) -> Parts:
    y = np.zeros(len(series), dtype=np.int64)
    for start in starts:
        y[start : start + length] = 1
    return Parts(train=Rows(series[:train], y[:train]), test=Rows(series[train:], y[train:]))
