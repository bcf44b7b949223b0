"""Detectors that take what they should refuse, or refuse it without a clear word."""

import numpy as np
import polars as pl
from reference import Mahalanobis

from ad_core.detector._inputs import Tabular
from ad_core.errors import InputError
from broken import Broken, detector

SUPERVISED = ("novelty", "multivariate", "deterministic", "serializable", "supervised")
BROKEN = []


def stub(check, name, message, *, fields=None, **attributes):
    """Add a stub: a class called `name`, with some attributes of its own."""
    kind = type(name, (Mahalanobis,), {"__module__": __name__, "__doc__": None, **attributes})
    globals()[name] = kind
    spec = detector(kind, **(fields or {}))
    BROKEN.append(Broken(check=check, spec=spec, message=message, scenario="blobs"))


# -- data ------------------------------------------------------------------------------------------


class Curing(Tabular):
    """Makes something acceptable of unacceptable data, in fit or in scoring."""

    def __init__(self, cure, use):
        self.cure, self.use = cure, use

    def read_training(self, X, whose, *, missing=False, private=True):
        X = self.cure(X) if self.use == "fit" else X
        return super().read_training(X, whose, missing=missing, private=private)

    def read(self, X, layout, whose, *, missing=False):
        X = self.cure(X) if self.use == "score_samples" else X
        return super().read(X, layout, whose, missing=missing)


class Vague(Tabular):
    """Refuses what is wrong, but does not say what."""

    def read_training(self, X, whose, *, missing=False, private=True):
        try:
            return super().read_training(X, whose, missing=missing, private=private)
        except InputError:
            raise InputError("the data cannot be used") from None

    def read(self, X, layout, whose, *, missing=False):
        try:
            return super().read(X, layout, whose, missing=missing)
        except InputError:
            raise InputError("the data cannot be used") from None


class Mumbling(Tabular):
    """Refuses what a cure would change, and says no more than its name."""

    def __init__(self, cure):
        self.cure = cure

    def read_training(self, X, whose, *, missing=False, private=True):
        try:
            return super().read_training(X, whose, missing=missing, private=private)
        except InputError:
            if self.cure(X) is X:
                raise
            raise InputError(f"{whose} cannot use the data") from None


def is_array(X, kinds="fiubcOUSMm"):
    return isinstance(X, np.ndarray) and X.dtype.kind in kinds


def cells(X, wrong, right=0.0):
    """Replace the cells that are of the class `wrong`."""
    return [[right if isinstance(value, wrong) else value for value in row] for row in X]


def text_to_numbers(X):
    return [[float(value) if value in ("7", b"7") else value for value in row] for row in X]


def where(condition, X):
    """Put 0 where an array of floats meets a condition."""
    return np.where(condition(X), 0.0, X) if is_array(X, "f") and X.ndim == 2 else X


def in_frame(X, change):
    return change(X) if isinstance(X, pl.DataFrame) else X


def of_kind(kind, change):
    return lambda X: change(X) if is_array(X, kind) else X


FULL = np.arange(40.0).reshape(10, 4) % 7

CURES = {
    ("undeclared_nan_is_refused", "a NaN"): lambda X: where(np.isnan, X),
    ("undeclared_nan_is_refused", "a None"): lambda X: (
        cells(X, type(None)) if isinstance(X, list) else X
    ),
    ("infinity_is_refused", "the value inf"): lambda X: where(np.isposinf, X),
    ("infinity_is_refused", "the value -inf"): lambda X: where(np.isneginf, X),
    ("infinity_is_refused", "inf in a frame"): lambda X: in_frame(
        X, lambda frame: pl.DataFrame(where(np.isposinf, frame.to_numpy()), schema=frame.columns)
    ),
    ("empty_data_are_refused", "0 rows"): lambda X: FULL if is_array(X) and len(X) == 0 else X,
    ("empty_data_are_refused", "a frame with 0 rows"): lambda X: in_frame(
        X, lambda frame: frame if len(frame) else FULL
    ),
    ("empty_data_are_refused", "0 columns"): lambda X: (
        FULL if is_array(X) and X.shape[1] == 0 else X
    ),
    ("empty_data_are_refused", "an empty list"): lambda X: (
        FULL if isinstance(X, list) and not X else X
    ),
    ("empty_data_are_refused", "None"): lambda X: FULL if X is None else X,
    ("what_is_no_number_is_refused", "'many' in an array"): of_kind("O", lambda X: cells(X, str)),
    ("what_is_no_number_is_refused", "'many' in a list"): lambda X: (
        cells(X, str) if isinstance(X, list) else X
    ),
    ("what_is_no_number_is_refused", "'7' in an array"): of_kind("O", text_to_numbers),
    ("what_is_no_number_is_refused", "b'7' in an array"): of_kind("O", lambda X: cells(X, bytes)),
    ("what_is_no_number_is_refused", "{} in an array"): of_kind("O", lambda X: cells(X, dict)),
    ("what_is_no_number_is_refused", "an array of U8"): of_kind("U", lambda X: X.astype(float)),
    ("what_is_no_number_is_refused", "an array of S8"): of_kind("S", lambda X: X.astype(float)),
    ("what_is_no_number_is_refused", r"an array of datetime64\[s\]"): of_kind(
        "M", lambda X: X.astype("i8")
    ),
    ("what_is_no_number_is_refused", r"an array of timedelta64\[s\]"): of_kind(
        "m", lambda X: X.astype("i8")
    ),
    ("what_is_no_number_is_refused", "an array of complex128"): of_kind("c", np.real),
    ("what_is_no_number_is_refused", "text in a frame"): lambda X: in_frame(
        X, lambda frame: frame.with_columns(pl.col(pl.String).str.len_chars())
    ),
    ("other_shapes_are_refused", "a number"): lambda X: FULL if isinstance(X, float) else X,
    ("other_shapes_are_refused", "3 dimensions"): lambda X: (
        X[:, :, 0] if is_array(X) and X.ndim == 3 else X
    ),
    ("other_shapes_are_refused", "rows of different lengths"): lambda X: (
        [row[:4] for row in X] if isinstance(X, list) else X
    ),
    ("one_dimension_is_refused", "1 dimension"): lambda X: (
        np.tile(X, (5, 1)) if np.ndim(X) == 1 else X
    ),
    ("sparse_and_masked_are_refused", "a masked array"): np.asarray,
    ("sparse_and_masked_are_refused", "a csr_matrix"): lambda X: (
        X.toarray() if getattr(X, "format", "") == "csr" else X
    ),
    ("sparse_and_masked_are_refused", "a coo_array"): lambda X: (
        X.toarray() if getattr(X, "format", "") == "coo" else X
    ),
}
for number, ((check, what), cure) in enumerate(CURES.items()):
    for use in ("fit", "score_samples"):
        stub(
            check,
            f"Cures{number}In_{use}",
            f"expected InputError when {use} gets {what}, got no error",
            input=Curing(cure, use),
        )
NAMED = {
    "undeclared_nan_is_refused": ("a NaN", "a None"),
    "infinity_is_refused": ("the value inf", "inf in a frame"),
    "empty_data_are_refused": ("0 rows", "a frame with 0 rows", "0 columns"),
    "what_is_no_number_is_refused": ("'many' in an array", "'many' in a list", "text in a frame"),
    "other_shapes_are_refused": ("3 dimensions",),
    "one_dimension_is_refused": ("1 dimension",),
    "sparse_and_masked_are_refused": ("a masked array", "a csr_matrix"),
}
for number, (check, what) in enumerate((one, what) for one in NAMED for what in NAMED[one]):
    stub(
        check,
        f"Mumbles{number}",
        f"expected InputError when fit gets {what}, naming .*, got the message '.* cannot use the",
        input=Mumbling(CURES[check, what]),
    )

WORDS = {
    "undeclared_nan_is_refused": "'NaN' and 'row 3' and 'column 3'",
    "infinity_is_refused": "'infinity' and 'row 3' and 'column 3'",
    "empty_data_are_refused": "'row'",
    "what_is_no_number_is_refused": "'row 2' and 'column 3'",
    "one_dimension_is_refused": "'1D' and 'reshape'",
    "sparse_and_masked_are_refused": "'masked'",
    "other_widths_are_refused": "'4' and '5'",
    "other_columns_are_refused": "'stranger' and 'feature_3'",
}
for check, words in WORDS.items():
    name = f"VagueAbout_{check}"
    stub(check, name, f"naming '{name.lower()}' and {words}, got the message", input=Vague())
stub(
    "other_shapes_are_refused",
    "VagueAboutShapes",
    "InputError when fit gets a number, naming 'vagueaboutshapes', got the message",
    input=Vague(),
)

for what, cure in {
    "X has 5 columns, not 4": lambda X: X[:, :4],
    "X has 3 columns, not 4": lambda X: np.c_[X, X[:, :1]] if X.shape[1] == 3 else X,
}.items():
    stub(
        "other_widths_are_refused",
        f"Cuts{what[6]}Columns",
        f"expected InputError when {what}, got no error",
        input=Curing(cure, "score_samples"),
    )
for check, message in {
    "other_columns_are_refused": "InputError when the column 'feature_3' is called 'stranger', got",
    "columns_in_another_order_are_put_right": "the scores of a frame with its columns in another",
}.items():
    stub(
        check,
        f"IgnoresNames_{check}",
        message,
        input=Curing(lambda X: in_frame(X, pl.DataFrame.to_numpy), "score_samples"),
    )
stub(
    "columns_in_another_order_are_put_right",
    "NumbersItsColumns",
    r"expected feature_names_in_ to be \['feature_0', .*, got \['0', '1', '2', '3'\]",
    feature_names_in_=property(lambda self: range(self.n_features_in_)),
)

# -- rows and labels -------------------------------------------------------------------------------


def fails_on(n):
    """Override `_fit`: it breaks on `n` rows."""

    def _fit(self, X, y):
        if len(X) == n:
            raise ValueError("the matrix\nis singular")
        Mahalanobis._fit(self, X, y)

    return _fit


def deviations_of_one(self, X, y):
    self.mean_ = X.mean(axis=0)
    self.precision_ = np.eye(X.shape[1]) if len(X) > 1 else np.full([X.shape[1]] * 2, np.nan)


for n in (2, 3):
    stub(
        "few_rows_are_enough_or_refused",
        f"FailsOn{n}Rows",
        f"expected finite scores or an InputError when fit gets {n} rows, got FitError: .*singular",
        _fit=fails_on(n),
    )


def refuses(text):
    """Override the check of the number of rows: what it says does not help."""

    def require(self, n, least):
        if n < 10:
            raise InputError(text)

    return require


for name, message, attributes in (
    (
        "FitsOneRow",
        "expected finite scores or an InputError when fit gets 1 rows, got InvalidScoresError",
        {"_min_rows": 1, "_fit": deviations_of_one},
    ),
    (
        "Sorry",
        "expected one line that names 'sorry', got 'too few rows'",
        {"_require_rows": refuses("too few rows")},
    ),
    (
        "TwoLines",
        r"expected one line that names 'twolines', got 'twolines:\\ntoo few rows'",
        {"_require_rows": refuses("twolines:\ntoo few rows")},
    ),
):
    stub("few_rows_are_enough_or_refused", name, message, **attributes)


def relabelled(cure):
    """Override `fit`: it makes something acceptable of the labels."""

    def fit(self, X, y=None):
        return Mahalanobis.fit(self, X, cure(y, len(X)))

    return fit


def some(y, n):
    return np.arange(n) % 2


LABELS = {
    "no labels": lambda y, n: some(y, n) if y is None else y,
    "one label too few": lambda y, n: some(y, n) if len(y) < n else y,
    "a column of labels": lambda y, n: np.ravel(y),
    "the labels -1 and 1": lambda y, n: some(y, n) if -1 in y else y,
    "labels in words": lambda y, n: some(y, n) if y.dtype.kind == "U" else y,
    "a NaN among the labels": lambda y, n: some(y, n) if np.isnan(y).any() else y,
    "normal rows only": lambda y, n: some(y, n) if y.dtype.kind == "i" and not y.any() else y,
    "anomalies only": lambda y, n: some(y, n) if np.all(y == 1) else y,
}


def forgiving(what):
    """Cure one fault of the labels, and let the others be refused."""

    def cure(y, n):
        if y is None and what != "no labels":
            return y
        try:
            return LABELS[what](y, n)
        except TypeError:  # words have no NaN
            return y

    return cure


for number, what in enumerate(LABELS):
    stub(
        "wrong_labels_are_refused",
        f"Relabels{number}",
        f"expected InputError when fit gets {what}, got no error",
        fields={"learning": "supervised", "capabilities": SUPERVISED},
        fit=relabelled(forgiving(what)),
        _needs_labels=True,
    )


def fit_vaguely(self, X, y=None):
    try:
        return Mahalanobis.fit(self, X, y)
    except InputError:
        raise InputError("the labels cannot be used") from None


stub(
    "wrong_labels_are_refused",
    "VagueAboutLabels",
    "when fit gets no labels, naming 'vagueaboutlabels', got the message 'the labels cannot be",
    fields={"learning": "supervised", "capabilities": SUPERVISED},
    fit=fit_vaguely,
    _needs_labels=True,
)
