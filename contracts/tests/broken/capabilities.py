"""Detectors that declare what is not true, or not what is."""

import numpy as np
from reference import Mahalanobis

from ad_core import BaseDetector
from ad_core.detector import Series
from ad_core.errors import InputError
from broken import Broken, detector

PLAIN = {"novelty", "multivariate", "deterministic", "serializable"}


class Good(Mahalanobis):
    """One of nothing wrong, where the spec is what is broken."""


class ScoresItsTrainingDataOnly(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.X_ = X

    def _score(self, X):
        if not np.array_equal(X, self.X_):
            raise InputError(f"{self.name}: these rows were not fitted")
        return super()._score(X)


class ScoresInAColumn(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X)[:, None]


class OfSeries(BaseDetector):
    """Distance from the mean of the training series."""

    input = Series()

    def _fit(self, X, y):
        self.mean_ = X.mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.mean_, axis=1)


class CentresOnTheSeries(OfSeries):
    def _score(self, X):
        return np.linalg.norm(X - X.mean(axis=0), axis=1)


class UsesTheFirstColumn(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X[:, :1], y)

    def _score(self, X):
        return super()._score(X[:, :1])


class UsesTheLastColumn(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X[:, -1:], y)

    def _score(self, X):
        return super()._score(X[:, -1:])


class RefusesTersely(Mahalanobis):
    def _fit(self, X, y):
        raise InputError(f"{self.name} cannot be fitted")


class TakesASeed(Mahalanobis):
    shrinkage = 1e-6

    def __init__(self, random_state: int | None = None):
        self.random_state = random_state


class DrawsInFit(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.mean_ = self.mean_ + np.random.default_rng().normal(size=self.mean_.shape)


class DrawsInScore(Mahalanobis):
    def _score(self, X):
        return super()._score(X) + np.random.default_rng().random(len(X))


class CallsGapsNormal(Mahalanobis):
    _accepts_missing = True

    def _fit(self, X, y):
        self.mean_ = X.mean(axis=0)

    def _score(self, X):
        return np.nan_to_num(np.linalg.norm(X - self.mean_, axis=1))


class ExplainsInSecret(Mahalanobis):
    def feature_contributions(self, X):
        return np.abs(X - self.mean_)


class AddsInSecret(Mahalanobis):
    def partial_fit(self, X, y=None):
        return self


class LocalizesInSecret(Mahalanobis):
    def anomaly_map(self, X):
        return np.abs(X)


class ExplainsOnlyTheRow(Mahalanobis):
    def feature_contributions(self, X):
        return self.score_samples(X)


class ExplainsWithNan(Mahalanobis):
    def feature_contributions(self, X):
        return np.full(np.shape(X), np.nan)


class BlamesTheFirstColumn(Mahalanobis):
    def feature_contributions(self, X):
        return np.eye(np.shape(X)[1])[np.zeros(len(X), dtype=int)]


class AddsAndReturnsNothing(Mahalanobis):
    def partial_fit(self, X, y=None):
        self.fit(X, y)


class AddsToACopy(Mahalanobis):
    def partial_fit(self, X, y=None):
        return self.clone().fit(X, y)


class RefusesItsOwnRows(Mahalanobis):
    def score_samples(self, X):
        raise InputError(f"{self.name} scores nothing")


class AddsNothing(Mahalanobis):
    def partial_fit(self, X, y=None):
        return self


class StartsAgain(Mahalanobis):
    def partial_fit(self, X, y=None):
        return self.fit(X, y)


class MapsRows(Mahalanobis):
    def anomaly_map(self, X):
        return self.score_samples(X)


class MapsToInfinity(Mahalanobis):
    def anomaly_map(self, X):
        return np.full(np.shape(X), np.inf)


class NeedsLabels(Mahalanobis):
    _needs_labels = True


class LearnsFromLabels(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X)
        if y is not None:
            self.mean_ = np.asarray(X)[np.asarray(y) == 0].mean(axis=0)
        return self


def capable(kind, *more, without=(), **fields):
    name = f"{kind.__name__}_{'_'.join([*more, *without])}".lower().rstrip("_")
    declared = tuple(sorted(PLAIN - {*without}))
    return detector(kind, **{"name": name, **fields, "capabilities": (*declared, *more)})


BROKEN = [
    Broken(
        check="new_rows_are_scored",
        spec=capable(ScoresItsTrainingDataOnly),
        message="expected no error, got InputError: .* these rows were not fitted",
    ),
    Broken(
        check="new_rows_are_scored",
        spec=capable(ScoresInAColumn),
        message=r"expected shape \(\d+,\), got \(\d+, 1\)",
    ),
    Broken(
        check="new_rows_are_refused",
        spec=capable(Good, without=["novelty"]),
        message="InputError when it does not declare 'novelty' .*, got no error",
    ),
    Broken(
        check="new_rows_are_refused",
        spec=capable(RefusesItsOwnRows, without=["novelty"]),
        message="expected no error, got InputError: refusesitsownrows.* scores nothing",
    ),
    Broken(
        check="transductive_scores_depend_on_the_batch",
        spec=capable(Good, "transductive"),
        message=r"'transductive' to be declared only where .*, got the same \d+ scores",
    ),
    Broken(
        check="transductive_scores_depend_on_the_batch",
        spec=capable(OfSeries, "transductive", data=("timeseries",)),
        message=r"'transductive' to be declared only where .*, got the same \d+ scores",
    ),
    Broken(
        check="transductive_is_declared",
        spec=capable(CentresOnTheSeries, data=("timeseries",)),
        message=r"of a part alone to equal those in the whole \('transductive'\), got .* differ",
    ),
    Broken(
        check="every_column_counts",
        spec=capable(UsesTheFirstColumn),
        message="expected other scores when column 1 of 2 is turned upside down, got the same",
    ),
    Broken(
        check="every_column_counts",
        spec=capable(UsesTheLastColumn),
        message="expected other scores when column 0 of 2 is turned upside down, got the same",
    ),
    Broken(
        check="two_columns_are_refused",
        spec=capable(Good, without=["multivariate"]),
        message="InputError when it does not declare 'multivariate' .* two columns, got no error",
    ),
    Broken(
        check="two_columns_are_refused",
        spec=capable(RefusesTersely, without=["multivariate"]),
        message="is fitted on two columns, naming '2', got the message '.* cannot be fitted'",
    ),
    Broken(
        check="randomness_is_declared",
        spec=capable(Good, without=["deterministic"]),
        message="one of the capabilities 'deterministic' and 'seeded', got neither",
    ),
    Broken(
        check="randomness_is_declared",
        spec=capable(Good, "seeded"),
        message="one of the capabilities 'deterministic' and 'seeded', got deterministic and seed",
    ),
    Broken(
        check="seed_is_declared",
        spec=capable(Good, "seeded", without=["deterministic"]),
        message=r"expected an argument 'random_state' \('seeded' is declared\), got none",
    ),
    Broken(
        check="seed_is_declared",
        spec=capable(TakesASeed),
        message=r"expected no argument 'random_state' \('seeded' is not declared\), got one",
    ),
    Broken(
        check="deterministic_needs_no_seed",
        spec=capable(DrawsInFit),
        message="the scores after another fit, without a seed, to equal those before bit for bit",
    ),
    Broken(
        check="deterministic_needs_no_seed",
        spec=capable(DrawsInScore),
        message="the scores at another call, without a seed, to equal those before bit for bit",
    ),
    Broken(
        check="missing_values_are_accepted",
        spec=capable(Good, "missing_values"),
        message="expected no error, got InputError: .* X contains NaN",
    ),
    Broken(
        check="missing_values_are_accepted",
        spec=capable(CallsGapsNormal, "missing_values"),
        message="a higher median score of the outliers without gaps .*, got 0 and 0",
    ),
    Broken(
        check="saving_is_declared",
        spec=capable(Good, without=["serializable"]),
        message="'serializable' to be declared where save .*, got no such capability of good",
    ),
    *(
        Broken(check="optional_methods_are_declared", spec=spec, message=message)
        for kind, word, method in (
            (ExplainsInSecret, "feature_contributions", "feature_contributions"),
            (AddsInSecret, "partial_fit", "partial_fit"),
            (LocalizesInSecret, "localizes", "anomaly_map"),
        )
        for spec, message in (
            (
                capable(kind),
                rf"expected no method '{method}' \('{word}' is not declared\), got one",
            ),
            (
                capable(Good, word),
                rf"expected a method '{method}' \('{word}' is declared\), got none",
            ),
        )
    ),
    Broken(
        check="column_that_is_off_contributes_most",
        spec=capable(ExplainsOnlyTheRow, "feature_contributions"),
        message=r"contributions of shape \(\d+, 4\), got \(\d+,\)",
    ),
    Broken(
        check="column_that_is_off_contributes_most",
        spec=capable(ExplainsWithNan, "feature_contributions"),
        message="finite contributions, got .*nan",
    ),
    Broken(
        check="column_that_is_off_contributes_most",
        spec=capable(BlamesTheFirstColumn, "feature_contributions"),
        message="column 1, which is far off, to contribute most, got column 0 of",
    ),
    Broken(
        check="partial_fit_adds_to_the_fit",
        spec=capable(AddsAndReturnsNothing, "partial_fit"),
        message="partial_fit to return the detector itself, got None",
    ),
    Broken(
        check="partial_fit_adds_to_the_fit",
        spec=capable(AddsToACopy, "partial_fit"),
        message=r"partial_fit to return the detector itself, got addstoacopy.*\(\)",
    ),
    Broken(
        check="partial_fit_adds_to_the_fit",
        spec=capable(AddsNothing, "partial_fit"),
        message="other scores after partial_fit, got those of the first fit",
    ),
    Broken(
        check="partial_fit_adds_to_the_fit",
        spec=capable(StartsAgain, "partial_fit"),
        message="partial_fit to keep the first fit, got scores of the last rows",
    ),
    Broken(
        check="anomaly_map_has_a_number_a_place",
        spec=capable(MapsRows, "localizes"),
        message=r"a map of shape \((\d+), 4\), got shape \(\1,\)",
    ),
    Broken(
        check="anomaly_map_has_a_number_a_place",
        spec=capable(MapsToInfinity, "localizes"),
        message=r"finite numbers in the map, got \d+ others",
    ),
    Broken(
        check="labels_are_needed",
        spec=capable(Good, "supervised", learning="supervised"),
        message="expected InputError when y is absent, got no error",
    ),
    Broken(
        check="labels_are_needed",
        spec=capable(RefusesTersely, "supervised", learning="supervised"),
        message="y is absent, naming 'label', got the message '.* cannot be fitted'",
    ),
    Broken(
        check="labels_are_used",
        spec=capable(NeedsLabels, "supervised", learning="supervised"),
        message="other scores after a fit on flipped labels, got the same scores",
    ),
    Broken(
        check="labels_are_ignored",
        spec=capable(LearnsFromLabels),
        message="the scores after a fit with labels to equal those without bit for bit, got",
    ),
]
