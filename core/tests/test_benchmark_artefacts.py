"""``config.json``, ``environment.json`` and the leaderboards beside the records."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from ad_core.benchmark import DetectorEntry, Experiment, plan, run
from ad_core.benchmark._artefacts import describe_experiment, keep_artefacts
from ad_core.benchmark._plain import plain, restore
from ad_core.errors import ParameterError, ResultsError
from ad_core.load import create
from ad_core.results import (
    ARTEFACTS,
    Kind,
    RunStore,
    read_artefact,
    validate,
    write_artefact,
    write_leaderboards,
)


def planned(*detectors, name="trial", datasets=("wine",), seeds=(0,)):
    entries = tuple(DetectorEntry(name=one) for one in detectors or ("random",))
    return plan(Experiment(datasets=datasets, detectors=entries, seeds=seeds, name=name))


@pytest.fixture
def store(tmp_path):
    found = RunStore(tmp_path / "runs")
    found.prepare()
    return found


def test_a_benchmark_leaves_its_configuration_and_environment(store):
    wanted = planned("random", "constant", seeds=(0, 3))
    run(wanted, store)
    config = read_artefact(store.folder, Kind.CONFIG)["experiments"]["trial"]
    assert config["seeds"] == [0, 3]
    assert config["datasets"] == ["wine"]
    assert config["protocols"] == [wanted.tasks[0].protocol]
    assert config["execution"]["n_jobs"] == 1
    assert [one["detector"] for one in config["detectors"]] == ["core/random", "core/constant"]
    assert {one["key"] for one in config["runs"]} == {one.key for one in store.records()}
    here = read_artefact(store.folder, Kind.ENVIRONMENT)["environments"]
    assert len(here) == 1
    assert {"ad-core", "numpy"} <= {*here[0]["distributions"]}


def test_the_text_of_the_experiment_is_known_by_its_hash(ad, tmp_path):
    path = tmp_path / "trial.yaml"
    path.write_text("detectors: [random]\ndatasets: [wine]\n")
    assert ad("benchmark", path, "-o", tmp_path / "runs").status == 0
    config = read_artefact(tmp_path / "runs", Kind.CONFIG)["experiments"]["trial"]
    assert config["source"] == {
        "file": "trial.yaml",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def test_the_command_leaves_leaderboards_that_say_what_ad_leaderboard_says(ad, tmp_path):
    path = tmp_path / "trial.yaml"
    path.write_text("detectors: [random, constant]\ndatasets: [wine]\n")
    folder = tmp_path / "runs"
    ad("benchmark", path, "-o", folder)
    for ending, layout in (("json", "json"), ("md", "md")):
        kept = (folder / f"leaderboard.{ending}").read_text()
        assert kept == ad("leaderboard", folder, "--format", layout).out
    assert {one.name for one in folder.glob("[!.]*") if len(one.stem) < 64} == {
        "config.json", "environment.json", "leaderboard.json", "leaderboard.md", "leaderboard.html",
    }  # fmt: skip


def test_the_page_is_the_one_of_ad_leaderboard(ad, tmp_path):
    path, folder = tmp_path / "trial.yaml", tmp_path / "runs"
    path.write_text("detectors: [random]\ndatasets: [wine]\n")
    ad("benchmark", path, "-o", folder)
    page = ad("leaderboard", folder, "--format", "html").out
    assert (folder / "leaderboard.html").read_text() == page


def test_without_the_extra_there_is_no_page_and_one_line_says_how_to_get_it(
    ad, tmp_path, monkeypatch
):
    monkeypatch.setattr("ad_core.results.html.find_spec", lambda name: None)
    path, folder = tmp_path / "trial.yaml", tmp_path / "runs"
    path.write_text("detectors: [random]\ndatasets: [wine]\n")
    result = ad("benchmark", path, "-o", folder)
    assert result.status == 0
    assert not (folder / "leaderboard.html").exists()
    said = [line for line in result.err.splitlines() if "leaderboard.html" in line]
    assert len(said) == 1
    assert said[0].endswith("pip install 'ad-core[report]'")


def test_every_artefact_fits_its_schema(store):
    run(planned(), store)
    write_leaderboards(store.folder)
    for kind in ARTEFACTS:
        values = json.loads((store.folder / f"{kind}.json").read_bytes())
        assert values["schema_version"] == (2 if kind is Kind.LEADERBOARD else 1)
        validate(values, str(kind), kind)
        with pytest.raises(ResultsError, match="x is not a valid .*: the whole: .*'extra'"):
            validate({**values, "extra": 1}, "x", kind)


def test_experiments_in_one_folder_stand_side_by_side_and_the_last_of_a_name_counts(store):
    keep_artefacts(planned(name="b"), store)
    keep_artefacts(planned(name="a"), store)
    keep_artefacts(planned("constant", name="b"), store)
    found = read_artefact(store.folder, Kind.CONFIG)["experiments"]
    assert [*found] == ["a", "b"]
    assert [one["model"] for one in found["b"]["detectors"]] == ["constant"]
    assert len(read_artefact(store.folder, Kind.ENVIRONMENT)["environments"]) == 1


def test_drivers_that_start_together_lose_nothing(store):
    plans = [planned(name=f"e{place}") for place in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: keep_artefacts(one, RunStore(store.folder)), plans))
    assert len(read_artefact(store.folder, Kind.CONFIG)["experiments"]) == 8


def test_another_machine_is_added_to_the_environments(store, monkeypatch):
    keep_artefacts(planned(), store)
    monkeypatch.setattr("ad_core.benchmark._artefacts.hardware", lambda: "another machine")
    keep_artefacts(planned(), store)
    found = read_artefact(store.folder, Kind.ENVIRONMENT)["environments"]
    assert len(found) == 2
    assert found[-1]["hardware"] == "another machine"


def test_the_same_plan_writes_nothing_anew(store):
    keep_artefacts(planned(), store)
    before = {path: path.stat().st_mtime_ns for path in store.folder.glob("*.json")}
    keep_artefacts(planned(), store)
    assert before == {path: path.stat().st_mtime_ns for path in store.folder.glob("*.json")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "is not a valid configuration"),
        ('{"schema_version": 99}', "is not a valid configuration"),
        ("\udcff", "is damaged"),
    ],
)
def test_a_damaged_configuration_stops_a_benchmark_before_it_computes(store, text, message):
    path = store.folder / "config.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ResultsError, match=f"{message}.*; delete it and run the benchmark again"):
        run(planned(), store)
    assert not list(store.folder.glob("?" * 64 + ".json"))


def test_what_breaks_the_schema_is_not_written(store):
    with pytest.raises(ResultsError, match="environments"):
        write_artefact(store.folder, Kind.ENVIRONMENT, {"environments": []})
    assert not (store.folder / "environment.json").exists()


def test_a_folder_that_vanished_is_one_line(store):
    with pytest.raises(ResultsError, match=r"cannot write .*config.json: No such file.*writable"):
        write_artefact(Path(store.folder / "gone"), Kind.CONFIG, {"experiments": {}})


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 0.5, "auto", [1, [2.5]], {"a": {"b": 1}}, float("inf"), float("-inf")],
)
def test_plain_arguments_survive_json(value):
    assert restore(json.loads(json.dumps(plain(value), allow_nan=False))) == value


def test_arrays_and_tuples_come_back_as_lists():
    assert restore(plain((np.float64(0.5), np.arange(2)))) == [0.5, [0, 1]]
    assert np.isnan(restore(plain(float("nan"))))


def test_a_detector_as_an_argument_is_built_again():
    inner = create("random", contamination=0.2, random_state=3)
    again = restore(json.loads(json.dumps(plain({"base": [inner]}))))["base"][0]
    assert type(again) is type(inner)
    assert again.get_params() == inner.get_params()


@pytest.mark.parametrize("value", [len, np.linalg.norm, object(), dict])
def test_an_object_leaves_its_text_alone_and_is_refused(value):
    described = plain(value)
    assert " at 0x" not in described["$text"]
    with pytest.raises(ParameterError, match="is an object, which no record can hold"):
        restore([described])


def test_an_experiment_of_no_file_has_no_hash():
    wanted = planned()
    described = describe_experiment(evolve(wanted, tasks=wanted.tasks))
    assert described["source"] == {"file": "experiment", "sha256": None}
