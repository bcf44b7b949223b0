"""Detectors whose labels do not follow from the threshold, or that flag too much or too little."""

import numpy as np
from reference import Mahalanobis

from broken import Broken, detector


class LabelsInAList(Mahalanobis):
    def predict(self, X, *, threshold=None):
        return super().predict(X, threshold=threshold).tolist()


class LabelsInAColumn(Mahalanobis):
    def predict(self, X, *, threshold=None):
        return super().predict(X, threshold=threshold)[:, None]


class BooleanLabels(Mahalanobis):
    def predict(self, X, *, threshold=None):
        return super().predict(X, threshold=threshold).astype(bool)


class MinusOneForAnomalies(Mahalanobis):
    """As in scikit-learn."""

    def predict(self, X, *, threshold=None):
        return 1 - 2 * super().predict(X, threshold=threshold)


class Above(Mahalanobis):
    """A score at the threshold is not flagged."""

    def predict(self, X, *, threshold=None):
        limit = self.decision_threshold if threshold is None else threshold
        return (self.score_samples(X) > limit).astype(np.int64)


class FlagsATenthOfTheBatch(Mahalanobis):
    """Labels by rank in the batch, until a threshold is set."""

    def predict(self, X, *, threshold=None):
        scores = self.score_samples(X)
        if threshold is None and self.threshold_provenance["strategy"] == "quantile":
            threshold = np.quantile(scores, 0.9)
        return super().predict(X, threshold=threshold)


class IgnoresThePassedThreshold(Mahalanobis):
    def predict(self, X, *, threshold=None):
        return super().predict(X)


class KeepsThePassedThreshold(Mahalanobis):
    def predict(self, X, *, threshold=None):
        if threshold is not None:
            self._decision_threshold = threshold
        return super().predict(X)


class FitPredictsBeyondThreshold(Mahalanobis):
    """Ranks the training rows anew: one more is flagged than by the threshold."""

    def fit_predict(self, X, y=None):
        self.fit(X, y)
        most = int((self.training_scores_ >= self.decision_threshold).sum()) + 1
        return (self.training_scores_ >= np.sort(self.training_scores_)[-most]).astype(np.int64)


class FitPredictsWithAClone(Mahalanobis):
    def fit_predict(self, X, y=None):
        twin = self.clone().fit(X, y)
        return twin.predict(X)


class AlwaysATenth(Mahalanobis):
    """`contamination` has no effect."""

    def fit(self, X, y=None):
        asked = self.contamination
        self.contamination = 0.1
        super().fit(X, y)
        self.contamination = asked
        return self


class AtMostAFifth(Mahalanobis):
    """`contamination` has no effect above 0.2."""

    def fit(self, X, y=None):
        asked = self.contamination
        self.contamination = min(asked, 0.2)
        super().fit(X, y)
        self.contamination = asked
        return self


class FlagsAllTies(Mahalanobis):
    """Few different scores; all that are tied at the quantile are flagged."""

    def _score(self, X):
        return super()._score(X).round()

    def fit(self, X, y=None):
        super().fit(X, y)
        if self.training_scores_ is not None:
            share = 1 - self.contamination
            self._decision_threshold = float(np.quantile(self.training_scores_, share))
        return self


class FlagsTooFew(Mahalanobis):
    """The threshold is half a standard deviation of the scores too high."""

    def fit(self, X, y=None):
        super().fit(X, y)
        if self._decision_threshold is not None and self.training_scores_ is not None:
            self._decision_threshold += 0.5 * self.training_scores_.std()
        return self


class ZeroTrainingScores(Mahalanobis):
    """Training rows score lower than the same rows would later: all others are flagged."""

    def _training_scores(self, X):
        return super()._training_scores(X) / 10


class CautiousTrainingScores(Mahalanobis):
    """Training rows score higher than fresh ones: nothing is ever flagged."""

    def _training_scores(self, X):
        return super()._training_scores(X) * 10


BROKEN = [
    Broken(
        check="labels_are_zero_or_one",
        spec=detector(LabelsInAList),
        message="expected labels in a numpy array, got <class 'list'>",
    ),
    Broken(
        check="labels_are_zero_or_one",
        spec=detector(LabelsInAColumn),
        message=r"expected shape \(158,\), got \(158, 1\)",
    ),
    Broken(
        check="labels_are_zero_or_one",
        spec=detector(BooleanLabels),
        message="expected labels of an integer dtype, got bool",
    ),
    Broken(
        check="labels_are_zero_or_one",
        spec=detector(MinusOneForAnomalies),
        message=r"expected labels 0 and 1 only, got \[-1, 1\]",
    ),
    Broken(
        check="predict_flags_from_the_threshold_on",
        spec=detector(Above),
        message="predict at a score that occurs to equal score >= threshold .*, 1 of 158 values",
    ),
    Broken(
        check="predict_flags_from_the_threshold_on",
        spec=detector(FlagsATenthOfTheBatch),
        message="predict at the threshold found to equal score >= threshold bit for bit, got 1 ins",
    ),
    Broken(
        check="predict_takes_a_threshold",
        spec=detector(Above),
        message=r"expected predict\(X, threshold=median score\) to equal score >= median",
    ),
    Broken(
        check="predict_takes_a_threshold",
        spec=detector(IgnoresThePassedThreshold),
        message=r"expected predict\(X, threshold=median score\) to equal score >= median",
    ),
    Broken(
        check="predict_takes_a_threshold",
        spec=detector(KeepsThePassedThreshold),
        message=r"expected decision_threshold to stay [\d.]+ after such a call, got [\d.]+",
    ),
    Broken(
        check="fit_predict_labels_training_data",
        spec=detector(FitPredictsBeyondThreshold),
        message="fit_predict to equal training_scores_ >= decision_threshold .*, 1 of 158 values",
    ),
    Broken(
        check="fit_predict_labels_training_data",
        spec=detector(FitPredictsWithAClone),
        message="expected fit_predict to leave a fitted detector, got an unfitted one",
    ),
    Broken(
        check="training_rate_is_contamination",
        spec=detector(AlwaysATenth),
        message=r"expected 7 to 8 of 158 flagged at contamination 0\.05, got 16",
    ),
    Broken(
        check="training_rate_is_contamination",
        spec=detector(FlagsTooFew),
        message=r"expected 15 to 16 of 158 flagged at contamination 0\.1, got \d$",
    ),
    Broken(
        check="training_rate_is_contamination",
        spec=detector(AtMostAFifth),
        message=r"expected 47 to 48 of 158 flagged at contamination 0\.3, got 32",
    ),
    Broken(
        check="training_rate_is_contamination",
        spec=detector(FlagsAllTies),
        message=r"expected \d+ to \d+ of 158 flagged at contamination 0\.\d+, got \d+$",
    ),
    Broken(
        check="inliers_are_rarely_flagged",
        spec=detector(ZeroTrainingScores),
        message="expected at most 25% of the test inliers to be flagged, got 100%",
    ),
    Broken(
        check="clean_rows_are_rarely_flagged",
        spec=detector(ZeroTrainingScores),
        message=r"expected 2% to 30% of fresh clean rows flagged, got 100\.0%",
    ),
    Broken(
        check="clean_rows_are_rarely_flagged",
        spec=detector(CautiousTrainingScores),
        message=r"expected 2% to 30% of fresh clean rows flagged, got 0\.0%",
    ),
]
