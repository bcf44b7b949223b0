"""Detectors whose scores are malformed or upside down, or that change when they score."""

import numpy as np
from reference import Mahalanobis

from broken import Broken, detector


class ScoresInAColumn(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X)[:, None]


class ScoresInAList(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X).tolist()


class SinglePrecisionScores(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X).astype(np.float32)


class ForgetsToScoreTrainingData(Mahalanobis):
    """The first row of the training data gets no score."""

    def _fit(self, X, y):
        super()._fit(X, y)
        self.first_ = X[0]

    def score_samples(self, X):
        scores = super().score_samples(X)
        return scores[1:] if np.array_equal(np.asarray(X)[0], self.first_) else scores


class NanForTheLargest(Mahalanobis):
    def score_samples(self, X):
        scores = super().score_samples(X)
        scores[np.argmax(scores)] = np.nan
        return scores


class InfiniteForTheMean(Mahalanobis):
    """The training row nearest to the mean gets minus infinity."""

    def score_samples(self, X):
        scores = super().score_samples(X)
        scores[scores == self.training_scores_.min()] = -np.inf
        return scores


class ReturnsItsMemory(Mahalanobis):
    def score_samples(self, X):
        if not hasattr(self, "memory_"):
            self.memory_ = super().score_samples(X)
        return self.memory_


class ReadOnlyScores(Mahalanobis):
    def score_samples(self, X):
        scores = super().score_samples(X)
        scores.flags.writeable = False
        return scores


class NegatedDecisionFunction(Mahalanobis):
    def decision_function(self, X):
        return -self.score_samples(X)


class HigherIsNormal(Mahalanobis):
    def _score(self, X):
        return -super()._score(X)


class Chance(Mahalanobis):
    """Scores that have nothing to do with the distance; the same for equal rows."""

    def _score(self, X):
        return np.sin(1e6 * X.sum(axis=1))


class RelativeToTheBatch(Mahalanobis):
    """Distance from the mean of the batch: a batch of outliers is normal."""

    def _score(self, X):
        return np.linalg.norm(X - X.mean(axis=0), axis=1)


class AllAlike(Mahalanobis):
    def _score(self, X):
        return np.zeros(len(X))


class BlindAtAHundredSpreads(Mahalanobis):
    """A row of which every column is some hundred standard deviations off gets 0."""

    def _fit(self, X, y):
        super()._fit(X, y)
        self.deviation_ = X.std(axis=0)

    def _score(self, X):
        spreads = np.abs(X - self.mean_) / self.deviation_
        blind = ((spreads > 20) & (spreads < 200)).all(axis=1)
        return np.where(blind, 0, super()._score(X))


class OneSided(Mahalanobis):
    """A cluster at minus a hundred spreads is as normal as can be."""

    def _score(self, X):
        return (X - self.mean_).sum(axis=1)


class Wraps(Mahalanobis):
    """Beyond 8 the distance begins again."""

    def _score(self, X):
        return super()._score(X) % 8


class WrapsFarAway(Mahalanobis):
    """Beyond 20 the distance begins again."""

    def _score(self, X):
        return super()._score(X) % 20


class DrawsWhenScoring(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.generator_ = np.random.default_rng(0)

    def _score(self, X):
        return super()._score(X) + 1e-6 * self.generator_.random(len(X))


class LearnsTheFirstBatch(Mahalanobis):
    """Centres on the first batch that it scores after the fit."""

    def score_samples(self, X):
        if not hasattr(self, "center_"):
            self.center_ = np.asarray(X).mean()
        return super().score_samples(X) + self.center_


class FollowsTheStream(Mahalanobis):
    """The mean moves with each batch."""

    def score_samples(self, X):
        scores = super().score_samples(X)
        self.mean_ = self.mean_ + np.mean(X, axis=0)
        return scores


class ChangesItsArguments(Mahalanobis):
    def score_samples(self, X):
        self.shrinkage = float(len(X))
        return super().score_samples(X)


class MovesItsThreshold(Mahalanobis):
    def score_samples(self, X):
        scores = super().score_samples(X)
        self._decision_threshold = float(np.quantile(scores, 0.9))
        return scores


class ScoresIntoTrainingScores(Mahalanobis):
    def score_samples(self, X):
        self.training_scores_ = super().score_samples(X)
        return self.training_scores_


BROKEN = [
    Broken(
        check="scores_are_one_float64_a_sample",
        spec=detector(ScoresInAColumn),
        message=r"expected scores of shape \(158,\), got \(158, 1\)",
    ),
    Broken(
        check="scores_are_one_float64_a_sample",
        spec=detector(ScoresInAList),
        message="expected scores in a numpy array, got <class 'list'>",
    ),
    Broken(
        check="scores_are_one_float64_a_sample",
        spec=detector(SinglePrecisionScores),
        message="expected scores of dtype float64, got float32",
    ),
    Broken(
        check="scores_are_one_float64_a_sample",
        spec=detector(ForgetsToScoreTrainingData),
        message=r"expected scores of shape \(158,\), got \(157,\)",
    ),
    Broken(
        check="scores_are_finite",
        spec=detector(NanForTheLargest),
        message=r"expected finite scores of the test data, got 1 such as \[nan\]",
    ),
    Broken(
        check="scores_are_finite",
        spec=detector(InfiniteForTheMean),
        message=r"expected finite scores of the training data, got 1 such as \[-inf\]",
    ),
    Broken(
        check="scores_are_the_callers",
        spec=detector(ReturnsItsMemory),
        message="expected scores after the returned ones were written to to equal the first ones",
    ),
    Broken(
        check="scores_are_the_callers",
        spec=detector(ReadOnlyScores),
        message="expected scores that may be written to, got a read-only array",
    ),
    Broken(
        check="decision_function_is_score_samples",
        spec=detector(NegatedDecisionFunction),
        message="expected decision_function to equal score_samples bit for bit, got -",
    ),
    Broken(
        check="outliers_score_higher",
        spec=detector(HigherIsNormal),
        message=(
            "expected an area under the ROC curve of at least 0.8 for the planted outliers, "
            r"got 0\.0"
        ),
    ),
    Broken(
        check="outliers_score_higher",
        spec=detector(Chance),
        message=r"of at least 0\.8 for the planted outliers, got 0\.[3-7]",
    ),
    Broken(
        check="outliers_score_higher",
        spec=detector(HigherIsNormal),
        message=r"of at least 0\.4 for the planted outliers, got 0\.0",
        scenario="correlated",
    ),
    Broken(
        check="far_clusters_score_high",
        spec=detector(RelativeToTheBatch),
        message=r"20 rows at \+100 spreads to score above .*, the inliers' 0\.9 quantile, got",
    ),
    Broken(
        check="far_clusters_score_high",
        spec=detector(AllAlike),
        message="to score above 0, the inliers' 0.9 quantile, got 0",
    ),
    Broken(
        check="far_clusters_score_high",
        spec=detector(BlindAtAHundredSpreads),
        message=r"20 rows at \+100 spreads to score above .*, the inliers' 0\.9 quantile, got 0$",
        scenario="units",
    ),
    Broken(
        check="far_clusters_score_high",
        spec=detector(OneSided),
        message=r"20 rows at -100 spreads to score above .*, the inliers' 0\.9 quantile, got -",
    ),
    Broken(
        check="far_rows_stay_flagged",
        spec=detector(Wraps),
        message=r"expected all \d flagged outliers to be flagged 1\.5 times as far out, got \d",
    ),
    Broken(
        check="far_rows_stay_flagged",
        spec=detector(WrapsFarAway),
        message=r"expected all \d flagged outliers to be flagged 10 times as far out, got \d",
    ),
    Broken(
        check="scoring_twice_agrees",
        spec=detector(DrawsWhenScoring),
        message="expected the scores of a second call to equal those of the first bit for bit",
    ),
    Broken(
        check="another_batch_changes_nothing",
        spec=detector(LearnsTheFirstBatch),
        message="expected scores after another batch to equal those of a detector just fitted",
    ),
    Broken(
        check="another_batch_changes_nothing",
        spec=detector(FollowsTheStream),
        message="expected scores after another batch to equal those of a detector just fitted",
    ),
    Broken(
        check="scoring_leaves_the_detector",
        spec=detector(ChangesItsArguments),
        message=r"expected get_params\(\) to stay .*'shrinkage': 1e-06.*, got .*158\.0",
    ),
    Broken(
        check="scoring_leaves_the_detector",
        spec=detector(MovesItsThreshold),
        message=r"expected decision_threshold to stay [\d.]+, got [\d.]+",
    ),
    Broken(
        check="scoring_leaves_the_detector",
        spec=detector(ScoresIntoTrainingScores),
        message="expected training_scores_ after scoring to equal those before",
    ),
]
