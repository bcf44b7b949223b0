"""Labels follow from scores and threshold."""

import json
import math
from copy import copy

import numpy as np
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_error, expect_same
from ad_core.detector import (
    HeldOutQuantile,
    MedianAbsoluteDeviation,
    SplitConformal,
    TrainingQuantile,
)
from ad_core.errors import ParameterError
from ad_core.spec import Capability, DataKind

__all__ = [
    "clean_rows_are_rarely_flagged",
    "every_strategy_finds_a_threshold",
    "fit_predict_labels_training_data",
    "inliers_are_rarely_flagged",
    "labels_are_zero_or_one",
    "no_strategy_finds_no_threshold",
    "predict_flags_from_the_threshold_on",
    "predict_takes_a_threshold",
    "provenance_is_plain_data",
    "threshold_can_be_set",
    "threshold_refuses_what_is_no_number",
    "training_rate_is_contamination",
]

STRATEGIES = tuple(
    kind.kind
    for kind in (TrainingQuantile, HeldOutQuantile, MedianAbsoluteDeviation, SplitConformal)
)


# -- labels -----------------------------------------------------------------------------------


@check()
def labels_are_zero_or_one(subject: DetectorSubject, sample: Sample) -> None:
    """`predict` returns an array of integers, 0 or 1, one a sample."""
    labels = subject.fitted(sample).predict(sample.X_test)
    expect(isinstance(labels, np.ndarray), "labels in a numpy array", type(labels))
    expect(labels.shape == sample.y_test.shape, f"shape {sample.y_test.shape}", labels.shape)
    expect(labels.dtype.kind == "i", "labels of an integer dtype", labels.dtype)
    expect({*labels.tolist()} <= {0, 1}, "labels 0 and 1 only", sorted({*labels.tolist()}))


@check()
def predict_flags_from_the_threshold_on(subject: DetectorSubject, sample: Sample) -> None:
    """`predict` is 1 exactly where the score is at or above `decision_threshold`."""
    detector = copy(subject.fitted(sample))
    scores = detector.score_samples(sample.X_test)
    found, occurs = detector.decision_threshold, float(np.quantile(scores, 0.5, method="nearest"))
    labels = detector.predict(sample.X_test)
    expect_same(labels, scores >= found, "predict at the threshold found", "score >= threshold")
    detector.decision_threshold = occurs
    labels = detector.predict(sample.X_test)
    expect_same(labels, scores >= occurs, "predict at a score that occurs", "score >= threshold")


@check()
def predict_takes_a_threshold(subject: DetectorSubject, sample: Sample) -> None:
    """`predict(X, threshold=...)` uses that one for this call only, at equality too."""
    detector = copy(subject.fitted(sample))
    scores, before = detector.score_samples(sample.X_test), detector.decision_threshold
    limit = float(np.quantile(scores, 0.5, method="nearest"))
    labels = detector.predict(sample.X_test, threshold=limit)
    expect_same(labels, scores >= limit, "predict(X, threshold=median score)", "score >= median")
    after = detector.decision_threshold
    expect(after == before, f"decision_threshold to stay {before} after such a call", after)


@check()
def fit_predict_labels_training_data(subject: DetectorSubject, sample: Sample) -> None:
    """`fit_predict` fits, and labels the training data by their scores and the threshold."""
    detector = subject.make()
    labels = detector.fit_predict(sample.X_train, sample.y_train)
    expect(detector.is_fitted, "fit_predict to leave a fitted detector", "an unfitted one")
    wanted = np.array(detector.training_scores_) >= detector.decision_threshold
    expect_same(labels, wanted, "fit_predict", "training_scores_ >= decision_threshold")


# -- the threshold ----------------------------------------------------------------------------


@check()
def threshold_can_be_set(subject: DetectorSubject, sample: Sample) -> None:
    """`decision_threshold` can be set after a fit; scores stay, labels follow."""
    detector = copy(subject.fitted(sample))
    scores = detector.score_samples(sample.X_test)
    for limit in (float(np.quantile(scores, 0.5, method="nearest")), np.inf, -np.inf):
        detector.decision_threshold = limit
        now = detector.decision_threshold
        expect(now == limit, f"decision_threshold {limit} as it was set", now)
        flagged, wanted = detector.predict(sample.X_test).sum(), (scores >= limit).sum()
        expect(flagged == wanted, f"{wanted} samples flagged at threshold {limit}", flagged)
    expect_same(detector.score_samples(sample.X_test), scores, "scores then", "those before")


@check()
def threshold_refuses_what_is_no_number(subject: DetectorSubject, sample: Sample) -> None:
    """A threshold of NaN is refused, set or passed, and the old one stays."""
    detector = copy(subject.fitted(sample))
    before = detector.decision_threshold
    expect_error(
        ParameterError,
        lambda: setattr(detector, "decision_threshold", math.nan),
        when="decision_threshold is set to NaN",
        naming=("decision_threshold", "nan"),
    )
    expect_error(
        ParameterError,
        lambda: detector.predict(sample.X_test, threshold=math.nan),
        when="predict is called with threshold=NaN",
        naming=("threshold", "nan"),
    )
    after = detector.decision_threshold
    expect(after == before, f"decision_threshold to stay {before}", after)


@check()
def no_strategy_finds_no_threshold(subject: DetectorSubject, sample: Sample) -> None:
    """With threshold=None, `predict` says that there is none until one is set or passed."""
    detector = subject.fit(sample, threshold=None)
    scores = detector.score_samples(sample.X_test)
    expect_error(
        ParameterError,
        lambda: detector.predict(sample.X_test),
        when="predict is called after a fit with threshold=None",
        naming=("threshold=None", "decision_threshold"),
    )
    limit = float(np.quantile(scores, 0.5, method="nearest"))
    passed = detector.predict(sample.X_test, threshold=limit)
    expect_same(passed, scores >= limit, "predict(X, threshold=median score)", "score >= median")
    detector.decision_threshold = limit
    expect_same(detector.predict(sample.X_test), passed, "predict once it is set", "the same")


@check()
def provenance_is_plain_data(subject: DetectorSubject, sample: Sample) -> None:
    """`threshold_provenance` can be written as JSON, and names the strategy or "manual"."""
    detector = subject.fit(sample, contamination=0.25)
    found = detector.threshold_provenance
    expect(json.loads(json.dumps(found)) == found, "a provenance that JSON gives back", found)
    named = (found.get("strategy"), found.get("contamination"))
    expect(named == ("quantile", 0.25), "strategy 'quantile' and contamination 0.25", found)
    detector.decision_threshold = 0.5
    now = detector.threshold_provenance
    expect(now == {"strategy": "manual"}, "{'strategy': 'manual'} after setting it", now)


@check()
def every_strategy_finds_a_threshold(subject: DetectorSubject, sample: Sample) -> None:
    """Each named strategy gives a finite threshold, by which labels follow."""
    for strategy in STRATEGIES:
        detector = subject.fit(sample, threshold=strategy)
        limit = detector.decision_threshold
        expect(math.isfinite(limit), f"a finite threshold of strategy {strategy!r}", limit)
        named = detector.threshold_provenance.get("strategy")
        expect(named == strategy, f"threshold_provenance to name {strategy!r}", repr(named))
        scores, labels = detector.score_samples(sample.X_test), detector.predict(sample.X_test)
        expect_same(labels, scores >= limit, f"labels by {strategy!r}", "score >= threshold")


# -- how many are flagged ---------------------------------------------------------------------


@check()
def training_rate_is_contamination(subject: DetectorSubject, sample: Sample) -> None:
    """The share of flagged training samples is `contamination`, less where scores are tied."""
    for share in (0.05, 0.1, 0.3):
        detector = subject.make(contamination=share)
        flagged = int(detector.fit_predict(sample.X_train, sample.y_train).sum())
        least, most = _bounds(np.array(detector.training_scores_), share)
        rule = f"{least} to {most} of {len(sample.y_train)} flagged at contamination {share}"
        expect(least <= flagged <= most, rule, flagged)


def _bounds(scores: NDArray[np.float64], share: float) -> tuple[int, int]:
    """Return the least and the most to flag; scores tied at the cut are left out together."""
    wanted = share * len(scores)
    next_lower = np.sort(scores)[::-1][math.floor(wanted)]
    return int((scores > next_lower).sum()), math.ceil(wanted)


@check()
def inliers_are_rarely_flagged(subject: DetectorSubject, sample: Sample) -> None:
    """With defaults, at most a quarter of the test inliers are flagged."""
    # contamination is 0.1, and planted anomalies take up a part of it: twice as many is luck
    rate = subject.fitted(sample).predict(sample.X_test)[sample.y_test == 0].mean()
    expect(rate <= 0.25, "at most 25% of the test inliers to be flagged", f"{rate:.0%}")


@check(data={DataKind.TABULAR}, unless={Capability.SUPERVISED})
def clean_rows_are_rarely_flagged(subject: DetectorSubject, sample: Sample) -> None:
    """Fitted on clean rows, it flags at most 30% of fresh ones, and a fifth of what fit flags."""
    # contamination is 0.1. Detectors that fit 150 rows closely flag up to 20% of fresh ones
    # (docs/thresholds.md); the standard error of such a quantile is 2.4 points.
    clean = np.random.default_rng(0).normal(size=(650, sample.X_train.shape[1]))
    detector = subject.make()
    least = 0.2 * detector.fit_predict(clean[:150]).mean()
    rate = detector.predict(clean[150:]).mean()
    expect(least <= rate <= 0.3, f"{least:.0%} to 30% of fresh clean rows flagged", f"{rate:.1%}")
