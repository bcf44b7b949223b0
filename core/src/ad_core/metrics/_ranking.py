"""Metrics of the order of the scores: no threshold is chosen."""

import operator

import numpy as np
from numpy.typing import ArrayLike

from ad_core.errors import ParameterError
from ad_core.metrics._curve import Curve, curve
from ad_core.metrics._errors import UndefinedMetricError

__all__ = ["average_precision", "precision_at_n", "r_precision", "roc_auc"]


def roc_auc(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve: the Mann-Whitney statistic, a tie counts one half.

    Parameters
    ----------
    y_true
        Labels, shape (n_samples,): 1 for an anomaly, 0 for a normal sample.
    scores
        Scores, shape (n_samples,), higher for more anomalous.

    Returns
    -------
    float
        The probability that an anomaly scores above a normal sample, in [0, 1].

    Raises
    ------
    InputError
        Shapes or values are not as above.
    UndefinedMetricError
        The labels hold one class only.
    """
    counts = curve(y_true, scores)
    false_steps = np.diff(counts.fp, prepend=0)
    before = counts.tp - np.diff(counts.tp, prepend=0)
    # Twice the area in integers: exact, however many samples there are.
    doubled = int(np.sum(false_steps * (counts.tp + before)))
    return doubled / (2 * counts.n_pos * counts.n_neg)


def average_precision(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Average precision: the sum of (R_n - R_(n-1)) P_n over the distinct thresholds.

    It is the step-wise area under the precision-recall curve, not the
    trapezoidal one, which is too optimistic. Random scores reach the prevalence.

    Parameters, returned range and errors are those of `roc_auc`.
    """
    counts = curve(y_true, scores)
    precision = counts.tp / (counts.tp + counts.fp)
    return float(np.sum(np.diff(counts.tp, prepend=0) * precision)) / counts.n_pos


def precision_at_n(y_true: ArrayLike, scores: ArrayLike, n: int | None = None) -> float:
    """Share of anomalies among the `n` highest scores.

    Where a tie straddles rank `n`, this is the expectation over its random orders.

    Parameters
    ----------
    y_true
        Labels, shape (n_samples,): 1 for an anomaly, 0 for a normal sample.
    scores
        Scores, shape (n_samples,), higher for more anomalous.
    n
        How many of the highest scores to look at; None for the number of anomalies.

    Raises
    ------
    InputError
        Labels or scores are not as above.
    ParameterError
        `n` is not a positive integer.
    UndefinedMetricError
        The labels hold one class only, or there are fewer than `n` samples.
    """
    counts = curve(y_true, scores)
    if n is None:
        return _precision_at(counts, counts.n_pos)
    try:
        n = operator.index(n)
    except TypeError:
        raise ParameterError(f"precision_at_n: n must be an integer, got {n!r}") from None
    if n < 1:
        raise ParameterError(f"precision_at_n: n must be at least 1, got {n}")
    if n > counts.n_pos + counts.n_neg:
        raise UndefinedMetricError(f"n={n}, but there are {counts.n_pos + counts.n_neg} samples")
    return _precision_at(counts, n)


def r_precision(y_true: ArrayLike, scores: ArrayLike) -> float:
    """Precision at n for n = the number of anomalies, where precision equals recall.

    Parameters, returned range and errors are those of `roc_auc`.
    """
    return precision_at_n(y_true, scores)


def _precision_at(counts: Curve, n: int) -> float:
    flagged = counts.tp + counts.fp
    tie = int(np.searchsorted(flagged, n))
    tp_before = int(counts.tp[tie - 1]) if tie else 0
    n_before = int(flagged[tie - 1]) if tie else 0
    in_tie = int(flagged[tie]) - n_before
    hits = (int(counts.tp[tie]) - tp_before) * (n - n_before) / in_tie
    return (tp_before + hits) / n
