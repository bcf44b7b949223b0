"""The leaderboard: what is ranked, what is shown, and that it is reproducible."""

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_core.results import (
    BOARD_VERSION,
    ErrorInfo,
    Plugin,
    Record,
    Status,
    leaderboard,
    to_json,
    to_markdown,
    to_table,
)


def run(model, dataset, value, seed=0, status=Status.OK, day=1, **more):
    """Make a record; a value of None is an undefined metric."""
    failed = status is not Status.OK
    metrics = {} if failed else {"roc_auc": value}
    return Record(
        key=hashlib.sha256(f"{model}{dataset}{seed}{day}{more}".encode()).hexdigest(),
        status=status,
        error=ErrorInfo(type="E", message="it broke") if failed else None,
        protocol=more.get("protocol", "holdout/2"),
        dataset=dataset,
        model=model,
        detector=f"p/{model}",
        family=more.get("family", "density"),
        plugin=Plugin(name="p", distribution="d", version="1"),
        params=more.get("params", {}),
        seed=seed,
        data_seed=0,
        repetition=seed,
        metrics=metrics,
        reasons={"roc_auc": "one class only"} if value is None and not failed else {},
        fit_time=None if failed else more.get("fit_time", 1.0),
        time_per_1000=None if failed else 0.5,
        peak_memory=None if failed else 2_000_000,
        started_at=f"2026-01-{day:02}T00:00:00+00:00",
        finished_at=f"2026-01-{day:02}T00:00:01+00:00",
        hardware=more.get("hardware", "a machine"),
        environment=more.get("environment", {}),
        dataset_sha256=more.get("sha256"),
    )


FULL = [
    run("a", "x", 0.9), run("b", "x", 0.8), run("c", "x", 0.8),
    run("a", "y", 0.5), run("b", "y", 0.7), run("c", "y", 0.6),
]  # fmt: skip


NO_BASELINE = "No null baseline is ranked: nothing here tells what chance would give."
ONE_SET = "Over one data set: no intervals and no p-values."
FEW = (
    "Over 2 data sets: no p-values below 10, and the 95 % intervals (bootstrap over data sets) "
    "are too narrow."
)


def null(model, dataset, value, **more):
    return run(model, dataset, value, family="baseline", **more)


def by_model(board):
    return {row.model: row for row in board.rows}


def test_ranks_are_averaged_and_ties_share_theirs():
    board = leaderboard(FULL)
    rows = by_model(board)
    assert rows["a"].mean_rank == (1 + 3) / 2
    assert rows["b"].mean_rank == (2.5 + 1) / 2
    assert rows["c"].mean_rank == (2.5 + 2) / 2
    assert rows["b"].mean == pytest.approx(0.75)
    assert [row.model for row in board.rows] == ["b", "a", "c"]
    assert [row.place for row in board.rows] == [1, 2, 3]
    assert board.notes == (NO_BASELINE, FEW)
    assert board.gaps == ()


def test_models_of_one_rank_share_their_place():
    board = leaderboard([run("a", "x", 0.5), run("b", "x", 0.5), run("c", "x", 0.1)])
    assert [(row.place, row.mean_rank) for row in board.rows] == [(1, 1.5), (1, 1.5), (3, 3)]


def test_median_and_win_rate():
    values = {"x": 0.9, "y": 0.5, "z": 0.7}
    records = [run("a", name, value) for name, value in values.items()]
    records += [run("b", name, 0.5) for name in values]
    rows = by_model(leaderboard(records))
    assert (rows["a"].median, rows["b"].median) == (0.7, 0.5)
    assert rows["a"].win_rate == pytest.approx(2.5 / 3)
    assert rows["b"].win_rate == pytest.approx(0.5 / 3)


def test_lower_can_be_better():
    board = leaderboard(FULL, higher_is_better=False)
    assert by_model(board)["a"].mean_rank == (3 + 1) / 2
    assert [row.model for row in board.rows] == ["c", "a", "b"]


def test_seeds_are_averaged_before_data_sets():
    board = leaderboard(
        [
            run("a", "x", 0.0),
            run("a", "x", 1.0, seed=1),
            run("a", "y", 1.0),
            run("a", "y", 1.0, seed=1),
        ]
    )
    (row,) = board.rows
    assert [cell.value for cell in row.cells] == [0.5, 1.0]
    assert row.mean == 0.75


def test_a_failed_cell_is_visible_and_takes_its_data_set_out_of_the_ranks():
    third = [run(model, "z", 0.5) for model in "abc"]
    board = leaderboard([*FULL[:5], *third, run("c", "y", None, status=Status.TIMEOUT)])
    assert board.ranked_on == ("x", "z")
    assert by_model(board)["c"].n_failed == 1
    assert by_model(board)["c"].coverage == pytest.approx(2 / 3)
    assert board.notes == (
        "Means and ranks are over 2 of 3 data sets, those without a gap.",
        NO_BASELINE,
        FEW,
    )
    assert board.gaps == ("c on y: timeout: it broke",)
    assert by_model(board)["c"].statuses == {"ok": 2, "timeout": 1}
    assert by_model(board)["c"].cells[1].statuses == {"timeout": 1}
    assert "timeout" in next(row for row in to_table(board).rows if row[1] == "c")


def test_a_model_without_a_result_is_listed_and_not_ranked():
    board = leaderboard([*FULL, run("z", "x", None, status=Status.SKIPPED)])
    last = board.rows[-1]
    assert (last.model, last.mean, last.mean_rank, last.coverage) == ("z", None, None, 0)
    assert board.ranked_on == ("x", "y")
    assert "Not ranked, for their gaps: z (0 of 2)." in board.notes
    assert board.gaps == ("z on x: skipped: it broke", "z on y: not run")
    table = to_table(board)
    assert table.rows[-1][:4] == ("–", "z", "–", "–")
    assert table.rows[-1][5:7] == ("skipped", "missing")


@pytest.mark.parametrize(
    ("held", "ranked_on"),
    [("uv", "uvwxyz"), ("uvw", "uvwxyz"), ("uvwx", "uvwx"), ("uvwxy", "uvwxy")],
)
def test_the_ranked_table_is_as_large_as_it_can_be(held: str, ranked_on: str):
    records = [run(model, name, 0.5) for model in "ab" for name in "uvwxyz"]
    board = leaderboard([*records, *(run("slow", name, 0.9) for name in held)])
    assert board.ranked_on == tuple(ranked_on)
    ranked = len(held) == len(ranked_on)
    assert by_model(board)["slow"].place == (1 if ranked else None)
    note = f"Not ranked, for their gaps: slow ({len(held)} of 6)."
    assert (note in board.notes) != ranked


def test_a_mean_over_some_seeds_is_marked_and_not_ranked():
    records = [
        *FULL,
        run("a", "x", 0.7, seed=1),
        run("b", "x", 0.6, seed=1),
        run("c", "x", None, 1, Status.OOM),
        *(run(model, "z", 0.5) for model in "abc"),
    ]
    board = leaderboard(records)
    assert board.ranked_on == ("y", "z")
    assert "0.8000*" in next(row for row in to_table(board).rows if row[1] == "c")
    assert board.gaps == ("c on x: oom: it broke",)
    assert by_model(board)["c"].cells[0].word == "oom"


def test_an_undefined_metric_gives_its_reason():
    board = leaderboard([run("a", "x", None)])
    assert board.notes == ("No ranks: there is no data set on which every model has roc_auc.",)
    assert board.gaps == ("a on x: one class only",)
    assert board.rows[0].cells[0].word == "undefined"
    assert leaderboard([run("a", "x", 0.5)], "f1").gaps == ("a on x: f1 was not computed",)


def test_the_newest_good_run_of_a_cell_counts():
    records = [
        run("a", "x", 0.1, day=1),
        run("a", "x", 0.2, day=2),
        run("a", "x", None, status=Status.ERROR, day=3),
    ]
    board = leaderboard(records)
    assert board.rows[0].mean == 0.2
    assert (board.n_records, board.n_superseded) == (3, 2)
    assert board.notes[-1] == "2 older runs of the same cells are left out."


def test_a_label_that_stands_for_two_settings_is_told_apart():
    board = leaderboard([run("a", "x", 0.1, params={"k": 1}), run("a", "x", 0.2, params={"k": 2})])
    assert [row.model for row in board.rows] == ["a #2", "a #1"]
    assert board.notes[:2] == ('a #1: p/a {"k": 1}', 'a #2: p/a {"k": 2}')


def test_a_skipped_run_joins_the_setting_that_it_would_have_had():
    records = [
        run("a", "x", 0.1, params={"k": 1, "m": 0}),
        run("a", "x", None, status=Status.SKIPPED, params={"k": 1}, seed=1),
    ]
    assert [row.model for row in leaderboard(records).rows] == ["a"]


@given(st.randoms(use_true_random=False))
def test_every_format_is_byte_equal_in_any_order(shuffler: random.Random):
    records = [*FULL, run("z", "x", None, status=Status.CRASH), run("a", "x", 0.3, day=2)]
    shuffled = records.copy()
    shuffler.shuffle(shuffled)
    first, second = leaderboard(records), leaderboard(shuffled)
    assert to_markdown(first) == to_markdown(second)
    assert to_json(first) == to_json(second)
    assert to_table(first) == to_table(second)


def test_null_baselines_are_known_by_their_family_and_mark_what_they_beat():
    records = [
        *(run(model, name, value) for model, value in (("a", 0.9), ("b", 0.4)) for name in "xy"),
        *(null("flat", name, 0.5) for name in "xy"),
        *(null("dice", name, 0.3) for name in "xy"),
    ]
    board = leaderboard(records)
    rows = by_model(board)
    assert [rows[one].baseline for one in ("a", "b", "flat", "dice")] == [False, False, True, True]
    assert [rows[one].beats_baselines for one in ("a", "b", "flat")] == [True, False, None]
    assert board.notes[:2] == (
        "Null baselines: flat, dice.",
        "† Not better in rank than the best null baseline (flat): b.",
    )
    assert [row[1] for row in to_table(board).rows] == ["a", "flat", "b †", "dice"]
    assert "b †" in to_markdown(board)
    assert json.loads(to_json(board))["rows"][2]["beats_baselines"] is False


def test_a_metric_that_a_null_baseline_tops_is_flagged():
    board = leaderboard([run("a", "x", 0.5), null("flat", "x", 0.5), run("c", "x", 0.1)])
    assert (
        "roc_auc does not tell these detectors from chance: the null baseline flat comes first."
        in board.notes
    )
    assert by_model(board)["a"].beats_baselines is False


def full(n_datasets):
    return [
        run(model, f"d{place:02}", value + place / 1000)
        for place in range(n_datasets)
        for model, value in (("a", 0.9), ("b", 0.8), ("c", 0.7))
    ]


def test_from_ten_data_sets_on_there_are_tests_and_cliques():
    board = leaderboard(full(10))
    assert board.tests.friedman == pytest.approx(20)
    assert len(board.tests.p_values) == 3
    assert any("the detectors differ" in note for note in board.notes)
    assert leaderboard(full(9)).tests is None
    assert "Over 9 data sets: no p-values below 10" in " ".join(leaderboard(full(9)).notes)


def test_models_between_whom_no_difference_is_shown_are_named():
    records = [*full(12), *(run("b2", f"d{one:02}", 0.8 + one / 1000) for one in range(12))]
    board = leaderboard(records)
    assert board.tests.cliques == (("b", "b2"),)
    assert "No difference is shown at 5 % (Wilcoxon–Pratt, Holm) within: b, b2." in board.notes


def test_many_models_that_do_not_differ_are_counted_not_listed():
    rng = random.Random(0)
    records = [
        run(f"m{model:02}", f"d{name:02}", rng.random())
        for model in range(12)
        for name in range(10)
    ]
    (note,) = [note for note in leaderboard(records).notes if "within" in note]
    assert " within: the 12 from m" in note


def test_intervals_are_shown_beside_the_place():
    board = leaderboard([*FULL, run("a", "z", 0.9), run("b", "z", 0.7), run("c", "z", 0.6)])
    rows = by_model(board)
    assert rows["c"].place_interval.low < rows["c"].place_interval.high
    table = to_table(board)
    assert table.columns[:3] == ("rank", "model", "95 %")
    assert next(row for row in table.rows if row[1] == "b")[2] == "1–2"
    assert to_table(leaderboard(full(5))).rows[0][2] == "1"


def test_a_metric_that_looks_at_the_labels_is_named():
    assert leaderboard(FULL, oracle=True).notes[0] == (
        "roc_auc chooses a threshold by looking at the labels: "
        "an upper bound that nobody gets who has none."
    )


def test_times_are_over_the_data_sets_that_are_ranked():
    records = [*FULL, run("a", "w", 0.9, fit_time=1000.0), run("b", "w", None, status=Status.OOM)]
    assert by_model(leaderboard(records))["a"].fit_time == 1.0


def test_times_of_different_machines_are_not_comparable():
    (note,) = (
        note
        for note in leaderboard([*FULL, run("d", "x", 0.5, hardware="another")]).notes
        if note.startswith("Times")
    )
    assert note == "Times are not comparable: the runs come from 2 kinds of machine."
    threads = run("d", "x", 0.5, environment={"OMP_NUM_THREADS": "1"})
    assert any("2 limits on threads" in note for note in leaderboard([*FULL, threads]).notes)
    same = run("d", "x", 0.5, environment={"platform": "another kernel"})
    assert not any("comparable" in note for note in leaderboard([*FULL, same]).notes)
    lost = run("d", "x", None, status=Status.CRASH, hardware="unknown")
    assert not any("comparable" in note for note in leaderboard([*FULL, lost]).notes)


def test_protocols_are_never_mixed():
    board = leaderboard([*FULL, run("a", "x", 0.1, protocol="other/1", seed=7)])
    assert {row.model for row in board.rows if row.model.startswith("a")} == {
        "a [holdout/2]",
        "a [other/1]",
    }
    assert by_model(board)["a [holdout/2]"].cells[0].complete
    assert "Several protocols, told apart in the labels: holdout/2, other/1." in board.notes


def test_data_sets_that_changed_between_runs_are_named():
    board = leaderboard([run("a", "x", 0.1, sha256="1" * 64), run("b", "x", 0.1, sha256="2" * 64)])
    assert "The content of these data sets differs between runs: x." in board.notes


def test_markdown_as_it_looks():
    assert to_markdown(leaderboard([*FULL[:2], run("c", "x", None, status=Status.OOM)])) == (
        "# Leaderboard: roc_auc (higher is better), 3 runs\n"
        "\n"
        "| rank | model | 95 % | mean rank | mean roc_auc | x | failed | coverage | median "
        "| win rate | fit s | ms / 1,000 | peak MB |\n"
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| 1 | a | – | 1.00 | 0.9000 | 0.9000 | 0 | 100% | 0.9000 | 100% | 1.000 | 500.00 | 2.0 |\n"
        "| 2 | b | – | 2.00 | 0.8000 | 0.8000 | 0 | 100% | 0.8000 | 0% | 1.000 | 500.00 | 2.0 |\n"
        "| – | c | – | – | – | oom | 1 | 0% | – | – | – | – | – |\n"
        "\n"
        "- Not ranked, for their gaps: c (0 of 1).\n"
        "- No null baseline is ranked: nothing here tells what chance would give.\n"
        "- Over one data set: no intervals and no p-values.\n"
        "\n"
        "## Gaps\n"
        "\n"
        "- c on x: oom: it broke\n"
    )


def test_json_keeps_every_digit_and_names_the_cells():
    values = json.loads(to_json(leaderboard([run("a", "x", 1 / 3)])))
    assert values["schema_version"] == BOARD_VERSION == 2
    assert values["rows"][0]["cells"]["x"]["value"] == 1 / 3
    assert values["ranked_on"] == ["x"]


def test_notes_cannot_break_the_markdown_table():
    record = run("a|b", "x", 0.5)
    assert "| a\\|b |" in to_markdown(leaderboard([record]))


def test_labels_cannot_bring_html_into_markdown():
    text = to_markdown(leaderboard([run("<img src=x>", "<b>", None)]))
    assert "<" not in text
    assert "&lt;img src=x&gt; on &lt;b&gt;: one class only" in text
