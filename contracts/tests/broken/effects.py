"""Detectors that leave traces: in generators, settings, folders and streams."""

import logging
import os
import random
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import threadpoolctl
from reference import Mahalanobis

from broken import Broken, detector
from broken.fit import SEEDED, Seeded


class SeedsAtBuild(Mahalanobis):
    def __init__(self, shrinkage: float = 1e-6):
        super().__init__(shrinkage)
        random.seed(0)


class SeedsInFit(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        np.random.seed(0)  # noqa: NPY002 - what must not be done


class DrawsInScore(Mahalanobis):
    def _score(self, X):
        shift = np.random.uniform(0, 1e-9)  # noqa: NPY002 - what must not be done
        return super()._score(X) + shift


class SeedsTorch(Mahalanobis):
    def _fit(self, X, y):
        import torch

        super()._fit(X, y)
        torch.manual_seed(0)


class DrawsFromTorch(Mahalanobis):
    def _fit(self, X, y):
        import torch

        super()._fit(X, y)
        torch.rand(3)


class DrawsUnseeded(Seeded):
    def _fit(self, X, y):
        super()._fit(X, y)
        generator = np.random if self.random_state is None else np.random.RandomState(0)
        self.mean_ = self.mean_ + generator.normal()


class WarnsAtBuild(Mahalanobis):
    def __init__(self, shrinkage: float = 1e-6):
        super().__init__(shrinkage)
        warnings.warn("built", FutureWarning, stacklevel=2)


class WarnsInFit(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        warnings.warn("fitted", UserWarning, stacklevel=2)


class DividesInScore(Mahalanobis):
    def _score(self, X):
        ratio = np.zeros(1) / 0
        return np.nan_to_num(super()._score(X) * ratio)


class WarnsOfEqualRows(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        if not np.ptp(X, axis=0).any():
            warnings.warn("no spread", RuntimeWarning, stacklevel=2)


class SilencesWarnings(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        warnings.simplefilter("ignore")


class TakesWarningsOver(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        warnings.showwarning = print


class SilencesNumpy(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        np.seterr(all="ignore")


class LimitsThreads(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        threadpoolctl.threadpool_limits(limits=1, user_api="blas")


class Prints(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        sys.stdout.write("epoch 1\n")


class PrintsErrors(Mahalanobis):
    def _score(self, X):
        sys.stderr.write("scoring\n")
        return super()._score(X)


class ChangesFolder(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        os.chdir(tempfile.gettempdir())


class WritesAFile(Mahalanobis):
    def _score(self, X):
        Path("scores.txt").write_text("1")
        return super()._score(X)


class SetsAVariable(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        os.environ["AD_STUB_THREADS"] = "1"


class ConfiguresLogging(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        logging.basicConfig()


class LowersTheLevel(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        logging.getLogger().setLevel(logging.DEBUG)


class SwitchesLoggingOff(Mahalanobis):
    def _fit(self, X, y):
        super()._fit(X, y)
        logging.disable(logging.INFO)


BROKEN = [
    Broken(
        check="global_generators",
        spec=detector(SeedsAtBuild),
        message="no global generator to be used or seeded, got another state of Python's$",
    ),
    Broken(
        check="global_generators",
        spec=detector(SeedsInFit),
        message="no global generator to be used or seeded, got another state of numpy's$",
    ),
    Broken(
        check="global_generators",
        spec=detector(DrawsInScore),
        message="no global generator to be used or seeded, got another state of numpy's$",
    ),
    Broken(
        check="global_generators_without_seed",
        spec=detector(DrawsUnseeded, capabilities=SEEDED),
        message="seeded with random_state=None, got another state of numpy's$",
    ),
    Broken(
        check="no_warnings",
        spec=detector(WarnsAtBuild),
        message="expected no warnings, got FutureWarning: built",
    ),
    Broken(
        check="no_warnings",
        spec=detector(WarnsInFit),
        message="expected no warnings, got UserWarning: fitted",
    ),
    Broken(
        check="no_warnings",
        spec=detector(DividesInScore),
        message="expected no warnings, got RuntimeWarning: invalid value",
    ),
    Broken(
        check="no_warnings_for_equal_rows",
        spec=detector(WarnsOfEqualRows),
        message="rows are all the same, got RuntimeWarning: no spread",
    ),
    Broken(
        check="warning_filters_are_kept",
        spec=detector(SilencesWarnings),
        message="expected the warning filters to stay .*, got .*'ignore'",
    ),
    Broken(
        check="warning_filters_are_kept",
        spec=detector(TakesWarningsOver),
        message="expected warnings.showwarning to stay the same, got <built-in function print>",
    ),
    Broken(
        check="numpy_error_state_is_kept",
        spec=detector(SilencesNumpy),
        message="to stay {'divide': 'warn'.*}, got {'divide': 'ignore'",
    ),
    Broken(
        check="thread_limits_are_kept",
        spec=detector(LimitsThreads),
        message="expected .* to keep its 3 threads, got 1",
    ),
    Broken(
        check="nothing_is_printed",
        spec=detector(Prints),
        message=r"expected nothing on the standard output, got 'epoch 1\\n'",
    ),
    Broken(
        check="nothing_is_printed",
        spec=detector(PrintsErrors),
        message=r"expected nothing on the standard error output, got 'scoring\\n",
    ),
    Broken(
        check="working_folder_is_kept",
        spec=detector(ChangesFolder),
        message="expected the working folder to stay .*, got /",
    ),
    Broken(
        check="no_file_is_written",
        spec=detector(WritesAFile),
        message=r"expected no file in the working folder, got \['scores.txt'\]",
    ),
    Broken(
        check="environment_is_kept",
        spec=detector(SetsAVariable),
        message="expected no environment variable to be changed, got AD_STUB_THREADS",
    ),
    Broken(
        check="logging_is_kept",
        spec=detector(ConfiguresLogging),
        message="expected no handler to be added to the root logger, got .*StreamHandler",
    ),
    Broken(
        check="logging_is_kept",
        spec=detector(LowersTheLevel),
        message="expected the root logger's level to stay 39, got 10",
    ),
    Broken(
        check="logging_is_kept",
        spec=detector(SwitchesLoggingOff),
        message="expected logging.disable not to be called, got level 20 switched off",
    ),
]

if find_spec("torch") is not None:
    BROKEN += [
        Broken(
            check="global_generators",
            spec=detector(stub),
            message="no global generator to be used or seeded, got another state of torch's$",
        )
        for stub in (SeedsTorch, DrawsFromTorch)
    ]
