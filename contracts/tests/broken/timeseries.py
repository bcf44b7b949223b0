"""Series detectors that miss steps, lengths, channels or places."""

import numpy as np
from reference import NearestWindow

from ad_core.errors import InputError
from broken import Broken, detector


class OneScoreAWindow(NearestWindow):
    def score_samples(self, X):
        return super().score_samples(X)[self.window - 1 :]


class OneLabelAWindow(NearestWindow):
    def predict(self, X, *, threshold=None):
        return super().predict(X, threshold=threshold)[self.window - 1 :]


class LeavesEndsOpen(NearestWindow):
    def score_samples(self, X):
        scores = super().score_samples(X)
        scores[: self.window - 1] = np.nan
        return scores


class OneTrainingScoreAWindow(NearestWindow):
    def fit(self, X, y=None):
        super().fit(X, y)
        self.training_scores_ = self.training_scores_[self.window - 1 :]
        return self


class TakesOneLength(NearestWindow):
    def score_samples(self, X):
        scores = super().score_samples(X)
        return np.resize(scores, len(self.reference_) + self.window - 1)


class TurnsAList(NearestWindow):
    def score_samples(self, X):
        return super().score_samples(X[::-1] if isinstance(X, list) else X)


class CentresFlatArrays(NearestWindow):
    def fit(self, X, y=None):
        super().fit(X, y)
        self.center_ = self.center_ if np.ndim(X) == 2 else self.center_ + 0.5
        return self


class IgnoresFurtherChannels(NearestWindow):
    def score_samples(self, X):
        return super().score_samples(np.asarray(X)[:, : self.n_features_in_])


class DoesNotSayHowMany(NearestWindow):
    def score_samples(self, X):
        try:
            return super().score_samples(X)
        except InputError:
            raise InputError("other channels than in the fit") from None


class SaysTooShort(NearestWindow):
    def score_samples(self, X):
        if len(X) < self.window:
            raise InputError("the series is too short")
        return super().score_samples(X)


class RaisesIndexError(NearestWindow):
    def score_samples(self, X):
        if len(X) < self.window:
            raise IndexError("index out of bounds")
        return super().score_samples(X)


class PadsWithNaN(NearestWindow):
    def score_samples(self, X):
        return super().score_samples(X) if len(X) >= self.window else np.full(len(X), np.nan)


class FitsNothingShort(NearestWindow):
    def fit(self, X, y=None):
        if len(X) < self.window:
            raise ValueError("zero-size array")
        return super().fit(X, y)


class DividesByTheDeviation(NearestWindow):
    def fit(self, X, y=None):
        super().fit(X, y)
        self.scale_ = np.ptp(X, axis=0)
        return self

    def score_samples(self, X):
        if self.scale_.all():
            return super().score_samples(X)
        return np.full(len(X), np.nan)


class RefusesConstantsDarkly(NearestWindow):
    def fit(self, X, y=None):
        if (np.ptp(X, axis=0) == 0).any():
            raise InputError("X cannot be used")
        return super().fit(X, y)


class StopsAtConstants(NearestWindow):
    def fit(self, X, y=None):
        if (np.ptp(X, axis=0) == 0).any():
            raise ZeroDivisionError("float division by zero")
        return super().fit(X, y)


class AWindowLate(NearestWindow):
    def _score(self, X):
        return np.roll(super()._score(X), self.window)


class IgnoresTheEnd(NearestWindow):
    end = slice(-15, None)

    def score_samples(self, X):
        scores = super().score_samples(X)
        scores[self.end] = 0.0
        return scores


class IgnoresTheStart(IgnoresTheEnd):
    end = slice(15)


def series(kind, **fields):
    return detector(
        kind,
        data=("timeseries",),
        capabilities=(
            "novelty",
            "multivariate",
            "transductive",
            "deterministic",
            "serializable",
        ),
        **fields,
    )


def broken(check, kind, message, scenario=""):
    return Broken(check=check, spec=series(kind), message=message, scenario=scenario)


BROKEN = [
    broken(
        "each_step_is_scored",
        OneScoreAWindow,
        r"expected scores of shape \(450,\) for 450 steps, all finite, got shape \(431,\)",
    ),
    broken(
        "each_step_is_scored",
        LeavesEndsOpen,
        r"all finite, got 19 that are not, the first at step \[0\]",
    ),
    broken(
        "each_step_is_scored",
        OneTrainingScoreAWindow,
        r"expected training scores of shape \(450,\) for 450 steps, .* got shape \(431,\)",
    ),
    broken(
        "each_step_is_scored",
        OneLabelAWindow,
        r"expected labels of shape \(450,\) for 450 steps, got shape \(431,\)",
    ),
    broken(
        "series_of_any_length_is_scored",
        TakesOneLength,
        r"expected scores of shape \(150,\) for 150 steps, all finite, got shape \(450,\)",
    ),
    broken(
        "flat_array_is_one_channel",
        CentresFlatArrays,
        r"expected the scores of \(n,\) to equal those of \(n, 1\) bit for bit",
    ),
    broken(
        "flat_array_is_one_channel",
        TurnsAList,
        r"expected the scores of a list of numbers to equal those of \(n, 1\)",
    ),
    broken(
        "channels_are_counted",
        IgnoresFurtherChannels,
        "expected InputError when a series of 2 channels is scored after a fit on 1, got no error",
    ),
    broken(
        "channels_are_counted",
        DoesNotSayHowMany,
        "naming '2' and '1', got the message 'other channels than in the fit'",
    ),
    broken(
        "short_series_is_refused",
        SaysTooShort,
        "expected scores of 2 steps, or an InputError with 2 and the length needed, got the message"
        " 'the series is too short'",
    ),
    broken(
        "short_series_is_refused",
        RaisesIndexError,
        "or an InputError with 2 and the length needed, got IndexError: index out of bounds",
    ),
    broken(
        "short_series_is_refused",
        PadsWithNaN,
        r"expected scores of 2 steps to be finite, got \[.*nan",
    ),
    broken(
        "short_series_is_refused",
        FitsNothingShort,
        "expected scores after a fit on 3 steps, or an InputError with 3 and the length needed, got"
        " ValueError: zero-size array",
    ),
    broken(
        "constant_series_is_scored",
        DividesByTheDeviation,
        "expected finite scores after a fit on a constant series, .*, got .*nan",
    ),
    broken(
        "constant_series_is_scored",
        RefusesConstantsDarkly,
        "or an InputError that says 'constant', got the message 'X cannot be used'",
    ),
    broken(
        "constant_series_is_scored",
        StopsAtConstants,
        "or an InputError that says 'constant', got ZeroDivisionError: float division by zero",
    ),
    broken(
        "constant_channel_is_scored",
        DividesByTheDeviation,
        "all finite, got 450 that are not, the first at step",
        scenario="one_of_three_channels",
    ),
    broken(
        "peak_is_at_the_anomaly",
        AWindowLate,
        "expected the highest score within 5 steps of a planted anomaly, got step 311, 20 steps from",
        scenario="spikes",
    ),
    broken(
        "first_and_last_steps_count",
        IgnoresTheStart,
        r"values ten ranges higher in the first 10 steps to raise the highest score there, got [0-9.]+ after",
    ),
    broken(
        "first_and_last_steps_count",
        IgnoresTheEnd,
        r"values ten ranges higher in the last 10 steps to raise the highest score there, got [0-9.]+ after",
    ),
]
