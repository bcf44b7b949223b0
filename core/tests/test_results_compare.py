"""Before and after: what counts as worse beyond noise, and what does not."""

import hashlib
import json

import numpy as np
import pytest
from attrs import evolve

from ad_core.errors import ResultsError
from ad_core.results import ErrorInfo, Plugin, Record, RunStore, Scores, Status, compare


def record(model="m", dataset="d", seed=0, value=0.9, **more):
    name = f"{model}{dataset}{seed}"
    made = Record(
        key=hashlib.sha256(name.encode()).hexdigest(),
        status=Status.OK,
        protocol="holdout/1",
        dataset=dataset,
        dataset_sha256="b" * 64,
        model=model,
        detector=f"p/{model}",
        plugin=Plugin(name="p", distribution="d", version="1"),
        params={},
        seed=seed,
        data_seed=0,
        repetition=0,
        metrics={"roc_auc": value},
        fit_time=1.0,
        score_time=0.5,
        started_at="2026-01-01T00:00:00+00:00",
        finished_at="2026-01-01T00:00:01+00:00",
        hardware="a machine",
        scores_sha256="c" * 64,
    )
    return evolve(made, **more)


def failed(one, status=Status.TIMEOUT):
    error = ErrorInfo(type="E", message="took too long")
    return evolve(one, status=status, error=error, metrics={}, scores_sha256=None)


def grid(values, **more):
    """Make a record a seed and data set; `values` is data sets x seeds."""
    return [
        record(dataset=f"d{place:02}", seed=seed, value=float(value), **more)
        for place, row in enumerate(values)
        for seed, value in enumerate(row)
    ]


def verdicts(found):
    return {one.dataset: one.verdict for one in found.cells}


def test_a_folder_is_no_worse_than_itself():
    runs = grid(np.random.default_rng(0).random((12, 3)))
    found = compare(runs, runs)
    assert not found.regressed
    assert found.decided
    assert {one.verdict for one in (*found.cells, *found.models)} == {"same"}


def test_one_collapse_among_many_data_sets_is_found_and_comes_first():
    rng = np.random.default_rng(1)
    before = 0.8 + 0.01 * rng.normal(size=(30, 3))
    after = before + 0.01 * rng.normal(size=before.shape)
    after[7] -= 0.4
    found = compare(grid(before), grid(after))
    assert found.regressed
    assert found.cells[0].dataset == "d07"
    assert verdicts(found)["d07"] == "worse"
    assert [*verdicts(found).values()].count("worse") == 1


def test_noise_alone_is_rarely_called_a_regression():
    alarms = 0
    for trial in range(100):
        rng = np.random.default_rng(trial)
        before, after = (0.8 + 0.02 * rng.normal(size=(12, 3)) for _ in range(2))
        alarms += compare(grid(before), grid(after)).regressed
    assert alarms <= 10


def test_a_small_loss_on_every_data_set_is_found_by_the_test_over_data_sets():
    rng = np.random.default_rng(3)
    before = rng.random((12, 1))
    found = compare(grid(before), grid(before - 0.01 - 0.001 * rng.random((12, 1))))
    assert {*verdicts(found).values()} == {"unknown"}
    model = found.models[0]
    assert model.verdict == "worse"
    assert model.interval.low < model.change < model.interval.high < 0
    assert found.regressed


def test_lower_may_be_better():
    rows = [[0.5, 0.5]]
    found = compare(grid(rows), grid([[0.9, 0.9]]), higher_is_better=False)
    assert found.cells[0].change == pytest.approx(-0.4)
    assert found.regressed
    assert not compare(grid(rows), grid([[0.9, 0.9]])).regressed


def test_a_change_within_the_tolerance_never_counts():
    before, after = grid([[0.9, 0.9, 0.9]]), grid([[0.8995] * 3])
    assert not compare(before, after).regressed
    assert compare(before, after, tolerance=0).regressed


def test_one_seed_and_few_data_sets_decide_nothing():
    found = compare(grid([[0.9], [0.9]]), grid([[0.1], [0.1]]))
    assert not found.decided
    assert not found.regressed


@pytest.mark.parametrize("status", [Status.ERROR, Status.TIMEOUT, Status.OOM, Status.SKIPPED])
def test_a_run_that_fails_now_is_a_regression(status):
    before = grid([[0.9, 0.9]])
    found = compare(before, [before[0], failed(before[1], status)])
    assert found.regressed
    assert found.failures[0].reason == f"{status}: took too long"


def test_a_run_that_failed_before_or_was_stopped_by_hand_is_none():
    before = grid([[0.9, 0.9], [0.8, 0.8]])
    assert not compare([failed(before[0]), *before[1:]], before).regressed
    after = [failed(before[0], Status.INTERRUPTED), *before[1:]]
    found = compare(before, after)
    assert not found.regressed
    assert "1 runs are there before only and are left out." in found.notes


def test_a_value_that_is_undefined_now_is_a_regression():
    before = grid([[0.9, 0.9]])
    gone = evolve(before[0], metrics={"roc_auc": None}, reasons={"roc_auc": "one class only"})
    assert compare(before, [gone, before[1]]).failures[0].reason == "one class only"


def test_other_data_of_the_same_name_are_left_out_aloud():
    before = grid([[0.9, 0.9], [0.9, 0.9]])
    after = [evolve(one, dataset_sha256="f" * 64) for one in before[:2]] + before[2:]
    found = compare(before, after)
    assert [*verdicts(found)] == ["d01"]
    assert "Left out, the data themselves differ: d00." in found.notes


def test_folders_with_nothing_in_common_are_refused():
    with pytest.raises(ResultsError, match="have no run with roc_auc in common"):
        compare(grid([[0.9]]), [record(model="other")])


def test_times_are_ratios_and_decide_only_when_asked():
    before = grid(np.full((5, 2), 0.9))
    found = compare(before, [evolve(one, fit_time=3.0, score_time=1.5) for one in before])
    assert found.times[0].ratio == pytest.approx(3)
    assert not found.regressed
    assert [one.model for one in found.slower(2)] == ["m"]
    assert not found.slower(4)


def test_times_on_different_machines_are_not_compared_and_it_is_said():
    before = grid([[0.9, 0.9]])
    found = compare(before, [evolve(one, hardware="another") for one in before])
    assert not found.times
    assert any("the machines differ: a machine before, another after" in n for n in found.notes)


@pytest.fixture
def folders(tmp_path):
    def write(name, records):
        store = RunStore(tmp_path / name)
        for one in records:
            store.write(one, Scores(scores=np.arange(4.0)) if one.ok else None)
        return store.folder

    return write


def test_the_command_exits_with_1_on_a_regression_only(ad, folders):
    runs = grid(np.full((3, 3), 0.9))
    before = folders("before", runs)
    worse = folders("after", [evolve(one, metrics={"roc_auc": 0.5}) for one in runs])
    same = ad("benchmark", "compare", before, before)
    assert (same.status, same.err) == (0, "")
    assert same.out.endswith("Nothing got worse beyond noise.\n")
    result = ad("benchmark", "compare", before, worse)
    assert result.status == 1
    assert "-0.4000" in result.out
    found = json.loads(ad("benchmark", "compare", before, worse, "--json").out)
    assert found["regressed"] is True
    assert found["cells"][0]["verdict"] == "worse"


def test_the_command_says_when_it_cannot_tell(ad, folders):
    one = folders("one", grid([[0.9]]))
    result = ad("benchmark", "compare", one, one)
    assert result.status == 1
    assert "Cannot tell" in result.out
    assert "seeds: [0, 1, 2]" in result.out


def test_the_command_compares_times_when_asked(ad, folders):
    runs = grid(np.full((3, 3), 0.9))
    before = folders("before", runs)
    slow = folders("slow", [evolve(one, fit_time=9.0) for one in runs])
    far = folders("far", [evolve(one, hardware="another") for one in runs])
    assert ad("benchmark", "compare", before, slow).status == 0
    assert ad("benchmark", "compare", before, slow, "--time", "2").status == 1
    result = ad("benchmark", "compare", before, far, "--time", "2")
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert "times cannot be compared; leave out --time" in result.err


def test_wrong_folders_and_metrics_are_one_line(ad, folders, tmp_path):
    before = folders("before", grid([[0.9, 0.9]]))
    other = folders("other", [record(model="other")])
    for arguments in (
        (before, tmp_path / "none"),
        (before, other),
        (before, before, "--metric", "auk"),
    ):
        result = ad("benchmark", "compare", *arguments)
        assert (result.status, result.err.count("\n")) == (1, 1)
        assert result.err.startswith("error: ")
