"""Matrix profiles: z-normalised distances of subsequences to their nearest neighbours.

The algorithm is STUMP (Zimmerman and others, 2019; Law, 2019): along a diagonal
of the distance matrix, each covariance follows from the one before in constant
time. Several channels are combined as in mSTAMP (Yeh and others, 2017). Results
and conventions are those of `stumpy.stump` and `stumpy.mstump`; the kernels are
compiled in a second instead of a minute, are cached, take several threads, and
join one series with another in several channels, too.

Rounding errors of the recurrence are bounded as they arise, and a covariance is
computed afresh when its bound is no longer small: a large value that has left
the window leaves no trace.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ad_timeseries._windows import Array

__all__ = ["exclusion_zone", "join", "self_join"]

CONSTANT = 1e-10
"""A window whose range is below this share of its largest magnitude counts as constant."""
TOLERANCE = 1e-14
"""Largest accepted bound of the rounding error of a correlation."""
EPSILON = float(np.finfo(np.float64).eps)
PAIRS_PER_THREAD = 1_000_000

Kernel = Callable[..., None]
compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})


class Subsequences(NamedTuple):
    """A series and the statistics of its windows, each of shape (n_windows, n_channels).

    One channel has no axis of its own, for speed.
    """

    series: Array
    means: Array
    inverses: Array
    """1 / norm of the window less its mean; 0 for a constant window."""
    entering: Array
    """Last value of the window, less the mean of those before it."""
    leaving: Array
    """Value before the window, less the same mean."""
    largest: Array
    """The larger magnitude of the two."""


def exclusion_zone(window: int) -> int:
    """Return how near in time two windows are taken for the same: ``ceil(window / 4)`` steps."""
    return -(-window // 4)


def self_join(X: Array, window: int, *, n_dimensions: int, n_threads: int | None = None) -> Array:
    """Return the distance of each window to its nearest neighbour in the same series.

    Parameters
    ----------
    X
        Series of shape (n_timesteps, n_channels), such that every window has a
        neighbour outside its exclusion zone.
    window
        Steps in a window.
    n_dimensions
        How many channels count: the distance of two windows is the mean of that
        many of their channels' distances, the smallest ones.
    n_threads
        None for one a core.

    Returns
    -------
    ndarray of shape (n_timesteps - window + 1,)
        Distances from 0 to ``2 * sqrt(window)``. Two constant windows have
        distance 0, a constant one and any other ``sqrt(window)``.
    """
    own = _subsequences(X, window)
    last = len(own.means)
    diagonals = (exclusion_zone(window) + 1, last)
    return _nearest(own, own, window, n_dimensions, diagonals, symmetric=True, threads=n_threads)


def join(
    X: Array, reference: Array, window: int, *, n_dimensions: int, n_threads: int | None = None
) -> Array:
    """Return the distance of each window of `X` to its nearest neighbour in `reference`.

    See `self_join`; there is no exclusion zone.
    """
    own, other = _subsequences(X, window), _subsequences(reference, window)
    diagonals = (1 - len(own.means), len(other.means))
    return _nearest(own, other, window, n_dimensions, diagonals, symmetric=False, threads=n_threads)


def _nearest(
    own: Subsequences,
    other: Subsequences,
    window: int,
    n_dimensions: int,
    diagonals: tuple[int, int],
    *,
    symmetric: bool,
    threads: int | None,
) -> Array:
    kernel: Kernel = _one_channel if own.means.ndim == 1 else _many_channels
    pairs = own.means.size * len(other.means)
    n_threads = max(1, min(threads or _cores(), pairs // PAIRS_PER_THREAD))
    best = np.full((n_threads, len(own.means)), -np.inf)

    def work(thread: int) -> None:
        # Neighbouring diagonals are of nearly the same length, so interleaving shares the work.
        first, last = diagonals
        extent = (first + thread, last, n_threads)
        kernel(*own, *other, window, n_dimensions, symmetric, *extent, best[thread])

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, range(n_threads)))
    closest = best.max(axis=0)
    if own.means.ndim > 1:
        return np.asarray(-closest)
    return np.asarray(np.sqrt(2 * window * np.maximum(0.0, 1.0 - closest)))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _subsequences(X: Array, window: int) -> Subsequences:
    # Distances of z-normalised windows do not change with the unit, so overflow can be ruled out.
    largest = np.abs(X).max(axis=0)
    series = np.ascontiguousarray(X / np.where(largest > 0, largest, 1.0))
    shape = (len(X) - window + 1, X.shape[1])
    means, inverses, shared = np.empty(shape), np.empty(shape), np.empty(shape)
    _statistics(series, window, means, inverses, shared)
    entering = series[window - 1 :] - shared
    leaving = np.zeros(shape)
    leaving[1:] = series[: shape[0] - 1] - shared[1:]
    magnitude = np.maximum(np.abs(entering), np.abs(leaving))
    found = Subsequences(series, means, inverses, entering, leaving, magnitude)
    return Subsequences(*(part[:, 0].copy() for part in found)) if shape[1] == 1 else found


@compiled  # type: ignore[untyped-decorator,unused-ignore]
def _statistics(series: Any, window: int, means: Any, inverses: Any, shared: Any) -> None:
    for start in range(len(means)):
        for channel in range(series.shape[1]):
            total = 0.0
            low = high = series[start, channel]
            for step in range(start, start + window):
                value = series[step, channel]
                total += value
                low, high = min(low, value), max(high, value)
            mean = total / window
            squares = 0.0
            for step in range(start, start + window):
                squares += (series[step, channel] - mean) ** 2
            constant = high - low <= CONSTANT * max(abs(low), abs(high)) or squares == 0.0
            means[start, channel] = mean
            shared[start, channel] = (total - series[start + window - 1, channel]) / (window - 1)
            inverses[start, channel] = 0.0 if constant else 1.0 / np.sqrt(squares)


@compiled  # type: ignore[untyped-decorator,unused-ignore]
def _product(a: Any, a_mean: float, b: Any, b_mean: float) -> float:
    total = 0.0
    for step in range(len(a)):
        total += (a[step] - a_mean) * (b[step] - b_mean)
    return total


@compiled  # type: ignore[untyped-decorator,unused-ignore]
def _correlation(product: float, a_inverse: float, b_inverse: float) -> float:
    if a_inverse == 0.0 and b_inverse == 0.0:
        return 1.0
    if a_inverse == 0.0 or b_inverse == 0.0:
        return 0.5
    return product * a_inverse * b_inverse


@compiled  # type: ignore[untyped-decorator,unused-ignore]
def _mean_of_smallest(values: Any, count: int) -> float:
    """Mean of the `count` smallest values, which it sorts; few values, so by insertion."""
    if count < len(values):
        for end in range(1, len(values)):
            value, place = values[end], end
            while place > 0 and values[place - 1] > value:
                values[place] = values[place - 1]
                place -= 1
            values[place] = value
    total = 0.0
    for place in range(count):
        total += values[place]
    return total / count


@compiled  # type: ignore[untyped-decorator,unused-ignore]
def _one_channel(
    a: Any,
    a_means: Any,
    a_inverses: Any,
    a_entering: Any,
    a_leaving: Any,
    a_largest: Any,
    b: Any,
    b_means: Any,
    b_inverses: Any,
    b_entering: Any,
    b_leaving: Any,
    b_largest: Any,
    window: int,
    _n_dimensions: int,
    symmetric: bool,
    first: int,
    last: int,
    stride: int,
    best: Any,
) -> None:
    """Raise `best` to the correlations on the diagonals first, first + stride, and so on."""
    factor = (window - 1) / window
    limit = TOLERANCE / (2 * EPSILON * factor)
    for diagonal in range(first, last, stride):
        product = error = 0.0
        begin = max(0, -diagonal)
        for i in range(begin, min(len(a_means), len(b_means) - diagonal)):
            j = i + diagonal
            product += factor * (a_entering[i] * b_entering[j] - a_leaving[i] * b_leaving[j])
            error += a_largest[i] * b_largest[j]
            if i == begin or error * a_inverses[i] * b_inverses[j] > limit:
                product = _product(a[i : i + window], a_means[i], b[j : j + window], b_means[j])
                error = 0.0
            correlation = _correlation(product, a_inverses[i], b_inverses[j])
            best[i] = max(best[i], correlation)
            if symmetric and correlation > best[j]:
                best[j] = correlation


@compiled  # type: ignore[untyped-decorator,unused-ignore]
def _many_channels(
    a: Any,
    a_means: Any,
    a_inverses: Any,
    a_entering: Any,
    a_leaving: Any,
    a_largest: Any,
    b: Any,
    b_means: Any,
    b_inverses: Any,
    b_entering: Any,
    b_leaving: Any,
    b_largest: Any,
    window: int,
    n_dimensions: int,
    symmetric: bool,
    first: int,
    last: int,
    stride: int,
    best: Any,
) -> None:
    """Raise `best` to minus the mean of the smallest distances among the channels."""
    factor = (window - 1) / window
    limit = TOLERANCE / (2 * EPSILON * factor)
    n_channels = a.shape[1]
    products, errors = np.empty(n_channels), np.empty(n_channels)
    distances = np.empty(n_channels)
    for diagonal in range(first, last, stride):
        begin = max(0, -diagonal)
        products[:] = errors[:] = 0.0
        for i in range(begin, min(len(a_means), len(b_means) - diagonal)):
            j = i + diagonal
            for c in range(n_channels):
                products[c] += factor * (
                    a_entering[i, c] * b_entering[j, c] - a_leaving[i, c] * b_leaving[j, c]
                )
                errors[c] += a_largest[i, c] * b_largest[j, c]
                if i == begin or errors[c] * a_inverses[i, c] * b_inverses[j, c] > limit:
                    products[c] = _product(
                        a[i : i + window, c], a_means[i, c], b[j : j + window, c], b_means[j, c]
                    )
                    errors[c] = 0.0
                correlation = _correlation(products[c], a_inverses[i, c], b_inverses[j, c])
                distances[c] = np.sqrt(2.0 * window * max(0.0, 1.0 - correlation))
            closeness = -_mean_of_smallest(distances, n_dimensions)
            best[i] = max(best[i], closeness)
            if symmetric and closeness > best[j]:
                best[j] = closeness
