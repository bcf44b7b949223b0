import gzip
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_core.data import read_table
from ad_core.errors import FileFormatError, ParameterError


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write `data.csv` (or another name) into the current folder."""
    monkeypatch.chdir(tmp_path)

    def to(content, name="data.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return name

    return to


def message(path, **options):
    with pytest.raises(FileFormatError) as caught:
        read_table(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_numbers_booleans_and_text(write):
    table = read_table(write("a,ok,city,when\n1,true,Rome,2024-01-02\n2.5,FALSE,Bonn,2024-01-03\n"))
    assert table.feature_names == ("a", "ok")
    assert table.X.tolist() == [[1.0, 1.0], [2.5, 0.0]]
    assert [(column.name, column.reason) for column in table.ignored] == [
        ("city", "holds text"),
        ("when", "holds dates or times"),
    ]
    assert table.y is None
    assert table.n_rows == 2
    assert table.X.flags.c_contiguous
    assert not table.X.flags.writeable


def test_the_original_rows_stay_at_hand(write):
    table = read_table(write("id,a,b\nx,1.50,2\ny,3,NA\n"))
    assert table.frame.rows() == [("x", "1.50", "2"), ("y", "3", "NA")]
    assert table.typed_frame.rows() == [("x", 1.5, 2), ("y", 3.0, None)]
    assert [str(dtype) for dtype in table.typed_frame.dtypes] == ["String", "Float64", "Int64"]


@pytest.mark.parametrize(
    "text", ["", " ", "NA", "na", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"]
)
def test_missing_values_are_nan(write, text):
    table = read_table(write(f"a,b\n1,2\n{text},3\n4,5\n6,7\n"))
    assert math.isnan(table.X[1, 0])
    assert table.X[:, 1].tolist() == [2.0, 3.0, 5.0, 7.0]


def test_infinities_are_kept_for_the_detector_to_judge(write):
    table = read_table(write("a\ninf\n-Inf\n1\n"))
    assert table.X[:, 0].tolist() == [math.inf, -math.inf, 1.0]


def test_further_missing_marks(write):
    path = write("a\n1\n?\n3\n")
    assert "'?' is not a number" in message(path)
    assert math.isnan(read_table(path, missing=["?"]).X[1, 0])
    assert math.isnan(read_table(path, missing="?").X[1, 0])


@pytest.mark.parametrize("text", [" 1.5", "1.5 ", "+1.5", "15e-1", "1.50", "\t1.5"])
def test_ways_to_write_a_number(write, text):
    assert read_table(write(f"a,b\n{text},0\n")).X[0, 0] == 1.5


def test_a_cell_that_is_no_number_is_named_with_its_line(write):
    path = write("a,price\n1,2\n\n3,4\n5,abc\n6,7\n")
    assert message(path) == (
        "data.csv, line 5, column 'price': 'abc' is not a number; "
        "correct the cell, leave it empty, or drop the column"
    )
    assert read_table(path, drop=["price"]).feature_names == ("a",)


def test_decimal_commas_are_named(write):
    assert "line 2, column 'b': '1,5' is not a number" in message(write("a;b\n1;1,5\n2;2\n"))


def test_half_numbers_is_a_numeric_column_with_errors(write):
    assert "'x' is not a number" in message(write("a,b\n1,1\nx,2\n"))
    table = read_table(write("a,b\n1,1\nx,2\ny,3\n"))
    assert table.ignored[0].reason == "holds text"
    assert table.feature_names == ("b",)


def test_columns_without_values_or_name_are_listed(write):
    table = read_table(write(",a,b,\n0,1,,\n1,2,NA,\n"))
    assert [(column.name, column.reason) for column in table.ignored] == [
        ("column_1", "has no name in the header"),
        ("b", "has no values"),
        ("column_4", "has no name in the header"),
    ]
    assert table.feature_names == ("a",)


def test_a_made_up_name_never_hides_a_real_one(write):
    table = read_table(write(",column_1\n7,8\n"))
    assert table.frame.columns == ["column_1_", "column_1"]
    assert table.X.tolist() == [[8.0]]


def test_no_numeric_column(write):
    assert message(write("a,b\nx,\ny,\n")) == (
        "data.csv has no column of numbers ('a' holds text; 'b' has no values); "
        "at least one is needed"
    )
    assert message(write("a\n1\n"), drop=["a"]) == (
        "data.csv has no column of numbers (every column is dropped); at least one is needed"
    )


@pytest.mark.parametrize("content", ["", "\n\n", "  \n", "\ufeff"])
def test_empty_file(write, content):
    assert message(write(content)) == ("data.csv is empty; give a file with a header line and rows")


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "a,b\n\n", '"a","b"\n', "a\n"])
def test_header_only(write, content):
    assert message(write(content)) == (
        "data.csv names columns but has no rows; give at least one row"
    )


def test_one_row_and_one_column(write):
    assert read_table(write("a\n1")).X.tolist() == [[1.0]]


def test_duplicate_column_names(write):
    assert message(write("a,b,a\n1,2,3\n")) == (
        "data.csv: the column name 'a' occurs 2 times (columns 1 and 3); rename all but one"
    )


@pytest.mark.parametrize("quote", ["", '"'])
def test_ragged_lines(write, quote):
    head = f"{quote}a{quote},b,c\n"
    assert message(write(f"{head}1,2,3\n\n1,2\n")) == (
        "data.csv, line 4 has 2 fields, expected 3 as in the first line; "
        "correct the line, or quote a cell that holds the separator"
    )
    assert "line 2 has 4 fields, expected 3" in message(write(f"{head}1,2,3,4\n"))
    assert "line 2 has 1 field, expected 3" in message(write(f"{head}1\n"))


def test_header_of_numbers_is_no_header(write):
    path = write("1,2\n3,4\n")
    assert message(path) == (
        "data.csv, line 1 should name the columns but holds only numbers; "
        "add a header line, or say whether it is one with has_header"
    )
    table = read_table(path, has_header=False)
    assert table.X.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert table.feature_names == ("column_1", "column_2")
    assert (table.line_of(0), table.line_of(1)) == (1, 2)
    assert read_table(path, has_header=True).feature_names == ("1", "2")


def test_lines_of_rows(write):
    table = read_table(write("\na,b\n\n1,2\n\n\n3,4\n5,6\n\n"))
    assert [table.line_of(row) for row in range(3)] == [4, 7, 8]
    assert table.locate(1, "a") == "data.csv, line 7, column 'a'"
    assert table.locate(1) == "data.csv, line 7"


def test_lines_of_rows_with_line_breaks_inside_quotes(write):
    table = read_table(write('a,note\n1,"two\nlines"\n\n2,"say ""hi"", x"\n3,\n'))
    assert [table.line_of(row) for row in range(3)] == [2, 5, 6]
    assert table.frame["note"].to_list() == ["two\nlines", 'say "hi", x', ""]
    assert table.X[:, 0].tolist() == [1.0, 2.0, 3.0]


def test_quoted_numbers_are_numbers(write):
    assert read_table(write('"a","b"\n"1","2.5"\n')).X.tolist() == [[1.0, 2.5]]


def test_empty_lines_of_a_single_column_are_missing_cells(write):
    table = read_table(write("a\n1\n\n3\n\n\n"))
    assert np.isnan(table.X[:, 0]).tolist() == [False, True, False]
    assert table.line_of(2) == 4


def test_unclosed_quote(write):
    text = message(write('a,b\n1,2\n3,"4\n5,6\n'))
    assert text.startswith("data.csv, line 3: the quotes are not closed or not followed by ','")
    assert text.endswith("double each quote inside a quoted cell")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_recognised(write, separator):
    table = read_table(write(f"a{separator}b\n1{separator}2\n"))
    assert table.X.tolist() == [[1.0, 2.0]]


def test_tsv_and_a_given_separator(write):
    assert read_table(write("a,x\tb\n1\t2\n", "data.tsv")).feature_names == ("a,x", "b")
    assert read_table(write("a b\n1 2\n"), separator=" ").X.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("separator", ["", ",,", "§", '"', "\n"])
def test_unusable_separator(write, separator):
    with pytest.raises(ParameterError) as caught:
        read_table(write("a\n1\n"), separator=separator)
    assert str(caught.value) == f"separator must be one ASCII character, got {separator!r}"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_and_byte_order_mark(write, end):
    table = read_table(write("\ufeffa,b\n1,2\n3,4\n".replace("\n", end)))
    assert table.feature_names == ("a", "b")
    assert table.X.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert table.line_of(1) == 3


def test_bytes_that_are_not_utf8(write):
    assert message(write(b"a,b\n1,2\n3,caf\xe9\n")) == (
        "data.csv, line 3: byte 0xe9 is not UTF-8; save the file with the encoding UTF-8"
    )


def test_gzip(write):
    packed = gzip.compress(b"a,b\n1,2\n")
    table = read_table(write(packed, "data.csv.gz"))
    assert table.X.tolist() == [[1.0, 2.0]]
    packed = gzip.compress(b"a,x\tb\n1\t2\n")
    assert read_table(write(packed, "data.tsv.gz")).feature_names == ("a,x", "b")


@pytest.mark.parametrize("cut", [5, 15, -9, -1])
def test_truncated_gzip(write, cut):
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 100)
    text = message(write(packed[:cut], "data.csv.gz"))
    assert text.startswith("data.csv.gz is not a readable gzip file, or is damaged or cut short (")
    assert text.endswith("write or copy it again")


def test_labels(write):
    table = read_table(write("a,label\n1,0\n2,1\n3,0\n"), label_column="label")
    assert table.y.tolist() == [0, 1, 0]
    assert table.y.dtype == np.int64
    assert table.feature_names == ("a",)
    assert table.ignored == ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [(["0.0", "1.0"], [0, 1]), (["False", "true"], [0, 1]), (["0", "0"], [0, 0])],
)
def test_ways_to_write_a_label(write, values, expected):
    path = write("a,y\n1,{}\n2,{}\n".format(*values))
    assert read_table(path, label_column="y").y.tolist() == expected


def test_labels_that_need_a_word(write):
    path = write("a,kind\n1,good\n2,bad\n3,good\n")
    assert message(path, label_column="kind") == (
        "data.csv: the label column 'kind' holds 'bad', 'good', not 0 (normal) and 1 (anomaly); "
        "say which value is the anomaly (anomaly_label)"
    )
    assert read_table(path, label_column="kind", anomaly_label="bad").y.tolist() == [0, 1, 0]
    assert message(path, label_column="kind", anomaly_label="ugly") == (
        "data.csv: the label column 'kind' holds 'bad', 'good', not 'ugly'; "
        "give one of its values as anomaly_label"
    )


def test_numeric_anomaly_label(write):
    path = write("a,y\n1,-1\n2,1.0\n3,1\n")
    assert "holds '-1', '1', '1.0', not 0" in message(path, label_column="y")
    assert read_table(path, label_column="y", anomaly_label="-1").y.tolist() == [1, 0, 0]
    assert read_table(path, label_column="y", anomaly_label="1").y.tolist() == [0, 1, 1]


def test_many_label_values_are_shortened(write):
    rows = "".join(f"{n},{n}\n" for n in range(9))
    text = message(write(f"a,y\n{rows}"), label_column="y")
    assert "holds '0', '1', '2', '3', '4', …, not 0 (normal)" in text


def test_missing_label(write):
    assert message(write("a,y\n1,0\n2,\n"), label_column="y") == (
        "data.csv, line 3, column 'y': the label is missing; fill it in, or drop the row"
    )


def test_anomaly_label_without_label_column(write):
    with pytest.raises(ParameterError) as caught:
        read_table(write("a\n1\n"), anomaly_label="bad")
    assert str(caught.value) == (
        "anomaly_label needs label_column: name the column with the labels"
    )


def test_unknown_columns_offer_the_nearest(write):
    path = write("amount,label\n1,0\n")
    assert message(path, label_column="lable") == (
        "data.csv has no column 'lable'; did you mean label?"
    )
    assert message(path, drop=["zzz"]) == (
        "data.csv has no column 'zzz'; its columns are amount, label"
    )


def test_no_such_file(write):
    write("a\n1\n", "sales.csv")
    assert message("sale.csv") == "there is no file sale.csv; did you mean sales.csv?"
    assert message("nowhere/x.csv") == "there is no file nowhere/x.csv; check the path"


def test_folder(tmp_path):
    (tmp_path / "x.csv").mkdir()
    assert message(tmp_path / "x.csv") == f"{tmp_path}/x.csv is a folder; name a file in it"


def test_unreadable_file(write, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    path = write("a\n1\n")
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert message(path) == (
        "cannot read data.csv: Permission denied; check the file and its permissions"
    )


@pytest.mark.parametrize("name", ["data.xlsx", "data", "data.parquet.gz", ".csv"])
def test_unknown_ending(write, name):
    assert message(write("a\n1\n", name)) == (
        f"{name} has no known file name ending; known are .csv, .tsv, .jsonl, .ndjson, "
        ".parquet, .pq, .arrow, .feather, .ipc, .npz, and .gz after a text format"
    )


FLOATS = st.floats(allow_nan=False, width=64)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda d: st.lists(st.lists(FLOATS, min_size=d, max_size=d), min_size=1, max_size=8)
    ),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
    st.booleans(),
)
def test_every_float_survives(tmp_path_factory, rows, separator, quoted, blank):
    mark = '"' if quoted else ""
    lines = [separator.join(f"{mark}{value!r}{mark}" for value in row) for row in rows]
    header = separator.join(f"c{index}" for index in range(len(rows[0])))
    end = "\n\n" if blank and len(rows[0]) > 1 else "\n"
    path = tmp_path_factory.mktemp("floats") / "data.csv"
    path.write_text(end.join([header, *lines]) + "\n", newline="")
    table = read_table(path)
    assert np.array_equal(table.X, np.array(rows))
    step = len(end)
    assert [table.line_of(row) for row in range(len(rows))] == [
        1 + step * (row + 1) for row in range(len(rows))
    ]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='ab1,"\n \r;é', max_size=30))
def test_any_text_is_read_or_refused_in_one_line(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_bytes(text.encode())
    try:
        table = read_table(path)
    except FileFormatError as error:
        refusal = str(error)
    else:
        assert len(table.frame) == table.n_rows
        return
    assert "data.csv" in refusal
    assert "\n" not in refusal


def test_a_million_rows_of_ten_columns(tmp_path):
    import polars as pl

    X = np.random.default_rng(0).normal(size=(1_000_000, 10)).round(6)
    path = tmp_path / "big.csv"
    pl.DataFrame(X, schema=[f"c{index}" for index in range(10)]).write_csv(path)
    start = time.process_time()
    table = read_table(path)
    seconds = time.process_time() - start
    assert np.array_equal(table.X, X)
    assert table.line_of(999_999) == 1_000_001
    assert seconds < 15  # about 2 on an idle machine of two cores
