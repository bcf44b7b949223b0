"""Every time step of a series gets its score."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.checks.score import looks_at_data
from ad_contracts.expect import expect, expect_error, expect_same, violation
from ad_core.errors import InputError
from ad_core.spec import Capability, DataKind

__all__ = [
    "channels_are_counted",
    "constant_channel_is_scored",
    "constant_series_is_scored",
    "each_step_is_scored",
    "first_and_last_steps_count",
    "flat_array_is_one_channel",
    "peak_is_at_the_anomaly",
    "series_of_any_length_is_scored",
    "short_series_is_refused",
]

SERIES = {DataKind.TIMESERIES}
NEAR = 5
"""Steps that a peak may be off: smoothing moves it a little, a misplaced window by its length."""
END = 10
"""Steps at either end that are disturbed: too few to fill a window, enough to be seen."""


@check(data=SERIES, each=True)
def each_step_is_scored(subject: DetectorSubject, sample: Sample) -> None:
    """Each time step gets one finite score and one label, in training and afterwards."""
    detector = subject.fitted(sample)
    n_train, n_test = len(sample.X_train), len(sample.X_test)
    if detector.training_scores_ is not None:
        expect_scores(detector.training_scores_, n_train, "training scores")
    expect_scores(detector.score_samples(sample.X_test), n_test, "scores")
    shape = detector.predict(sample.X_test).shape
    expect(shape == (n_test,), f"labels of shape ({n_test},) for {n_test} steps", f"shape {shape}")


@check(data=SERIES, needs={Capability.NOVELTY})
def series_of_any_length_is_scored(subject: DetectorSubject, sample: Sample) -> None:
    """Shorter and longer series than the one of the fit are scored, too."""
    detector = subject.fitted(sample)
    X = np.asarray(sample.X_test)
    for other in (X[: len(X) // 3], X[:-1], np.vstack([X, X])):
        expect_scores(detector.score_samples(other), len(other), "scores")


@check(data=SERIES)
def flat_array_is_one_channel(subject: DetectorSubject, sample: Sample) -> None:
    """A series of shape (n,), or a list of numbers, is one of shape (n, 1)."""
    train, test = (np.asarray(X)[:, :1] for X in (sample.X_train, sample.X_test))
    column = subject.make().fit(train, sample.y_train).score_samples(test)
    flat = subject.make().fit(train[:, 0], sample.y_train)
    expect_same(flat.score_samples(test[:, 0]), column, "the scores of (n,)", "those of (n, 1)")
    listed = flat.score_samples(test[:, 0].tolist())
    expect_same(listed, column, "the scores of a list of numbers", "those of (n, 1)")


@check(data=SERIES)
def channels_are_counted(subject: DetectorSubject, sample: Sample) -> None:
    """A series of another number of channels is an InputError that names both numbers."""
    detector = subject.fitted(sample)
    X = np.asarray(sample.X_test)
    more, known = X.shape[1] + 1, X.shape[1]
    expect_error(
        InputError,
        lambda: detector.score_samples(np.hstack([X, X[:, :1]])),
        when=f"a series of {more} channels is scored after a fit on {known}",
        naming=(str(more), str(known)),
    )


@check(data=SERIES)
def short_series_is_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A series too short is an InputError that names its length and the length needed."""
    detector = subject.fitted(sample)
    X = np.asarray(sample.X_train)
    expect_scores_or_lengths(lambda: detector.score_samples(X[:2]), 2, "scores of 2 steps")
    expect_scores_or_lengths(
        lambda: subject.make(threshold=None).fit(X[:3], sample.y_train[:3]).score_samples(X),
        3,
        "scores after a fit on 3 steps",
    )


@check(data=SERIES, unless={Capability.SUPERVISED})
def constant_series_is_scored(subject: DetectorSubject, sample: Sample) -> None:
    """After a constant series, scores are finite, or an InputError says that it is constant."""
    X = np.asarray(sample.X_test)
    constant = np.full_like(X, 0.1)  # not exact in binary, so that its deviation is rounding
    expect_scores_or_refusal(subject, constant, (constant, X))


@check(data=SERIES, needs={Capability.MULTIVARIATE})
def constant_channel_is_scored(subject: DetectorSubject, sample: Sample) -> None:
    """A channel that is constant in training spoils no score."""
    train, test = (np.asarray(X) for X in (sample.X_train, sample.X_test))
    detector = subject.make().fit(np.c_[train, np.full(len(train), 0.1)], sample.y_train)
    scores = detector.score_samples(np.c_[test, np.full(len(test), 0.1)])
    expect_scores(scores, len(test), "scores")


@check(data=SERIES, when=looks_at_data, each=True)
def peak_is_at_the_anomaly(subject: DetectorSubject, sample: Sample) -> None:
    """The highest score is at a planted anomaly, or within 5 steps of one."""
    scores = subject.fitted(sample).score_samples(sample.X_test)
    peak, planted = int(np.argmax(scores)), np.flatnonzero(sample.y_test)
    nearest = int(planted[np.argmin(np.abs(planted - peak))])
    expect(
        abs(nearest - peak) <= NEAR,
        f"the highest score within {NEAR} steps of a planted anomaly",
        f"step {peak}, {abs(nearest - peak)} steps from the nearest one at {nearest}",
    )


@check(data=SERIES, needs={Capability.NOVELTY}, when=looks_at_data)
def first_and_last_steps_count(subject: DetectorSubject, sample: Sample) -> None:
    """Values far off in the first or the last 10 steps raise the scores there."""
    detector = subject.fitted(sample)
    X = np.asarray(sample.X_test)
    before = detector.score_samples(X)
    for where, name in ((slice(END), "first"), (slice(len(X) - END, None), "last")):
        after = detector.score_samples(lifted(X, where))[where].max()
        expect(
            after > before[where].max(),
            f"values ten ranges higher in the {name} {END} steps to raise the highest score there",
            f"{after} after {before[where].max()}",
        )


def lifted(X: Any, where: slice) -> Any:
    """Return a copy of a series, ten times its range higher in some steps."""
    other = X.copy()
    other[where] += 10 * np.ptp(X, axis=0)
    return other


def expect_scores(scores: ArrayLike, n_steps: int, what: str) -> None:
    """Require one finite score a time step."""
    found = np.asarray(scores)
    rule = f"{what} of shape ({n_steps},) for {n_steps} steps, all finite"
    expect(found.shape == (n_steps,), rule, f"shape {found.shape}")
    bad = np.flatnonzero(~np.isfinite(found))
    expect(bad.size == 0, rule, f"{bad.size} that are not, the first at step {bad[:1]}")


def expect_scores_or_lengths(score: Callable[[], Any], given: int, what: str) -> None:
    """Require finite scores, or an InputError with the length given and a greater one."""
    rule = f"{what}, or an InputError with {given} and the length needed"
    try:
        scores = score()
    except InputError as error:
        lengths = {int(number) for number in re.findall(r"\b\d+\b", str(error))}
        expect(given in lengths and max(lengths) > given, rule, f"the message {str(error)!r}")
    except Exception as error:
        raise violation(rule, f"{type(error).__name__}: {error}") from error
    else:
        expect(np.isfinite(scores).all(), f"{what} to be finite", scores)


def expect_scores_or_refusal(subject: DetectorSubject, constant: Any, scored: Any) -> None:
    """Require finite scores after a fit, or an InputError that says that the series is constant."""
    rule = "finite scores after a fit on a constant series, or an InputError that says 'constant'"
    try:
        detector = subject.make().fit(constant)
        scores = np.concatenate([detector.score_samples(X) for X in scored])
    except InputError as error:
        expect("constant" in str(error).lower(), rule, f"the message {str(error)!r}")
    except Exception as error:
        raise violation(rule, f"{type(error).__name__}: {error}") from error
    else:
        expect(np.isfinite(scores).all(), rule, scores)
