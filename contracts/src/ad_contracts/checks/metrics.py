"""A metric depends on what it should, and on nothing else."""

import inspect
import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_contracts import MetricSubject, check
from ad_contracts.checks.effects import moved_generators
from ad_contracts.expect import expect, expect_close, expect_error, expect_same, violation
from ad_core.errors import InputError
from ad_core.load import import_target
from ad_core.metrics import UndefinedMetricError
from ad_core.spec import DataKind, MetricInput, MetricSpec

__all__ = [
    "metric_depends_on_ranks_only",
    "metric_has_golden_values",
    "metric_ignores_order_of_rows",
    "metric_ignores_order_within_ties",
    "metric_is_documented",
    "metric_keeps_its_input",
    "metric_of_equal_scores_is_defined",
    "metric_of_one_class_is_undefined",
    "metric_prefers_what_is_right",
    "metric_refuses_non_finite_values",
    "metric_refuses_other_labels",
    "metric_refuses_other_lengths",
    "metric_refuses_other_predictions",
    "metric_repeats_itself",
    "metric_stays_within_its_bounds",
]

Array = NDArray[Any]

ROUNDING = 1e-12
"""A metric is a short sum of numbers near 1: what another order of its terms can change."""


def of_scores(spec: MetricSpec) -> bool:
    """Whether a metric compares labels with scores."""
    return spec.input is MetricInput.SCORES


def of_predictions(spec: MetricSpec) -> bool:
    """Whether a metric compares labels with predictions."""
    return spec.input is MetricInput.PREDICTIONS


def of_rows(spec: MetricSpec) -> bool:
    """Whether a metric is meant for data whose rows have no order."""
    return not spec.data or DataKind.TABULAR in spec.data


def of_scores_of_rows(spec: MetricSpec) -> bool:
    """Whether a metric compares labels with scores of rows that have no order."""
    return of_scores(spec) and of_rows(spec)


# -- values -------------------------------------------------------------------------------------


@check(of=MetricSpec)
def metric_has_golden_values(subject: MetricSubject) -> None:
    """At least one example with a source is stated, and comes out to 1e-12."""
    examples = subject.spec.examples
    expect(examples, "at least one example in the spec, with a value and its source", "none")
    for one in examples:
        value = subject(list(one.y_true), list(one.values))
        off = abs(value - one.expected)
        expect(off <= ROUNDING, f"{one.expected} for {one.values} ({one.source})", value)


@check(of=MetricSpec)
def metric_stays_within_its_bounds(subject: MetricSubject) -> None:
    """Values are finite numbers within the bounds that the spec states."""
    low, high = subject.spec.bounds
    for y, values in many(subject.spec):
        value = subject(y, values)
        within = math.isfinite(value) and low <= value <= high
        expect(within, f"a finite value between {low} and {high}", value)


@check(of=MetricSpec)
def metric_prefers_what_is_right(subject: MetricSubject) -> None:
    """What is right everywhere is best, no other order is better, the opposite is worse."""
    y, _ = example(subject.spec)
    best, worst = right(subject.spec, y), right(subject.spec, 1 - y)
    sign = 1 if subject.spec.higher_is_better else -1
    top, bottom = subject(y, best), subject(y, worst)
    expect(sign * top > sign * bottom, f"a better value than {bottom}, that of the opposite", top)
    rng = np.random.default_rng(1)
    other = max(sign * subject(y, rng.permutation(best)) for _ in range(20))
    expect(sign * top >= other, f"no better value than {sign * other}, of another order", top)
    if of_rows(subject.spec):
        bound = subject.spec.bounds[subject.spec.higher_is_better]
        expect(top == bound, f"{bound}, the best of its bounds, where all is right", top)


@check(of=MetricSpec, when=of_scores)
def metric_of_equal_scores_is_defined(subject: MetricSubject) -> None:
    """Equal scores for all have a value within the bounds, or are undefined with a reason."""
    y, scores = example(subject.spec)
    low, high = subject.spec.bounds
    rule = f"a value between {low} and {high}, or an UndefinedMetricError, for equal scores"
    try:
        value = subject(y, np.full_like(scores, 0.5))
    except UndefinedMetricError as error:
        expect(str(error), f"{rule}, with a reason", "an empty message")
    except Exception as error:
        raise violation(rule, f"{type(error).__name__}: {error}") from error
    else:
        expect(low <= value <= high, rule, value)


@check(of=MetricSpec)
def metric_of_one_class_is_undefined(subject: MetricSubject) -> None:
    """Labels of one class only are an UndefinedMetricError with a reason, never a number."""
    y, values = example(subject.spec)
    for label, what in ((0, "normal rows"), (1, "anomalies")):
        reason = reason_why_undefined(subject, np.full_like(y, label), values, f"{what} only")
        expect(reason, f"the reason why {what} only have no value", "an empty message")


# -- what it must not depend on -----------------------------------------------------------------


@check(of=MetricSpec, when=of_scores)
def metric_depends_on_ranks_only(subject: MetricSubject) -> None:
    """Transforming all scores, in an order-preserving way, leaves the value the same."""
    y, scores = example(subject.spec)
    value = subject(y, scores)
    transformed = {
        "2 * scores + 7": 2 * scores + 7,
        "scores ** 3": scores**3,
        "exp(5 * scores)": np.exp(5 * scores),
        "scores * 1e-9": scores * 1e-9,
    }
    for what, others in transformed.items():
        same = {"what": f"the value of {what}", "like": "that of scores"}
        expect_close(subject(y, others), value, **same, rtol=ROUNDING, atol=0.0)


@check(of=MetricSpec, when=of_rows)
def metric_ignores_order_of_rows(subject: MetricSubject) -> None:
    """Rows in another order have the same value."""
    y, values = distinct(subject.spec)
    order = np.random.default_rng(2).permutation(len(y))
    shuffled, value = subject(y[order], values[order]), subject(y, values)
    same = {"what": "the value of rows in another order", "like": "that of rows in order"}
    expect_close(shuffled, value, **same, rtol=ROUNDING, atol=0.0)


@check(of=MetricSpec, when=of_scores_of_rows)
def metric_ignores_order_within_ties(subject: MetricSubject) -> None:
    """Among equal scores, it does not matter whether anomalies come first or last."""
    y, scores = example(subject.spec)
    last, first = np.lexsort((y, scores)), np.lexsort((1 - y, scores))
    value, other = subject(y[last], scores[last]), subject(y[first], scores[first])
    same = {"what": "the value of anomalies first in each tie", "like": "that of anomalies last"}
    expect_close(other, value, **same, rtol=ROUNDING, atol=0.0)


@check(of=MetricSpec)
def metric_repeats_itself(subject: MetricSubject) -> None:
    """The same input has the same value again, and no global generator is used."""
    y, values = example(subject.spec)
    first = subject(y, values)
    for _ in range(5):
        expect_same(subject(y, values), first, "a further value of the same input", "the first")
    moved = moved_generators(lambda: subject(y, values))
    expect(not moved, "no global generator to be used or seeded", f"another state of {moved}")


@check(of=MetricSpec)
def metric_keeps_its_input(subject: MetricSubject) -> None:
    """Labels and values are not changed; read-only arrays and lists have the same value."""
    y, values = example(subject.spec)
    given_y, given_values = y.copy(), values.copy()
    value = subject(given_y, given_values)
    expect_same(given_y, y, "the labels after the call", "those before")
    expect_same(given_values, values, "the values after the call", "those before")
    for array in (given_y, given_values):
        array.flags.writeable = False
    expect_same(subject(given_y, given_values), value, "the value of read-only arrays", "the first")
    expect_same(subject(y.tolist(), values.tolist()), value, "the value of lists", "that of arrays")


# -- what it says -------------------------------------------------------------------------------


@check(of=MetricSpec)
def metric_is_documented(subject: MetricSubject) -> None:
    """Its function has a docstring, and takes labels, values and the spec's arguments."""
    function = import_target(subject.spec.target)
    expect((inspect.getdoc(function) or "").strip(), "a docstring with the definition", "none")
    given, signature = subject.spec.params, inspect.signature(function)
    try:
        signature.bind([0, 1], [0, 1], **given)
    except TypeError as error:
        rule = " ".join(["a function of labels and values", *(f"and {name}" for name in given)])
        raise violation(rule, f"the arguments {signature}") from error


@check(of=MetricSpec)
def metric_refuses_other_lengths(subject: MetricSubject) -> None:
    """Another number of values than of labels is an InputError that names both."""
    y, values = example(subject.spec)
    expect_error(
        InputError,
        lambda: subject(y, values[:-1]),
        when=f"{len(y)} labels and {len(y) - 1} values are given",
        naming=(str(len(y)), str(len(y) - 1)),
    )


@check(of=MetricSpec)
def metric_refuses_non_finite_values(subject: MetricSubject) -> None:
    """NaN or an infinity among the values is an InputError that names it."""
    y, values = example(subject.spec)
    for bad, name in ((math.nan, "NaN"), (math.inf, "inf")):
        spoilt = np.where(np.arange(len(y)) == 7, bad, values)
        when = f"one of the values is {bad}"
        expect_error(InputError, partial(subject, y, spoilt), when=when, naming=(name,))


@check(of=MetricSpec)
def metric_refuses_other_labels(subject: MetricSubject) -> None:
    """Labels other than 0 and 1 are an InputError that names these."""
    y, values = example(subject.spec)
    for what, labels in (("-1 and 1", 2 * y - 1), ("0, 1 and 2", y + (np.arange(len(y)) == 8))):
        when = f"the labels are {what}"
        expect_error(InputError, partial(subject, labels, values), when=when, naming=("0", "1"))


@check(of=MetricSpec, when=of_predictions)
def metric_refuses_other_predictions(subject: MetricSubject) -> None:
    """Predictions may be integers, floats or booleans, but only 0 and 1."""
    y, labels = example(subject.spec)
    value = subject(y, labels)
    for kind in (float, bool):
        what = f"the value of {kind.__name__} predictions"
        expect_same(subject(y, labels.astype(kind)), value, what, "that of integers")
    for what, others in (("0.5 and 1", (labels + 1) / 2), ("1 and 2", labels + 1)):
        when = f"the predictions are {what}"
        expect_error(InputError, partial(subject, y, others), when=when, naming=("0", "1"))


# -- helpers ------------------------------------------------------------------------------------


def example(spec: MetricSpec) -> tuple[Array, Array]:
    """Return 60 labels, in stretches, and what a fair detector says of them, with ties."""
    y = np.repeat([0, 1, 0, 1, 0, 1, 0], [8, 6, 9, 5, 12, 5, 15])
    noise = np.random.default_rng(0).integers(0, 12, size=len(y))
    # Sixteenths are exact, so that a transformation neither makes nor breaks a tie.
    return y, as_values(spec, (4 * y + noise) / 16)


def distinct(spec: MetricSpec) -> tuple[Array, Array]:
    """Return the same labels and values without ties."""
    y, _ = example(spec)
    ranks = np.random.default_rng(1).permutation(len(y))
    return y, as_values(spec, (ranks + 30 * y) / 128)


def right(spec: MetricSpec, y: Array) -> Array:
    """Return what puts every row with the label 1 above every other one."""
    return as_values(spec, y + np.linspace(0, 0.4, len(y)))


def as_values(spec: MetricSpec, scores: Array) -> Array:
    """Return scores, or the predictions at the threshold 0.5, as the metric takes them."""
    return scores if of_scores(spec) else (scores >= 0.5).astype(np.int64)


def many(spec: MetricSpec) -> Iterator[tuple[Array, Array]]:
    """Return labels and values: good ones, right ones, the opposite, and any."""
    y, values = example(spec)
    yield y, values
    yield y, right(spec, y)
    yield y, right(spec, 1 - y)
    rng = np.random.default_rng(3)
    for _ in range(20):
        yield rng.permutation(y), as_values(spec, rng.normal(size=len(y)).round(1))


def reason_why_undefined(subject: MetricSubject, y: Array, values: Array, what: str) -> str:
    """Return the message of the UndefinedMetricError that labels of one class have to raise."""
    rule = f"UndefinedMetricError when the labels are {what}"
    try:
        value = subject(y, values)
    except UndefinedMetricError as error:
        return str(error)
    except Exception as error:
        raise violation(rule, f"{type(error).__name__}: {error}") from error
    raise violation(rule, f"the value {value}")
