"""A fit learns from its data alone, every time the same."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np
import threadpoolctl
from attrs import frozen
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_error, expect_same
from ad_core.detector import BaseDetector
from ad_core.errors import AdError, InputError, NotFittedError
from ad_core.spec import Capability, DataKind, DetectorSpec, Family

__all__ = [
    "any_seed",
    "failed_fit_leaves_no_half",
    "fit_returns_self",
    "fresh_process_same_scores",
    "refit_forgets",
    "refit_repeats",
    "same_seed_same_scores",
    "threads_do_not_mix",
    "training_data_is_used",
]

ARRAYS = {DataKind.TABULAR, DataKind.TIMESERIES}


def repeatable(spec: DetectorSpec) -> bool:
    """Whether two fits on the same data have to give the same scores."""
    return not {Capability.DETERMINISTIC, Capability.SEEDED}.isdisjoint(spec.capabilities)


def _learns(spec: DetectorSpec) -> bool:
    """Whether scores have to depend on the training data: a baseline may ignore them."""
    return spec.family is not Family.BASELINE


def _elsewhere(sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return other training data of the same shape: another unit, offset and order."""
    return 1000 * np.asarray(sample.X_train, dtype=np.float64)[::-1] + 7, sample.y_train[::-1]


@check()
def fit_returns_self(subject: DetectorSubject, sample: Sample) -> None:
    """`fit` returns the detector itself."""
    detector = subject.make()
    returned = detector.fit(sample.X_train, sample.y_train)
    expect(returned is detector, "fit to return the detector itself", repr(returned))


@check(when=repeatable)
def same_seed_same_scores(subject: DetectorSubject, sample: Sample) -> None:
    """Two detectors with the same seed and data give the same scores."""
    first = subject.fitted(sample).score_samples(sample.X_test)
    second = subject.fit(sample).score_samples(sample.X_test)
    expect_same(second, first, "the scores of a second detector", "those of the first")


@check(when=repeatable)
def fresh_process_same_scores(subject: DetectorSubject, sample: Sample) -> None:
    """A fit in a new process gives the same scores as one in this process."""
    here = subject.fitted(sample).score_samples(sample.X_test)
    there = subject.afresh(sample).scores
    expect_same(there, here, "the scores of a fit in a new process", "those of one in this process")


@check(needs={Capability.SEEDED})
def any_seed(subject: DetectorSubject, sample: Sample) -> None:
    """The largest seed of 31 bits will do, and so will None."""
    for seed in (2**31 - 1, None):
        scores = subject.fit(sample, random_state=seed).score_samples(sample.X_test)
        got = f"scores from {scores.min()} to {scores.max()}"
        expect(np.isfinite(scores).all(), f"finite scores with random_state={seed}", got)


@check(when=repeatable)
def refit_repeats(subject: DetectorSubject, sample: Sample) -> None:
    """A second fit of one detector on the same data gives the same scores."""
    detector = subject.fit(sample)
    first = detector.score_samples(sample.X_test)
    second = detector.fit(sample.X_train, sample.y_train).score_samples(sample.X_test)
    expect_same(second, first, "the scores after a second fit on the same data", "those before it")


@check(data=ARRAYS, when=repeatable)
def refit_forgets(subject: DetectorSubject, sample: Sample) -> None:
    """A fit on other data gives scores and threshold of a detector that was not fitted before."""
    X, y = _elsewhere(sample)
    fresh, again = subject.make().fit(X, y), subject.fit(sample).fit(X, y)
    expect_same(
        again.score_samples(sample.X_test),
        fresh.score_samples(sample.X_test),
        "the scores of a detector that was fitted before",
        "those of a fresh one",
    )
    threshold = "the threshold of a detector that was fitted before"
    expect_same(again.decision_threshold, fresh.decision_threshold, threshold, "a fresh one's")


@check(data=ARRAYS, unless={Capability.TRANSDUCTIVE}, when=_learns)
def training_data_is_used(subject: DetectorSubject, sample: Sample) -> None:
    """Scores change when the training data are moved and stretched."""
    here = subject.fitted(sample).score_samples(sample.X_test)
    there = subject.make().fit(*_elsewhere(sample)).score_samples(sample.X_test)
    expected = "other scores after a fit on 1000 * X + 7 than after one on X"
    expect(not np.array_equal(here, there), expected, f"the same {len(here)} scores")


@check(data=ARRAYS, when=repeatable)
def threads_do_not_mix(subject: DetectorSubject, sample: Sample) -> None:
    """Two detectors fitted at once in two threads score as each does alone."""
    trainings = [(sample.X_train, sample.y_train), _elsewhere(sample)]
    with threadpoolctl.threadpool_limits(limits=None):  # overlapping fits can leave them changed
        together = _scores_of_threads(subject, trainings, sample.X_test)
    for scores, (X, y) in zip(together, trainings, strict=True):
        alone = subject.make().fit(X, y).score_samples(sample.X_test)
        expect_same(scores, alone, "the scores of a fit beside another", "those of a fit alone")


def _scores_of_threads(
    subject: DetectorSubject, trainings: Sequence[tuple[Any, Any]], X_test: Any
) -> list[NDArray[np.float64]]:
    """Fit one detector a training set, all at once; then score with all of them, all at once."""
    start = threading.Barrier(len(trainings))

    def fit(training: tuple[Any, Any]) -> BaseDetector:
        start.wait()
        return subject.make().fit(*training)

    with ThreadPoolExecutor(len(trainings)) as pool:
        fitted = list(pool.map(fit, trainings))
        return list(pool.map(lambda detector: detector.score_samples(X_test), fitted))


@frozen
class _NoThreshold:
    """A threshold strategy that fails when the model is fitted already."""

    kind: ClassVar[str] = "none"
    fraction: ClassVar[float] = 0.0
    seed: ClassVar[int] = 0

    def find(self, scores: NDArray[np.float64], contamination: float) -> float:
        raise InputError(f"no threshold for {len(scores)} scores at {contamination}")


@check(data=ARRAYS)
def failed_fit_leaves_no_half(subject: DetectorSubject, sample: Sample) -> None:
    """After a fit that fails, a detector is not fitted, or still as it was."""
    detector = subject.fit(sample)
    scores, limit = detector.score_samples(sample.X_test), detector.decision_threshold
    X, y = _elsewhere(sample)
    detector.threshold = _NoThreshold()
    expect_error(AdError, lambda: detector.fit(X, y), when="no threshold can be found")
    if detector.is_fitted:
        after = detector.score_samples(sample.X_test)
        expect_same(after, scores, "the scores after a fit that failed", "those before it")
        expect_same(detector.decision_threshold, limit, "the threshold", "that before the failure")
    else:
        call = "score_samples is called after a fit that failed"
        expect_error(NotFittedError, lambda: detector.score_samples(sample.X_test), when=call)
