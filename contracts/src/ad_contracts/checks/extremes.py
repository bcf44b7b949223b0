"""Odd data, which real tables hold, give finite scores or an error that says why not."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.checks.fit import ARRAYS
from ad_contracts.expect import expect
from ad_core.errors import AdError, InvalidScoresError
from ad_core.metrics import roc_auc
from ad_core.spec import Capability

__all__ = [
    "constant_column",
    "equal_rows",
    "few_rows",
    "large_offset",
    "large_unit",
    "more_columns_than_rows",
    "one_column_is_enough",
    "repeated_row",
    "repeated_rows",
    "small_unit",
]

Array = NDArray[np.float64]

_SLACK = 0.05
"""How much the ROC AUC may fall: a seeded detector's choices fall differently on other data."""
_ACCIDENTS = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError)
"""Exceptions that nobody raises to say something about the data."""


def _scores_or_reason(subject: DetectorSubject, X: Any, y: Any, X_test: Any, when: str) -> None:
    """Require finite scores and a finite threshold, or an error that says why there are none."""
    try:
        detector = subject.make().fit(X, y)
        scores = detector.score_samples(X_test)
    except AdError as error:
        _require_reason(subject, error, when)
    else:
        numbers = np.r_[scores, detector.decision_threshold]
        got = f"{numbers[~np.isfinite(numbers)][:1]}"
        expect(np.isfinite(numbers).all(), f"finite scores and threshold {when}", got)


def _require_reason(subject: DetectorSubject, error: AdError, when: str) -> None:
    """Require an error to be about the data, in one line, and to name the detector."""
    rule, text = f"finite scores, or an error that says why there are none, {when}", str(error)
    got = f"{type(error).__name__}: {text}"
    expect(not isinstance(error, InvalidScoresError), rule, got)
    expect(not isinstance(error.__cause__, _ACCIDENTS), rule, got)
    expect(subject.name in text, f"an error that names {subject.name!r} {when}", got)
    expect("\n" not in text, f"an error of one line {when}", repr(text))


@check(data=ARRAYS)
def repeated_rows(subject: DetectorSubject, sample: Sample) -> None:
    """Training data that hold every row five times give finite scores or a reason."""
    X, y = np.repeat(sample.X_train[:40], 5, axis=0), np.repeat(np.arange(40) % 2, 5)
    _scores_or_reason(subject, X, y, sample.X_test, "when every row occurs 5 times")


@check(data=ARRAYS)
def repeated_row(subject: DetectorSubject, sample: Sample) -> None:
    """Training data that hold one row fifty times give finite scores or a reason."""
    X, y = (
        np.concatenate([part, np.repeat(part[:1], 50, axis=0)])
        for part in (np.asarray(sample.X_train), sample.y_train)
    )
    _scores_or_reason(subject, X, y, sample.X_test, "when one row occurs 51 times")


@check(data=ARRAYS)
def equal_rows(subject: DetectorSubject, sample: Sample) -> None:
    """Training data whose rows are all the same give finite scores or a reason."""
    X = np.repeat(np.asarray(sample.X_train)[:1], len(sample.X_train), axis=0)
    _scores_or_reason(subject, X, sample.y_train, sample.X_test, "when all rows are the same")
    _scores_or_reason(subject, 0 * X, sample.y_train, 0 * X, "when everything is 0")


@check(data=ARRAYS)
def few_rows(subject: DetectorSubject, sample: Sample) -> None:
    """Training data of 2, 3 or 5 rows give finite scores or a reason."""
    for n in (2, 3, 5):
        X, y = np.asarray(sample.X_train)[:n], np.arange(n) % 2
        _scores_or_reason(subject, X, y, sample.X_test, f"when there are {n} rows")


@check(data=ARRAYS)
def one_column_is_enough(subject: DetectorSubject, sample: Sample) -> None:
    """One column is enough to fit and to give finite scores."""
    X, X_test = (np.asarray(part)[:, :1] for part in (sample.X_train, sample.X_test))
    scores = subject.make().fit(X, sample.y_train).score_samples(X_test)
    got = f"{np.isfinite(scores).sum()} of {len(scores)}"
    expect(np.isfinite(scores).all(), "only finite scores with one column", got)


@check(data=ARRAYS, needs={Capability.MULTIVARIATE})
def more_columns_than_rows(subject: DetectorSubject, sample: Sample) -> None:
    """Training data of more columns than rows give finite scores or a reason."""
    n, d = 20, np.asarray(sample.X_train).shape[1]
    mixed = np.random.default_rng(0).normal(size=(d, 3 * n))
    X, X_test = (np.asarray(part) @ mixed for part in (sample.X_train[:n], sample.X_test))
    y = np.arange(n) % 2
    _scores_or_reason(subject, X, y, X_test, f"when there are {n} rows of {3 * n} columns")


def _auc(
    subject: DetectorSubject, sample: Sample, change: Callable[[Array], Array]
) -> tuple[float, float]:
    """Return the ROC AUC on the sample's test data as they are, and with all data changed."""
    usual = subject.fitted(sample).score_samples(sample.X_test)
    detector = subject.make().fit(change(np.asarray(sample.X_train)), sample.y_train)
    changed = detector.score_samples(change(np.asarray(sample.X_test)))
    return roc_auc(sample.y_test, usual), roc_auc(sample.y_test, changed)


def _expect_kept(aucs: tuple[float, float], what: str) -> None:
    """Require the second ROC AUC to be near the first or above it."""
    usual, changed = aucs
    expected = f"a ROC AUC of at least {usual - _SLACK:.3f} {what}, as it is {usual:.3f} without"
    expect(changed >= usual - _SLACK, expected, f"{changed:.3f}")


@check(data=ARRAYS, needs={Capability.MULTIVARIATE})
def constant_column(subject: DetectorSubject, sample: Sample) -> None:
    """A constant column does no harm."""
    # The mean of many 0.1 is not 0.1, so that their standard deviation is 1e-17, not 0.
    aucs = _auc(subject, sample, lambda X: np.c_[X, np.full(len(X), 0.1)])
    _expect_kept(aucs, "with a constant column")


@check(data=ARRAYS)
def large_unit(subject: DetectorSubject, sample: Sample) -> None:
    """Planted anomalies still score above the rest when all numbers are 1e9 times as large."""
    _expect_kept(_auc(subject, sample, lambda X: 1e9 * X), "with all numbers times 1e9")


@check(data=ARRAYS)
def small_unit(subject: DetectorSubject, sample: Sample) -> None:
    """Planted anomalies still score above the rest when all numbers are 1e-9 times as large."""
    _expect_kept(_auc(subject, sample, lambda X: 1e-9 * X), "with all numbers times 1e-9")


@check(data=ARRAYS)
def large_offset(subject: DetectorSubject, sample: Sample) -> None:
    """Planted anomalies still score above the rest when 1e9 is added to numbers of size 1."""
    # Doubles near 1e9 are 1.2e-7 apart: numbers that spread over 1 keep seven digits.
    spread = np.std(sample.X_train)
    _expect_kept(_auc(subject, sample, lambda X: X / spread + 1e9), "with 1e9 added")
