"""How data are read: what comes out, and the whole of what is said of bad ones."""

import datetime as dt
import decimal
from functools import partial

import numpy as np
import polars as pl
import pytest

from ad_core.detector import BaseDetector, Series, Tabular
from ad_core.detector._inputs import Layout, read_labels
from ad_core.errors import InputError

pd = pytest.importorskip("pandas", reason="pandas is not installed")

ROWS = np.arange(6.0).reshape(3, 2)
NAMED = Layout(2, ("a", "b"))
ACCEPTS = ", or use a detector that accepts them: ad list-detectors --capability missing_values"
WIDE = [f"c{number}" for number in range(10)]


def message(read, *arguments, **options):
    with pytest.raises(InputError) as caught:
        read(*arguments, **options)
    return str(caught.value)


def both(kind, X, width=2):
    """What is said of the same data in `fit` and afterwards."""
    trained = message(kind.read_training, X, "some", missing=False)
    assert message(kind.read, X, Layout(width, None), "some", missing=False) == trained
    return trained


def one_column_of(values, dtype):
    return pl.DataFrame({"a": [1.0], "b": pl.Series(values, dtype=dtype)})


BAD = [
    (None, "some: X is None; give rows of numbers"),
    ([[1, 2], [3]], "some: X is not a rectangular table of numbers: setting an array element"),
    (np.zeros((0, 2)), "some: X has no rows"),
    (ROWS.astype(complex), "some: Complex data not supported; split real and imaginary parts"),
    (
        ROWS.astype("datetime64[D]"),
        "some: dates and durations are not numbers; convert or drop them",
    ),
    (
        ROWS.astype("timedelta64[D]"),
        "some: dates and durations are not numbers; convert or drop them",
    ),
    (np.ma.masked_array(ROWS), "some: masked arrays are not supported; use X.filled(value)"),
    (
        [[1, 2], [3, "x"]],
        "some: row 1, column 1 holds 'x' (str), which is not a number; convert or drop it",
    ),
    (
        np.array([["1", "2"]]),
        "some: row 0, column 0 holds '1' (str), which is not a number; convert or drop it",
    ),
    (
        np.array([[1, b"y"]], dtype=object),
        "some: row 0, column 1 holds \"b'y'\" (str), which is not a number; convert or drop it",
    ),
    (
        np.array([[1, 2], [{}, 3]], dtype=object),
        "some: row 1, column 0 holds {} (dict), which is not a number; convert or drop it",
    ),
    (
        [[1.0, 2.0], [3.0, np.nan], [np.nan, np.nan]],
        "some: X contains NaN: row 1, column 1; 2 of 3 rows are affected; drop or impute such rows"
        + ACCEPTS,
    ),
    (
        [[1.0, 2.0], [-np.inf, 3.0]],
        (
            "some: X contains infinity: row 1, column 0; 1 of 2 rows are affected; "
            "drop or impute such rows"
        ),
    ),
    (
        lambda: pl.DataFrame({"a": [1.0, 2.0], "b": [1.0, None]}),
        (
            "some: X contains NaN: row 1, column 'b'; 1 of 2 rows are affected; drop or impute such "
            f"rows{ACCEPTS}"
        ),
    ),
    (
        lambda: pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]),
        "some: column 'a' occurs more than once; rename the columns",
    ),
    (
        lambda: pd.DataFrame([[1.0, 2.0, 3.0]], columns=["a", "b", "b"]),
        "some: column 'b' occurs more than once; rename the columns",
    ),
    (
        lambda: pd.DataFrame({"a": [1.0], "b": pd.Series(["t"], dtype=object)}),
        "some: row 0, column 'b' holds 't' (str), which is not a number; convert or drop it",
    ),
    (
        lambda: pd.DataFrame({"a": [1.0], "b": pd.Series(["t"], dtype="category")}),
        "some: column 'b' holds category, not numbers; drop or encode it",
    ),
    (
        lambda: pd.DataFrame({"a": [1.0], "b": pd.Series(["t"], dtype="string")}),
        "some: column 'b' holds string, not numbers; drop or encode it",
    ),
    *(
        (
            partial(one_column_of, values, dtype),
            f"some: column 'b' holds {shown}, not numbers; drop or encode it",
        )
        for values, dtype, shown in (
            ([dt.date(2020, 1, 1)], pl.Date, "Date"),
            ([dt.time(1)], pl.Time, "Time"),
            ([dt.timedelta(1)], pl.Duration("us"), "Duration(time_unit='us')"),
            (["t"], pl.String, "String"),
            (["t"], pl.Categorical, "Categorical"),
            (["t"], pl.Enum(["t"]), "Enum(categories=['t'])"),
            ([[1.0]], pl.List(pl.Float64), "List(Float64)"),
        )
    ),
]


@pytest.mark.parametrize(
    ("X", "said"), BAD, ids=[f"{n}-{said[6:40]}" for n, (_, said) in enumerate(BAD)]
)
@pytest.mark.parametrize("kind", [Tabular(), Series()], ids=["table", "series"])
def test_bad_data_are_said_alike_in_fit_and_afterwards(kind, X, said):
    if callable(X):
        X = X()
        assert message(kind.read_training, X, "some", missing=False).startswith(said)
        names = tuple(X.columns) if len(set(X.columns)) == X.shape[1] else None
        later = message(kind.read, X, Layout(X.shape[1], names), "some", missing=False)
        assert later.startswith(said)
    else:
        assert both(kind, X).startswith(said)


def test_the_shape_of_a_table_is_two_dimensional():
    advice = "use X.reshape(-1, 1) for one column or X.reshape(1, -1) for one row"
    for X, shape in (([1.0, 2.0], "1D of shape (2,)"), (5, "0D of shape ()")):
        said = f"some: expected a 2D array (rows, columns), got {shape}; {advice}"
        assert both(Tabular(), X) == said
    assert "got 3D of shape (1, 1, 1)" in both(Series(), np.zeros((1, 1, 1)))


def test_a_table_without_columns_is_refused():
    said = "some: X has no columns; at least 1 is needed"
    for kind in (Tabular(), Series()):
        assert message(kind.read_training, np.zeros((3, 0)), "some", missing=False) == said


@pytest.mark.parametrize("attribute", ["tocsr", "todense"])
def test_what_looks_sparse_is_refused(attribute):
    sparse = type("Sparse", (), {attribute: None, "__array__": lambda self, *_, **__: ROWS})()
    said = "some: sparse data are not supported; use X.toarray()"
    assert both(Tabular(), sparse) == said
    assert both(Series(), sparse) == said


def test_another_width_is_refused():
    said = "some: X has 2 columns, but it was fitted on 3"
    for kind in (Tabular(), Series()):
        assert message(kind.read, ROWS, Layout(3, None), "some", missing=False) == said


@pytest.mark.parametrize("kind", [Tabular(), Series()], ids=["table", "series"])
def test_missing_values_pass_where_they_are_accepted_and_infinity_never(kind):
    holes = np.array([[1.0, np.nan], [2.0, 3.0]])
    rows, layout = kind.read_training(holes, "some", missing=True)
    np.testing.assert_array_equal(rows, holes)
    np.testing.assert_array_equal(kind.read(holes, layout, "some", missing=True), holes)
    said = "some: X contains infinity: row 0, column 0; 1 of 2 rows are affected; drop or impute such rows"
    for read, arguments in ((kind.read_training, ()), (kind.read, (layout,))):
        holes[0, 0] = np.inf
        assert message(read, holes, *arguments, "some", missing=True) == said
        holes[0, 0] = 1.0


@pytest.mark.parametrize("kind", [Tabular(), Series()], ids=["table", "series"])
def test_missing_values_are_refused_unless_it_is_said_that_they_are_accepted(kind):
    holes = np.array([[1.0, np.nan]])
    assert "contains NaN" in message(kind.read_training, holes, "some")
    assert "contains NaN" in message(kind.read, holes, Layout(2, None), "some")


@pytest.mark.parametrize("n", [1, 4, 40, 4000])
def test_a_sum_that_overflows_is_no_infinity(n):
    rows = np.full((n, 2), 1.7e308)
    np.testing.assert_array_equal(Tabular().read_training(rows, "some", missing=False)[0], rows)


@pytest.mark.parametrize("n", [1, 4, 40, 4000])
@pytest.mark.parametrize("bad", [[np.nan], [np.inf], [-np.inf], [np.inf, -np.inf]])
def test_what_is_not_finite_is_found_among_however_many(bad, n):
    rows = np.zeros((n, 2))
    rows[-1, : len(bad)] = bad
    assert f"row {n - 1}, column 0" in message(Tabular().read_training, rows, "some")


@pytest.mark.parametrize(
    "X",
    [
        pytest.param(ROWS.tolist(), id="list"),
        pytest.param(ROWS.astype(int), id="int"),
        pytest.param(ROWS.astype(np.float32), id="float32"),
        pytest.param(ROWS.astype(np.float16), id="float16"),
        pytest.param(ROWS.astype(np.uint8), id="uint8"),
        pytest.param(ROWS.astype(object), id="object"),
        pytest.param(np.asfortranarray(ROWS), id="fortran"),
        pytest.param([[decimal.Decimal(int(v)) for v in row] for row in ROWS], id="decimal"),
        pytest.param(pd.DataFrame(ROWS), id="pandas-unnamed"),
        pytest.param(pd.DataFrame(ROWS, columns=["a", "b"]).astype(int), id="pandas-int"),
        pytest.param(pd.DataFrame(ROWS, columns=["a", "b"]).astype("Int64"), id="pandas-Int64"),
        pytest.param(lambda: pl.DataFrame(ROWS, schema=["a", "b"]), id="polars"),
        pytest.param(lambda: pl.DataFrame(ROWS.astype(int), schema=["a", "b"]), id="polars-int"),
    ],
)
def test_numbers_of_every_kind_come_out_as_one_array_of_float64(X):
    X = X() if callable(X) else X
    for kind in (Tabular(), Series()):
        rows, layout = kind.read_training(X, "some", missing=False)
        again = kind.read(X, layout, "some", missing=False)
        for array in (rows, again):
            assert array.dtype == np.float64
            assert array.flags.c_contiguous
            np.testing.assert_array_equal(array, ROWS)
        assert rows.flags.writeable
        assert not again.flags.writeable


@pytest.mark.parametrize("kind", [Tabular(), Series()])
def test_rows_that_are_only_read_are_the_callers_own_and_cannot_be_written_to(kind):
    X = ROWS.astype(float)
    private, _ = kind.read_training(X, "some", missing=False)
    assert not np.shares_memory(private, X)
    rows, layout = kind.read_training(X, "some", missing=False, private=False)
    assert layout.n_features == X.shape[1]
    assert np.shares_memory(rows, X)
    assert not rows.flags.writeable
    assert X.flags.writeable


def test_a_fit_that_only_reads_gets_the_rows_without_a_copy():
    class Reads(BaseDetector):
        _private_rows = False

        def _fit(self, X, y):
            self.seen_ = X

        def _score(self, X):
            return X[:, 0]

    class Keeps(Reads):
        _private_rows = True

    X = ROWS.astype(float)
    assert np.shares_memory(Reads().fit(X).seen_, X)
    assert not Reads().fit(X).seen_.flags.writeable
    assert not np.shares_memory(Keeps().fit(X).seen_, X)
    assert Keeps().fit(X).seen_.flags.writeable


def test_truth_values_are_numbers():
    rows, _ = Tabular().read_training([[True], [False]], "some", missing=False)
    assert rows.tolist() == [[1.0], [0.0]]
    frame = pd.DataFrame({"a": [True, False]})
    rows, _ = Tabular().read_training(frame, "some", missing=False)
    assert rows.tolist() == [[1.0], [0.0]]


def test_a_pandas_column_with_its_own_missing_values_holds_nan():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [1.0, 2.0]})
    rows, _ = Tabular().read_training(frame, "some", missing=True)
    np.testing.assert_array_equal(rows, [[1.0, 1.0], [np.nan, 2.0]])


def test_a_mixed_pandas_frame_is_a_table_of_float64():
    frame = pd.DataFrame({"a": np.float32([1.5]), "b": [2], "c": pd.array([3], dtype="Int8")})
    rows, _ = Tabular().read_training(frame, "some", missing=False)
    assert rows.tolist() == [[1.5, 2.0, 3.0]]


def test_names_come_from_frames_whose_columns_are_text():
    def names(X):
        return Tabular().read_training(X, "some", missing=False)[1].names

    assert names(pl.DataFrame(ROWS, schema=["a", "b"])) == ("a", "b")
    assert names(pd.DataFrame(ROWS)) is None
    assert names(pd.DataFrame(ROWS, columns=["a", 1])) is None
    assert names(ROWS) is None
    assert Layout(2).names is None


def test_columns_are_put_in_the_order_of_fit():
    frame = pl.DataFrame(ROWS[:, ::-1], schema=["b", "a"])
    np.testing.assert_array_equal(Tabular().read(frame, NAMED, "some", missing=False), ROWS)
    np.testing.assert_array_equal(Series().read(frame, NAMED, "some", missing=False), ROWS)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["a", "x"], "missing 'b'; unexpected 'x'"),
        (["a"], "missing 'b'"),
        (["a", "b", "x"], "unexpected 'x'"),
        (["a", "b", *WIDE[:8]], "unexpected " + ", ".join(map(repr, WIDE[:8]))),
        (["a", "b", *WIDE[:9]], "unexpected " + ", ".join(map(repr, WIDE[:8])) + ", …"),
        (["a", "b", *WIDE], "unexpected " + ", ".join(map(repr, WIDE[:8])) + ", …"),
    ],
)
def test_other_columns_are_named_up_to_eight_of_them(columns, said):
    frame = pl.DataFrame({name: [1.0] for name in columns})
    for kind in (Tabular(), Series()):
        assert message(kind.read, frame, NAMED, "some", missing=False) == (
            f"some: the columns are not those it was fitted on: {said}"
        )


def test_a_series_may_be_flat():
    rows, layout = Series().read_training([1.0, 2.0, 3.0], "some", missing=False)
    assert rows.tolist() == [[1.0], [2.0], [3.0]]
    assert layout == Layout(1)
    assert Series().read(np.arange(2), layout, "some", missing=False).tolist() == [[0.0], [1.0]]


def test_at_least_one_row_is_held_out():
    for kind in (Tabular(), Series()):
        kept, held = kind.split(np.zeros((10, 1)), 0.01, 0)
        assert (len(kept), len(held)) == (9, 1)
        kept, held = kind.split(np.zeros((10, 1)), 0.3, 0)
        assert (len(kept), len(held)) == (7, 3)
        assert sorted([*kept, *held]) == list(range(10))


def test_labels_are_integers_of_both_classes():
    labels = read_labels([0.0, 1.0, True], 3, "some")
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1, 1]
    advice = "call fit(X, y) with 1 for anomalies and 0 for normal rows"
    assert message(read_labels, None, 3, "some") == f"some learns from labels; {advice}"
    assert message(read_labels, [0, 1], 3, "some") == "some: y must have shape (3,), got (2,)"
    assert message(read_labels, [0, 1, 2], 3, "some") == (
        "some: y must be 0 (normal) or 1 (anomaly), found other values"
    )
    assert message(read_labels, [1, 1], 2, "some") == (
        "some: y holds one class only; labelled anomalies and normal rows are needed"
    )


def test_each_kind_says_which_data_it_reads():
    assert Tabular.kind == "tabular"
    assert Series.kind == "timeseries"
