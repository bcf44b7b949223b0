"""The published numbers of ADBench come out; benchmarks/reproduce_adbench.py does all sets."""

import os
import sys
from pathlib import Path

import pytest
from attrs import evolve

from ad_core.benchmark import DetectorEntry, Experiment, read_experiment

ROOT = Path(__file__).parents[1]
TABLES = Path(os.environ.get("AD_DATA_MIRROR", "")) / "tables"
SMALL = {
    "cardio": ("IForest", "COPOD", "HBOS", "PCA", "CBLOF"),
    "glass": ("IForest", "COPOD", "HBOS", "OCSVM", "KNN", "LOF", "LODA", "PCA", "CBLOF", "ECOD"),
    "Hepatitis": ("IForest", "COPOD", "HBOS", "KNN", "ECOD"),
    "WBC": ("IForest", "COPOD", "HBOS", "LODA", "CBLOF"),
}


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import reproduce_adbench

    yield reproduce_adbench
    del sys.modules["reproduce_adbench"]


def cell(script, mean, reference=0.9, dataset="cardio"):
    return script.Cell(
        dataset=dataset, algorithm="IForest", n_seeds=3, mean=mean, reference=reference
    )


@pytest.mark.skipif(not TABLES.is_dir(), reason="AD_DATA_MIRROR holds no published tables")
@pytest.mark.parametrize("name", SMALL)
def test_small_sets_come_out_within_a_hundredth_of_a_point(script, tmp_path, name):
    wanted = read_experiment(script.EXPERIMENT)
    chosen = tuple(one for one in wanted.detectors if one.label in SMALL[name])
    small = evolve(wanted, detectors=chosen, datasets=(f"adbench/{name}",), output=tmp_path)
    runs = script.records([small])
    found = script.cells(runs, script.Published.read(TABLES))
    assert {one.algorithm for one in found} == {*SMALL[name]}
    assert all(one.n_seeds == 3 and one.reference is not None for one in found)
    assert {one.algorithm: one.mean for one in found if one.off} == {}
    assert script.problems(found, runs) == []


@pytest.mark.skipif(not TABLES.is_dir(), reason="AD_DATA_MIRROR holds no published tables")
def test_a_seed_in_place_of_the_global_generator_would_be_noticed(script, tmp_path):
    wanted = Experiment(
        datasets=("adbench/cardio",),
        detectors=(DetectorEntry(name="isolation_forest", label="IForest"),),
        seeds=(1, 2, 3),
        metrics=("roc_auc",),
        protocol="holdout",
        output=tmp_path,
    )
    (found,) = script.cells(script.records([wanted]), script.Published.read(TABLES))
    assert found.off


def test_the_page_is_what_the_values_say(script):
    found = script.read_csv(script.DOCS / "reproduction.csv")
    assert script.page(found) == (script.DOCS / "reproduction.md").read_text()


def test_every_difference_on_the_page_is_explained_and_no_other(script):
    found = script.read_csv(script.DOCS / "reproduction.csv")
    assert script.problems(found, []) == []
    assert {*script.EXPLAINED} == {(one.dataset, one.algorithm) for one in found if one.off}
    exact = [one for one in found if one.algorithm in ("IForest", "COPOD") and one.reference]
    assert len(exact) == 62
    assert not any(one.off for one in exact)


def test_a_difference_without_an_explanation_is_a_problem(script):
    (problem,) = script.problems([cell(script, 0.9002)], [], {})
    assert problem == "IForest on cardio: 90.020, not 90.00, and EXPLAINED does not say why"
    assert script.problems([cell(script, 0.9001)], [], {}) == []
    assert script.problems([cell(script, 0.1, reference=None)], [], {}) == []


def test_an_explanation_without_a_difference_is_a_problem(script):
    explained = {("cardio", "IForest"): "rounding", ("glass", "IForest"): "not run here"}
    (problem,) = script.problems([cell(script, 0.9)], [], explained)
    assert problem == "IForest on cardio: explained in EXPLAINED, but it is right"
    assert script.problems([cell(script, 0.8)], [], explained) == []


def test_a_run_that_failed_is_a_problem(script, tmp_path):
    wanted = Experiment(
        datasets=("wine",),
        detectors=(DetectorEntry(name="knn", label="KNN", params={"n_neighbors": 10**6}),),
        metrics=("roc_auc",),
        output=tmp_path,
    )
    runs = script.records([wanted])
    failed = [evolve(one, status="error") for one in runs]
    assert script.cells(failed, script.Published()) == []
    assert script.problems([], failed)[0].startswith("KNN on wine, seed 0: error")


def test_without_the_tables_there_is_one_line_that_says_what_is_missing(
    script, monkeypatch, capsys
):
    monkeypatch.setenv("AD_DATA_MIRROR", "nowhere")
    monkeypatch.setattr(sys, "argv", ["reproduce_adbench.py"])
    assert script.main() == 1
    assert capsys.readouterr().err == (
        f"error: {Path('nowhere/tables/adbench_unsup.csv')} is missing; AD_DATA_MIRROR has to "
        "name a folder with tables/adbench_unsup.csv\n"
    )
