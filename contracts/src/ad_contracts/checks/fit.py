"""A fit learns from its data alone, and leaves everything else as it was."""

import numpy as np

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_same
from ad_core.spec import DataKind

__all__ = ["fit_returns_self", "refit_forgets", "same_seed_same_scores"]


@check()
def fit_returns_self(subject: DetectorSubject, sample: Sample) -> None:
    """`fit` returns the detector itself."""
    detector = subject.make()
    returned = detector.fit(sample.X_train, sample.y_train)
    expect(returned is detector, "fit to return the detector itself", repr(returned))


@check()
def same_seed_same_scores(subject: DetectorSubject, sample: Sample) -> None:
    """Two fits with the same seed give the same scores."""
    first = subject.fit(sample).score_samples(sample.X_test)
    second = subject.fit(sample).score_samples(sample.X_test)
    expect_same(second, first, "the scores of a second fit", "those of the first")


@check(data={DataKind.TABULAR})
def refit_forgets(subject: DetectorSubject, sample: Sample) -> None:
    """A second fit gives the scores of a fresh detector."""
    X = 1000 * np.asarray(sample.X_train)[::-1] + 7
    fresh = subject.make().fit(X, sample.y_train[::-1])
    again = subject.fit(sample).fit(X, sample.y_train[::-1])
    expect_same(
        again.score_samples(sample.X_test),
        fresh.score_samples(sample.X_test),
        "the scores of a detector that was fitted before",
        "those of a fresh one",
    )
