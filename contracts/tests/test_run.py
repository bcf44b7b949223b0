"""Outcomes: what became of a case, and what is said about it."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from ad_contracts import Case, Check, Status, cases, load_table, run
from ad_contracts._run import judged
from ad_contracts._scenario import Scenario
from ad_contracts.expect import NotHere, expect
from ad_core.spec import DetectorSpec, Deviation

SPEC = DetectorSpec(name="stub", target="nowhere:Stub", summary="A stub", family="rule")
DEVIANT = DetectorSpec(
    name="deviant",
    target="nowhere:Stub",
    summary="A stub",
    family="rule",
    deviations=(Deviation(check="asks", reason="it is an old one"),),
)


def outcome_of(body, spec=SPEC, **fields):
    def asks(subject):
        """Asks."""
        body()

    return run(Case(spec=spec, check=Check(name="asks", function=asks, group="mine"), **fields))


def passes():
    pass


def fails():
    expect(1 > 2, "more", "less")


def is_not_here():
    raise NotHere("no such device")


@pytest.mark.parametrize(
    ("body", "spec", "status", "message"),
    [
        (passes, SPEC, Status.PASSED, ""),
        (fails, SPEC, Status.FAILED, "expected more, got less"),
        (is_not_here, SPEC, Status.SKIPPED, "no such device"),
        (
            passes,
            DEVIANT,
            Status.XPASSED,
            "it passes; drop the deviation 'asks' from the spec",
        ),
        (fails, DEVIANT, Status.XFAILED, "it is an old one (expected more, got less)"),
        (is_not_here, DEVIANT, Status.SKIPPED, "no such device"),
    ],
)
def test_a_case_has_one_of_five_outcomes(body, spec, status, message):
    outcome = outcome_of(body, spec)
    assert (outcome.status, outcome.message) == (status, message)
    assert (outcome.subject, outcome.kind) == (spec.name, "detector")
    assert (outcome.check, outcome.group, outcome.scenario) == ("asks", "mine", "")
    assert outcome.ok is (status not in (Status.FAILED, Status.XPASSED))
    assert bool(outcome.reproduction) is (status is Status.FAILED)
    assert outcome.seconds >= 0


def raises():
    raise ValueError("two\n  lines")


def exits():
    raise SystemExit(3)


def wraps():
    try:
        np.linalg.inv(np.zeros((2, 2)))
    except np.linalg.LinAlgError as error:
        raise RuntimeError("it failed") from error


@pytest.mark.parametrize(
    ("body", "message", "where"),
    [
        (raises, "expected no error, got ValueError: two lines (in raises, ", __file__),
        (exits, "expected no error, got SystemExit: 3 (in exits, ", __file__),
        (wraps, "expected no error, got RuntimeError: it failed (in _raise_linalg", "_linalg.py"),
    ],
)
def test_any_other_error_is_a_failure_that_says_where(body, message, where):
    outcome = outcome_of(body)
    assert outcome.status is Status.FAILED
    assert outcome.message.startswith(message)
    assert f"{where}:" in outcome.message
    assert outcome.message.rpartition(":")[2].rstrip(")").isdigit()


def test_an_error_is_placed_where_it_was_raised_in_file_and_line():
    space = {}
    source = "def goes_wrong():\n    raise ValueError('no luck')\n"
    exec(compile(source, "elsewhere.py", "exec"), space)
    message = outcome_of(space["goes_wrong"]).message
    assert message == "expected no error, got ValueError: no luck (in goes_wrong, elsewhere.py:2)"


def test_a_cause_that_was_never_raised_has_no_place():
    def blames():
        raise RuntimeError("it failed") from ValueError("of this")

    assert outcome_of(blames).message == "expected no error, got RuntimeError: it failed"


def test_ctrl_c_is_not_an_outcome():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcome_of(interrupted)


def test_warnings_are_not_errors_here():
    outcome = outcome_of(lambda: warnings.warn("careful", UserWarning, stacklevel=1))
    assert outcome.status is Status.PASSED


def test_a_scenario_that_cannot_be_made_is_a_failure_that_says_so():
    def broken():
        raise OSError("no disk")

    def asks(subject, sample):
        """Asks."""

    made = Scenario(name="broken", make=broken, data="tabular")
    outcome = run(Case(spec=SPEC, check=Check(name="asks", function=asks), scenario=made))
    assert outcome.status is Status.FAILED
    assert outcome.message.startswith("expected no error, got OSError: no disk (in broken, ")
    assert outcome.scenario == "broken"


def test_every_case_of_a_subject_whose_library_is_missing_is_skipped(stranger):
    outcomes = [run(case) for case in cases("needy")]
    assert len(outcomes) > 20
    assert {one.status for one in outcomes} == {Status.SKIPPED}
    assert {one.message for one in outcomes} == {
        "needs nowhere_at_all: pip install 'nowhere-at-all'"
    }


def test_a_deviation_counts_in_its_scenario_only(stranger):
    outcomes = {
        one.scenario: one.status for one in map(run, cases("center", only=["rows_are_few"]))
    }
    assert outcomes["crowd"] is Status.XFAILED
    assert outcomes["pair"] is Status.PASSED
    assert outcomes["one_column"] is Status.FAILED


def test_a_check_gets_its_subject_and_the_data_of_its_scenario(stranger):
    seen = []

    def asks(subject, sample):
        """Asks."""
        seen.extend([subject.spec.name, sample])

    (spec,) = {case.spec for case in cases("center")}
    made = load_table().scenarios["pair"]
    assert run(Case(spec=spec, check=Check(name="asks", function=asks), scenario=made)).ok
    assert seen == ["center", made.sample]


def test_metrics_are_checked_too(installed):
    installed()
    (case,) = cases("roc_auc", only=["metric_repeats_itself"])
    outcome = run(case)
    assert (outcome.status, outcome.kind) == (Status.PASSED, "metric")


def test_the_seconds_are_those_between_start_and_end(monkeypatch):
    clock = SimpleNamespace(perf_counter=iter([3.0, 5.5]).__next__)
    monkeypatch.setattr("ad_contracts._run.time", clock)
    assert outcome_of(passes).seconds == 2.5


def test_outcomes_are_called_as_pytest_calls_them():
    assert [*Status] == ["passed", "failed", "xfailed", "xpassed", "skipped"]


def test_what_ended_elsewhere_is_judged_alike():
    case = Case(spec=DEVIANT, check=Check(name="asks", function=passes))
    outcome = judged(case, Status.FAILED, "it died", 0.5)
    assert (outcome.status, outcome.message) == (Status.XFAILED, "it is an old one (it died)")
    assert outcome.seconds == 0.5
