"""``ad check``: what it says, what it exits with, and what it survives."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from ad_contracts import Outcome, Status
from ad_contracts.cli._report import print_json_report, print_report
from ad_contracts.cli.check import command

CRASHING = '''
import ctypes
import os
import time

import numpy as np

from ad_core import BaseDetector


class Steady(BaseDetector):
    """Distance from the mean; it says so."""

    def _fit(self, X, y):
        print("fitting")
        self.mean_ = X.mean(axis=0)

    def _score(self, X):
        return np.linalg.norm(X - self.mean_, axis=1)


class Leaving(Steady):
    """Ends its process."""

    def _fit(self, X, y):
        os._exit(3)


class Crashing(Steady):
    """Reads where nothing is."""

    def _fit(self, X, y):
        ctypes.string_at(0)


class Raising(Steady):
    """Raises."""

    def _fit(self, X, y):
        raise RuntimeError("no luck")


class Slow(Steady):
    """Takes its time."""

    def _fit(self, X, y):
        time.sleep(60)
'''


@pytest.fixture
def crashing(stranger, monkeypatch, tmp_path):
    """Stand in a folder with a module of detectors that no plugin registers."""
    (tmp_path / "crashing.py").write_text(CRASHING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("crashing", None)


def test_what_holds_is_a_row_and_exit_status_0(ad, stranger):
    result = ad("check", "seven", "--only", "rows_are_few", "--only", "fit_returns_self")
    assert result.status == 1  # one_column has many rows
    result = ad("check", "center", "--only", "fit_returns_self")
    assert result.status == 0
    header, row, blank, summary = result.out.splitlines()
    assert header.split() == ["subject", "kind", "passed", "seconds"]
    assert row.split()[:3] == ["center", "detector", "1"]
    assert blank == ""
    assert summary.startswith("1 passed in ")
    assert result.err == "[1/1] center: 1 passed\n"


def test_every_outcome_is_shown_with_its_reason(ad, stranger):
    result = ad("check", "center", "even", "needy", "--only", "strange", "--jobs", "2")
    assert result.status == 1
    rows = [" ".join(line.split()) for line in result.out.splitlines()]
    assert any(row.startswith("xfailed even name_is_odd four letters are enough (") for row in rows)
    assert any(row.startswith("xfailed center rows_are_few (crowd) sees too many") for row in rows)
    assert "skipped center device_is_here no such device" in rows
    assert "needs nowhere_at_all: pip install 'nowhere-at-all'\n" in result.out
    assert result.out.count("nowhere_at_all") == 1  # one line for all that was skipped for it
    assert "and 4 more" in result.out
    assert (
        "\nFAILED center: name_is_odd\n"
        "expected an odd number of letters, got 6\n"
        "\n"
        "from ad_contracts import load_subject\n"
        "from stranger_checks import expect\n"
        "\n"
        "subject = load_subject('center')\n"
        "# Even numbers are for others.\n"
        "n = len(subject.name)\n"
        'expect(n % 2, "an odd number of letters", n)\n'
    ) in result.out
    assert result.out.splitlines()[-1].startswith("2 passed, 3 failed, 3 xfailed, 7 skipped in ")
    assert sorted(line.partition("] ")[2] for line in result.err.splitlines()) == [
        "center: 1 passed, 2 failed, 1 xfailed, 1 skipped",
        "even: 1 passed, 1 failed, 2 xfailed, 1 skipped",
        "needy: 5 skipped",
    ]


def test_the_lines_of_a_failure_run_as_they_are_printed(ad, stranger):
    out = ad("check", "center", "--only", "name_is_odd").out
    lines = out.partition("got 6\n")[2].rpartition("\n\n")[0]
    done = subprocess.run(
        [sys.executable, "-c", lines],
        env={**os.environ, "PYTHONPATH": str(stranger.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.endswith("ContractViolation: expected an odd number of letters, got 6\n")


@pytest.mark.parametrize(
    ("subject", "options", "status"),
    [
        ("even", (), 0),  # as declared
        ("seven", (), 1),  # better than declared
        ("needy", (), 0),  # skipped
        ("needy", ("--require-backends",), 1),
    ],
)
def test_the_exit_status_says_whether_the_contract_holds_as_declared(
    ad, stranger, subject, options, status
):
    assert ad("check", subject, "--only", "name_is_odd", *options).status == status


def test_json_is_one_document_whatever_a_detector_prints(ad, crashing):
    result = ad("check", "crashing:Steady", "--only", "fit_returns_self", "--json")
    assert result.status == 0
    data = json.loads(result.out)
    assert data["ok"] is True
    assert data["counts"] == {"passed": 1, "failed": 0, "xfailed": 0, "xpassed": 0, "skipped": 0}
    (outcome,) = data["outcomes"]
    assert outcome["subject"] == "steady"
    assert outcome["kind"] == "detector"
    assert outcome["check"] == "fit_returns_self"
    assert outcome["group"] == "fit"
    assert outcome["status"] == "passed"
    assert "fitting" not in result.err


def test_a_detector_that_ends_its_process_fails_the_check_and_no_other(ad, crashing):
    only = ("--only", "fit_returns_self", "--only", "arguments_can_be_read")
    result = ad("check", "crashing:Leaving", "crashing:Steady", "crashing:Crashing", *only)
    assert result.status == 1
    assert "FAILED leaving: fit_returns_self (" in result.out
    assert "\nexpected no error, got the end of the process with exit status 3\n" in result.out
    assert "\nexpected no error, got the end of the process with signal SIGSEGV (in s" in result.out
    assert "load_subject('crashing:Leaving')" in result.out
    assert result.out.splitlines()[-1].startswith("4 passed, 2 failed in ")
    assert "Traceback" not in result.out + result.err


def test_failures_with_the_same_message_are_shown_once(ad, crashing):
    result = ad(
        "check", "crashing:Raising", "--only", "fit_returns_self", "--only", "refit_forgets"
    )
    assert result.out.count("FAILED") == 1
    assert result.out.count("RuntimeError: no luck (in _fit, ") == 1
    assert re.search(
        r"^FAILED raising: fit_returns_self \(\w+\) and 1 more$", result.out, re.MULTILINE
    )


def test_the_cases_of_one_subject_are_split_among_processes(ad, stranger):
    only = ("--only", "fit", "--only", "strange")
    one, three = (
        json.loads(ad("check", "center", *only, "--json", "--jobs", n).out) for n in (1, 3)
    )
    for data in (one, three):
        for outcome in data["outcomes"]:
            del outcome["seconds"]
    assert one["outcomes"] == three["outcomes"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            (),
            2,
            "name what to check: a detector, a distribution or MODULE:CLASS (see: ad check --h",
        ),
        (("centre",), 1, "metric or distribution is called 'centre'; did you mean center"),
        (
            ("center", "--only", "refit_forget"),
            1,
            "no check is called 'refit_forget'; did you mean r",
        ),
        (("center", "--only", "timeseries"), 2, "timeseries does not apply to center"),
        (("center", "--jobs", "0"), 2, "--jobs: must be at least 1, or -1, got 0"),
        (("center", "--jobs", "-2"), 2, "-2 is not in the range"),
        (("nowhere:Thing",), 1, "cannot import 'nowhere'"),
        (("ad-contracts",), 1, "ad-contracts registers no detector, no data set and no metric"),
    ],
)
def test_wrong_usage_is_one_line(ad, stranger, arguments, status, message):
    result = ad("check", *arguments)
    assert result.status == status
    assert message in result.err
    assert result.err.startswith("error: ")
    assert result.err.count("\n") == 1
    assert result.out == ""


def test_a_broken_module_of_checks_is_an_error_that_names_it(ad, stranger):
    (stranger.path / "stranger_checks.py").write_text("1 / 0\n")
    sys.modules.pop("stranger_checks", None)
    result = ad("check", "center")
    assert result.status == 1
    assert result.err == (
        "error: stranger_checks, the checks 'strange' of stranger, cannot be imported: "
        "ZeroDivisionError: division by zero\n"
    )


def test_the_checks_are_listed_with_what_they_apply_to(ad, stranger):
    result = ad("check", "--list")
    assert result.status == 0
    lines = result.out.splitlines()
    assert lines[0].split() == ["check", "group", "what", "must", "hold"]
    row = next(" ".join(line.split()) for line in lines if line.startswith("rows_are_few "))
    assert row == (
        "rows_are_few strange The scenario has few rows. (for tabular detectors; each scenario)"
    )
    assert any(line.split() == ["pair", "tabular", "Two", "rows."] for line in lines)
    data = json.loads(ad("check", "--list", "--json", "--only", "strange").out)
    assert data["checks"][0] == {
        "name": "name_is_odd",
        "group": "strange",
        "applies_to": "detectors",
        "summary": "Its name has an odd number of letters.",
    }
    assert {"name": "pair", "data": "tabular", "summary": "Two rows."} in data["scenarios"]


def test_the_list_can_be_that_of_one_subject(ad, stranger):
    def listed(*arguments):
        data = json.loads(ad("check", "--list", "--json", "--only", "strange", *arguments).out)
        return {one["name"] for one in data["checks"]}

    assert listed("of_nodes") == {"name_is_odd", "device_is_here"}
    assert listed() == {"name_is_odd", "device_is_here", "rows_are_few"}


def outcome(**fields):
    given = {
        "subject": "a_rather_long_name_of_a_detector",
        "kind": "detector",
        "check": "copies_of_everything_score_as_one",
        "group": "score",
        "scenario": "high_dimensional",
        "status": Status.PASSED,
        "message": "",
        "seconds": 1.25,
        "reproduction": "",
        **fields,
    }
    return Outcome(**given)


OUTCOMES = [
    outcome(),
    outcome(status=Status.XFAILED, message="because " * 20),
    outcome(status=Status.XPASSED, message="it passes; drop the deviation 'x' from the spec"),
    outcome(status=Status.SKIPPED, message="needs torch: pip install 'ad-deep[torch]'"),
    outcome(
        status=Status.FAILED,
        message="expected " + "something " * 20 + "got \x1b[31mless",
        reproduction="subject = load_subject('x')\n\nexpect(subject)\n",
    ),
]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_report_fits_a_terminal(monkeypatch, capsys, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("ad_core.cli._output.on_terminal", lambda: True)
    monkeypatch.setattr("ad_contracts.cli._report.on_terminal", lambda: True)
    print_report(OUTCOMES, 6.25)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= columns
    assert "\x1b[31mless" not in text
    assert "\nsubject = load_subject('x')\n\nexpect(subject)\n" in text
    assert "1 passed, 1 failed, 1 xfailed, 1 xpassed, 1 skipped in 6.2 s" in text


def test_the_json_of_a_report_has_every_outcome(capsys):
    print_json_report(OUTCOMES, 6.25)
    data = json.loads(capsys.readouterr().out)
    assert data["ok"] is False
    assert [one["status"] for one in data["outcomes"]] == [one.status for one in OUTCOMES]
    assert data["counts"] == dict.fromkeys(Status, 1)


def test_every_option_is_documented():
    for option in command.params:
        if option.param_type_name == "option":
            assert option.help, option.name


def started(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "ad_core", "check", *arguments], text=True, **options
    )


def test_ctrl_c_ends_it_with_what_is_known(crashing, tmp_path):
    only = ("--only", "fit_returns_self", "--only", "arguments_can_be_read", "--only", "summary*")
    process = started(
        "crashing:Steady",
        "crashing:Slow",
        *only,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    first = process.stderr.readline()
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, err = process.communicate(timeout=30)
    assert first == "[1/2] steady: 2 passed\n"
    assert process.returncode == 130
    assert "steady" in out
    assert err.startswith("interrupted after ")
    assert "Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal on Windows")
def test_a_terminal_shows_a_live_line(crashing, tmp_path):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with started(
        "crashing:Steady",
        "--only",
        "fit_returns_self",
        cwd=tmp_path,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        chunks = []
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            chunks.append(chunk)
    os.close(ours)
    text = b"".join(chunks).decode()
    assert process.returncode == 0
    assert "steady: fit_returns_self" in text
    assert "1/1" in text
    assert "1 passed in " in text
    assert "fitting" not in text
