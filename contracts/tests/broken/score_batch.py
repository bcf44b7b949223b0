"""Detectors whose scores depend on the rest of the batch."""

import numpy as np
from reference import Mahalanobis

from broken import Broken, detector


class ConstantForOneRow(Mahalanobis):
    def _score(self, X):
        return super()._score(X) if len(X) > 1 else np.ones(1)


class AddsTheLengthOfTheBatch(Mahalanobis):
    """One row is right, sixty-four rows are right; in between the size matters."""

    def _score(self, X):
        return super()._score(X) + (len(X) if 1 < len(X) < 64 else 0)


class AddsTheLengthOfLargeChunks(Mahalanobis):
    def _score(self, X):
        return super()._score(X) + (len(X) if len(X) == 64 else 0)


class RelativeToTheHighest(Mahalanobis):
    """An outlier in the batch makes the others look better."""

    def _score(self, X):
        scores = super()._score(X)
        return scores / 2 if scores.max() > 4 else scores


class FlattersInlierCopies(Mahalanobis):
    """A row that fills its batch is normal, unless it is far out."""

    def _score(self, X):
        scores = super()._score(X)
        filled = len(X) > 1 and not np.ptp(X, axis=0).any()
        return scores * 0 if filled and scores[0] < 3 else scores


class FlattersOutlierCopies(Mahalanobis):
    """Copies of an ordinary row score as it does, those of an outlier do not."""

    def _score(self, X):
        scores = super()._score(X)
        return scores if len(X) < 2 or np.ptp(X, axis=0).any() else scores.clip(max=2)


class TruncatesLargeBatches(Mahalanobis):
    """From row 4096 on, scores are 0."""

    def _score(self, X):
        scores = super()._score(X)
        scores[4096:] = 0
        return scores


class SmoothsAlongTheBatch(Mahalanobis):
    """Each score is averaged with the one before."""

    def _score(self, X):
        scores = super()._score(X)
        return (scores + np.r_[scores[0], scores[:-1]]) / 2


class BreaksTies(Mahalanobis):
    """Equal rows are told apart by their place."""

    def _score(self, X):
        return super()._score(X) + 1e-3 * np.arange(len(X))


class ScalarForOneRow(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X).squeeze()


class NanForOneRow(Mahalanobis):
    """Standardises by the batch's deviation."""

    def score_samples(self, X):
        scores = super().score_samples(X)
        return scores if len(scores) > 1 else scores * np.nan


class NanForOneOutlier(Mahalanobis):
    """An outlier on its own is out of range."""

    def score_samples(self, X):
        scores = super().score_samples(X)
        return np.full(1, np.nan) if len(scores) == 1 and scores[0] > 3 else scores


BROKEN = [
    Broken(
        check="rows_score_as_in_a_batch",
        spec=detector(ConstantForOneRow),
        message=r"expected scores of rows one by one to equal those in a batch, got 1\.0 instead",
    ),
    Broken(
        check="chunks_score_as_the_whole",
        spec=detector(AddsTheLengthOfTheBatch),
        message="expected scores in chunks of 7 to equal those of the whole batch",
    ),
    Broken(
        check="chunks_score_as_the_whole",
        spec=detector(AddsTheLengthOfLargeChunks),
        message="expected scores in chunks of 64 to equal those of the whole batch",
    ),
    Broken(
        check="context_does_not_matter",
        spec=detector(RelativeToTheHighest),
        message="expected scores of ten inliers among outliers to equal those among inliers",
    ),
    Broken(
        check="copies_score_as_one",
        spec=detector(FlattersInlierCopies),
        message=r"scores of 50 copies of a row to equal its score in the test data, got 0\.0",
    ),
    Broken(
        check="copies_score_as_one",
        spec=detector(FlattersOutlierCopies),
        message=r"scores of 50 copies of a row to equal its score in the test data, got 2\.0",
    ),
    Broken(
        check="many_rows_score_as_few",
        spec=detector(TruncatesLargeBatches),
        message=r"scores of a batch of 5056 to equal those .*, got 0\.0 instead of .* at 4096",
    ),
    Broken(
        check="order_does_not_matter",
        spec=detector(
            SmoothsAlongTheBatch, capabilities=("novelty", "multivariate", "transductive")
        ),
        message="expected scores of shuffled rows to equal the old ones",
    ),
    Broken(
        check="duplicates_score_equally",
        spec=detector(BreaksTies),
        message="expected scores of second copies in a batch to equal those of the first",
    ),
    Broken(
        check="one_row_has_a_score",
        spec=detector(ScalarForOneRow),
        message=r"expected one finite score of one row \[\[.*\]\], got [\d.]+$",
    ),
    Broken(
        check="one_row_has_a_score",
        spec=detector(NanForOneRow),
        message=r"expected one finite score of one row \[\[(-?\d\.\d+[, ]*)+\]\], got \[nan\]",
    ),
    Broken(
        check="one_row_has_a_score",
        spec=detector(NanForOneOutlier),
        message=r"expected one finite score of one row \[\[.*1[1-4]\.\d+.*\]\], got \[nan\]",
    ),
]
