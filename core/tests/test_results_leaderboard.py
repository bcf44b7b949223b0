"""The leaderboard: what is ranked, what is shown, and that it is reproducible."""

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_core.results import (
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
        protocol="holdout/2",
        dataset=dataset,
        model=model,
        detector=f"p/{model}",
        plugin=Plugin(name="p", distribution="d", version="1"),
        params=more.get("params", {}),
        seed=seed,
        data_seed=0,
        repetition=seed,
        metrics=metrics,
        reasons={"roc_auc": "one class only"} if value is None and not failed else {},
        fit_time=None if failed else 1.0,
        time_per_1000=None if failed else 0.5,
        peak_memory=None if failed else 2_000_000,
        started_at=f"2026-01-{day:02}T00:00:00+00:00",
        finished_at=f"2026-01-{day:02}T00:00:01+00:00",
        hardware="a machine",
    )


FULL = [
    run("a", "x", 0.9), run("b", "x", 0.8), run("c", "x", 0.8),
    run("a", "y", 0.5), run("b", "y", 0.7), run("c", "y", 0.6),
]  # fmt: skip


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
    assert board.notes == ()


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
    records = [*FULL[:5], run("c", "y", None, status=Status.TIMEOUT)]
    board = leaderboard(records)
    assert board.ranked_on == ("x",)
    assert by_model(board)["c"].n_failed == 1
    assert by_model(board)["c"].coverage == 0.5
    assert board.notes == (
        "Means and ranks are over 1 of 2 data sets, those without a gap.",
        "c on y: timeout: it broke",
    )
    assert "–" in next(row for row in to_table(board).rows if row[1] == "c")


def test_a_model_without_a_result_is_listed_and_not_ranked():
    board = leaderboard([*FULL, run("z", "x", None, status=Status.SKIPPED)])
    last = board.rows[-1]
    assert (last.model, last.mean, last.mean_rank, last.coverage) == ("z", None, None, 0)
    assert board.ranked_on == ("x", "y")
    assert "Not ranked, no complete result: z." in board.notes
    assert "z on x: skipped: it broke" in board.notes
    assert "z on y: not run" in board.notes
    assert to_table(board).rows[-1][0] == "–"


def test_a_mean_over_some_seeds_is_marked_and_not_ranked():
    records = [
        *FULL,
        run("a", "x", 0.7, seed=1),
        run("b", "x", 0.6, seed=1),
        run("c", "x", None, 1, Status.OOM),
    ]
    board = leaderboard(records)
    assert board.ranked_on == ("y",)
    assert "0.8000*" in next(row for row in to_table(board).rows if row[1] == "c")
    assert "c on x: oom: it broke" in board.notes


def test_an_undefined_metric_gives_its_reason():
    board = leaderboard([run("a", "x", None)])
    assert board.notes == (
        "No ranks: there is no data set on which every model has roc_auc.",
        "Not ranked, no complete result: a.",
        "a on x: one class only",
    )
    assert "a on x: f1 was not computed" in leaderboard([run("a", "x", 0.5)], "f1").notes


def test_the_newest_good_run_of_a_cell_counts():
    records = [
        run("a", "x", 0.1, day=1),
        run("a", "x", 0.2, day=2),
        run("a", "x", None, status=Status.ERROR, day=3),
    ]
    board = leaderboard(records)
    assert board.rows[0].mean == 0.2
    assert (board.n_records, board.n_superseded) == (3, 2)
    assert board.notes == ("2 older runs of the same cells are left out.",)


def test_a_label_that_stands_for_two_settings_is_told_apart():
    board = leaderboard([run("a", "x", 0.1, params={"k": 1}), run("a", "x", 0.2, params={"k": 2})])
    assert [row.model for row in board.rows] == ["a #2", "a #1"]
    assert board.notes == ('a #1: p/a {"k": 1}', 'a #2: p/a {"k": 2}')


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


def test_markdown_as_it_looks():
    assert to_markdown(leaderboard(FULL[:2])) == (
        "# Leaderboard: roc_auc (higher is better), 2 runs\n"
        "\n"
        "| rank | model | mean rank | mean roc_auc | x | failed | coverage | fit s | ms / 1,000 | peak MB |\n"
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| 1 | a | 1.00 | 0.9000 | 0.9000 | 0 | 100% | 1.000 | 500.00 | 2.0 |\n"
        "| 2 | b | 2.00 | 0.8000 | 0.8000 | 0 | 100% | 1.000 | 500.00 | 2.0 |\n"
    )


def test_json_keeps_every_digit_and_names_the_cells():
    values = json.loads(to_json(leaderboard([run("a", "x", 1 / 3)])))
    assert values["schema_version"] == 1
    assert values["rows"][0]["cells"]["x"]["value"] == 1 / 3
    assert values["ranked_on"] == ["x"]


def test_notes_cannot_break_the_markdown_table():
    record = run("a|b", "x", 0.5)
    assert "| a\\|b |" in to_markdown(leaderboard([record]))
