"""Scores are finite, the right way up, and independent of the batch."""

import numpy as np
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_close, expect_same
from ad_core.metrics import roc_auc
from ad_core.spec import Capability, DataKind, DetectorSpec, Family

__all__ = [
    "another_batch_changes_nothing",
    "chunks_score_as_the_whole",
    "context_does_not_matter",
    "copies_score_as_one",
    "decision_function_is_score_samples",
    "duplicates_score_equally",
    "far_clusters_score_high",
    "far_rows_stay_flagged",
    "many_rows_score_as_few",
    "one_row_has_a_score",
    "order_does_not_matter",
    "outliers_score_higher",
    "rows_score_as_in_a_batch",
    "scores_are_finite",
    "scores_are_one_float64_a_sample",
    "scores_are_the_callers",
    "scoring_leaves_the_detector",
    "scoring_twice_agrees",
]

_ROWS = {DataKind.TABULAR}


def looks_at_data(spec: DetectorSpec) -> bool:
    """Whether it is no null baseline, which scores without looking."""
    return spec.family is not Family.BASELINE


# -- what a score is --------------------------------------------------------------------------


@check()
def scores_are_one_float64_a_sample(subject: DetectorSubject, sample: Sample) -> None:
    """Scores are a float64 array of shape (n_samples,), for test and for training data."""
    for X, y in ((sample.X_test, sample.y_test), (sample.X_train, sample.y_train)):
        scores = subject.fitted(sample).score_samples(X)
        expect(isinstance(scores, np.ndarray), "scores in a numpy array", type(scores))
        expect(scores.shape == y.shape, f"scores of shape {y.shape}", scores.shape)
        expect(scores.dtype == np.float64, "scores of dtype float64", scores.dtype)


@check(each=True)
def scores_are_finite(subject: DetectorSubject, sample: Sample) -> None:
    """Every score is a finite number, for test and for training data."""
    for X, which in ((sample.X_test, "test"), (sample.X_train, "training")):
        scores = subject.fitted(sample).score_samples(X)
        bad = scores[~np.isfinite(scores)]
        expect(not bad.size, f"finite scores of the {which} data", f"{bad.size} such as {bad[:1]}")


@check()
def scores_are_the_callers(subject: DetectorSubject, sample: Sample) -> None:
    """Returned scores belong to the caller: writing to them changes no later scores."""
    detector = subject.fit(sample)
    scores = detector.score_samples(sample.X_test)
    first = scores.copy()
    expect(scores.flags.writeable, "scores that may be written to", "a read-only array")
    scores += 1.0
    again = detector.score_samples(sample.X_test)
    expect_same(again, first, "scores after the returned ones were written to", "the first ones")


@check()
def decision_function_is_score_samples(subject: DetectorSubject, sample: Sample) -> None:
    """`decision_function` gives the scores of `score_samples`."""
    detector = subject.fitted(sample)
    wanted = detector.score_samples(sample.X_test)
    got = detector.decision_function(sample.X_test)
    expect_same(got, wanted, "decision_function", "score_samples")


# -- the right way up -------------------------------------------------------------------------


@check(when=looks_at_data, each=True)
def outliers_score_higher(subject: DetectorSubject, sample: Sample) -> None:
    """Planted outliers in the test data score above inliers: higher means more anomalous."""
    auc = roc_auc(sample.y_test, subject.fitted(sample).score_samples(sample.X_test))
    rule = f"an area under the ROC curve of at least {sample.floor} for the planted outliers"
    expect(auc >= sample.floor, rule, f"{auc:.3f}")


@check(data=_ROWS, when=looks_at_data)
def far_clusters_score_high(subject: DetectorSubject, sample: Sample) -> None:
    """A batch of 20 rows a hundred spreads away scores above nine tenths of the inliers."""
    inliers = sample.X_test[sample.y_test == 0]
    usual = np.quantile(subject.fitted(sample).score_samples(inliers), 0.9)
    for away in (100.0, -100.0):
        lowest = subject.fitted(sample).score_samples(_far_cluster(inliers, away)).min()
        rule = f"20 rows at {away:+g} spreads to score above {usual:.6g}, the inliers' 0.9 quantile"
        expect(lowest > usual, rule, f"{lowest:.6g}")


def _far_cluster(inliers: NDArray[np.float64], away: float) -> NDArray[np.float64]:
    rows = np.random.default_rng(0).normal(away, size=(20, inliers.shape[1]))
    rows *= inliers.std(axis=0)
    rows += inliers.mean(axis=0)
    return rows


@check(data=_ROWS, when=looks_at_data)
def far_rows_stay_flagged(subject: DetectorSubject, sample: Sample) -> None:
    """A flagged outlier is flagged still when it lies one and a half or ten times as far away."""
    detector = subject.fitted(sample)
    center = np.median(sample.X_train[sample.y_train == 0], axis=0)
    found = sample.X_test[(sample.y_test == 1) & (detector.predict(sample.X_test) == 1)]
    for times in (1.5, 10.0):
        lost = int((detector.predict(center + times * (found - center)) == 0).sum())
        rule = f"all {len(found)} flagged outliers to be flagged {times:g} times as far out"
        expect(lost == 0, rule, f"{lost} that are not")


# -- independent of the batch -----------------------------------------------------------------


def _expect_alike(
    scores: NDArray[np.float64], wanted: NDArray[np.float64], what: str, like: str
) -> None:
    """Require equal scores; sums in another order, in single precision for networks, may differ."""
    expect_close(scores, wanted, what, like, rtol=0.0, atol=1e-6)


@check(data=_ROWS, unless={Capability.TRANSDUCTIVE})
def rows_score_as_in_a_batch(subject: DetectorSubject, sample: Sample) -> None:
    """A row gets the same score alone as in a batch."""
    detector = subject.fitted(sample)
    rows = sample.X_test[::8]
    alone = np.concatenate([detector.score_samples(row[None]) for row in rows])
    batch = detector.score_samples(sample.X_test)[::8]
    _expect_alike(alone, batch, "scores of rows one by one", "those in a batch")


@check(data=_ROWS, unless={Capability.TRANSDUCTIVE})
def chunks_score_as_the_whole(subject: DetectorSubject, sample: Sample) -> None:
    """Chunks of a batch, of any size, get the scores of the whole."""
    detector = subject.fitted(sample)
    whole = detector.score_samples(sample.X_test)
    for size in (7, 64):
        starts = range(size, len(sample.X_test), size)
        chunks = np.concatenate(
            [detector.score_samples(chunk) for chunk in np.split(sample.X_test, starts)]
        )
        what = f"scores in chunks of {size}"
        _expect_alike(chunks, whole, what, "those of the whole batch")


@check(data=_ROWS, unless={Capability.TRANSDUCTIVE})
def context_does_not_matter(subject: DetectorSubject, sample: Sample) -> None:
    """Inliers get the same scores among outliers as among inliers."""
    detector = subject.fitted(sample)
    inliers, outliers = (sample.X_test[sample.y_test == kind] for kind in (0, 1))
    among_inliers = detector.score_samples(inliers)[:10]
    among_outliers = detector.score_samples(np.vstack([inliers[:10], outliers]))[:10]
    what, like = "scores of ten inliers among outliers", "those among inliers"
    _expect_alike(among_outliers, among_inliers, what, like)


@check(data=_ROWS, unless={Capability.TRANSDUCTIVE})
def copies_score_as_one(subject: DetectorSubject, sample: Sample) -> None:
    """A batch of copies of one row gets that row's score, inlier or outlier."""
    detector = subject.fitted(sample)
    scores = detector.score_samples(sample.X_test)
    for kind in (0, 1):
        index = int(np.argmax(sample.y_test == kind))
        copies = detector.score_samples(np.repeat(sample.X_test[[index]], 50, axis=0))
        what, like = "scores of 50 copies of a row", "its score in the test data"
        _expect_alike(copies, np.full(50, scores[index]), what, like)


@check(data=_ROWS, unless={Capability.TRANSDUCTIVE})
def many_rows_score_as_few(subject: DetectorSubject, sample: Sample) -> None:
    """Five thousand rows get the scores that they get in a small batch."""
    detector = subject.fitted(sample)
    times = 5000 // len(sample.X_test) + 1
    many = detector.score_samples(np.tile(sample.X_test, (times, 1)))
    few = np.tile(detector.score_samples(sample.X_test), times)
    what, like = f"scores of a batch of {len(few)}", "those of its rows in a small one"
    _expect_alike(many, few, what, like)


@check(data=_ROWS, when=looks_at_data)
def order_does_not_matter(subject: DetectorSubject, sample: Sample) -> None:
    """Rows in another order get the same scores in that order, also where the batch matters."""
    order = np.random.default_rng(0).permutation(len(sample.X_test))
    detector = subject.fitted(sample)
    shuffled = detector.score_samples(sample.X_test[order])
    wanted = detector.score_samples(sample.X_test)[order]
    _expect_alike(shuffled, wanted, "scores of shuffled rows", "the old ones")


@check(data=_ROWS, when=looks_at_data)
def duplicates_score_equally(subject: DetectorSubject, sample: Sample) -> None:
    """Equal rows of a batch get equal scores."""
    X = np.vstack([sample.X_test, sample.X_test[::-1]])
    first, second = np.split(subject.fitted(sample).score_samples(X), 2)
    what, like = "scores of second copies in a batch", "those of the first"
    _expect_alike(second[::-1], first, what, like)


@check(data=_ROWS)
def one_row_has_a_score(subject: DetectorSubject, sample: Sample) -> None:
    """A batch of one row gets one finite score."""
    for kind in (0, 1):
        row = sample.X_test[sample.y_test == kind][:1]
        scores = subject.fitted(sample).score_samples(row)
        good = scores.shape == (1,) and np.isfinite(scores).all()
        expect(good, f"one finite score of one row {row.tolist()}", scores)


# -- scoring only looks -----------------------------------------------------------------------


@check()
def scoring_twice_agrees(subject: DetectorSubject, sample: Sample) -> None:
    """Two calls with the same data give the same scores bit for bit."""
    detector = subject.fitted(sample)
    first = detector.score_samples(sample.X_test)
    second = detector.score_samples(sample.X_test)
    expect_same(second, first, "the scores of a second call", "those of the first")


@check()
def another_batch_changes_nothing(subject: DetectorSubject, sample: Sample) -> None:
    """Scores do not depend on what was scored before."""
    direct = subject.fit(sample).score_samples(sample.X_test)
    detector = subject.fit(sample)
    detector.score_samples(sample.X_train)
    later = detector.score_samples(sample.X_test)
    expect_same(later, direct, "scores after another batch", "those of a detector just fitted")


@check()
def scoring_leaves_the_detector(subject: DetectorSubject, sample: Sample) -> None:
    """Scoring changes neither arguments, nor threshold, nor the scores of the training data."""
    detector = subject.fit(sample)
    params, limit = repr(detector.get_params()), detector.decision_threshold
    training = np.array(detector.training_scores_)
    detector.score_samples(sample.X_test)
    now = repr(detector.get_params())
    expect(now == params, f"get_params() to stay {params}", now)
    later = detector.decision_threshold
    expect(later == limit, f"decision_threshold to stay {limit}", later)
    kept = np.array(detector.training_scores_)
    expect_same(kept, training, "training_scores_ after scoring", "those before")
