"""Detectors that copies, pickles or files do not bring back as they were."""

import copy
import os
import zipfile
from pathlib import Path
from typing import ClassVar

import numpy as np
from reference import Mahalanobis

from ad_core.errors import SavedDetectorError
from broken import catching

BROKEN = []
caught = catching(BROKEN)


# -- copies ----------------------------------------------------------------------------------------


@caught("copies_score_alike", "the scores of copy.copy to equal its own bit for bit, got")
class RoundsInCopies(Mahalanobis):
    def __copy__(self):
        twin = copy.deepcopy(self)
        twin.mean_ = twin.mean_.astype(np.float32)
        return twin


@caught("copies_score_alike", "the scores of copy.deepcopy to equal its own bit for bit, got")
class RoundsInDeepCopies(Mahalanobis):
    def __deepcopy__(self, memo):
        twin = copy.copy(self)
        twin.mean_ = twin.mean_.astype(np.float32)
        return twin


class Pickled(Mahalanobis):
    """Changes in a pickle; `copy` goes another way.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    def __copy__(self):
        twin = type(self).__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def __deepcopy__(self, memo):
        twin = type(self).__new__(type(self))
        vars(twin).update(copy.deepcopy(vars(self), memo))
        return twin


@caught("copies_score_alike", "the scores of a pickle to equal its own bit for bit, got")
@caught("loaded_detectors_live_on", "the scores of a loaded one pickled to equal its own bit for")
class RoundsInPickles(Pickled):
    def __getstate__(self):
        return {**vars(self), "mean_": np.float32(self.mean_)} if self.is_fitted else vars(self)


@caught("copies_score_alike", "expected the threshold .* after a pickle, got")
class LosesItsThreshold(Pickled):
    def __getstate__(self):
        return {**vars(self), "_decision_threshold": 0.0}


@caught("copies_score_alike", "expected the threshold provenance .* after a pickle, got {}")
class LosesItsProvenance(Pickled):
    def __getstate__(self):
        return {**vars(self), "_provenance": {}}


@caught(
    "copies_score_alike", "expected the arguments {'shrinkage': 1e-06.* after a pickle, got .*2"
)
@caught(
    "unfitted_copies_fit_alike",
    r"expected losesitsarguments\(\) after a pickle, got losesitsarguments\(shrinkage=2.0\)",
)
class LosesItsArguments(Pickled):
    def __getstate__(self):
        return {**vars(self), "shrinkage": 2.0}


@caught("copies_score_alike", r"expected the n_features_in_ \d+ after a pickle, got 0")
class LosesItsWidth(Pickled):
    width = None

    @property
    def n_features_in_(self):
        return super().n_features_in_ if self.width is None else self.width

    def __getstate__(self):
        return {**vars(self), "width": 0}


@caught("copies_score_alike", "expected the class .*BecomesItsBase'> after a pickle, got .*Mahal")
class BecomesItsBase(Pickled):
    def __reduce__(self):
        return copy.copy, (as_base(self),)


def as_base(one):
    twin = Mahalanobis.__new__(Mahalanobis)
    vars(twin).update(vars(one))
    return twin


@caught("copies_score_alike", "expected no error, got TypeError: cannot pickle")
class HoldsAFunction(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        self.rows_ = (row for row in X)


@caught("unfitted_copies_fit_alike", "expected an unfitted detector after copy.copy, got a fitted")
class FitsInCopies(Mahalanobis):
    def __copy__(self):
        return copy.deepcopy(self).fit(np.eye(4))


@caught("unfitted_copies_fit_alike", "the scores of a fitted copy to equal the usual ones bit for")
class KeepsItsRidgeElsewhere(Mahalanobis):
    """Has a ridge that its constructor sets and a pickle drops."""

    ridge = 1.0

    def __init__(self, shrinkage: float = 1e-6) -> None:
        self.shrinkage = shrinkage
        self.ridge = 2.0

    def _forget(self):
        ridge = self.ridge
        super()._forget()
        self.ridge = ridge

    def _score(self, X):
        return self.ridge * super()._score(X)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "ridge"}


@caught("copies_are_independent", "the original after its copy's fit to equal those before bit for")
class SharesItsMean(Mahalanobis):
    def _fit(self, X, y):
        mean = vars(self).pop("kept_", None)
        super()._fit(X, y)
        if mean is not None:
            mean += 1
            self.mean_ = mean

    def _forget(self):
        mean = vars(self).get("mean_")
        super()._forget()
        self.kept_ = mean

    def __deepcopy__(self, memo):
        twin = type(self).__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def __copy__(self):
        twin = type(self).__new__(type(self))
        vars(twin).update(copy.deepcopy(vars(self)))
        return twin


LIMITS = {}


@caught("copies_are_independent", r"expected a threshold of .*, got -?[\d.]+$")
class SharesItsThreshold(Mahalanobis):
    @property
    def decision_threshold(self):
        return LIMITS.get("all", super().decision_threshold)

    @decision_threshold.setter
    def decision_threshold(self, value):
        LIMITS["all"] = value


# -- saving ----------------------------------------------------------------------------------------


@caught("saved_and_loaded_is_the_same", "the scores of a loaded detector to equal those of it bit")
@caught("loads_in_a_new_process", "that a new process loaded to equal those here bit for bit, got")
class SavesSinglePrecision(Mahalanobis):
    def _write_state(self):
        attributes, files = super()._write_state()
        return {**attributes, "mean_": np.float32(self.mean_)}, files


@caught("saved_and_loaded_is_the_same", "expected the arguments .* after save and load, got")
class ForgetsContamination(Mahalanobis):
    @classmethod
    def load(cls, path):
        return super().load(path).set_params(contamination=0.5)


@caught("saved_and_loaded_is_the_same", "expected the threshold .* after save and load, got")
@caught(
    "set_threshold_is_saved",
    r"expected the threshold and provenance .* after load, got \([\d.]+, \{.*manual",
)
class FindsItsThresholdAgain(Mahalanobis):
    @classmethod
    def load(cls, path):
        loaded = super().load(path)
        loaded._decision_threshold = float(np.quantile(loaded.training_scores_, 0.5))
        return loaded


@caught("saved_and_loaded_is_the_same", "expected the threshold provenance .* after save and load")
class SetsItsThreshold(Mahalanobis):
    @classmethod
    def load(cls, path):
        loaded = super().load(path)
        loaded.decision_threshold = loaded.decision_threshold
        return loaded


@caught(
    "set_threshold_is_saved", r"expected the threshold and provenance \(inf, .* after load, got"
)
class SavesFiniteThresholds(Mahalanobis):
    @classmethod
    def load(cls, path):
        loaded = super().load(path)
        if np.isinf(loaded.decision_threshold):
            loaded.decision_threshold = 1e308
        return loaded


@caught("loads_in_a_new_process", "those here bit for bit, got")
class KeepsItsScaleInTheProcess(Mahalanobis):
    """Keeps a part of what it learned beside the object."""

    scale: ClassVar = {}

    def _fit(self, X, y):
        super()._fit(X, y)
        self.scale["pid"] = os.getpid()

    def _score(self, X):
        return super()._score(X) * (self.scale.get("pid", 0) or 1)


@caught("column_names_are_saved", r"expected feature_names_in_ to be \[.*\] after load, got \['a'")
class RenamesItsColumns(Mahalanobis):
    @classmethod
    def load(cls, path):
        loaded = super().load(path)
        loaded._layout = type(loaded._layout)(loaded.n_features_in_, ("a", "b", "c", "d"))
        return loaded


@caught("column_names_are_saved", "scores of a frame in another order to equal those of the saved")
class TurnsItsColumns(Mahalanobis):
    @classmethod
    def load(cls, path):
        loaded = super().load(path)
        loaded.mean_ = loaded.mean_[::-1]
        return loaded


class Loaded(Mahalanobis):
    """Knows that it came from a file.

    Parameters
    ----------
    shrinkage
        As in `Mahalanobis`.
    """

    loaded = 0

    @classmethod
    def load(cls, path):
        detector = super().load(path)
        detector.loaded = detector.loaded + 1
        return detector


@caught("column_names_are_saved", "scores of a frame in another order to equal those of the saved")
class ForgetsWhatColumnsAreCalled(Loaded):
    def score_samples(self, X):
        return super().score_samples(np.asarray(X) if self.loaded else X)


@caught("loaded_detectors_live_on", "a loaded one saved and loaded again to equal its own bit for")
class AgesInFiles(Loaded):
    def _score(self, X):
        return super()._score(X) + (self.loaded > 1)


@caught("loaded_detectors_live_on", "the scores of a loaded one fitted again to equal its own bit")
class LearnsOnce(Loaded):
    def fit(self, X, y=None):
        return super().fit(X[::2] if self.loaded else X, y)


@caught("loaded_detectors_live_on", "the scores of a loaded one cloned and fitted to equal its own")
class ClonesBadly(Loaded):
    def clone(self):
        return super().clone().set_params(shrinkage=2.0)


@caught(
    "saving_again_replaces_the_file",
    r"expected only detector.ad in the folder, got \[.*'detector.ad~'\]",
)
class KeepsABackup(Mahalanobis):
    def save(self, path):
        Path(f"{path}~").write_bytes(path.read_bytes() if path.exists() else b"")
        super().save(path)


@caught("saving_again_replaces_the_file", "expected no error, got SavedDetectorError: .* exists")
class WritesOnce(Mahalanobis):
    def save(self, path):
        if path.exists():
            raise SavedDetectorError(f"{path} exists")
        super().save(path)


@caught("saving_again_replaces_the_file", "got SavedDetectorError: .* is no detector")
class ReplacesItsOwnFilesOnly(Mahalanobis):
    def save(self, path):
        if path.exists() and not zipfile.is_zipfile(path):
            raise SavedDetectorError(f"{path} is no detector")
        super().save(path)


@caught("saving_again_replaces_the_file", "the scores of the detector after save to equal those")
class ShrinksToSave(Mahalanobis):
    def save(self, path):
        super().save(path)
        self.mean_ *= 0


@caught("saving_again_replaces_the_file", "the scores of the second file to equal those before bit")
class SavesAChange(Mahalanobis):
    """Changes what is written, not what is there, from the second save on."""

    saves = 0

    def save(self, path):
        twin = copy.copy(self)
        twin.mean_ = self.mean_ + self.saves
        self.saves += 1
        Mahalanobis.save(twin, path)


@caught("failed_save_leaves_no_trace", "SavedDetectorError when save has no folder, got no error")
class MakesFolders(Mahalanobis):
    def save(self, path):
        path.parent.mkdir(exist_ok=True)
        super().save(path)


@caught("failed_save_leaves_no_trace", "SavedDetectorError when save has no folder, got FileNotF")
class RaisesWhatItGets(Mahalanobis):
    def save(self, path):
        path.write_bytes(b"")


@caught("failed_save_leaves_no_trace", "SavedDetectorError when save names a folder, got no error")
class SavesIntoTheFolder(Mahalanobis):
    def save(self, path):
        super().save(path / "detector.bin" if path.is_dir() else path)


@caught("failed_save_leaves_no_trace", "SavedDetectorError when save has no folder, naming '/")
class DoesNotSayWhere(Mahalanobis):
    def save(self, path):
        raise SavedDetectorError("cannot write")


@caught("failed_save_leaves_no_trace", "SavedDetectorError when save names a folder, naming '/")
class DoesNotSayWhichFolder(Mahalanobis):
    def save(self, path):
        if path.is_dir():
            raise SavedDetectorError("cannot write")
        super().save(path)


@caught("failed_save_leaves_no_trace", "NotFittedError when save comes early, got no error")
class SavesBeforeFit(Mahalanobis):
    def save(self, path):
        if self.is_fitted:
            super().save(path)


@caught("failed_save_leaves_no_trace", r"only detector.ad in the folder, got \['detector.ad', 'det")
class LeavesAPart(Mahalanobis):
    def save(self, path):
        path.with_suffix(".part").write_bytes(b"") if path.parent.is_dir() else None
        super().save(path)


@caught("failed_save_leaves_no_trace", "expected the file as it was before, got 0 bytes")
class EmptiesTheFileFirst(Mahalanobis):
    def save(self, path):
        if path.is_file():
            path.write_bytes(b"")
        super().save(path)
