"""Volumes under the surface of range-based ROC and precision-recall curves.

A label's influence reaches beyond its anomaly by up to half a window; the area
under a curve is taken for every window from 0 to the largest, and the mean of
the areas is the volume. The definitions are those of TSB-AD's evaluation.

Only the few steps around the anomalies depend on the window. So each step is put
once into the bin of the first threshold that flags it, and each window adds the
weights of the steps around the anomalies to their bins.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import ParameterError
from ad_core.metrics import check_labels, check_scores
from ad_timeseries.metrics._stretches import minima, stretches

__all__ = ["vus_pr", "vus_roc"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NEVER = np.iinfo(np.int64).max // 2
"""A distance that no window reaches."""


def vus_roc(
    y_true: ArrayLike, scores: ArrayLike, window: int = 100, n_thresholds: int | None = 250
) -> float:
    """Volume under the surface of range-based ROC curves.

    Parameters
    ----------
    y_true
        Labels, shape (n_timesteps,): 1 for an anomaly, 0 for a normal step.
    scores
        Scores, shape (n_timesteps,), higher for more anomalous.
    window
        Largest window, in steps; a label reaches up to half of it beyond its anomaly.
    n_thresholds
        At how many ranks of the scores there is a threshold, evenly spread from the highest
        to the lowest, as TSB-AD has them; None for one at every distinct score.

    Returns
    -------
    float
        Mean of the areas over the windows 0, 1, …, `window`.

    Raises
    ------
    InputError
        Shapes or values are not as above.
    ParameterError
        `window` is below 0 or `n_thresholds` below 2.
    UndefinedMetricError
        The labels hold one class only.

    References
    ----------
    J. Paparrizos, P. Boniol, T. Palpanas, R. Tsay, A. Elmore, M. Franklin. Volume under the
    surface: a new accuracy evaluation measure for time-series anomaly detection. PVLDB 15(11),
    2022. doi:10.14778/3551793.3551830
    """
    areas: list[float] = []
    for curves in _curves(y_true, scores, window, n_thresholds):
        edge = np.zeros((len(curves.tpr), 1))
        tpr = np.hstack((edge, curves.tpr, edge + 1))
        fpr = np.hstack((edge, curves.fpr, edge + 1))
        areas.extend(np.atleast_1d(np.trapezoid(tpr, fpr, axis=1)).tolist())
    return float(np.mean(areas))


def vus_pr(
    y_true: ArrayLike, scores: ArrayLike, window: int = 100, n_thresholds: int | None = 250
) -> float:
    """Volume under the surface of range-based precision-recall curves.

    Parameters, errors and source are those of `vus_roc`.

    Returns
    -------
    float
        Mean of the step-wise areas over the windows 0, 1, …, `window`.
    """
    areas: list[float] = []
    for curves in _curves(y_true, scores, window, n_thresholds):
        steps = np.diff(curves.tpr, axis=1, prepend=0.0)
        areas.extend((steps * curves.precision).sum(axis=1))
    return float(np.mean(areas))


@frozen(eq=False)
class _Curves:
    """One curve a window, each of shape (n_windows, n_thresholds), thresholds descending."""

    tpr: Floats
    fpr: Floats
    precision: Floats


@frozen(eq=False)
class _Bins:
    """What each threshold flags, thresholds descending.

    Attributes
    ----------
    of_step
        Number of the first threshold that flags a step, known where it is needed: in and
        around the anomalies; shape (n_timesteps,).
    n_flagged
        Number of steps that each threshold flags, shape (n_thresholds,).
    """

    of_step: Integers
    n_flagged: Integers

    @classmethod
    def of(cls, scores: Floats, needed: Integers, n_thresholds: int | None) -> "_Bins":
        """Set the thresholds; None for one at every distinct score."""
        ascending = np.sort(-scores)
        if n_thresholds is None:
            thresholds = ascending[np.append(True, ascending[1:] != ascending[:-1])]
        else:
            ranks = np.linspace(0, len(scores) - 1, n_thresholds).astype(np.int64)
            thresholds = ascending[ranks]
        of_step = np.zeros(len(scores), dtype=np.int64)
        of_step[needed] = np.searchsorted(thresholds, -scores[needed], side="left")
        return cls(of_step, np.searchsorted(ascending, thresholds, side="right"))

    def accumulate(self, bins: Integers, weights: Floats | None = None) -> NDArray[Any]:
        """Return the number (or weight) of the steps in `bins` that each threshold flags."""
        return np.cumsum(np.bincount(bins, weights, len(self.n_flagged)))


def _curves(
    y_true: ArrayLike, scores: ArrayLike, window: int, n_thresholds: int | None
) -> Iterator[_Curves]:
    """Yield the curves of the windows that reach 0, 1, 2, … steps beyond an anomaly."""
    if window < 0 or (n_thresholds is not None and n_thresholds < 2):
        raise ParameterError(
            "window must be at least 0, and n_thresholds at least 2 or None, "
            f"got {window} and {n_thresholds}"
        )
    labels = check_labels(y_true)
    values = check_scores(scores, len(labels))
    truth = stretches(labels)
    starts, stops = truth.starts, truth.stops
    anomalous = np.flatnonzero(labels)
    near = _Surroundings.of(labels, starts, stops, window // 2)
    bins = _Bins.of(values, np.concatenate((anomalous, near.steps)), n_thresholds)
    inside = bins.accumulate(bins.of_step[anomalous])
    first = minima(bins.of_step, truth)
    for reach in range(window // 2 + 1):
        low, high = np.maximum(starts - reach, 0), np.minimum(stops + reach, len(labels)) - 1
        first = np.minimum(first, np.minimum(bins.of_step[low], bins.of_step[high]))
        windows = range(2 * reach, min(2 * reach + 1, window) + 1)
        around = np.array([near.accumulate(bins, reach, one) for one in windows])
        n_positive = len(anomalous) + around / 2
        tp = inside + around
        yield _Curves(
            tpr=np.minimum(tp / n_positive, 1) * _share_found(bins, first, low, high),
            fpr=(bins.n_flagged - tp) / (len(labels) - n_positive),
            precision=tp / bins.n_flagged,
        )


@frozen(eq=False)
class _Surroundings:
    """Normal steps near an anomaly, by the distance to the nearest one.

    Attributes
    ----------
    steps, nearest, second
        Place, distance to the nearest anomaly, and distance to the next one, shape (n_steps,).
    """

    steps: Integers
    nearest: Integers
    second: Integers

    @classmethod
    def of(cls, labels: Integers, starts: Integers, stops: Integers, reach: int) -> "_Surroundings":
        """Find the steps that are no further than `reach` from an anomaly."""
        n = len(labels)
        change = np.bincount(np.maximum(starts - reach, 0), minlength=n + 1)
        change -= np.bincount(np.minimum(stops + reach, n), minlength=n + 1)
        steps = np.flatnonzero((np.cumsum(change[:n]) > 0) & (labels == 0))
        # Of the two anomalies before a step and the two after it, the two nearest.
        ends = np.concatenate(([-_NEVER, -_NEVER], stops - 1))
        begins = np.concatenate((starts, [_NEVER, _NEVER]))
        n_before = np.searchsorted(starts, steps)
        distances = np.stack(
            (
                *(steps - ends[n_before + 1], steps - ends[n_before]),
                *(begins[n_before] - steps, begins[n_before + 1] - steps),
            )
        )
        nearest, second = np.sort(distances, axis=0)[:2]
        order = np.argsort(nearest, kind="stable")
        return cls(steps[order], nearest[order], second[order])

    def accumulate(self, bins: _Bins, reach: int, window: int) -> Floats:
        """Return the weight of the surroundings that each threshold flags."""
        n = np.searchsorted(self.nearest, reach, side="right")
        # Two anomalies within reach add up to more than 1, which is the most.
        alone = np.sqrt(1 - self.nearest[:n] / max(window, 1))
        weights = np.where(self.second[:n] <= reach, 1.0, alone)
        return bins.accumulate(bins.of_step[self.steps[:n]], weights)


def _share_found(bins: _Bins, first: Integers, low: Integers, high: Integers) -> Floats:
    """Return which share of the stretches each threshold finds; those that touch are one."""
    apart = np.flatnonzero(np.append(True, high[:-1] < low[1:]))
    return np.asarray(bins.accumulate(np.minimum.reduceat(first, apart)) / len(apart))
