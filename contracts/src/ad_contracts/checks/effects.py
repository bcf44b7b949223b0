"""Building, fitting and scoring leave no trace outside the detector."""

import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from unittest.mock import patch

import numpy as np
import threadpoolctl

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.checks.fit import ARRAYS
from ad_contracts.expect import expect
from ad_core.errors import AdError
from ad_core.spec import Capability

__all__ = [
    "environment_is_kept",
    "global_generators",
    "global_generators_without_seed",
    "logging_is_kept",
    "no_file_is_written",
    "no_warnings",
    "no_warnings_for_equal_rows",
    "nothing_is_printed",
    "numpy_error_state_is_kept",
    "thread_limits_are_kept",
    "warning_filters_are_kept",
    "working_folder_is_kept",
]

_ENVIRONMENT: Mapping[str, str] = MappingProxyType(dict(os.environ))
"""As it was before any detector was fitted."""


def _generators() -> dict[str, object]:
    """Return the states of the global generators."""
    found: dict[str, object] = {
        "Python's": random.getstate(),
        "numpy's": str(np.random.get_state()),  # noqa: NPY002 - its state is what is asked for
    }
    if "torch" in sys.modules:
        import torch

        found["torch's"] = torch.get_rng_state().numpy().tobytes()
    return found


def moved_generators(work: Callable[[], object]) -> str:
    """Return whose global generators another state has after some work; empty for none."""
    work()  # an import can touch a generator: only what comes after it counts
    # Work that sets a seed of its own would leave the state that it left before.
    random.random()  # noqa: S311 - no secret
    np.random.random()  # noqa: NPY002 - the global generator is meant
    if "torch" in sys.modules:
        import torch

        torch.rand(1)
    before = _generators()
    work()
    after = _generators()
    return " and ".join(whose for whose in before if after[whose] != before[whose])


@check()
def global_generators(subject: DetectorSubject, sample: Sample) -> None:
    """With a seed, the global generators of Python, numpy and torch are left alone."""
    moved = moved_generators(lambda: subject.fit(sample).score_samples(sample.X_test))
    expect(not moved, "no global generator to be used or seeded", f"another state of {moved}")


@check(needs={Capability.SEEDED})
def global_generators_without_seed(subject: DetectorSubject, sample: Sample) -> None:
    """Without a seed, the global generators of Python, numpy and torch are left alone."""
    moved = moved_generators(
        lambda: subject.fit(sample, random_state=None).score_samples(sample.X_test)
    )
    expected = "no global generator to be used or seeded with random_state=None"
    expect(not moved, expected, f"another state of {moved}")


def _first_warning(work: Callable[[], object]) -> str:
    """Return the first warning of some work; empty for none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        work()
    texts = [f"{one.category.__name__}: {one.message}" for one in caught]
    return texts[0] if texts else ""


@check()
def no_warnings(subject: DetectorSubject, sample: Sample) -> None:
    """Building, fitting and scoring give no warning."""
    got = _first_warning(lambda: subject.fit(sample).score_samples(sample.X_test))
    expect(not got, "no warnings", got)


@check(data=ARRAYS)
def no_warnings_for_equal_rows(subject: DetectorSubject, sample: Sample) -> None:
    """Rows that are all the same lead to scores or an error, not to a warning."""
    X = np.repeat(np.asarray(sample.X_train)[:1], len(sample.X_train), axis=0)

    def fit_and_score() -> None:
        with suppress(AdError):
            subject.make().fit(X, sample.y_train).score_samples(sample.X_test)

    got = _first_warning(fit_and_score)
    expect(not got, "no warnings from training data whose rows are all the same", got)


def _swallow(*_arguments: object, **_keywords: object) -> None:
    """Stand in for `warnings.showwarning`."""


@check()
def warning_filters_are_kept(subject: DetectorSubject, sample: Sample) -> None:
    """The filters of warnings and the function that shows them are as before."""
    subject.fitted(sample)
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.filterwarnings("once", message="a filter that nobody else sets")
        warnings.showwarning = _swallow
        before = list(warnings.filters)
        subject.fit(sample).score_samples(sample.X_test)
        after, shown = list(warnings.filters), warnings.showwarning
    expect(after == before, f"the warning filters to stay {before}", after)
    expect(shown is _swallow, "warnings.showwarning to stay the same", shown)


@check()
def numpy_error_state_is_kept(subject: DetectorSubject, sample: Sample) -> None:
    """What numpy does about overflow and division by zero is as before."""
    with np.errstate(divide="warn", over="ignore", under="warn", invalid="ignore"):
        before = np.geterr()
        subject.fit(sample).score_samples(sample.X_test)
        after = np.geterr()
    expect(after == before, f"numpy.geterr() to stay {before}", after)


def _blas_threads() -> dict[str, int]:
    """Return how many threads each BLAS library may use."""
    info = threadpoolctl.threadpool_info()
    return {one["filepath"]: one["num_threads"] for one in info if one["user_api"] == "blas"}


@check()
def thread_limits_are_kept(subject: DetectorSubject, sample: Sample) -> None:
    """Each BLAS library keeps the number of threads that it had."""
    subject.fitted(sample)
    with threadpoolctl.threadpool_limits(limits=3, user_api="blas"):
        before = _blas_threads()
        subject.fit(sample).score_samples(sample.X_test)
        after = _blas_threads()
    for library, n in before.items():
        expect(after[library] == n, f"{library} to keep its {n} threads", after[library])


@check()
def nothing_is_printed(subject: DetectorSubject, sample: Sample) -> None:
    """Nothing is printed to the standard output or the error output."""
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
        subject.fit(sample).score_samples(sample.X_test)
    for what, text in (("output", output.getvalue()), ("error output", errors.getvalue())):
        expect(not text, f"nothing on the standard {what}", repr(text[:200]))


@contextmanager
def _empty_folder() -> Iterator[Path]:
    """Work in a folder of its own."""
    with TemporaryDirectory() as name, chdir(name):
        yield Path(name).resolve()


@check()
def working_folder_is_kept(subject: DetectorSubject, sample: Sample) -> None:
    """The working folder is as before."""
    with _empty_folder() as folder:
        subject.fit(sample).score_samples(sample.X_test)
        after = Path.cwd()
    expect(after == folder, f"the working folder to stay {folder}", after)


@check()
def no_file_is_written(subject: DetectorSubject, sample: Sample) -> None:
    """No file is written into the working folder."""
    with _empty_folder() as folder:
        subject.fit(sample).score_samples(sample.X_test)
        written = sorted(path.name for path in folder.iterdir())
    expect(not written, "no file in the working folder", written)


@check()
def environment_is_kept(subject: DetectorSubject, sample: Sample) -> None:
    """The environment variables are as before."""
    subject.fitted(sample)
    with patch.dict(os.environ, _ENVIRONMENT, clear=True):
        subject.fit(sample).score_samples(sample.X_test)
        changed = sorted({name for name, _ in os.environ.items() ^ _ENVIRONMENT.items()})
    expect(not changed, "no environment variable to be changed", ", ".join(changed))


_LEVEL = logging.ERROR - 1  # one that nobody else sets


@contextmanager
def _bare_root_logger() -> Iterator[logging.Logger]:
    """Take the root logger's handlers away, and put them back afterwards."""
    root = logging.getLogger()
    level, handlers, off = root.level, root.handlers, root.manager.disable
    root.handlers, root.level, root.manager.disable = [], _LEVEL, logging.NOTSET
    try:
        yield root
    finally:
        root.handlers, root.manager.disable = handlers, off
        root.setLevel(level)  # it also drops what loggers remember of the level


@check()
def logging_is_kept(subject: DetectorSubject, sample: Sample) -> None:
    """The root logger's level and handlers are as before, and no logging is switched off."""
    with _bare_root_logger() as root:
        subject.fit(sample).score_samples(sample.X_test)
        level, handlers, off = root.level, list(root.handlers), root.manager.disable
    expect(level == _LEVEL, f"the root logger's level to stay {_LEVEL}", level)
    expect(not handlers, "no handler to be added to the root logger", handlers)
    expect(off == logging.NOTSET, "logging.disable not to be called", f"level {off} switched off")
