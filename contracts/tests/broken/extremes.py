"""Detectors that odd data get the better of."""

import numpy as np
from reference import Mahalanobis, NormalMahalanobis

from ad_core import BaseDetector
from ad_core.errors import InputError
from broken import Broken, detector


class NaNForDuplicates(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.shift_ = np.nan if len(np.unique(X, axis=0)) < len(X) else 0.0

    def _score(self, X):
        return super()._score(X) + self.shift_


class DividesByADistance(Mahalanobis):
    """Trips over a pile of equal rows, but not over pairs."""

    def _fit(self, X, y):
        super()._fit(X, y)
        _, counts = np.unique(X, axis=0, return_counts=True)
        self.weight_ = 1 // int(counts.max() < 50)


class NamesNobody(Mahalanobis):
    def _fit(self, X, y):
        if not np.ptp(X, axis=0).any() and X.any():
            raise InputError("all rows are the same")
        super()._fit(X, y)


class TripsOverZeros(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.first_ = np.flatnonzero(X)[0]


class _Wordy(Mahalanobis):
    rows = 0

    def _fit(self, X, y):
        if len(X) == self.rows:
            raise InputError(f"{self.name} wants more rows\nthan {len(X)}")
        super()._fit(X, y)


class WordyAboutTwo(_Wordy):
    rows = 2


class WordyAboutThree(_Wordy):
    rows = 3


class WordyAboutFive(_Wordy):
    rows = 5


class WantsTwoColumns(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        if X.shape[1] < 2:
            raise InputError(f"{self.name} needs 2 columns")


class NaNForOneColumn(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X) * (np.nan if X.shape[1] == 1 else 1)


class FlagsNothingWhenWide(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        if X.shape[1] > len(X):
            self._decision_threshold = np.inf
        return self


class LooksAtTheLastColumn(Mahalanobis):
    def _score(self, X):
        return np.abs(X[:, -1] - self.mean_[-1])


class Saturates(BaseDetector):
    def _fit(self, X, y):
        self.mean_ = X.mean(axis=0)

    def _score(self, X):
        return np.tanh(np.linalg.norm(X - self.mean_, axis=1) / 20)


class Rounds(Saturates):
    def _score(self, X):
        return np.linalg.norm(X - self.mean_, axis=1).round(3)


class ExpandsTheSquare(Saturates):
    def _score(self, X):
        return np.sum(X**2, axis=1) - 2 * X @ self.mean_ + np.sum(self.mean_**2)


class NaNAfterFit(NormalMahalanobis):
    """Learns from labels, and forgets what for."""

    def score_samples(self, X):
        return np.full(len(super().score_samples(X)), np.nan)


class NaNForZeros(NormalMahalanobis):
    def score_samples(self, X):
        scores = super().score_samples(X)
        return scores if X.any() or self.mean_.any() else scores + np.nan


SUPERVISED = {
    "learning": "supervised",
    "capabilities": ("novelty", "multivariate", "deterministic", "serializable", "supervised"),
}

BROKEN = [
    *(
        Broken(
            check=check,
            spec=detector(NaNAfterFit, **SUPERVISED),
            message=rf"expected finite scores and threshold when {when}, got \[nan\]$",
        )
        for check, when in (
            ("repeated_rows", "every row occurs 5 times"),
            ("repeated_row", "one row occurs 51 times"),
            ("equal_rows", "all rows are the same"),
            ("few_rows", "there are 3 rows"),
            ("more_columns_than_rows", "there are 20 rows of 60 columns"),
        )
    ),
    Broken(
        check="equal_rows",
        spec=detector(NaNForZeros, **SUPERVISED),
        message=r"expected finite scores and threshold when everything is 0, got \[nan\]$",
    ),
    Broken(
        check="repeated_rows",
        spec=detector(NaNForDuplicates),
        message="error that says why there are none, when every row occurs 5 times, got Invalid",
    ),
    Broken(
        check="repeated_row",
        spec=detector(DividesByADistance),
        message="when one row occurs 51 times, got FitError: .* ZeroDivisionError",
    ),
    Broken(
        check="equal_rows",
        spec=detector(NamesNobody),
        message="an error that names 'namesnobody' when all rows are the same, got InputError: all",
    ),
    Broken(
        check="equal_rows",
        spec=detector(TripsOverZeros),
        message="when everything is 0, got FitError: .* IndexError",
    ),
    *(
        Broken(
            check="few_rows",
            spec=detector(stub),
            message=f"an error of one line when there are {stub.rows} rows, got '.*rows.nthan",
        )
        for stub in (WordyAboutTwo, WordyAboutThree, WordyAboutFive)
    ),
    Broken(
        check="one_column_is_enough",
        spec=detector(WantsTwoColumns),
        message="expected no error, got InputError: wantstwocolumns needs 2 columns",
    ),
    Broken(
        check="one_column_is_enough",
        spec=detector(NaNForOneColumn),
        message="expected only finite scores with one column, got 0 of 158",
    ),
    Broken(
        check="more_columns_than_rows",
        spec=detector(FlagsNothingWhenWide),
        message=r"finite scores and threshold when there are 20 rows of 60 columns, got \[inf\]",
    ),
    Broken(
        check="constant_column",
        spec=detector(LooksAtTheLastColumn),
        message="a ROC AUC of at least 0.9.* with a constant column, as it is .* without, got 0.500",
    ),
    Broken(
        check="large_unit",
        spec=detector(Saturates),
        message="a ROC AUC of at least 0.950 with all numbers times 1e9, .*, got 0.500",
    ),
    Broken(
        check="small_unit",
        spec=detector(Rounds),
        message="a ROC AUC of at least 0.950 with all numbers times 1e-9, .*, got 0.500",
    ),
    Broken(
        check="large_offset",
        spec=detector(ExpandsTheSquare),
        message="a ROC AUC of at least 0.950 with 1e9 added, as it is 1.000 without, got 0",
    ),
]
