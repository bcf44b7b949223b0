"""Counts of true and false positives at every threshold, out of one sort."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from ad_core.errors import InputError
from ad_core.metrics._errors import UndefinedMetricError

__all__ = ["Curve", "check_labels", "check_scores", "curve", "once", "one_sort"]


P = ParamSpec("P")
R = TypeVar("R")


@frozen(kw_only=True, eq=False)
class Curve:
    """What ``score >= threshold`` flags, for each distinct score from high to low.

    Equal scores share one threshold, so that no metric depends on their order.

    Parameters
    ----------
    thresholds
        Distinct scores, shape (n_thresholds,), descending.
    tp, fp
        Anomalies and normal samples flagged at each threshold, shape (n_thresholds,).
    """

    thresholds: NDArray[np.float64]
    tp: NDArray[np.int64]
    fp: NDArray[np.int64]

    @property
    def n_pos(self) -> int:
        """Number of anomalies."""
        return int(self.tp[-1])

    @property
    def n_neg(self) -> int:
        """Number of normal samples."""
        return int(self.fp[-1])


_known: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("_known", default=None)


@contextmanager
def one_sort() -> Iterator[None]:
    """Do what is marked `once` once for all metrics given the same two objects in this block.

    They are told by identity, so they must live as long as the block and not change in it.
    """
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def once(
    function: Callable[Concatenate[ArrayLike, ArrayLike, P], R],
) -> Callable[Concatenate[ArrayLike, ArrayLike, P], R]:
    """Compute what several metrics need once a run: `evaluate` keeps it until it has them all.

    Parameters
    ----------
    function
        Gets labels, scores and arguments that can be hashed; what it returns is shared, so
        nobody may change it. Called outside `evaluate`, it computes anew.

    Returns
    -------
    callable
        The same function.
    """

    @wraps(function)
    def shared(y_true: ArrayLike, scores: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> R:
        known = _known.get()
        if known is None:
            return function(y_true, scores, *args, **kwargs)
        key = (function, id(y_true), id(scores), args, *sorted(kwargs.items()))
        if key not in known:
            known[key] = function(y_true, scores, *args, **kwargs)
        found: R = known[key]
        return found

    return shared


@once
def curve(y_true: ArrayLike, scores: ArrayLike) -> Curve:
    """Check the input and count; within `one_sort`, once.

    Parameters
    ----------
    y_true
        Labels, shape (n_samples,): 1 for an anomaly, 0 for a normal sample.
    scores
        Scores, shape (n_samples,), finite, higher for more anomalous.

    Raises
    ------
    InputError
        Labels or scores are not as above.
    UndefinedMetricError
        The labels hold one class only.
    """
    labels = check_labels(y_true)
    values = check_scores(scores, labels.size)
    order = np.argsort(values)[::-1]
    ranked = values[order]
    last_of_tie = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), labels.size - 1)
    tp = np.cumsum(labels[order])[last_of_tie]
    return Curve(thresholds=ranked[last_of_tie], tp=tp, fp=last_of_tie + 1 - tp)


def check_labels(y_true: ArrayLike, what: str = "y_true") -> NDArray[np.int64]:
    """Return labels as integers; both classes have to be there when they are the truth.

    Raises
    ------
    InputError
        They are not one-dimensional or hold something other than 0 and 1.
    UndefinedMetricError
        `y_true` holds one class only.
    """
    raw = _vector(y_true, what)
    if not ((raw == 0) | (raw == 1)).all():
        raise InputError(f"{what} must hold only 0 (normal) and 1 (anomaly)")
    labels = raw.astype(np.int64)
    if what == "y_true":
        positives = int(labels.sum())
        if positives in (0, labels.size):
            only = "normal samples" if positives == 0 else "anomalies"
            raise UndefinedMetricError(f"the labels hold {only} only")
    return labels


def check_scores(scores: ArrayLike, n_samples: int, what: str = "scores") -> NDArray[np.float64]:
    """Return scores as float64.

    Raises
    ------
    InputError
        They are not one-dimensional, not finite, or not as many as the labels.
    """
    values = _vector(scores, what)
    if values.size != n_samples:
        raise InputError(f"{what} has {values.size} values, but y_true has {n_samples}")
    bad = values.size - int(np.isfinite(values).sum())
    if bad:
        raise InputError(f"{what} holds {bad} non-finite values (NaN or infinity)")
    return values


def _vector(values: ArrayLike, what: str) -> NDArray[np.float64]:
    try:
        array: NDArray[Any] = np.asarray(values)
        numbers = array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} must hold numbers: {error}") from None
    if numbers.ndim != 1:
        raise InputError(f"{what} must be one-dimensional, got shape {numbers.shape}")
    if numbers.size == 0:
        raise InputError(f"{what} is empty")
    return numbers
