"""F1 at one threshold or another. All but `f1_fit` look at the labels to choose it."""

import numpy as np
from numpy.typing import ArrayLike

from ad_core.metrics._curve import Curve, check_labels, check_scores, curve

__all__ = ["f1_at_threshold", "f1_best", "f1_fit", "f1_youden", "youden_threshold"]


def f1_fit(y_true: ArrayLike, predictions: ArrayLike) -> float:
    """F1 of the labels that the detector itself gave: the only honest F1.

    Parameters
    ----------
    y_true
        Labels, shape (n_samples,): 1 for an anomaly, 0 for a normal sample.
    predictions
        Predicted labels, shape (n_samples,), likewise.

    Returns
    -------
    float
        2 TP / (2 TP + FP + FN), in [0, 1]; 0 when nothing was flagged.

    Raises
    ------
    InputError
        Shapes or values are not as above.
    UndefinedMetricError
        The labels hold one class only.
    """
    labels = check_labels(y_true)
    check_scores(predictions, labels.size, "predictions")
    flagged = check_labels(predictions, "predictions")
    return 2 * int(np.sum(labels & flagged)) / (int(labels.sum()) + int(flagged.sum()))


def f1_at_threshold(y_true: ArrayLike, scores: ArrayLike, threshold: float) -> float:
    """F1 of ``scores >= threshold``.

    Parameters
    ----------
    y_true, scores
        As in `f1_youden`.
    threshold
        Scores at or above it are flagged.

    Raises
    ------
    InputError, UndefinedMetricError
        As in `f1_youden`.
    """
    labels = check_labels(y_true)
    return f1_fit(labels, check_scores(scores, labels.size) >= threshold)


def youden_threshold(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Score at which true-positive rate minus false-positive rate is largest.

    Every distinct score is a candidate; among equals the highest one wins.
    An oracle: it is chosen on the labels that it is then judged by
    (Youden 1950, doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3).

    Parameters and errors are those of `f1_youden`.
    """
    counts = curve(y_true, scores)
    return float(counts.thresholds[_youden(counts)])


def f1_youden(y_true: ArrayLike, scores: ArrayLike) -> float:
    """F1 at the `youden_threshold` of these very labels: an oracle.

    Parameters
    ----------
    y_true
        Labels, shape (n_samples,): 1 for an anomaly, 0 for a normal sample.
    scores
        Scores, shape (n_samples,), higher for more anomalous.

    Raises
    ------
    InputError
        Shapes or values are not as above.
    UndefinedMetricError
        The labels hold one class only.
    """
    counts = curve(y_true, scores)
    return float(_f1(counts)[_youden(counts)])


def f1_best(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Largest F1 over all thresholds: an oracle.

    Parameters and errors are those of `f1_youden`.
    """
    return float(np.max(_f1(curve(y_true, scores))))


def _youden(counts: Curve) -> int:
    # In integers, so that equal values are equal and the first (highest) one wins.
    return int(np.argmax(counts.tp * counts.n_neg - counts.fp * counts.n_pos))


def _f1(counts: Curve) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    f1: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        2 * counts.tp / (counts.tp + counts.fp + counts.n_pos)
    )
    return f1
