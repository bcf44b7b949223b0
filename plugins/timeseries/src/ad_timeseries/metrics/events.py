"""F1 of events: whole stretches are found or missed.

An event is a stretch of steps labelled 1. Nothing is adjusted: a detector that
flags one step of an event has found it, but gets no credit for the others.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import ParameterError
from ad_core.metrics import check_labels, check_scores
from ad_timeseries.metrics._stretches import Stretches, maxima, stretches

__all__ = ["event_f1", "event_f1_best", "range_f1", "range_f1_best"]

Labels = NDArray[Any]


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
    truth = stretches(labels)
    recall = float((truth.sums(flagged) > 0).mean())
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
    ascending, inside = np.sort(values), np.sort(values[labels == 1])
    thresholds = np.unique(inside)  # between two of them, recall stays and precision falls
    hits = len(inside) - np.searchsorted(inside, thresholds)
    precision = hits / (len(values) - np.searchsorted(ascending, thresholds))
    peaks = np.sort(maxima(values, stretches(labels)))
    recall = 1 - np.searchsorted(peaks, thresholds) / len(peaks)
    found = recall > 0
    return float(np.max(2 * precision[found] * recall[found] / (precision + recall)[found]))


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
    if not 0 <= alpha <= 1:
        raise ParameterError(f"alpha must be between 0 and 1, got {alpha}")
    labels, flagged = _checked(y_true, predictions)
    return _range_f1(labels, stretches(labels), flagged, alpha)


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
    if not 0 <= alpha <= 1 or n_thresholds < 2:
        raise ParameterError(
            "alpha must be between 0 and 1, and n_thresholds at least 2, "
            f"got {alpha} and {n_thresholds}"
        )
    labels = check_labels(y_true)
    values = check_scores(scores, len(labels))
    ranks = np.linspace(0, len(values) - 1, n_thresholds).astype(np.int64)
    thresholds = np.unique(np.sort(values)[ranks])
    truth = stretches(labels)
    return max(_range_f1(labels, truth, values >= one, alpha) for one in thresholds)


def _checked(y_true: ArrayLike, predictions: ArrayLike) -> tuple[Labels, Labels]:
    labels = check_labels(y_true)
    check_scores(predictions, len(labels), "predictions")
    return labels, check_labels(predictions, "predictions")


def _range_f1(labels: Labels, truth: Stretches, flagged: Labels, alpha: float) -> float:
    predicted = stretches(flagged)
    if not len(predicted.starts):
        return 0.0
    precision = predicted.overlap(labels, truth).mean()
    found = truth.sums(flagged) > 0
    recall = (alpha * found + (1 - alpha) * truth.overlap(flagged, predicted)).mean()
    return _harmonic_mean(float(precision), float(recall))


def _harmonic_mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
