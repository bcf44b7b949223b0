"""``ad detect``, ``fit`` and ``score``: right results from good files, one line for bad ones."""

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pytest


@pytest.fixture(autouse=True)
def _healthy(site):
    site.add_healthy()


@pytest.fixture
def sales(tmp_path):
    """Forty rows around zero; line 12 is far away. One column of text, one of dates."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3)).round(3)
    X[10] = (50, -50, 50)
    path = tmp_path / "sales.csv"
    lines = [
        f"s{i},2024-01-{i % 28 + 1:02d},{a},{b},{c},{int(i == 10)}" for i, (a, b, c) in enumerate(X)
    ]
    path.write_text("shop,day,price,count,share,fraud\n" + "\n".join(lines) + "\n")
    return path


def detect(ad, path, *arguments):
    return ad("detect", path, "-m", "healthy/center", *arguments)


def test_detect_prints_a_summary_and_the_most_anomalous_rows(ad, sales):
    result = detect(ad, sales, "--drop", "fraud", "--top", "2")
    assert result.status == 0, result.err
    summary, _, table = result.out.partition("\n\n")
    facts = dict(line.split(maxsplit=1) for line in summary.splitlines())
    assert facts["rows"] == "40"
    assert facts["columns"] == "3: price, count, share"
    assert facts["ignored"] == "shop holds text; day holds dates or times"
    assert facts["detector"] == "center()"
    assert facts["threshold"].endswith("quantile of 40 scores at contamination 0.1")
    assert facts["flagged"] == "4 of 40 rows (10 %)"
    title, header, first, _second = table.splitlines()
    assert title == "The 2 most anomalous rows:"
    assert header.split() == [
        "line",
        "score",
        "anomaly",
        "shop",
        "day",
        "price",
        "count",
        "share",
        "fraud",
    ]
    assert first.split()[0] == "12"
    assert first.split()[2:] == ["yes", "s10", "2024-01-11", "50", "-50", "50", "1"]


def test_detect_as_json_says_the_same(ad, sales):
    data = json.loads(detect(ad, sales, "--label-column", "fraud", "--json", "--top", "1").out)
    assert data["n_rows"] == 40
    assert data["columns"] == ["price", "count", "share"]
    assert data["ignored"] == {"shop": "holds text", "day": "holds dates or times"}
    assert data["n_flagged"] == 4
    assert data["metrics"] == {"roc_auc": 1.0, "pr_auc": 1.0, "f1_fit": pytest.approx(0.4)}
    (top,) = data["top"]
    assert (top["line"], top["anomaly"], top["values"]["shop"]) == (12, 1, "s10")
    assert data["threshold_provenance"]["strategy"] == "quantile"
    assert data["params"]["power"] == 2


def test_labels_are_no_feature_and_measure_the_scores(ad, sales):
    out = detect(ad, sales, "--label-column", "fraud").out
    assert "3: price, count, share" in out
    assert "roc_auc 1, pr_auc 1, f1_fit 0.4" in out


def test_labels_of_one_class_leave_the_metrics_undefined_with_the_reason(ad, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("a,y\n1,0\n2,0\n5,0\n")
    data = json.loads(detect(ad, path, "--label-column", "y", "--json").out)
    assert data["metrics"]["roc_auc"] is None
    assert data["undefined"]["roc_auc"]
    assert "roc_auc undefined" in detect(ad, path, "--label-column", "y").out


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_the_output_has_the_rows_their_scores_and_labels(ad, sales, tmp_path, ending):
    out = tmp_path / f"out.{ending}"
    assert detect(ad, sales, "-o", out).status == 0
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[ending](out)
    before = pl.read_csv(sales)
    assert read.columns == [*before.columns, "score", "anomaly"]
    assert read.select(before.columns).equals(before)
    assert read["anomaly"].sum() == 4
    assert read["score"].arg_max() == 10


def test_csv_text_is_written_back_as_it_stood(ad, tmp_path):
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text('a,note\n1.50,"x, y"\n2,\n007,z\n')
    assert detect(ad, path, "-o", out).status == 0
    lines = out.read_text().splitlines()
    assert [line.rsplit(",", 2)[0] for line in lines] == ["a,note", '1.50,"x, y"', "2,", "007,z"]


def test_added_columns_can_be_named(ad, sales, tmp_path):
    names = ("--score-column", "how_odd", "--anomaly-column", "odd")
    out = tmp_path / "out.csv"
    assert detect(ad, sales, "-o", out, *names).status == 0
    assert pl.read_csv(out).columns[-2:] == ["how_odd", "odd"]
    again = detect(ad, out, "--drop", "how_odd", "--drop", "odd", "-o", tmp_path / "b.csv", *names)
    assert again.err == (
        "error: the file has a column 'how_odd' already; name the new one with --score-column\n"
    )


def test_arguments_are_read_as_json_and_yaml(ad, sales):
    def params(*given):
        return json.loads(detect(ad, sales, "--json", *given).out)["params"]

    assert params("-p", "power=1", "-p", "method=median")["power"] == 1
    assert params("-p", "contamination=5e-2")["contamination"] == 0.05
    assert params("--contamination", "0.2")["contamination"] == 0.2
    assert params("--threshold", "{kind: mad, k: 2}")["threshold"] == {"kind": "mad", "k": 2}


def test_a_number_as_threshold_is_the_score_from_which_a_row_is_flagged(ad, sales):
    data = json.loads(detect(ad, sales, "--threshold", "40", "--json").out)
    assert (data["n_flagged"], data["threshold"]) == (1, 40.0)
    assert data["threshold_provenance"] == {"strategy": "manual"}


def test_a_seed_is_set_unless_the_detector_has_none(ad, sales):
    def seed(*given):
        return json.loads(ad("detect", sales, "-m", "noise", "--json", *given).out)["params"]

    assert seed()["random_state"] == 42
    assert seed("--seed", "7")["random_state"] == 7
    assert seed("-p", "random_state=8")["random_state"] == 8
    result = detect(ad, sales, "--seed", "7")
    assert result.status == 2
    assert "error: --seed has no effect: center takes no random_state" in result.err
    result = ad("detect", sales, "-m", "noise", "--seed", "7", "-p", "random_state=8")
    assert "error: --seed has no effect: -p random_state is given" in result.err


def test_fit_and_score_give_the_scores_of_detect(ad, sales, tmp_path):
    model, a, b = tmp_path / "m.ad", tmp_path / "a.csv", tmp_path / "b.csv"
    assert ad("fit", sales, "-m", "middle", "--save", model).status == 0
    assert ad("score", sales, "--model", model, "-o", a).status == 0
    assert detect(ad, sales, "-o", b, "--save", tmp_path / "n.ad").status == 0
    assert a.read_text() == b.read_text()
    assert ad("score", sales, "--model", tmp_path / "n.ad", "-o", a).status == 0
    assert a.read_text() == b.read_text()


def test_score_puts_columns_in_order_and_lists_those_that_differ(ad, sales, tmp_path):
    model = tmp_path / "m.ad"
    ad("fit", sales, "-m", "middle", "--save", model, "--label-column", "fraud")
    frame = pl.read_csv(sales)
    turned, other = tmp_path / "turned.csv", tmp_path / "other.csv"
    frame.select(reversed(frame.columns)).write_csv(turned)
    frame.rename({"price": "cost"}).write_csv(other)
    result = ad("score", turned, "--model", model, "--label-column", "fraud", "--json")
    assert json.loads(result.out)["top"][0]["line"] == 12
    result = ad("score", other, "--model", model)
    assert result.status == 1
    assert result.err == (
        "error: center: the columns are not those it was fitted on: "
        "missing 'price'; unexpected 'cost', 'fraud'\n"
    )


def test_score_takes_one_row_and_another_threshold(ad, sales, tmp_path):
    model, one = tmp_path / "m.ad", tmp_path / "one.csv"
    ad("fit", sales, "-m", "middle", "--save", model, "--label-column", "fraud")
    one.write_text("share,count,price\n0,0,0\n")
    data = json.loads(ad("score", one, "--model", model, "--json").out)
    assert (data["n_rows"], data["n_flagged"]) == (1, 0)
    data = json.loads(ad("score", one, "--model", model, "--threshold", "0", "--json").out)
    assert data["n_flagged"] == 1


def test_a_detector_without_threshold_needs_one_to_score(ad, sales, tmp_path):
    model = tmp_path / "m.ad"
    fitted = ad("fit", sales, "-m", "middle", "-p", "threshold=null", "--save", model)
    assert "threshold  none" in fitted.out
    result = ad("score", sales, "--model", model)
    assert result.err == "error: center has no decision threshold; give one with --threshold\n"
    assert ad("score", sales, "--model", model, "--threshold", "3").status == 0


def test_missing_values_are_located_and_can_be_left_out(ad, tmp_path):
    path, out = tmp_path / "gaps.csv", tmp_path / "out.csv"
    path.write_text("a,b\n1,2\n,3\n4,5\n6,inf\n7,9\n")
    result = detect(ad, path)
    assert result.status == 1
    assert result.err == (
        f"error: {path}, line 3, column 'a': the value is missing (and in 1 more rows); fill it "
        "in, or leave such rows out with --drop-missing, or the column with --drop\n"
    )
    result = detect(ad, path, "--drop-missing", "-o", out)
    assert "3 (2 with missing values left out)" in result.out
    assert pl.read_csv(out)["a"].to_list() == [1, 4, 7]
    data = json.loads(detect(ad, path, "--drop-missing", "--json").out)
    assert (data["n_dropped"], data["top"][0]["line"]) == (2, 6)


def test_missing_values_go_to_a_detector_that_takes_them(ad, tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text("a,b\n1,2\n,3\n4,5\n")
    data = json.loads(ad("detect", path, "-m", "tolerant", "--json").out)
    assert data["n_dropped"] == 0
    assert data["top"][0]["values"] == {"a": None, "b": 3}
    path.write_text("a,b\n1,2\n,3\n4,inf\n")
    assert "line 4, column 'b': the value is infinite;" in ad("detect", path, "-m", "tolerant").err


def test_a_supervised_detector_asks_for_the_label_column(ad, sales):
    result = ad("detect", sales, "-m", "taught")
    assert result.err == "error: taught learns from labels; name them with --label-column\n"
    assert ad("detect", sales, "-m", "taught", "--label-column", "fraud").status == 0


def test_binary_files_are_located_by_row(ad, tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, X=np.array([[0.0], [9.0], [0.1]]), y=[0, 1, 0])
    data = json.loads(detect(ad, path, "--json", "--top", "1").out)
    assert data["top"][0]["row"] == 1
    assert data["metrics"]["roc_auc"] is not None


def test_constant_columns_and_one_column_are_scored(ad, tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text("a,b\n" + "1,1\n" * 5)
    assert "0 of 5 rows" in detect(ad, path).out
    path.write_text("a\n1\n2\n9\n")
    assert "line" in detect(ad, path).out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", " is empty; give a file with a header line and rows"),
        ("a,b\n", " names columns but has no rows; give at least one row"),
        ("a,b\n1,2\n", "center needs at least 2 rows to fit, got 1"),
        ("a,a\n1,2\n3,4\n", "the column name 'a' occurs 2 times (columns 1 and 2)"),
        ("a,b\n1,2\n3\n", ", line 3 has 1 field, expected 2 as in the first line"),
        ("a,b\n1,2\n3,x\n5,6\n", ", line 3, column 'b': 'x' is not a number"),
        ("a,b\nx,y\nz,w\n", " has no column of numbers ("),
        ("a\n1\n2\ninf\n", ", line 4, column 'a': the value is infinite;"),
        ("a\nnan\n2\n3\n", ", line 2, column 'a': the value is missing;"),
    ],
    ids=["empty", "header-only", "one-row", "twice", "ragged", "mixed", "text", "inf", "nan"],
)
def test_a_bad_file_is_one_line_of_error_and_nothing_written(ad, tmp_path, content, message):
    path, out, model = tmp_path / "bad.csv", tmp_path / "out.csv", tmp_path / "m.ad"
    path.write_text(content)
    result = detect(ad, path, "-o", out, "--save", model)
    assert result.status == 1
    assert result.err.startswith("error: ")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert result.out == ""
    assert not out.exists()
    assert not model.exists()


def test_rows_that_all_miss_a_value_say_what_to_do(ad, tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text("a,b\n1,\n,3\n")
    assert "every row has a missing or infinite value" in detect(ad, path, "--drop-missing").err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("nowhere.csv",), 1, "there is no file nowhere.csv; check the path"),
        ((".",), 1, ". has no known file name ending; known are .csv, "),
        (("{sales}", "-p", "powr=1"), 1, "center has no parameter 'powr'; did you mean power?"),
        (("{sales}", "-p", "power=0"), 1, "center: power must be an integer >= 1, got 0"),
        (("{sales}", "-p", "power=two"), 1, "center: power must be an integer >= 1, got 'two'"),
        (("{sales}", "-p", "power"), 2, "-p takes KEY=VALUE, for example -p n_neighbors=20"),
        (("{sales}", "-p", "power={"), 1, "cannot read the value '{'"),
        (("{sales}", "--contamination", "0.7"), 1, "contamination must be a number > 0 and <= 0.5"),
        (("{sales}", "--contamination", "x"), 2, "Invalid value for '--contamination'"),
        (
            ("{sales}", "--contamination", ".1", "-p", "contamination=.1"),
            2,
            "contamination is given twice: as --contamination and as -p contamination",
        ),
        (("{sales}", "--threshold", "quantle"), 1, "center: threshold must be 'quantile' or "),
        (("{sales}", "--threshold", "inf"), 2, "--threshold must be a finite number, got inf"),
        (("{sales}", "--threshold", "nan"), 2, "--threshold must be a finite number, got nan"),
        (("{sales}", "--label-column", "frud"), 1, "has no column 'frud'; did you mean fraud?"),
        (("{sales}", "--label-column", "shop"), 1, "the label column 'shop' holds 's0', 's1'"),
        (("{sales}", "-o", "out.txt"), 1, "cannot write out.txt: the name must end in .csv, "),
        (("{sales}", "-o", "nowhere/out.csv"), 1, "cannot write nowhere/out.csv: there is no fo"),
        (("{sales}", "-o", "{sales}"), 1, " is needed as it is; write to another file"),
        (("{sales}", "--save", "{sales}"), 1, " is needed as it is; write to another file"),
        (("{sales}", "-o", "a.csv", "--save", "a.csv"), 1, "a.csv is needed as it is; write to"),
        (("{sales}", "-m", "centr"), 1, "no detector is called 'centr'; did you mean center?"),
        (("{sales}", "-m", "needy"), 1, "needy needs nowhere_at_all: pip install 'nowhere-at-all"),
        (("{sales}", "-m", "of_pictures"), 1, "of_pictures is for data of the kind image, not for"),
        (("{sales}", "--top", "-1"), 2, "Invalid value for '--top'"),
        ((), 2, "Missing argument 'FILE'"),
    ],
)
def test_a_wrong_argument_is_one_line_with_the_remedy(
    ad, sales, tmp_path, monkeypatch, arguments, status, message
):
    monkeypatch.chdir(tmp_path)
    given = [argument.replace("{sales}", str(sales)) for argument in arguments]
    before = sales.read_bytes()
    method = () if "-m" in given else ("-m", "healthy/center")
    result = ad("detect", *given, *method)
    assert result.status == status
    assert result.err.startswith("error: ")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert sales.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"sales.csv", "site"}


def test_without_its_package_the_default_detector_says_how_to_get_it(ad, sales):
    result = ad("detect", sales)
    assert result.err == (
        "error: the default detector isolation_forest is not installed: pip install "
        "ad-classical; or name another one: -m DETECTOR (see: ad list-detectors)\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps({"a": 1}), " is a pickle, which can run any code when it is read"),
        (b"", " is not a saved detector or is damaged"),
        (b"PK\x03\x04 not really", " is damaged or truncated"),
    ],
    ids=["pickle", "empty", "zip"],
)
def test_what_is_no_saved_detector_is_refused(ad, sales, tmp_path, content, message):
    model = tmp_path / "m.ad"
    model.write_bytes(content)
    result = ad("score", sales, "--model", model, "-o", tmp_path / "out.csv")
    assert result.status == 1
    assert result.err.startswith(f"error: {model}{message}")
    assert result.err.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


def test_a_damaged_saved_detector_is_refused(ad, sales, tmp_path):
    model = tmp_path / "m.ad"
    ad("fit", sales, "-m", "middle", "--save", model)
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 0xFF
    model.write_bytes(bytes(data))
    result = ad("score", sales, "--model", model)
    assert result.status == 1
    assert result.err.startswith(f"error: {model} ")
    assert "damaged" in result.err


def test_score_does_not_write_over_its_model(ad, sales, tmp_path):
    model = tmp_path / "model.csv"
    ad("fit", sales, "-m", "middle", "--save", model)
    before = model.read_bytes()
    assert "needed as it is" in ad("score", sales, "--model", model, "-o", model).err
    assert model.read_bytes() == before


def test_a_traceback_is_shown_on_request_only(ad, monkeypatch):
    monkeypatch.setenv("AD_DEBUG", "1")
    result = detect(ad, "nowhere.csv")
    assert "Traceback (most recent call last)" in result.err
    assert result.err.endswith("error: there is no file nowhere.csv; check the path\n")


def test_a_reader_that_went_away_is_no_traceback_and_the_output_is_whole(site, sales, tmp_path):
    out = tmp_path / "out.csv"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "ad_core", "detect", sales, "-m", "middle", "-o", out],
        env={**os.environ, "PYTHONPATH": str(site.path)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert pl.read_csv(out).height == 40
