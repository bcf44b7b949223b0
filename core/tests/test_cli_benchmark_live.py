"""How ``ad benchmark`` shows its progress: a live table that fits, or lines."""

import io
import os
import re
import select
import signal
import subprocess
import sys

import pytest
from attrs import evolve
from rich.console import Console, Group

from ad_core.benchmark import (
    BenchmarkStarted,
    DetectorEntry,
    Experiment,
    Forecast,
    ReadingDataset,
    RunElsewhere,
    RunFinished,
    RunStarted,
    plan,
)
from ad_core.benchmark._execute import failed, now
from ad_core.cli.benchmark import _lines, _live
from ad_core.cli.benchmark._lines import Lines
from ad_core.cli.benchmark._live import LiveView
from ad_core.cli.benchmark._progress import Progress
from ad_core.results import ErrorInfo, Status, Timing

TASK = plan(Experiment(datasets=("wine",), detectors=(DetectorEntry(name="random"),))).tasks[0]
TASKS = [
    evolve(TASK, key=f"{place:064}", model=f"model_{place:02}", dataset=f"adbench/set_{place:02}")
    for place in range(30)
]


def started(task):
    return RunStarted(key=task.key, model=task.model, dataset=task.dataset, seed=task.seed)


def ended(task, status=Status.OK, message=""):
    error = None if status == "ok" else ErrorInfo(type="E", message=message)
    record = evolve(failed(task, status, error, now()).record, metrics={"roc_auc": 0.5})
    return RunFinished(record=record, reused=False)


def begun(tasks=TASKS, timings=()):
    return BenchmarkStarted(
        name="trial",
        folder="results",
        n_planned=len(tasks),
        n_reused=0,
        tasks=tuple(tasks),
        timings=tuple(timings),
    )


class Screen:
    """A terminal with a live view on it that is not running: what it would draw is asked for."""

    def __init__(self, width, height=24):
        self.console = Console(
            file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None
        )
        self.view = LiveView(self.console)

    def drawn(self):
        with self.console.capture() as capture:
            self.console.print(Group(self.view.render()))
        return capture.get().splitlines()

    def printed(self):
        return self.console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 40])
def test_the_table_says_what_is_done_what_runs_what_failed_and_what_is_left(width):
    screen = Screen(width)
    slow = Timing(model="model_29", detector=TASK.detector, dataset="x", size=TASK.size, seconds=90)
    screen.view.begin(begun(timings=[slow]))
    for task in TASKS[:4]:
        screen.view.started(started(task))
    screen.view.finished(ended(TASKS[0]))
    screen.view.finished(ended(TASKS[1], Status.TIMEOUT, "no end after 60 s"))
    lines = screen.drawn()
    text = " ".join(" ".join(lines).split())
    assert lines[0].split()[-1] == "2/30"
    assert "1 ok, 1 timeout, 0:00:0" in text
    assert "elapsed, about 0:" in text
    assert "left" in text
    runs = [line for line in lines if line.startswith("model_")]
    assert [line.split()[0] for line in runs] == ["model_02", "model_03"]
    assert all(line.split()[1].startswith("adbench/set") for line in runs)
    assert [line.split()[2] for line in runs] == ["0", "0"]
    assert max(map(len, lines)) <= width - 2  # room for the ^C that a terminal echoes


def test_more_runs_than_lines_are_counted():
    screen = Screen(60, height=12)
    screen.view.begin(begun())
    for task in TASKS:
        screen.view.started(started(task))
    lines = screen.drawn()
    assert len(lines) <= 11
    assert lines[-1].split() == ["and", "24", "more"]


def test_long_names_are_cut_and_markup_and_control_characters_are_no_markup():
    screen = Screen(40)
    task = evolve(TASK, model="[red]" + "long" * 20, dataset="x" * 80)
    screen.view.begin(begun([task]))
    screen.view.started(started(task))
    screen.view.finished(ended(TASKS[0], Status.ERROR, "[bold]\x1b[2J" + "y" * 5000))
    (row,) = (line for line in screen.drawn() if line.startswith("[red]"))
    assert "…" in row
    text = "".join(screen.printed())
    assert "[bold]\N{REPLACEMENT CHARACTER}[2Jy" in text
    assert text.count("y") < 250


def test_a_failure_is_printed_once_a_model_and_reason():
    screen = Screen(80)
    screen.view.begin(begun())
    for task in TASKS[:5]:
        screen.view.finished(ended(evolve(task, model="bad"), Status.ERROR, "no luck"))
    screen.view.finished(ended(evolve(TASKS[5], model="bad"), Status.ERROR, "less luck"))
    screen.view.finished(ended(evolve(TASKS[6], model="worse"), Status.ERROR, "no luck"))
    assert screen.printed() == [
        "error bad on adbench/set_00, seed 0: no luck",
        "error bad on adbench/set_05, seed 0: less luck",
        "error worse on adbench/set_06, seed 0: no luck",
    ]
    assert "7 error" in screen.drawn()[1]


def test_a_run_that_another_process_is_at_is_not_running_here():
    screen = Screen(80)
    screen.view.begin(begun())
    screen.view.started(started(TASKS[0]))
    screen.view.elsewhere(TASKS[0].key)
    assert not [line for line in screen.drawn() if "model_00" in line]


def test_the_time_left_is_not_forecast_for_every_frame(monkeypatch):
    asked = []
    monkeypatch.setattr(Forecast, "left", lambda _, now: asked.append(now) or 100.0)
    clock = [0.0]
    monkeypatch.setattr(_live.time, "monotonic", lambda: clock[-1])
    screen = Screen(80)
    screen.view.begin(begun())
    texts = []
    for moment in (0.0, 0.5, 1.9, 2.0):
        clock.append(moment)
        texts.append(screen.drawn()[1])
    assert asked == [0.0, 2.0]
    left = [text.partition("about ")[2] for text in texts]
    assert left == ["0:01:40 left", "0:01:40 left", "0:01:38 left", "0:01:40 left"]


def test_while_data_sets_are_read_the_table_says_which():
    screen = Screen(40)
    assert screen.drawn() == [""]
    screen.view.reading(ReadingDataset(dataset="adbench/" + "x" * 50, seed=1, place=3, n_total=90))
    (line,) = screen.drawn()
    assert line.startswith("reading 3 of 90: adbench/xxx")
    assert line.endswith("…")


def test_lines_say_now_and_then_which_data_set_is_read(monkeypatch, capsys):
    clock = [0.0]
    monkeypatch.setattr(_lines.time, "monotonic", lambda: clock[-1])
    lines = Lines()
    for place, moment in enumerate((1, 16, 17, 33), start=1):
        clock.append(moment)
        lines.reading(ReadingDataset(dataset=f"set{place}", seed=0, place=place, n_total=4))
    said = capsys.readouterr().err.splitlines()
    assert said == ["reading 2 of 4: set2, seed 0", "reading 4 of 4: set4, seed 0"]


@pytest.mark.parametrize(
    ("terminal", "kind", "view"),
    [(True, "xterm", LiveView), (True, "dumb", Lines), (False, "xterm", Lines)],
)
def test_only_a_terminal_that_can_move_its_cursor_gets_the_table(terminal, kind, view, monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("TERM", kind)
    assert type(Progress()._view) is view


def test_what_was_there_is_counted_and_what_others_did_is_shown(monkeypatch, capsys):
    progress = Progress()
    there, other = (evolve(ended(task), reused=True) for task in TASKS[:2])
    progress.ad_event(evolve(begun(TASKS[:3]), n_reused=1))
    for event in (there, started(TASKS[1]), RunElsewhere(key=TASKS[1].key), other):
        progress.ad_event(event)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "trial: 3 runs, 1 of them there already; records go to results"
    assert [line.split(":")[0] for line in said[1:]] == [
        "[2/3] ok model_01 on adbench/set_01, seed 0"
    ]
    assert [record.model for record in progress.records] == ["model_00", "model_01"]


class Terminal:
    """A process on a pseudo-terminal of 80 columns."""

    def __init__(self, site, *arguments):
        import pty

        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(site.path), "COLUMNS": "80"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ad_core", *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm", "NO_COLOR": "1"},
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def read_until(self, wanted):
        """Read until a text has come; by None, until the process has closed the terminal."""
        while wanted is None or wanted not in self.text:
            ready, _, _ = select.select([self._ours], [], [], 120)
            assert ready, self.text
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:  # Linux says so when the other side has closed
                chunk = b""
            if not chunk:
                assert wanted is None, self.text
                break
            self.text += chunk.decode(errors="replace")

    def close(self):
        os.close(self._ours)
        if self.process.poll() is None:
            self.process.kill()
        return self.process.wait(60)


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal on Windows")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_on_a_terminal_takes_the_table_away_and_says_how_to_go_on(site, tmp_path, n_jobs):
    site.add_healthy()
    path = tmp_path / "trial.yaml"
    path.write_text(
        "detectors: [{name: slow, params: {seconds: 0.2}}, {name: slow, label: bad, params: "
        "{fails: true}}]\ndatasets: [wine]\nseeds: [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]\n"
        f"baselines: false\nn_jobs: {n_jobs}\noutput: {tmp_path / 'results'}\n"
    )
    terminal = Terminal(site, "benchmark", path)
    try:
        terminal.read_until(" error,")
        os.killpg(terminal.process.pid, signal.SIGINT)  # as a terminal does
        terminal.read_until(None)
    finally:
        status = terminal.close()
    assert status == 130, terminal.text
    assert "Traceback" not in terminal.text
    end = terminal.text.splitlines()[-1]
    assert end == f"interrupted; go on with: ad benchmark {path}"[-len(end) :]
    assert "\x1b[?25h" in terminal.text.rpartition("\x1b[?25l")[2]  # the cursor is seen again
    assert len(re.findall("error bad on wine", terminal.text)) == 1
    assert re.search(r"\d+ of 32 runs have a record \(\d+ error", terminal.text)
    # Nothing is written behind the line that is drawn while data sets are read.
    assert not re.search(r"seed \d+trial: 32 runs", terminal.text)
