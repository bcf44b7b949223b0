import datetime as dt
import decimal
import gzip
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_core.data import read_table
from ad_core.errors import FileFormatError, ParameterError


def message(path, **options):
    with pytest.raises(FileFormatError) as caught:
        read_table(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def jsonl(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(content, name="data.jsonl"):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return name

    return write


FRAME = pl.DataFrame(
    {
        "whole": [1, 2, None],
        "real": [0.5, math.nan, math.inf],
        "flag": [True, False, None],
        "money": [decimal.Decimal("1.25"), None, decimal.Decimal(3)],
        "digits": ["7", " 8 ", "NA"],
        "city": ["Rome", "Bonn", None],
        "level": pl.Series(["low", "high", "low"], dtype=pl.Categorical),
        "day": [dt.date(2024, 1, 2)] * 3,
        "parts": [[1], [2, 3], []],
        "void": pl.Series([None] * 3, dtype=pl.Null),
    }
)
WRITERS = {
    "x.parquet": "write_parquet",
    "x.pq": "write_parquet",
    "x.feather": "write_ipc",
    "x.arrow": "write_ipc_stream",
    "x.ipc": "write_ipc",
}


@pytest.mark.parametrize("name", WRITERS)
def test_typed_files(tmp_path, name):
    path = tmp_path / name
    getattr(FRAME, WRITERS[name])(path)
    table = read_table(path)
    assert table.feature_names == ("whole", "real", "flag", "money", "digits")
    expected = [
        [1.0, 0.5, 1.0, 1.25, 7.0],
        [2.0, math.nan, 0.0, math.nan, 8.0],
        [math.nan, math.inf, math.nan, 3.0, math.nan],
    ]
    np.testing.assert_array_equal(table.X, expected)
    assert {column.name: column.reason for column in table.ignored} == {
        "city": "holds text",
        "level": "holds text",
        "day": "holds dates or times",
        "parts": "holds values of type List(Int64)",
        "void": "has no values",
    }
    assert table.frame.equals(FRAME, null_equal=True)
    assert table.line_of(0) is None
    assert table.locate(2, "whole") == f"{path}, row 2 (counted from 0), column 'whole'"


def test_bad_cell_in_a_typed_file_is_named_by_row(tmp_path):
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": ["1", "2", "zwei"]}).write_parquet(path)
    assert message(path).startswith(f"{path}, row 2 (counted from 0), column 'a': 'zwei' is not")


def test_labels_in_a_typed_file(tmp_path):
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [1, 2], "y": [False, True]}).write_parquet(path)
    assert read_table(path, label_column="y").y.tolist() == [0, 1]


@pytest.mark.parametrize("name", ["x.parquet", "x.feather", "x.arrow"])
def test_no_rows(tmp_path, name):
    path = tmp_path / name
    getattr(pl.DataFrame({"a": [1.0]}).clear(), WRITERS[name])(path)
    assert message(path) == f"{path} names columns but has no rows; give at least one row"


@pytest.mark.parametrize("name", ["x.parquet", "x.feather", "x.npz"])
def test_truncated_file_is_an_error_at_every_length(tmp_path, name):
    path = tmp_path / name
    if name == "x.npz":
        np.savez_compressed(path, X=np.random.default_rng(0).normal(size=(50, 2)))
    else:
        getattr(pl.DataFrame({"a": list(range(50))}), WRITERS[name])(path)
    whole = path.read_bytes()
    kind = {"x.parquet": "Parquet", "x.feather": "Arrow", "x.npz": "npz"}[name]
    for length in range(0, len(whole), max(1, len(whole) // 50)):
        path.write_bytes(whole[:length])
        text = message(path)
        assert text.startswith(
            f"{path} is not a readable {kind} file, or is damaged or cut short ("
        )
        assert text.endswith("); write or copy it again")


def test_a_csv_file_under_the_name_of_another_format(tmp_path):
    for name, kind in (("x.parquet", "Parquet"), ("x.arrow", "Arrow"), ("x.npz", "npz")):
        path = tmp_path / name
        path.write_text("a,b\n1,2\n")
        assert f"is not a readable {kind} file" in message(path)


@pytest.mark.parametrize("name", ["x.parquet", "x.npz", "x.jsonl"])
def test_csv_options_are_for_csv(tmp_path, name):
    with pytest.raises(ParameterError) as caught:
        read_table(tmp_path / name, separator=";")
    assert str(caught.value) == (
        f"separator and has_header are for CSV and TSV files, not for {tmp_path / name}"
    )


def test_json_lines(jsonl):
    path = jsonl('{"a": 1, "b": true, "c": "x"}\n\n{"a": null, "b": false, "d": 2.5}\n')
    table = read_table(path)
    assert table.feature_names == ("a", "b", "d")
    np.testing.assert_array_equal(table.X, [[1.0, 1.0, math.nan], [math.nan, 0.0, 2.5]])
    assert [column.name for column in table.ignored] == ["c"]
    assert (table.line_of(0), table.line_of(1)) == (1, 3)


def test_json_lines_with_python_spellings_and_mixed_types(jsonl):
    path = jsonl('{"a": NaN, "b": 1, "c": true}\r\n{"a": Infinity, "b": "2", "c": 3}\r\n')
    np.testing.assert_array_equal(read_table(path).X, [[math.nan, 1, 1], [math.inf, 2, 3]])


def test_json_lines_nested_values_are_ignored(jsonl):
    table = read_table(jsonl('{"a": 1, "b": {"c": 1}}\n{"a": 2, "b": {"c": 2}}\n'))
    assert table.feature_names == ("a",)
    assert table.ignored[0].reason == "holds values of type Struct({'c': Int64})"
    mixed = read_table(jsonl('{"a": 1, "b": {"c": 1}}\n{"a": 2, "b": [1]}\n'))
    assert mixed.ignored[0].reason == "holds text"


def test_json_lines_bad_cell(jsonl):
    path = jsonl('{"a": 1}\n\n{"a": "x"}\n{"a": 2}\n')
    assert message(path).startswith("data.jsonl, line 3, column 'a': 'x' is not a number;")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"a": 1}\n{"a": 2\n', "data.jsonl, line 2 is not valid JSON ("),
        ('{"a": 1}\n{"a":', "data.jsonl, line 2 is not valid JSON ("),
        ('{"a": 1}\n\nhello\n', "data.jsonl, line 3 is not valid JSON ("),
        ('[{"a": 1}]', "data.jsonl, line 1 holds a JSON array; each line must be one object"),
        ('{"a": 1}\n5\n', "data.jsonl, line 2 holds a JSON number; each line must"),
        ('{"a": 1}\ntrue\n', "data.jsonl, line 2 holds a JSON boolean; each line must"),
        ('{"a": 1}\nnull\n', "data.jsonl, line 2 holds a JSON null; each line must"),
        ('{"a": 1}\n"x"\n', "data.jsonl, line 2 holds a JSON string; each line must"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "data.jsonl, line 2: invalid start byte; save the file"),
        ("", "data.jsonl is empty; give a file with one JSON object a line"),
        (" \n\n", "data.jsonl is empty; give a file with one JSON object a line"),
        ("{}\n", "data.jsonl has no column of numbers"),
    ],
)
def test_json_lines_that_cannot_be_read(jsonl, content, expected):
    assert message(jsonl(content)).startswith(expected)


def test_json_lines_gzip_and_byte_order_mark(jsonl):
    packed = gzip.compress(b'\xef\xbb\xbf{"a": 1}\n')
    assert read_table(jsonl(packed, "data.ndjson.gz")).X.tolist() == [[1.0]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("ab"),
            st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(width=32)),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["\n", "\r\n", "\n \n"]),
)
def test_json_lines_agree_with_the_standard_library(tmp_path_factory, records, end):
    import json

    path = tmp_path_factory.mktemp("json") / "data.jsonl"
    path.write_text(end.join(json.dumps(record) for record in records), newline="")
    values = {key: [record.get(key) for record in records] for key in "ab"}
    expected = {
        key: [math.nan if value is None else float(value) for value in column]
        for key, column in values.items()
        if any(value is not None for value in column)
    }
    if not expected:
        assert "has no column of numbers" in message(path)
        return
    table = read_table(path)
    assert table.n_rows == len(records)
    for index, name in enumerate(table.feature_names):
        np.testing.assert_array_equal(table.X[:, index], expected[name])
    step = end.count("\n")
    assert table.line_of(len(records) - 1) == 1 + step * (len(records) - 1)


def test_npz(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, X=np.array([[1, 2], [3, 4]], dtype=np.int32), y=np.array([[0], [1]]))
    table = read_table(path)
    assert table.X.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert table.y.tolist() == [0, 1]
    assert table.feature_names == ("x0", "x1")
    assert table.frame.columns == ["x0", "x1", "y"]


def test_npz_without_labels_with_names_and_one_dimension(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, X=np.arange(3.0), feature_names=["pressure"])
    table = read_table(path)
    assert table.y is None
    assert table.feature_names == ("pressure",)
    assert table.X.tolist() == [[0.0], [1.0], [2.0]]


def test_npz_with_another_label_array(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, X=np.ones((2, 1)), y=[0, 0], truth=["bad", "good"])
    table = read_table(path, label_column="truth", anomaly_label="bad")
    assert table.y.tolist() == [1, 0]
    assert message(path, label_column="thruth").startswith(f"{path} has no column 'thruth'; ")


def test_npz_labels_must_be_labels(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, X=np.ones((2, 1)), y=[1.0, 2.0])
    assert "the label column 'y' holds '1.0', '2.0', not 0 (normal)" in message(path)


def test_npz_of_pickled_objects_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, X=np.array([{"a": 1}], dtype=object))
    assert message(path) == (
        f"{path} holds pickled Python objects, which can run code when they are read; "
        "save it again with arrays of numbers"
    )


def test_a_pickle_under_the_name_of_an_npz_is_not_loaded(tmp_path):
    import pickle

    path = tmp_path / "x.npz"
    path.write_bytes(pickle.dumps([1, 2]))
    assert "is not a readable npz file, or is damaged or cut short (not a zip archive" in message(
        path
    )


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"data": [1.0]}, "has no array 'X' (it holds data); save it with numpy.savez(file, X=..."),
        ({"X": np.ones((2, 2, 2))}, "the array 'X' has shape (2, 2, 2) and type float64; it must"),
        ({"X": [["a"]]}, "the array 'X' has shape (1, 1) and type <U1; it must hold numbers"),
        ({"X": np.ones((2, 1)), "y": [0]}, "'y' has 1 values for 2 rows of 'X'"),
        (
            {"X": np.ones((2, 2)), "feature_names": ["a", "a"]},
            "'feature_names' must hold 2 different names, one a column of 'X'",
        ),
    ],
)
def test_npz_of_the_wrong_shape(tmp_path, arrays, expected):
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    assert expected in message(path)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3))
def test_npz_with_changed_bytes_is_read_or_refused(tmp_path_factory, changes):
    path = tmp_path_factory.mktemp("npz") / "x.npz"
    np.savez(path, X=np.ones((3, 2)), y=np.zeros(3))
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content)
    try:
        table = read_table(path)
    except FileFormatError as error:
        refusal = str(error)
    else:
        assert table.n_rows == len(table.frame)
        return
    assert str(path) in refusal
    assert "\n" not in refusal


def test_npz_member_that_is_no_array(tmp_path):
    import zipfile

    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X", "1,2")
    assert "has no array 'X' (it holds X)" in message(path)


def test_npy_under_the_name_of_an_npz(tmp_path):
    path = tmp_path / "x.npz"
    with path.open("wb") as file:
        np.save(file, np.ones(3))
    assert message(path) == (
        f"{path} is one array, not an npz archive; save it with numpy.savez(file, X=...)"
    )
