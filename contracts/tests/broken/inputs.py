"""Detectors that change what they are given, or ask in what form it comes."""

import numpy as np
from reference import Mahalanobis

from broken import Broken, detector


class DoublesTrainingData(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        X *= 2
        return self


class TurnsLabels(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        y[:] = 1 - y
        return self


class DoublesTestData(Mahalanobis):
    def score_samples(self, X):
        scores = super().score_samples(X)
        X *= 2
        return scores


class LocksTrainingData(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        X.flags.writeable = False
        return self


class KeepsTrainingData(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        self._seen = X
        return self

    def score_samples(self, X):
        return super().score_samples(X) + self._seen[0, 0]


class KeepsLabels(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        self._seen = y
        return self

    def score_samples(self, X):
        return super().score_samples(X) + np.sum(self._seen)


class _Picky(Mahalanobis):
    """Adds 1 to the scores where `fit` is given what it dislikes."""

    def fit(self, X, y=None):
        super().fit(X, y)
        self.shift_ = float(self.dislikes(X))
        return self

    def score_samples(self, X):
        return super().score_samples(X) + self.shift_


class DislikesWritable(_Picky):
    def dislikes(self, X):
        return X.flags.writeable and X.flags.c_contiguous


class DislikesFortran(_Picky):
    def dislikes(self, X):
        return X.flags.f_contiguous


class DislikesStrides(_Picky):
    def dislikes(self, X):
        return not X.flags.f_contiguous and not X.flags.c_contiguous


class DislikesStridesLater(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X) + (not X.flags.c_contiguous)


class DislikesFloat32(_Picky):
    def dislikes(self, X):
        return X.dtype == np.float32


class DislikesIntegers(_Picky):
    def dislikes(self, X):
        return X.dtype == np.int64


class DislikesIntegersLater(Mahalanobis):
    def score_samples(self, X):
        return super().score_samples(X) + (X.dtype == np.int64)


class DislikesLists(_Picky):
    def dislikes(self, X):
        return isinstance(X, list)


class DislikesPolars(_Picky):
    def dislikes(self, X):
        return type(X).__module__.startswith("polars")


class DislikesPandas(_Picky):
    def dislikes(self, X):
        return type(X).__module__.startswith("pandas")


class AddsAColumnInFit(Mahalanobis):
    def fit(self, X, y=None):
        super().fit(X, y)
        if hasattr(X, "columns"):
            X["fitted"] = True
        return self


class AddsAColumnInScore(Mahalanobis):
    def score_samples(self, X):
        scores = super().score_samples(X)
        if hasattr(X, "columns"):
            X["score"] = scores
        return scores


BROKEN = [
    Broken(
        check="input_is_not_changed",
        spec=detector(DoublesTrainingData),
        message="expected X of fit, after the call, to equal what it was before",
    ),
    Broken(
        check="input_is_not_changed",
        spec=detector(TurnsLabels),
        message="expected y of fit, after the call, to equal what it was before",
    ),
    Broken(
        check="input_is_not_changed",
        spec=detector(DoublesTestData),
        message="expected X of score_samples, after the call, to equal what it was before",
    ),
    Broken(
        check="input_is_not_changed",
        spec=detector(LocksTrainingData),
        message="expected X of fit to stay float64, shape .*, writable, got float64.*, read-only",
    ),
    Broken(
        check="fit_keeps_no_alias",
        spec=detector(KeepsTrainingData),
        message="the scores after the caller changed the training data to equal those of",
    ),
    Broken(
        check="fit_keeps_no_alias",
        spec=detector(KeepsLabels),
        message="the scores after the caller changed the training data to equal those of",
    ),
    Broken(
        check="array_layouts",
        spec=detector(DislikesWritable),
        message="the scores of a writable array to equal those of the same numbers in a read-only",
    ),
    Broken(
        check="array_layouts",
        spec=detector(DislikesFortran),
        message="the scores of an array in Fortran order to equal",
    ),
    Broken(
        check="array_layouts",
        spec=detector(DislikesStrides),
        message="the scores of a strided view to equal",
    ),
    Broken(
        check="array_layouts",
        spec=detector(DislikesStridesLater),
        message="the scores of an array in Fortran order to equal",
    ),
    Broken(
        check="number_types",
        spec=detector(DislikesFloat32),
        message="the scores of float32 to equal those of the same numbers as float64",
    ),
    Broken(
        check="number_types",
        spec=detector(DislikesIntegers),
        message="the scores of int64 to equal those of the same numbers as float64",
    ),
    Broken(
        check="number_types",
        spec=detector(DislikesIntegersLater),
        message="the scores of int64 to equal those of the same numbers as float64",
    ),
    Broken(
        check="nested_lists",
        spec=detector(DislikesLists),
        message="the scores of a builtins list to equal those of the same numbers in an array",
    ),
    Broken(
        check="polars_frames",
        spec=detector(DislikesPolars),
        message="the scores of a polars DataFrame to equal those of the same numbers in an array",
    ),
    Broken(
        check="pandas_frames",
        spec=detector(DislikesPandas),
        message="the scores of a pandas DataFrame to equal those of the same numbers in an array",
    ),
    Broken(
        check="pandas_frames",
        spec=detector(AddsAColumnInFit),
        message="fit and score_samples to leave a frame as it was, got columns .*'fitted'",
    ),
    Broken(
        check="pandas_frames",
        spec=detector(AddsAColumnInScore),
        message="fit and score_samples to leave a frame as it was, got columns .*'score'",
    ),
]
