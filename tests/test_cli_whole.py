"""The command ``ad`` with the plugins of this repository, on files of real size."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest

from ad_core.cli import main
from ad_core.cli.list_plugins import PACKAGES
from ad_core.registry import get_registry

ROOT = Path(__file__).parents[1]


@pytest.fixture
def ad(capsys):
    """Run ``ad``; it has to succeed, and what it printed comes back."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert status == 0, printed.err
        return printed.out

    return run


@pytest.fixture
def sales(tmp_path):
    """Three hundred rows; line 102 is odd."""
    rng = np.random.default_rng(7)
    frame = pl.DataFrame({"price": rng.normal(10, 1, 300), "count": rng.poisson(5, 300)})
    frame[100, "price"], frame[100, "count"] = 99.0, 60
    path = tmp_path / "sales.csv"
    frame.write_csv(path)
    return path


def test_detect_without_options_finds_the_odd_row(ad, sales):
    data = json.loads(ad("detect", sales, "--json", "--top", "1"))
    assert data["detector"] == "isolation_forest"
    assert data["params"]["random_state"] == 42
    assert data["top"][0]["line"] == 102


@pytest.mark.parametrize("method", ["knn", "lof", "ecod", "hbos", "ocsvm", "mcd"])
def test_detect_finds_it_with_the_detectors_people_know(ad, sales, method):
    data = json.loads(ad("detect", sales, "-m", method, "--contamination", "0.01", "--json"))
    assert data["top"][0]["line"] == 102
    assert data["n_flagged"] <= 3


def test_a_saved_detector_scores_the_same_in_another_file_format(ad, sales, tmp_path):
    model, a, b = tmp_path / "m.ad", tmp_path / "a.parquet", tmp_path / "b.parquet"
    copy = tmp_path / "sales.parquet"
    pl.read_csv(sales).write_parquet(copy)
    ad("fit", sales, "-m", "knn", "-p", "n_neighbors=3", "--save", model)
    ad("score", sales, "--model", model, "-o", a)
    ad("score", copy, "--model", model, "-o", b)
    assert pl.read_parquet(a).equals(pl.read_parquet(b))


def test_every_detector_can_be_described_with_a_valid_schema(ad):
    for entry in get_registry().detectors:
        data = json.loads(ad("describe", entry.full_name, "--kind", "detector", "--json"))
        if data["available"]:
            assert data["parameters_problem"] is None, data
            jsonschema.Draft202012Validator.check_schema(data["parameters"])
        else:
            assert data["remedy"].startswith("pip install ")
        ad("describe", entry.full_name, "--kind", "detector")


def test_list_plugins_counts_what_the_plugins_bring(ad):
    rows = {row["distribution"]: row for row in json.loads(ad("list-plugins", "--json"))["plugins"]}
    assert {"isolation_forest", "knn"} <= {*rows["ad-classical"]["detectors"]}
    assert "pip install" not in ad("list-plugins")


def test_where_nothing_is_installed_every_detector_package_of_this_repository_is_offered():
    offered = {name.partition("[")[0] for name in PACKAGES}
    assert offered == {f"ad-{path.parent.name}" for path in ROOT.glob("plugins/*/pyproject.toml")}


def test_a_million_rows_by_ten_columns_are_scored(ad, tmp_path):
    X = np.random.default_rng(0).normal(size=(1_000_000, 10))
    X[123_456] = 12.0
    path, out = tmp_path / "big.parquet", tmp_path / "out.parquet"
    pl.DataFrame(X, schema=[f"c{i}" for i in range(10)]).write_parquet(path)
    data = json.loads(ad("detect", path, "--contamination", "0.001", "-o", out, "--json"))
    assert data["top"][0]["row"] == 123_456
    assert data["n_flagged"] == 1000
    assert pl.scan_parquet(out).select(pl.col("anomaly").sum()).collect().item() == 1000
