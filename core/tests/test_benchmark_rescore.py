"""New metrics without a new fit, and the records as a table."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from attrs import evolve

from ad_core.benchmark import DetectorEntry, Experiment, collect, plan, rescore, rescore_run, run
from ad_core.data import write_table
from ad_core.errors import ResultsError
from ad_core.registry import get_registry
from ad_core.results import ErrorInfo, RunStore, Status


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four runs with one metric."""
    store = RunStore(tmp_path_factory.mktemp("made") / "runs")
    wanted = Experiment(
        datasets=("wine",),
        detectors=(DetectorEntry(name="random"), DetectorEntry(name="constant")),
        seeds=(0, 1),
        metrics=("roc_auc",),
    )
    run(plan(wanted), store)
    return store


@pytest.fixture
def store(made, tmp_path):
    """Return a copy of them."""
    copy = RunStore(tmp_path / "runs")
    for record in made.records():
        copy.write(record, made.scores(record))
    return copy


def specs(*names):
    return [get_registry().metrics.get(name).spec for name in names]


def test_a_missing_metric_is_computed_and_the_rest_of_the_record_stays(store, made):
    done = list(rescore(store, specs("pr_auc", "roc_auc")))
    assert [one.metrics for one in done] == [("pr_auc",)] * 4
    for before, after in zip(made.records(), store.records(), strict=True):
        assert after.metrics["pr_auc"] > 0
        assert evolve(after, metrics=before.metrics) == before
        assert store.scores(after).scores.tolist() == made.scores(before).scores.tolist()


def test_a_present_metric_is_computed_again_only_when_named(store):
    record = store.records()[0]
    wrong = store.write(evolve(record, metrics={"roc_auc": 0.123}))
    assert not next(rescore(store, specs("roc_auc"))).metrics
    assert rescore_run(store, wrong, specs("roc_auc")).metrics["roc_auc"] == 0.123
    again = rescore_run(store, wrong, specs("roc_auc"), again={"roc_auc"})
    assert again == record == store.find(record.key)


def test_a_reason_goes_with_the_null_that_it_explained(store):
    record = store.records()[0]
    store.write(evolve(record, metrics={"roc_auc": None}, reasons={"roc_auc": "bad luck"}))
    list(rescore(store, specs("roc_auc"), again={"roc_auc"}))
    assert store.find(record.key).reasons == {}


def test_several_at_once_lose_no_metric(store):
    names = ("pr_auc", "f1", "f1_best", "f1_fit", "r_precision")
    barrier = threading.Barrier(len(names))

    def work(name):
        barrier.wait()
        return list(rescore(RunStore(store.folder), specs(name)))

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(work, names))
    for record in store.records():
        assert {*record.metrics} == {"roc_auc", *names}


def test_damage_is_named_and_costs_its_own_run_alone(store):
    gone, cut, broken, good = store.records()
    (store.folder / f"{gone.key}.npz").unlink()
    path = store.folder / f"{cut.key}.npz"
    path.write_bytes(path.read_bytes()[:-7])
    (store.folder / f"{broken.key}.json").write_text("{")
    done = {one.key: one for one in rescore(store, specs("f1"))}
    assert "No such file" in done[gone.key].problem
    assert "are damaged" in done[cut.key].problem
    assert "is damaged" in done[broken.key].problem
    assert done[good.key].metrics == ("f1",)
    assert "f1" in store.find(good.key).metrics


def test_the_command_names_what_it_did(ad, store):
    result = ad("benchmark", "rescore", store.folder, "--metric", "pr_*", "--metric", "auroc")
    assert result.status == 0, result.err
    assert "pr_auc: computed for 4 of 4 runs" in result.out
    assert "roc_auc: computed for 4 of 4 runs" in result.out
    result = ad("benchmark", "rescore", store.folder, "--metric", "pr_*")
    assert "4 of 4 runs had them already" in result.out


def test_all_computes_what_the_records_have(ad, store):
    record = store.records()[0]
    store.write(evolve(record, metrics={"roc_auc": 0.123, "of_yore": 1.0}))
    result = ad("benchmark", "rescore", store.folder, "--all", "--json")
    assert result.status == 0
    assert "of_yore is left as it is" in result.err
    first = json.loads(result.out)[0]
    assert first["computed"] == record.metrics
    assert store.find(record.key).metrics == {**record.metrics, "of_yore": 1.0}


def test_the_command_reports_damage_does_the_rest_and_exits_with_1(ad, store):
    first, second = store.records()[:2]
    (store.folder / f"{first.key}.npz").write_bytes(b"PK")
    failed = evolve(second, status=Status.ERROR, scores_sha256=None)
    store.write(evolve(failed, error=ErrorInfo(type="E", message="no"), metrics={}, reasons={}))
    result = ad("benchmark", "rescore", store.folder, "--metric", "f1")
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert f"{first.key}.npz are damaged; delete it" in result.err
    assert "f1: computed for 2 of 4 runs" in result.out
    assert "1 of 4 runs failed and have no scores" in result.out
    assert "1 of 4 runs could not be done" in result.out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((), 2, "name a metric with --metric, or compute all again with --all"),
        (("--metric", "auk"), 1, "no metric is called 'auk'"),
        (("--metric", "zzz*"), 1, "no metric is called 'zzz*'"),
    ],
)
def test_wrong_usage_of_rescore_is_one_line(ad, store, arguments, status, message):
    result = ad("benchmark", "rescore", store.folder, *arguments)
    assert (result.status, result.err.count("\n")) == (status, 1)
    assert message in result.err


@pytest.mark.parametrize("command", ["rescore", "collect"])
@pytest.mark.parametrize("kind", ["missing", "empty", "a file"])
def test_what_is_no_results_folder_is_one_line(ad, tmp_path, command, kind):
    folder = tmp_path / "odd"
    if kind == "empty":
        folder.mkdir()
    elif kind == "a file":
        folder.write_text("")
    more = ("--metric", "f1") if command == "rescore" else ("-o", tmp_path / "x.csv")
    result = ad("benchmark", command, folder, *more)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert str(folder) in result.err


def test_a_table_has_a_row_a_run_and_a_column_a_metric_and_parameter(store):
    frame = collect([store.folder])
    assert frame.height == 4
    assert frame.columns[:3] == ["folder", "key", "status"]
    assert frame["metrics.roc_auc"].dtype == pl.Float64
    assert frame["seed"].dtype == pl.Int64
    assert "params.contamination" in frame.columns
    assert not {"roc_auc", "$schema", "plugin"} & {*frame.columns}
    assert frame.select("model", "seed").rows() == [
        ("constant", 0), ("constant", 1), ("random", 0), ("random", 1),
    ]  # fmt: skip


def test_failed_runs_are_rows_with_their_error(store):
    record = store.records()[0]
    failed = evolve(record, status=Status.OOM, scores_sha256=None, metrics={})
    store.write(evolve(failed, error=ErrorInfo(type="MemoryError", message="no, none")))
    frame = collect([store.folder]).filter(key=record.key)
    assert frame["error.message"].to_list() == ["no, none"]
    assert frame["metrics.roc_auc"].to_list() == [None]
    assert "error" not in frame.columns


def test_values_of_several_kinds_become_json(store):
    kinds = [{"k": 3, "t": [1]}, {"k": "auto"}, {"k": None, "u": 1}, {"k": 0.5, "u": 0.5}]
    for record, params in zip(collect_order(store), kinds, strict=True):
        store.write(evolve(record, params=params))
    frame = collect([store.folder])
    assert frame["params.k"].to_list() == ["3", '"auto"', None, "0.5"]
    assert frame["params.t"].to_list() == ["[1]", None, None, None]
    assert frame["params.u"].to_list() == [None, None, 1.0, 0.5]


def collect_order(store):
    return sorted(store.records(), key=lambda one: (one.dataset, one.model, one.seed))


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_every_format_holds_the_same_and_the_same_bytes_each_time(ad, store, tmp_path, ending):
    path = tmp_path / f"all.{ending}"
    result = ad("benchmark", "collect", store.folder, "-o", path)
    assert result.status == 0, result.err
    assert result.out.startswith("4 runs, ")
    first = path.read_bytes()
    assert ad("benchmark", "collect", store.folder, store.folder, "-o", path).status == 0
    assert path.read_bytes() == first
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[ending]
    expected = collect([store.folder])
    assert read(path)["metrics.roc_auc"].to_list() == expected["metrics.roc_auc"].to_list()


def test_several_folders_stand_in_the_order_given(store, tmp_path):
    other = RunStore(tmp_path / "another")
    record = store.records()[0]
    other.write(record, store.scores(record))
    frame = collect([other.folder, store.folder])
    assert frame["folder"].to_list() == [str(other.folder)] + [str(store.folder)] * 4


def test_a_failure_leaves_the_old_table(ad, store, tmp_path):
    path = tmp_path / "all.csv"
    path.write_text("mine")
    record = store.folder / f"{store.records()[0].key}.json"
    record.write_text(record.read_text()[:40])
    result = ad("benchmark", "collect", store.folder, "-o", path)
    assert (result.status, path.read_text()) == (1, "mine")
    assert f"the record {record} is damaged" in result.err


def test_an_unknown_ending_is_refused(ad, store, tmp_path):
    result = ad("benchmark", "collect", store.folder, "-o", tmp_path / "all.xlsx")
    assert result.status == 1
    assert "must end in .csv, .parquet, .jsonl" in result.err
    with pytest.raises(ResultsError):
        write_table(tmp_path / "all.xlsx", collect([store.folder]))
