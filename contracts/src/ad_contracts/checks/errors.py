"""Bad input gets the right error, with a message that names it."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from attrs import evolve
from numpy.typing import NDArray
from scipy import sparse

from ad_contracts import DetectorSubject, Sample, check
from ad_contracts.expect import expect, expect_error, expect_same, violation
from ad_core.errors import AdError, InputError, NotFittedError
from ad_core.spec import Capability, DataKind

__all__ = [
    "columns_in_another_order_are_put_right",
    "empty_data_are_refused",
    "few_rows_are_enough_or_refused",
    "infinity_is_refused",
    "not_fitted_is_not_saved",
    "not_fitted_is_said",
    "one_dimension_is_refused",
    "other_columns_are_refused",
    "other_shapes_are_refused",
    "other_widths_are_refused",
    "sparse_and_masked_are_refused",
    "undeclared_nan_is_refused",
    "what_is_no_number_is_refused",
    "wrong_labels_are_refused",
]

ARRAYS = frozenset({DataKind.TABULAR, DataKind.TIMESERIES})
"""Kinds of data that come as an array of two dimensions."""

_ATTRIBUTES = ("decision_threshold", "threshold_provenance", "n_features_in_", "feature_names_in_")


@check()
def not_fitted_is_said(subject: DetectorSubject, sample: Sample) -> None:
    """Before `fit`, every method and fitted attribute raises NotFittedError that names `fit`."""
    detector, X = subject.make(), sample.X_test
    calls = {name: partial(getattr, detector, name) for name in _ATTRIBUTES} | {
        "setting decision_threshold": partial(setattr, detector, "decision_threshold", 0.0),
        "score_samples": partial(detector.score_samples, X),
        "decision_function": partial(detector.decision_function, X),
        "predict": partial(detector.predict, X),
        "predict with a threshold": partial(detector.predict, X, threshold=0.0),
    }
    for use, call in calls.items():
        words = (subject.name, "fit(")
        expect_error(NotFittedError, call, when=f"{use} comes before fit", naming=words)
    expect(not detector.is_fitted, "is_fitted to be False before fit", "True")


@check(needs={Capability.SERIALIZABLE})
def not_fitted_is_not_saved(subject: DetectorSubject) -> None:
    """Before `fit`, `save` raises NotFittedError and writes nothing."""
    with TemporaryDirectory() as folder:
        expect_error(
            NotFittedError,
            lambda: subject.make().save(Path(folder) / "saved"),
            when="save comes before fit",
            naming=(subject.name, "fit("),
        )
        expect(not [*Path(folder).iterdir()], "no file when save is refused", "one")


@check(data=ARRAYS)
def other_widths_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Scoring a column more or fewer than were fitted is an InputError with both numbers."""
    detector, X = subject.fitted(sample), grid(sample.X_test)
    n = X.shape[1]
    for other in (np.column_stack([X, X[:, 0]]), X[:, 1:]):
        expect_error(
            InputError,
            partial(detector.score_samples, other),
            when=f"X has {other.shape[1]} columns, not {n}",
            naming=(subject.name, str(n), str(other.shape[1])),
        )


@check(data=ARRAYS)
def other_columns_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Scoring a frame with another column is an InputError that names the new and the old one."""
    detector, frame = subject.fitted(framed(sample)), framed(sample).X_test
    last = frame.columns[-1]
    expect_error(
        InputError,
        lambda: detector.score_samples(frame.rename({last: "stranger"})),
        when=f"the column {last!r} is called 'stranger'",
        naming=(subject.name, "stranger", last),
    )


@check(data=ARRAYS)
def columns_in_another_order_are_put_right(subject: DetectorSubject, sample: Sample) -> None:
    """Column names are kept, and a frame with its columns in another order has the same scores."""
    detector, frame = subject.fitted(framed(sample)), framed(sample).X_test
    names = [str(name) for name in detector.feature_names_in_]
    expect(names == frame.columns, f"feature_names_in_ to be {frame.columns}", names)
    expect_same(
        detector.score_samples(frame[frame.columns[::-1]]),
        detector.score_samples(frame),
        "the scores of a frame with its columns in another order",
        "those of the frame",
    )


@check(data=ARRAYS, unless={Capability.MISSING_VALUES})
def undeclared_nan_is_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A NaN or None is an InputError that says where, unless missing values are declared."""
    X = spoiled(sample, np.nan)
    where = ("NaN", "row 3", f"column {X.shape[1] - 1}")
    expect_refused(subject, sample, X, "a NaN", naming=where)
    cells = X.astype(object)
    cells[3, -1] = None
    expect_refused(subject, sample, cells.tolist(), "a None", naming=where)


@check(data=ARRAYS)
def infinity_is_refused(subject: DetectorSubject, sample: Sample) -> None:
    """An infinite value is an InputError that says in which row and column."""
    for value in (np.inf, -np.inf):
        X = spoiled(sample, value)
        where = ("infinity", "row 3", f"column {X.shape[1] - 1}")
        expect_refused(subject, sample, X, f"the value {value}", naming=where)
        frame = named(X)
        where = ("infinity", "row 3", f"column {frame.columns[-1]!r}")
        expect_refused(subject, framed(sample), frame, f"{value} in a frame", naming=where)


@check(data=ARRAYS)
def empty_data_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Data without rows or without columns are an InputError, in fit and in scoring."""
    X = grid(sample.X_train)
    expect_refused(subject, sample, X[:0], "0 rows", naming=("row",))
    expect_refused(subject, sample, named(X)[:0], "a frame with 0 rows", naming=("row",))
    expect_refused(subject, sample, X[:, :0], "0 columns", naming=("column",))
    expect_refused(subject, sample, [], "an empty list")
    expect_refused(subject, sample, None, "None")


@check(data=ARRAYS)
def what_is_no_number_is_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Text, dates, complex numbers and other objects are an InputError that says where."""
    X = grid(sample.X_train)
    last = X.shape[1] - 1
    values: tuple[object, ...] = ("many", "7", b"7", {})
    for value in values:
        cells = X.astype(object)
        cells[2, last] = value
        where = ("row 2", f"column {last}")
        expect_refused(subject, sample, cells, f"{value!r} in an array", naming=where)
        expect_refused(subject, sample, cells.tolist(), f"{value!r} in a list", naming=where)
    for kind in ("U8", "S8", "datetime64[s]", "timedelta64[s]", "complex128"):
        expect_refused(subject, sample, X.astype("i8").astype(kind), f"an array of {kind}")
    frame = named(X)
    texts = frame.with_columns(pl.lit("many").alias(frame.columns[-1]))
    expect_refused(subject, framed(sample), texts, "text in a frame", naming=(texts.columns[-1],))


@check(data=ARRAYS)
def other_shapes_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A number, an array of three dimensions, and rows of different lengths are an InputError."""
    X = grid(sample.X_train)
    ragged = [*X.tolist(), [*X[0].tolist(), 1.0]]
    expect_refused(subject, sample, 5.0, "a number")
    expect_refused(subject, sample, X[:, :, None], "3 dimensions", naming=("3D",))
    expect_refused(subject, sample, ragged, "rows of different lengths")


@check(data={DataKind.TABULAR})
def one_dimension_is_refused(subject: DetectorSubject, sample: Sample) -> None:
    """A single row without its second dimension is an InputError that says how to reshape it."""
    row = grid(sample.X_train)[0]
    expect_refused(subject, sample, row, "1 dimension", naming=("1D", "reshape"))


@check(data=ARRAYS)
def sparse_and_masked_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Sparse matrices and masked arrays are an InputError, never silently densified."""
    X = grid(sample.X_train)
    masked = np.ma.masked_greater(X, X.mean())
    expect_refused(subject, sample, masked, "a masked array", naming=("masked",))
    for make in (sparse.csr_matrix, sparse.coo_array):
        expect_refused(subject, sample, make(X), f"a {make.__name__}", naming=("sparse",))


@check(data=ARRAYS)
def few_rows_are_enough_or_refused(subject: DetectorSubject, sample: Sample) -> None:
    """One, two or three rows give finite scores, or an InputError that says how many are needed."""
    rows = [*np.flatnonzero(sample.y_train == 0)[:2], np.argmax(sample.y_train)]
    X, y = grid(sample.X_train)[rows], sample.y_train[rows]
    for n in (1, 2, 3):
        try:
            subject.make().fit(X[-n:], y[-n:]).score_samples(sample.X_test)
        except InputError as error:
            text = str(error)
            clear = subject.name in text and "\n" not in text
            expect(clear, f"one line that names {subject.name!r}", repr(text))
        except AdError as error:
            wanted = f"finite scores or an InputError when fit gets {n} rows"
            raise violation(wanted, f"{type(error).__name__}: {error}") from error


@check(needs={Capability.SUPERVISED})
def wrong_labels_are_refused(subject: DetectorSubject, sample: Sample) -> None:
    """Labels that are absent, too few, not 0 and 1, or of one class only are an InputError."""
    y = sample.y_train
    wrong: dict[str, Any] = {
        "no labels": None,
        "one label too few": y[:-1],
        "a column of labels": y[:, None],
        "the labels -1 and 1": 2 * y - 1,
        "labels in words": np.where(y == 1, "bad", "good"),
        "a NaN among the labels": np.where(y == 1, np.nan, 0.0),
        "normal rows only": 0 * y,
        "anomalies only": 0 * y + 1,
    }
    for what, labels in wrong.items():
        expect_error(
            InputError,
            partial(subject.make().fit, sample.X_train, labels),
            when=f"fit gets {what}",
            naming=(subject.name,),
        )


def expect_refused(
    subject: DetectorSubject, sample: Sample, X: Any, what: str, *, naming: tuple[str, ...] = ()
) -> None:
    """Require an InputError that names the detector and some words, from fit and from scoring."""
    detector = subject.fitted(sample)
    calls: dict[str, Callable[[], Any]] = {
        "fit": lambda: subject.make().fit(X, sample.y_train),
        "score_samples": lambda: detector.score_samples(X),
    }
    for use, call in calls.items():
        expect_error(InputError, call, when=f"{use} gets {what}", naming=(subject.name, *naming))


def grid(X: Any) -> NDArray[np.float64]:
    """Return a float64 copy of two dimensions."""
    values = np.array(X, dtype=np.float64)
    return values[:, None] if values.ndim == 1 else values


def spoiled(sample: Sample, value: float) -> NDArray[np.float64]:
    """Return the training data with `value` in row 3 of the last column."""
    X = grid(sample.X_train)
    X[3, -1] = value
    return X


def named(X: Any) -> pl.DataFrame:
    """Return a frame with the columns ``feature_0``, ``feature_1``, …."""
    values = grid(X)
    return pl.DataFrame(values, schema=[f"feature_{i}" for i in range(values.shape[1])])


@lru_cache(maxsize=8)
def framed(sample: Sample) -> Sample:
    """Return the same data in frames with named columns, the same object at each call."""
    return evolve(sample, X_train=named(sample.X_train), X_test=named(sample.X_test))
