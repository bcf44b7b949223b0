"""Volumes under the surface of range-based ROC and precision-recall curves.

A label's influence reaches beyond its anomaly by up to half a window; the area
under a curve is taken for every window from 0 to the largest, and the mean of
the areas is the volume. The definitions are those of TSB-AD's evaluation.

Only the few steps around the anomalies depend on the window. So each step is put
once into the bin of the first threshold that flags it, and each window adds the
weights of the steps around the anomalies to their bins. A threshold at which no
step in or around an anomaly is newly flagged bends no curve: it is left out.
"""

from collections.abc import Iterator

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import ParameterError
from ad_core.metrics import check_labels, check_scores, once
from ad_timeseries.metrics._stretches import Stretches, minima, stretches

__all__ = ["vus_pr", "vus_roc"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NEVER = np.iinfo(np.int64).max // 2
"""A distance that no window reaches."""
_CELLS = 1 << 18
"""How many numbers, of steps or thresholds by windows, are dealt with at a time."""


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
    return _volumes(y_true, scores, window, n_thresholds).roc


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
    return _volumes(y_true, scores, window, n_thresholds).pr


@frozen
class _Volumes:
    roc: float
    pr: float


@once
def _volumes(
    y_true: ArrayLike, scores: ArrayLike, window: int, n_thresholds: int | None
) -> _Volumes:
    """Check the input and add up both areas, a block of thresholds after the other."""
    if window < 0 or (n_thresholds is not None and n_thresholds < 2):
        raise ParameterError(
            "window must be at least 0, and n_thresholds at least 2 or None, "
            f"got {window} and {n_thresholds}"
        )
    labels = check_labels(y_true)
    values = check_scores(scores, len(labels))
    roc = pr = np.zeros(window + 1)
    last_tpr = last_fpr = np.zeros((1, window + 1))
    for block in _curves(labels, values, window, n_thresholds):
        tpr, fpr = np.concatenate((last_tpr, block.tpr)), np.concatenate((last_fpr, block.fpr))
        roc = roc + np.trapezoid(tpr, fpr, axis=0)
        pr = pr + (np.diff(tpr, axis=0) * block.precision).sum(axis=0)
        last_tpr, last_fpr = tpr[-1:], fpr[-1:]
    roc = roc + (1 - last_fpr[0]) * (1 + last_tpr[0]) / 2
    return _Volumes(roc=float(roc.mean()), pr=float(pr.mean()))


def _curves(
    labels: Integers, scores: Floats, window: int, n_thresholds: int | None
) -> Iterator["_Curves"]:
    """Yield the curves of all windows, a block of thresholds after the other."""
    truth = stretches(labels)
    anomalous = np.flatnonzero(labels)
    near = _Surroundings.of(labels, truth, window // 2)
    bins = _Bins.of(scores, np.concatenate((anomalous, near.steps)), n_thresholds)
    near = near.sorted_by(bins.of_step[near.steps])
    around = _Around(near, bins.of_step[near.steps], np.arange(window + 1))
    found = _Found.of(bins.of_step, truth, window // 2)
    inside = np.cumsum(np.bincount(bins.of_step[anomalous], minlength=len(bins.n_flagged)))
    weight, share = np.zeros(window + 1), np.zeros(window // 2 + 1)
    height = max(1, _CELLS // (window + 1))
    for begin in range(0, len(inside), height):
        block = slice(begin, min(begin + height, len(inside)))
        weights = weight + np.cumsum(around.weights(block), axis=0)
        shares = share + np.cumsum(found.shares(block), axis=0)
        weight, share = weights[-1], shares[-1]
        n_flagged = bins.n_flagged[block, None]
        tp = inside[block, None] + weights
        n_positive = len(anomalous) + weights / 2
        yield _Curves(
            tpr=np.minimum(tp / n_positive, 1) * shares[:, np.arange(window + 1) // 2],
            fpr=(n_flagged - tp) / (len(labels) - n_positive),
            precision=tp / n_flagged,
        )


@frozen(eq=False)
class _Curves:
    """One curve a window, each of shape (n_thresholds, n_windows), thresholds descending."""

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
        first = np.searchsorted(thresholds, -scores[needed], side="left")
        # A curve is bent where one of the needed steps is flagged; it is straight from there to
        # the threshold before the next such one.
        kept = np.zeros(len(thresholds), dtype=np.bool_)
        kept[first] = kept[-1] = True
        kept[:-1] |= kept[1:]
        of_step = np.zeros(len(scores), dtype=np.int64)
        of_step[needed] = (np.cumsum(kept) - 1)[first]
        return cls(of_step, np.searchsorted(ascending, thresholds[kept], side="right"))


@frozen(eq=False)
class _Surroundings:
    """Normal steps near an anomaly.

    Attributes
    ----------
    steps, nearest, second
        Place, distance to the nearest anomaly, and distance to the next one, shape (n_steps,).
    """

    steps: Integers
    nearest: Integers
    second: Integers

    @classmethod
    def of(cls, labels: Integers, truth: Stretches, reach: int) -> "_Surroundings":
        """Find the steps that are no further than `reach` from an anomaly."""
        n, starts, stops = len(labels), truth.starts, truth.stops
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
        return cls(steps, nearest, second)

    def sorted_by(self, keys: Integers) -> "_Surroundings":
        """Return the same steps in the order of `keys`."""
        order = np.argsort(keys, kind="stable")
        return _Surroundings(self.steps[order], self.nearest[order], self.second[order])


@frozen(eq=False)
class _Around:
    """Weights of the surroundings, which are sorted by their bins."""

    near: _Surroundings
    bins: Integers
    windows: Integers

    def weights(self, block: slice) -> Floats:
        """Return the weight that each threshold adds, shape (n_thresholds, n_windows)."""
        total = np.zeros((block.stop - block.start, len(self.windows)))
        begin, end = np.searchsorted(self.bins, (block.start, block.stop))
        height = max(1, _CELLS // len(self.windows))
        for first in range(begin, end, height):
            rows = slice(first, min(first + height, end))
            bins = self.bins[rows] - block.start
            changes = np.flatnonzero(np.append(True, bins[1:] != bins[:-1]))
            total[bins[changes]] += np.add.reduceat(self._of(rows), changes, axis=0)
        return total

    def _of(self, rows: slice) -> Floats:
        """Return the weights of some steps, shape (n_steps, n_windows)."""
        reach = self.windows // 2
        distances, which = np.unique(self.near.nearest[rows], return_inverse=True)
        away = distances[:, None]
        alone = np.sqrt(np.maximum(1 - away / np.maximum(self.windows, 1), 0))
        weights = np.where(away <= reach, alone, 0.0)[which]
        # Two anomalies within reach add up to more than 1, which is the most.
        between = np.flatnonzero(self.near.second[rows] <= reach[-1])
        second = self.near.second[rows][between, None]
        weights[between] = np.where(second <= reach, 1.0, weights[between])
        return np.asarray(weights)


@frozen(eq=False)
class _Found:
    """When stretches are found, those that touch at a reach taken for one.

    Attributes
    ----------
    cells
        Bin times number of reaches plus reach, of each stretch at each reach, sorted.
    n_stretches
        How many stretches there are, shape (n_reaches,).
    """

    cells: Integers
    n_stretches: Integers

    @classmethod
    def of(cls, of_step: Integers, truth: Stretches, reach: int) -> "_Found":
        """Widen the anomalies by 0, 1, … `reach` steps."""
        first = minima(of_step, truth)
        cells = []
        for wider in range(reach + 1):
            low = np.maximum(truth.starts - wider, 0)
            high = np.minimum(truth.stops + wider, len(of_step)) - 1
            first = np.minimum(first, np.minimum(of_step[low], of_step[high]))
            apart = np.flatnonzero(np.append(True, high[:-1] < low[1:]))
            cells.append(np.minimum.reduceat(first, apart) * (reach + 1) + wider)
        n_stretches = np.array([len(one) for one in cells])
        return cls(np.sort(np.concatenate(cells)), n_stretches)

    def shares(self, block: slice) -> Floats:
        """Return the share that each threshold newly finds, shape (n_thresholds, n_reaches)."""
        width = len(self.n_stretches)
        begin, end = np.searchsorted(self.cells, (block.start * width, block.stop * width))
        height = block.stop - block.start
        counts = np.bincount(self.cells[begin:end] - block.start * width, minlength=height * width)
        return np.asarray(counts.reshape(height, width) / self.n_stretches)
