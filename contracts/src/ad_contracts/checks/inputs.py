"""The same numbers in another form give the same scores, and nothing is done to them."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.checks.fit import ARRAYS, repeatable
from ad_contracts.expect import NotHere, expect, expect_same

__all__ = [
    "array_layouts",
    "fit_keeps_no_alias",
    "input_is_not_changed",
    "nested_lists",
    "number_types",
    "pandas_frames",
    "polars_frames",
]


def _copies(sample: Sample) -> dict[str, NDArray[Any]]:
    """Return writable arrays to give to a detector."""
    return {
        "X of fit": np.array(sample.X_train),
        "y of fit": np.array(sample.y_train),
        "X of score_samples": np.array(sample.X_test),
    }


def _form(array: NDArray[Any]) -> str:
    """Return everything but the values."""
    writable = "writable" if array.flags.writeable else "read-only"
    return f"{array.dtype}, shape {array.shape}, strides {array.strides}, {writable}"


@check(data=ARRAYS)
def input_is_not_changed(subject: DetectorSubject, sample: Sample) -> None:
    """Neither `fit` nor `score_samples` changes the arrays it is given, or their flags."""
    given, kept = _copies(sample), _copies(sample)
    detector = subject.make().fit(given["X of fit"], given["y of fit"])
    detector.score_samples(given["X of score_samples"])
    for name, array in given.items():
        got = _form(array)
        expect(got == _form(kept[name]), f"{name} to stay {_form(kept[name])}", got)
        expect_same(array, kept[name], f"{name}, after the call,", "what it was before")


@check(data=ARRAYS, when=repeatable)
def fit_keeps_no_alias(subject: DetectorSubject, sample: Sample) -> None:
    """Changing the training data after the fit does not change the scores."""
    given = _copies(sample)
    detector = subject.make().fit(given["X of fit"], given["y of fit"])
    given["X of fit"][:] = -3 * given["X of fit"][::-1] - 7
    given["y of fit"][:] = 1 - given["y of fit"]
    expect_same(
        detector.score_samples(sample.X_test),
        subject.fitted(sample).score_samples(sample.X_test),
        "the scores after the caller changed the training data",
        "those of a detector whose data nobody changed",
    )


def _strided(array: NDArray[Any]) -> NDArray[Any]:
    """Return the same numbers as a view of every second row and column, backwards."""
    held = np.zeros([2 * size for size in array.shape], dtype=array.dtype)
    view = held[tuple(slice(None, None, -2) for _ in array.shape)]
    view[:] = array
    return view


_LAYOUTS: Mapping[str, Callable[[Any], NDArray[Any]]] = {
    "a writable array": np.array,
    "an array in Fortran order": np.asfortranarray,
    "a strided view": _strided,
}


@check(data=ARRAYS, when=repeatable)
def array_layouts(subject: DetectorSubject, sample: Sample) -> None:
    """Arrays that are writable, in Fortran order or strided give the scores of a read-only one."""
    for name, form in _LAYOUTS.items():
        detector = subject.make().fit(form(sample.X_train), sample.y_train)
        expect_same(
            detector.score_samples(form(sample.X_test)),
            subject.fitted(sample).score_samples(sample.X_test),
            f"the scores of {name}",
            "those of the same numbers in a read-only, C-ordered array",
        )


def _whole(X: Any) -> NDArray[np.float64]:
    """Round a tenfold to whole numbers, which float32 and integers hold exactly."""
    return np.rint(10 * np.asarray(X, dtype=np.float64))


@check(data=ARRAYS, when=repeatable)
def number_types(subject: DetectorSubject, sample: Sample) -> None:
    """Whole numbers as float32 or integers give the scores that they give as float64."""
    X, T, y = _whole(sample.X_train), _whole(sample.X_test), sample.y_train
    usual = subject.make().fit(X, y).score_samples(T)
    for kind in (np.float32, np.int64):
        scores = subject.make().fit(X.astype(kind), y).score_samples(T.astype(kind))
        like = "those of the same numbers as float64"
        expect_same(scores, usual, f"the scores of {np.dtype(kind)}", like)


def _same_as_arrays(subject: DetectorSubject, sample: Sample, train: Any, test: Any) -> None:
    """Require the scores of other containers of the same numbers to be those of arrays."""
    expect_same(
        subject.make().fit(train, sample.y_train).score_samples(test),
        subject.fitted(sample).score_samples(sample.X_test),
        f"the scores of a {type(train).__module__.partition('.')[0]} {type(train).__name__}",
        "those of the same numbers in an array",
    )


def _columns(X: Any) -> Mapping[str, NDArray[np.float64]]:
    return {f"c{index}": column for index, column in enumerate(np.asarray(X).T)}


@check(data=ARRAYS, when=repeatable)
def nested_lists(subject: DetectorSubject, sample: Sample) -> None:
    """A nested list gives the scores of an array."""
    train, test = (np.asarray(X).tolist() for X in (sample.X_train, sample.X_test))
    _same_as_arrays(subject, sample, train, test)


@check(data=ARRAYS, when=repeatable)
def polars_frames(subject: DetectorSubject, sample: Sample) -> None:
    """A polars frame gives the scores of an array."""
    train, test = (pl.DataFrame(_columns(X)) for X in (sample.X_train, sample.X_test))
    _same_as_arrays(subject, sample, train, test)


@check(data=ARRAYS, when=repeatable)
def pandas_frames(subject: DetectorSubject, sample: Sample) -> None:
    """A pandas frame gives the scores of an array, and is not changed."""
    if find_spec("pandas") is None:
        raise NotHere("pandas is not installed")
    import pandas as pd

    train, test = (pd.DataFrame(_columns(X)) for X in (sample.X_train, sample.X_test))
    kept = train.copy(), test.copy()
    _same_as_arrays(subject, sample, train, test)
    for now, before in zip((train, test), kept, strict=True):
        got = f"columns {[*now.columns]}, or other values in them"
        expect(now.equals(before), "fit and score_samples to leave a frame as it was", got)
