"""``ad benchmark`` and ``ad leaderboard``: records, progress, resuming, exit statuses."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

RECORDS = "?" * 64 + ".json"


@pytest.fixture(autouse=True)
def _healthy(site):
    site.add_healthy()


@pytest.fixture
def experiment(tmp_path):
    """Write an experiment, by default two detectors on two data sets."""

    def write(text="detectors: [healthy/center, random]\ndatasets: [wine, iris/setosa]\n"):
        path = tmp_path / "trial.yaml"
        path.write_text(text)
        return path

    return write


def test_a_benchmark_ends_with_a_leaderboard_and_records_on_disk(ad, experiment, tmp_path):
    folder = tmp_path / "results"
    result = ad("benchmark", experiment(), "-o", folder)
    assert result.status == 0, result.err
    assert "4 of 4 runs have a record (4 ok) after" in result.out
    header, first, *_rest = result.out.partition("\n\n")[2].splitlines()[1:]
    assert header.split()[:5] == ["rank", "model", "95", "%", "mean"]
    assert first.split()[1] == "center"
    assert len(list(folder.glob(RECORDS))) == 4


def test_an_empty_name_is_no_results_folder(ad, experiment):
    result = ad("benchmark", experiment(), "-o", "")
    assert result.status == 2
    assert "the name is empty; write . for this folder" in result.err


def test_progress_is_a_line_a_run_where_there_is_no_terminal(ad, experiment, tmp_path):
    result = ad("benchmark", experiment(), "-o", tmp_path / "results")
    lines = result.err.splitlines()
    assert lines[0] == "planning trial: reading its data sets"
    assert lines[1] == f"trial: 4 runs; records go to {tmp_path / 'results'}"
    assert [line.split("]")[0] for line in lines[2:]] == ["[1/4", "[2/4", "[3/4", "[4/4"]
    assert "] ok center on wine, seed 0: roc_auc " in lines[2]


def test_a_second_run_computes_nothing_and_prints_the_same_board(ad, experiment, tmp_path):
    folder = tmp_path / "results"
    first = ad("benchmark", experiment(), "-o", folder)
    second = ad("benchmark", experiment(), "-o", folder)
    assert "4 runs, 4 of them there already" in second.err
    assert "[" not in second.err
    assert first.out.partition("\n\n")[2] == second.out.partition("\n\n")[2]


FAILING = """
detectors:
  - center
  - needy
  - {name: slow, params: {fails: true}}
datasets: [wine]
baselines: false
"""


def test_a_failed_run_is_a_record_and_costs_nothing_but_itself(ad, experiment, tmp_path):
    text = FAILING.replace("center", "healthy/center")
    result = ad("benchmark", experiment(text), "-o", tmp_path / "results")
    assert result.status == 0
    assert "(1 error, 1 ok, 1 skipped)" in result.out
    assert "error slow on wine, seed 0: slow failed to fit: RuntimeError: no luck" in result.err
    assert "skipped needy on wine, seed 0: needy needs nowhere_at_all: pip install" in result.err
    assert "Traceback" not in result.err


def test_the_summary_says_why_runs_failed_and_how_to_try_them_again(ad, experiment, tmp_path):
    text = FAILING.replace("center", "healthy/center").replace("[wine]", "[wine, iris/*]")
    path, folder = experiment(text), tmp_path / "results"
    ad("benchmark", path, "-o", folder)
    second = ad("benchmark", path, "-o", folder, "--strict")
    summary = second.out.partition("\n\n")[0].splitlines()
    assert "(4 error, 4 ok, 4 skipped, 8 of them there already)" in summary[0]
    failed = "slow failed to fit: RuntimeError: no luck"
    assert summary[1:3] == ["  error:", f"    slow on wine, seed 0 and 3 more: {failed}"]
    assert summary[3] == "  skipped:"
    command = f"ad benchmark {path} --output {folder}"
    assert summary[-1] == f"Not tried again: 4 error; try with: {command} --retry error"
    again = ad("benchmark", path, "-o", folder, "--retry", "error, oom")
    assert "(4 error, 4 ok, 4 skipped, 4 of them there already)" in again.out
    assert "Not tried again" not in again.out


def test_force_computes_everything_again(ad, experiment, tmp_path):
    path, folder = experiment(), tmp_path / "results"
    ad("benchmark", path, "-o", folder)
    before = {one.name: json.loads(one.read_text()) for one in folder.glob(RECORDS)}
    assert "[4/4] ok" in ad("benchmark", path, "-o", folder, "--force").err
    after = {one.name: json.loads(one.read_text()) for one in folder.glob(RECORDS)}
    assert {*before} == {*after}
    assert all(after[name]["started_at"] > before[name]["started_at"] for name in before)
    assert all(after[name]["roc_auc"] == before[name]["roc_auc"] for name in before)


def test_the_summary_can_be_json(ad, experiment, tmp_path):
    path = experiment(FAILING.replace("center", "healthy/center"))
    ad("benchmark", path, "-o", tmp_path / "results")
    result = ad("benchmark", path, "-o", tmp_path / "results", "--json", "--strict")
    assert result.status == 1
    summary = json.loads(result.out)
    counts = [summary[name] for name in ("planned", "done", "computed", "there_already")]
    assert counts == [3, 3, 1, 2]
    assert summary["by_status"] == {"error": 1, "ok": 1, "skipped": 1}
    assert summary["not_tried_again"] == {"error": 1}
    assert [(one["status"], one["model"]) for one in summary["failures"]] == [
        ("error", "slow"),
        ("skipped", "needy"),
    ]


def test_strict_exits_with_1_when_a_run_failed(ad, experiment, tmp_path):
    text = FAILING.replace("center", "healthy/center")
    assert ad("benchmark", experiment(text), "-o", tmp_path / "a", "--strict").status == 1
    assert ad("benchmark", experiment(), "-o", tmp_path / "b", "--strict").status == 0


def test_a_benchmark_in_which_every_run_failed_exits_with_1(ad, experiment, tmp_path):
    text = "detectors: [{name: slow, params: {fails: true}}]\ndatasets: [wine]\n"
    result = ad("benchmark", experiment(text), "-o", tmp_path / "results")
    assert result.status == 1, "the null baselines that were added do not count"
    assert "Not ranked, for their gaps: slow (0 of 1)" in result.out


def test_null_baselines_are_added_where_none_is_named(ad, experiment, tmp_path):
    text = "detectors: [healthy/center]\ndatasets: [wine]\n"
    result = ad("benchmark", experiment(text), "-o", tmp_path / "with")
    assert "4 of 4 runs have a record (4 ok)" in result.out
    assert "- Null baselines: " in result.out
    result = ad("benchmark", experiment(text + "baselines: false\n"), "-o", tmp_path / "without")
    assert "1 of 1 runs have a record (1 ok)" in result.out
    assert "- No null baseline is ranked: " in result.out
    data = json.loads(ad("leaderboard", tmp_path / "without", "--format", "json").out)
    assert data["notes"][0].startswith("No null baseline is ranked")


def test_a_limit_tries_the_first_runs_only(ad, experiment, tmp_path):
    result = ad("benchmark", experiment(), "-o", tmp_path / "results", "--limit", "1")
    assert "1 of 1 runs have a record (1 ok)" in result.out


def test_several_processes_give_the_same_board(ad, ad_process, experiment, tmp_path):
    one = ad("benchmark", experiment(), "-o", tmp_path / "one")
    two = ad_process("benchmark", experiment(), "-o", tmp_path / "two", "--n-jobs", "2")
    assert two.status == 0, two.err
    boards = []
    for folder in ("one", "two"):
        data = json.loads(ad("leaderboard", tmp_path / folder, "--format", "json").out)
        boards.append([(row["model"], row["mean"], row["mean_rank"]) for row in data["rows"]])
    assert boards[0] == boards[1]
    assert "4 of 4 runs have a record (4 ok)" in one.out


@pytest.mark.parametrize(
    ("text", "arguments", "status", "message"),
    [
        ("detectors: [centr]\ndatasets: [wine]\n", (), 1, "did you mean center"),
        ("detectors: [healthy/center]\ndatasets: [wien]\n", (), 1, "did you mean wine"),
        ("detectors: [random]\ndataset: [wine]\n", (), 1, "did you mean datasets"),
        ("detectors: [random\n", (), 1, "trial.yaml"),
        ("", (), 1, "trial.yaml"),
        ("detectors: [random]\ndatasets: [wine]\n", ("--n-jobs", "0"), 2, "must be at least 1"),
        ("detectors: [random]\ndatasets: [wine]\n", ("--limit", "0"), 2, "'--limit'"),
        ("detectors: [random]\ndatasets: [wine]\n", ("--memory", "2 lb"), 2, "such as 2GB"),
        ("detectors: [random]\ndatasets: [wine]\n", ("--timeout", "0"), 2, "'--timeout'"),
        (
            "detectors: [random]\ndatasets: [wine]\n",
            ("--isolation", "none", "--threads", "2"),
            2,
            "leave out --threads or threads:, or --isolation none",
        ),
        ("", ("--retry", "oom,eror"), 2, "no status of a run is called 'eror'; did you mean error"),
        ("", ("--retry", "ok"), 2, "a run that is ok did not fail; see --force"),
    ],
)
def test_a_wrong_experiment_is_one_line_and_runs_nothing(
    ad, experiment, tmp_path, text, arguments, status, message
):
    folder = tmp_path / "results"
    result = ad("benchmark", experiment(text), "-o", folder, *arguments)
    assert result.status == status
    last = result.err.splitlines()[-1]
    assert last.startswith("error: ")
    assert message in last
    assert "Traceback" not in result.err
    assert result.out == ""
    assert not folder.exists()


def test_an_experiment_that_is_not_there_is_one_line(ad):
    result = ad("benchmark", "nowhere.yaml")
    assert result.status == 1
    assert result.err.startswith("error: ")
    assert "nowhere.yaml" in result.err


def test_a_results_folder_that_cannot_be_written_is_one_line(ad, experiment, tmp_path):
    (tmp_path / "file").write_text("")
    result = ad("benchmark", experiment(), "-o", tmp_path / "file" / "results")
    assert result.status == 1
    assert result.err.splitlines()[-1].startswith("error: cannot write ")


def test_limits_are_kept_to_and_messages_name_the_option(ad, experiment, tmp_path):
    text = "detectors: [healthy/center, {name: slow, params: {seconds: 3600}}]\ndatasets: [wine]\n"
    folder = tmp_path / "results"
    result = ad("benchmark", experiment(text), "-o", folder, "--timeout", "5", "--memory", "4GB")
    assert result.status == 0, result.err
    assert "1 timeout" in result.out
    assert "exceeded 5 s; raise it with --timeout or timeout:" in result.err
    records = [json.loads(path.read_text()) for path in folder.glob(RECORDS)]
    (slow,) = [record for record in records if record["model"] == "slow"]
    assert (slow["isolation"], slow["signal"], slow["exit_code"]) == ("process", "SIGTERM", None)
    assert (slow["limits"]["timeout"], slow["limits"]["memory"]) == (5, 4 * 10**9)
    assert slow["peak_rss"] > 10**7


def test_without_isolation_records_say_so(ad, experiment, tmp_path):
    folder = tmp_path / "results"
    assert ad("benchmark", experiment(), "-o", folder, "--isolation", "none").status == 0
    records = [json.loads(path.read_text()) for path in folder.glob(RECORDS)]
    assert {(one["isolation"], one["limits"]["threads"]) for one in records} == {("none", None)}


SLOW = "detectors: [{name: slow, params: {seconds: 0.4}}]\ndatasets: [wine]\nseeds: [0,1,2,3,4,5]\n"
SLOW += "baselines: false\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    site, ad_process, experiment, tmp_path, number
):
    path, folder = experiment(SLOW), tmp_path / "results"
    process = subprocess.Popen(
        [sys.executable, "-m", "ad_core", "benchmark", str(path), "-o", str(folder)],
        env={**os.environ, "PYTHONPATH": str(site.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        while not (line := process.stderr.readline()).startswith("[1/6]"):
            assert line, process.stdout.read()
        time.sleep(0.1)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert err.splitlines()[-1] == (
        f"interrupted; go on with: ad benchmark {path} --output {folder}"
    )
    done = [json.loads(record.read_text()) for record in folder.glob(RECORDS)]
    n_ok = sum(record["status"] == "ok" for record in done)
    assert 1 <= n_ok < 6
    assert not list(folder.glob(".*.part"))
    again = ad_process("benchmark", path, "-o", folder)
    assert again.status == 0
    assert f"6 runs, {n_ok} of them there already" in again.err
    assert f"6 of 6 runs have a record (6 ok, {n_ok} of them there already)" in again.out


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal on Windows")
def test_on_a_terminal_the_progress_is_live_and_the_board_fits(site, experiment, tmp_path):
    import pty

    text = (
        "detectors: [healthy/center, random, constant, noise]\ndatasets: [iris/*, wine, digits/0]\n"
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(site.path), "COLUMNS": "80", "TERM": "xterm"}
    command = ("benchmark", str(experiment(text)), "-o", str(tmp_path / "results"))
    with subprocess.Popen(
        [sys.executable, "-m", "ad_core", *command],
        stdout=theirs,
        stderr=theirs,
        env={**environment, "NO_COLOR": "1"},
    ) as process:
        os.close(theirs)
        printed = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not chunk:
                break
            printed += chunk
    os.close(ours)
    text = printed.decode()
    assert process.returncode == 0, text
    assert "20/20" in text
    assert "left" in text
    assert "[1/20]" not in text
    board = text.partition("Leaderboard by roc_auc")[2].splitlines()
    rows = [line for line in board if "center" in line]
    assert len(rows) == 1
    assert len(rows[0]) <= 100  # with the codes for bold text
    assert "Not shown for want of room: " in text


@pytest.fixture
def results(ad, experiment, tmp_path):
    """A folder with the records of a small benchmark."""
    folder = tmp_path / "results"
    ad("benchmark", experiment(), "-o", folder)
    return folder


@pytest.mark.parametrize("layout", ["table", "md", "json"])
def test_a_leaderboard_is_the_same_bytes_from_the_same_records(ad, results, layout):
    first = ad("leaderboard", results, "--format", layout)
    assert first.status == 0
    for path in results.glob(RECORDS):
        os.utime(path)
    assert ad("leaderboard", results, "--format", layout).out == first.out


def test_a_leaderboard_can_be_markdown_or_json(ad, results):
    assert ad("leaderboard", results, "--format", "md").out.startswith("# Leaderboard: roc_auc")
    data = json.loads(ad("leaderboard", results, "--format", "json", "--metric", "auroc").out)
    assert [row["model"] for row in data["rows"]] == ["center", "random"]


def test_a_metric_that_the_records_lack_is_answered_with_the_nearest(ad, results):
    result = ad("leaderboard", results, "--metric", "pr_acu")
    assert result.status == 1
    assert "no metric of these records is called 'pr_acu'; did you mean pr_auc" in result.err
    assert "the records have f1, " in ad("leaderboard", results, "--metric", "precision_at_n").err


def test_a_folder_without_records_is_one_line(ad, tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "missing"):
        result = ad("leaderboard", tmp_path / name)
        assert result.status == 1
        assert result.err.startswith("error: ")
        assert str(tmp_path / name) in result.err
        assert result.err.count("\n") == 1


def test_a_damaged_record_is_named(ad, results):
    path = next(results.glob(RECORDS))
    path.write_text(path.read_text()[:50])
    result = ad("leaderboard", results)
    assert result.status == 1
    assert result.err.startswith(f"error: the record {path} is damaged")
