"""Detectors whose threshold is not what was found or set."""

import numpy as np
from reference import Mahalanobis

from ad_core.errors import ParameterError
from broken import Broken, detector


class ClipsTheThreshold(Mahalanobis):
    """Thresholds are kept within the training scores."""

    @property
    def decision_threshold(self):
        return super().decision_threshold

    @decision_threshold.setter
    def decision_threshold(self, value):
        Mahalanobis.decision_threshold.fset(
            self, float(np.clip(value, self.training_scores_.min(), self.training_scores_.max()))
        )


class LabelsByTheFirstThreshold(Mahalanobis):
    """The threshold that `fit` found is used for ever."""

    def fit(self, X, y=None):
        super().fit(X, y)
        self.first_ = self.decision_threshold
        return self

    def predict(self, X, *, threshold=None):
        return super().predict(X, threshold=self.first_ if threshold is None else threshold)


class ShiftsScores(Mahalanobis):
    """A threshold below every score raises them."""

    def score_samples(self, X):
        return super().score_samples(X) + np.isneginf(self.decision_threshold)


class TakesNan(Mahalanobis):
    @property
    def decision_threshold(self):
        return super().decision_threshold

    @decision_threshold.setter
    def decision_threshold(self, value):
        self._decision_threshold = value


class PredictsWithNan(Mahalanobis):
    def predict(self, X, *, threshold=None):
        limit = self.decision_threshold if threshold is None else threshold
        return (self.score_samples(X) >= limit).astype(np.int64)


class RefusesNanWithoutAName(TakesNan):
    @TakesNan.decision_threshold.setter
    def decision_threshold(self, value):
        raise ParameterError("no")


class PredictRefusesNanWithoutAName(Mahalanobis):
    def predict(self, X, *, threshold=None):
        if threshold is not None and np.isnan(threshold):
            raise ParameterError("no")
        return super().predict(X, threshold=threshold)


class RefusesTooLate(Mahalanobis):
    """Refuses NaN after it has dropped the old threshold."""

    @property
    def decision_threshold(self):
        return super().decision_threshold

    @decision_threshold.setter
    def decision_threshold(self, value):
        self._decision_threshold = 0.0
        Mahalanobis.decision_threshold.fset(self, value)


class HasADefaultThreshold(Mahalanobis):
    """Without a strategy, 3 is the threshold."""

    def fit(self, X, y=None):
        super().fit(X, y)
        if self._decision_threshold is None:
            self._decision_threshold = 3.0
        return self


class AboveWithoutAStrategy(Mahalanobis):
    """Without a strategy, a score at the threshold is not flagged."""

    def predict(self, X, *, threshold=None):
        if self.threshold is None and threshold is not None:
            threshold = np.nextafter(threshold, np.inf)
        return super().predict(X, threshold=threshold)


class SilentWithoutAStrategy(Mahalanobis):
    @property
    def decision_threshold(self):
        if self._decision_threshold is None:
            raise ParameterError("there is no threshold")
        return super().decision_threshold


class SetsNothingWithoutAStrategy(Mahalanobis):
    """What is set after a fit without a strategy is three times too high."""

    @property
    def decision_threshold(self):
        return super().decision_threshold

    @decision_threshold.setter
    def decision_threshold(self, value):
        Mahalanobis.decision_threshold.fset(self, 3 * value if self.threshold is None else value)


class ProvenanceIsAnArray(Mahalanobis):
    @property
    def threshold_provenance(self):
        return {**super().threshold_provenance, "scores": (1.0, 2.0)}


class ProvenanceIsSilent(Mahalanobis):
    @property
    def threshold_provenance(self):
        return {"contamination": self.contamination}


class ProvenanceIsStale(Mahalanobis):
    """A threshold set by hand is still said to be a quantile."""

    def fit(self, X, y=None):
        super().fit(X, y)
        self.found_ = dict(self._provenance)
        return self

    @property
    def threshold_provenance(self):
        return dict(self.found_)


class CannotHoldOut(Mahalanobis):
    """The held-out rows lead to no number."""

    def _learn(self, data, labels, strategy):
        super()._learn(data, labels, strategy)
        if strategy is not None and strategy.fraction > 0:
            self._decision_threshold = np.inf


class AlwaysQuantile(Mahalanobis):
    """Whatever strategy is asked for, the quantile is used."""

    def fit(self, X, y=None):
        asked = self.threshold
        self.threshold = "quantile"
        super().fit(X, y)
        self.threshold = asked
        return self


class LabelsByTheMedian(Mahalanobis):
    """Held-out thresholds are found but not used."""

    def predict(self, X, *, threshold=None):
        if threshold is None and self.threshold == "conformal":
            threshold = float(np.median(self.score_samples(X)))
        return super().predict(X, threshold=threshold)


BROKEN = [
    Broken(
        check="threshold_can_be_set",
        spec=detector(ClipsTheThreshold),
        message=r"expected decision_threshold inf as it was set, got [\d.]+",
    ),
    Broken(
        check="threshold_can_be_set",
        spec=detector(LabelsByTheFirstThreshold),
        message=r"expected 80 samples flagged at threshold [\d.]+, got \d+$",
    ),
    Broken(
        check="threshold_can_be_set",
        spec=detector(ShiftsScores),
        message="expected scores then to equal those before bit for bit, got",
    ),
    Broken(
        check="threshold_refuses_what_is_no_number",
        spec=detector(TakesNan),
        message="expected ParameterError when decision_threshold is set to NaN, got no error",
    ),
    Broken(
        check="threshold_refuses_what_is_no_number",
        spec=detector(PredictsWithNan),
        message="expected ParameterError when predict is called with threshold=NaN, got no error",
    ),
    Broken(
        check="threshold_refuses_what_is_no_number",
        spec=detector(RefusesNanWithoutAName),
        message="set to NaN, naming 'decision_threshold' and 'nan', got the message 'no'",
    ),
    Broken(
        check="threshold_refuses_what_is_no_number",
        spec=detector(PredictRefusesNanWithoutAName),
        message="called with threshold=NaN, naming 'threshold' and 'nan', got the message 'no'",
    ),
    Broken(
        check="threshold_refuses_what_is_no_number",
        spec=detector(RefusesTooLate),
        message=r"expected decision_threshold to stay [\d.]+, got 0\.0",
    ),
    Broken(
        check="no_strategy_finds_no_threshold",
        spec=detector(HasADefaultThreshold),
        message="ParameterError when predict is called after a fit with threshold=None, got no err",
    ),
    Broken(
        check="no_strategy_finds_no_threshold",
        spec=detector(AboveWithoutAStrategy),
        message=r"expected predict\(X, threshold=median score\) to equal score >= median bit for",
    ),
    Broken(
        check="no_strategy_finds_no_threshold",
        spec=detector(SilentWithoutAStrategy),
        message="naming 'threshold=None' and 'decision_threshold', got the message 'there is no th",
    ),
    Broken(
        check="no_strategy_finds_no_threshold",
        spec=detector(SetsNothingWithoutAStrategy),
        message="expected predict once it is set to equal the same bit for bit, got 0 instead of 1",
    ),
    Broken(
        check="provenance_is_plain_data",
        spec=detector(ProvenanceIsAnArray),
        message=r"expected a provenance that JSON gives back, got \{.*'scores': \(1\.0, 2\.0\)\}",
    ),
    Broken(
        check="provenance_is_plain_data",
        spec=detector(ProvenanceIsSilent),
        message=r"expected strategy 'quantile' and contamination 0\.25, got \{'contamination'",
    ),
    Broken(
        check="provenance_is_plain_data",
        spec=detector(ProvenanceIsStale),
        message=r"expected \{'strategy': 'manual'\} after setting it, got \{'strategy': 'quantile'",
    ),
    Broken(
        check="every_strategy_finds_a_threshold",
        spec=detector(CannotHoldOut),
        message="expected a finite threshold of strategy 'holdout', got inf",
    ),
    Broken(
        check="every_strategy_finds_a_threshold",
        spec=detector(AlwaysQuantile),
        message="expected threshold_provenance to name 'holdout', got 'quantile'",
    ),
    Broken(
        check="every_strategy_finds_a_threshold",
        spec=detector(LabelsByTheMedian),
        message="expected labels by 'conformal' to equal score >= threshold bit for bit",
    ),
]
