"""Every check catches something broken, and says what; the reference passes them all."""

import importlib
import pkgutil
import re
from pathlib import Path

import broken
import pytest
import reference

from ad_contracts import Case, Status, cases, load_table, run

BROKEN = [
    stub
    for found in pkgutil.iter_modules(broken.__path__)
    for stub in importlib.import_module(f"broken.{found.name}").BROKEN
]
MIRROR = Path(__file__).with_name("mirror")
CHECKS = load_table().checks
SCENARIOS = load_table().scenarios


@pytest.fixture(autouse=True)
def files(monkeypatch):
    """The files of the data sets in `reference` and `broken` are at hand."""
    monkeypatch.setenv("AD_DATA_MIRROR", str(MIRROR))


def case_of(stub):
    scenarios = [SCENARIOS[stub.scenario]] if stub.scenario else None
    (case,) = cases([stub.spec], scenarios=scenarios, only=[stub.check])[:1]
    return case


def test_every_check_has_a_broken_stub():
    assert {stub.check for stub in BROKEN} == set(CHECKS)


@pytest.mark.parametrize("stub", BROKEN, ids=lambda stub: f"{stub.check}-{stub.spec.name}")
def test_a_check_catches_what_is_broken_and_says_so(stub, tmp_path):
    with broken.installed(stub.spec, stub.plugin, tmp_path):
        outcome = run(case_of(stub))
    assert outcome.status is Status.FAILED
    assert re.search(stub.message, outcome.message), outcome.message


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("stub", BROKEN, ids=lambda stub: f"{stub.check}-{stub.spec.name}")
def test_the_lines_of_a_failure_show_it_again(stub, tmp_path):
    with broken.installed(stub.spec, stub.plugin, tmp_path):
        outcome = run(case_of(stub))
        with pytest.raises((Exception, SystemExit)) as caught:
            exec(compile(outcome.reproduction, "reproduction", "exec"), {})
    assert not isinstance(caught.value, (NameError, SyntaxError, ImportError))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_documented_in_one_sentence(name):
    summary = CHECKS[name].summary
    assert summary.endswith(".")
    assert len(summary) <= 100


@pytest.mark.parametrize("case", cases(reference.SPECS), ids=lambda case: case.id)
def test_the_reference_passes(case: Case):
    outcome = run(case)
    assert outcome.status is Status.PASSED, f"{outcome.message}\n{outcome.reproduction}"
