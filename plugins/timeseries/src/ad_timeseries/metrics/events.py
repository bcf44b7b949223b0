"""F1 of events: whole stretches are found or missed.

An event is a stretch of steps labelled 1. Nothing is adjusted: a detector that
flags one step of an event has found it, but gets no credit for the others.
"""

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import ParameterError
from ad_core.metrics import check_labels, check_scores
from ad_timeseries.metrics._stretches import Stretches, maxima, stretches

__all__ = [
    "event_f1",
    "event_f1_best",
    "event_f1_curve",
    "range_f1",
    "range_f1_best",
    "range_f1_curve",
]

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def event_f1(y_true: ArrayLike, predictions: ArrayLike) -> float:
    """Harmonic mean of the share of events found and the precision of the flagged steps.

    Parameters
    ----------
    y_true
        Labels, shape (n_timesteps,): 1 for an anomaly, 0 for a normal step.
    predictions
        Predicted labels, shape (n_timesteps,), likewise.

    Returns
    -------
    float
        In [0, 1]; 0 when no anomalous step was flagged.

    Raises
    ------
    InputError
        Shapes or values are not as above.
    UndefinedMetricError
        The labels hold one class only.

    References
    ----------
    A. Garg, W. Zhang, J. Samaran, R. Savitha, C.-S. Foo. An evaluation of anomaly detection and
    diagnosis in multivariate time series. IEEE TNNLS 33(6), 2022 (the composite F-score).
    doi:10.1109/TNNLS.2021.3105827
    """
    labels, flagged = _checked(y_true, predictions)
    hits = int((labels & flagged).sum())
    if hits == 0:
        return 0.0
    recall = float((_Truth.of(labels).covered(flagged) > 0).mean())
    return _harmonic_mean(hits / int(flagged.sum()), recall)


def event_f1_best(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Largest `event_f1` over all thresholds: an oracle.

    Parameters
    ----------
    y_true
        Labels, shape (n_timesteps,): 1 for an anomaly, 0 for a normal step.
    scores
        Scores, shape (n_timesteps,), higher for more anomalous.

    Raises
    ------
    InputError, UndefinedMetricError
        As in `event_f1`.
    """
    labels = check_labels(y_true)
    values = check_scores(scores, len(labels))
    # Between two scores of anomalous steps, recall stays and precision falls.
    return float(_event_f1(labels, values, np.unique(values[labels == 1])).max())


def event_f1_curve(y_true: ArrayLike, scores: ArrayLike, thresholds: ArrayLike) -> Floats:
    """`event_f1` of ``scores >= threshold`` at each of several thresholds.

    Parameters
    ----------
    y_true, scores
        As in `event_f1_best`.
    thresholds
        Shape (n_thresholds,), in any order.

    Returns
    -------
    ndarray of shape (n_thresholds,)

    Raises
    ------
    InputError, UndefinedMetricError
        As in `event_f1`.
    """
    labels = check_labels(y_true)
    values = check_scores(scores, len(labels))
    return _event_f1(labels, values, np.asarray(thresholds, dtype=np.float64))


def range_f1(y_true: ArrayLike, predictions: ArrayLike, alpha: float = 0.2) -> float:
    """Range-based F1: overlap of predicted and true stretches, in one piece.

    With flat positional bias and the reciprocal of the number of overlapping
    stretches as cardinality factor; precision gives no credit for existence.

    Parameters
    ----------
    y_true, predictions
        As in `event_f1`.
    alpha
        Share of recall, in [0, 1], that a stretch gets for being found at all.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError, UndefinedMetricError
        As in `event_f1`.
    ParameterError
        `alpha` is not in [0, 1].

    References
    ----------
    N. Tatbul, T. J. Lee, S. Zdonik, M. Alam, J. Gottschlich. Precision and recall for time
    series. NeurIPS, 2018. arXiv:1803.03639
    """
    _check_alpha(alpha)
    labels, flagged = _checked(y_true, predictions)
    return _Truth.of(labels).range_f1(flagged, alpha)


def range_f1_best(
    y_true: ArrayLike, scores: ArrayLike, alpha: float = 0.2, n_thresholds: int = 250
) -> float:
    """Largest `range_f1` over thresholds at evenly spread ranks of the scores: an oracle.

    Parameters
    ----------
    y_true, scores
        As in `event_f1_best`.
    alpha
        As in `range_f1`.
    n_thresholds
        How many ranks, from the highest score to the lowest.

    Raises
    ------
    InputError, UndefinedMetricError, ParameterError
        As in `range_f1`; `n_thresholds` must be at least 2.
    """
    if n_thresholds < 2:
        raise ParameterError(f"n_thresholds must be at least 2, got {n_thresholds}")
    values = np.sort(check_scores(scores, len(check_labels(y_true))))
    ranks = np.linspace(0, len(values) - 1, n_thresholds).astype(np.int64)
    return float(range_f1_curve(y_true, scores, np.unique(values[ranks]), alpha).max())


def range_f1_curve(
    y_true: ArrayLike, scores: ArrayLike, thresholds: ArrayLike, alpha: float = 0.2
) -> Floats:
    """`range_f1` of ``scores >= threshold`` at each of several thresholds.

    Parameters
    ----------
    y_true, scores
        As in `event_f1_best`.
    thresholds
        Shape (n_thresholds,), in any order.
    alpha
        As in `range_f1`.

    Returns
    -------
    ndarray of shape (n_thresholds,)

    Raises
    ------
    InputError, UndefinedMetricError, ParameterError
        As in `range_f1`.
    """
    _check_alpha(alpha)
    labels = check_labels(y_true)
    values = check_scores(scores, len(labels))
    truth = _Truth.of(labels)
    return np.array([truth.range_f1(values >= one, alpha) for one in np.asarray(thresholds)])


def _checked(y_true: ArrayLike, predictions: ArrayLike) -> tuple[Integers, Flags]:
    labels = check_labels(y_true)
    check_scores(predictions, len(labels), "predictions")
    return labels, check_labels(predictions, "predictions") == 1


def _check_alpha(alpha: float) -> None:
    if not 0 <= alpha <= 1:
        raise ParameterError(f"alpha must be between 0 and 1, got {alpha}")


def _event_f1(labels: Integers, values: Floats, thresholds: Floats) -> Floats:
    inside, peaks = np.sort(values[labels == 1]), np.sort(maxima(values, stretches(labels)))
    flagged = len(values) - np.searchsorted(np.sort(values), thresholds)
    hits = len(inside) - np.searchsorted(inside, thresholds)
    precision = hits / np.maximum(flagged, 1)
    recall = 1 - np.searchsorted(peaks, thresholds) / len(peaks)
    both = precision + recall
    return np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)


@frozen(eq=False)
class _Truth:
    """Labels and their stretches, added up once for any number of predictions.

    Attributes
    ----------
    steps, first
        The anomalous steps, and where among them each stretch begins.
    before, begun, over
        How many anomalous steps there are before a step, how many stretches began before it and
        how many are over by it; shape (n_timesteps + 1,).
    """

    steps: Integers
    first: Integers
    before: Integers
    begun: Integers
    over: Integers

    @classmethod
    def of(cls, labels: Integers) -> "_Truth":
        """Add up."""
        truth, n = stretches(labels), len(labels)
        begins, ends = (np.bincount(one, minlength=n + 1) for one in (truth.starts, truth.stops))
        before, begun = (np.concatenate(([0], np.cumsum(one))) for one in (labels, begins[:n]))
        return cls(np.flatnonzero(labels), before[truth.starts], before, begun, np.cumsum(ends))

    def covered(self, flagged: Flags) -> Integers:
        """Return how many steps of each stretch are flagged."""
        return self._sums(flagged[self.steps])

    def range_f1(self, flagged: Flags, alpha: float) -> float:
        """Return the F1 of range-based precision and recall."""
        predicted = stretches(flagged)
        if not len(predicted.starts):
            return 0.0
        precision, recall = self._precision(predicted), self._recall(flagged, alpha)
        return _harmonic_mean(precision, recall)

    def _precision(self, predicted: Stretches) -> float:
        hits = self.before[predicted.stops] - self.before[predicted.starts]
        touching = np.flatnonzero(hits)
        starts, stops = predicted.starts[touching], predicted.stops[touching]
        # One piece counts more than several: a share is divided by the number of anomalies in it.
        pieces = self.begun[stops] - self.over[starts]
        shares = hits[touching] / (stops - starts) / pieces
        return float(shares.sum()) / len(hits)

    def _recall(self, flagged: Flags, alpha: float) -> float:
        within = flagged[self.steps]
        begin = within.copy()
        begin[1:] &= ~within[:-1]
        begin[self.first] = within[self.first]
        covered, pieces = self._sums(within), self._sums(begin)
        lengths = np.diff(self.first, append=len(self.steps))
        overlap = covered / lengths / np.maximum(pieces, 1)
        return float((alpha * (covered > 0) + (1 - alpha) * overlap).mean())

    def _sums(self, within: Flags) -> Integers:
        return np.asarray(np.add.reduceat(within, self.first, dtype=np.int64))


def _harmonic_mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
