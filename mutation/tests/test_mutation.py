"""The mutants are what they say, and a trial tells a dead one from a survivor."""

import os
import time
from pathlib import Path

import pytest
from host import replace_code
from mutants import Mutant, mutants_of
from targets import ROOT, TARGETS
from trial import Baseline, Fate, copy_tree, record, survives, waited, work_at_most

SOURCE = '''"""A module."""

LIMIT = 2


def least(values, start=5):
    """Return the least value."""
    if start < LIMIT and values:
        raise ValueError("too small")
    return min(values, default=start)
'''
TESTS = """
from part.module import least


def test_least():
    assert least([7, 6]) == 6
    assert least([]) == 5
"""


@pytest.fixture
def tree(tmp_path):
    """Lay out a distribution with one module and one test."""
    package = tmp_path / "part" / "src" / "part"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "module.py").write_text(SOURCE)
    (tmp_path / "test_least.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    return tmp_path


MODULE = "part/src/part/module.py"


def changes(tree):
    return {(mutant.function, mutant.before, mutant.after) for mutant in mutants_of(tree, MODULE)}


def test_every_sort_of_change_is_made_once(tree):
    condition = "if start < LIMIT and values:"
    assert changes(tree) == {
        ("", "LIMIT = 2", "LIMIT = 3"),
        ("", "LIMIT = 2", "LIMIT = None"),
        ("least", "def least(values, start=5):", "def least(values, start=6):"),
        ("least", condition, "if not (start < LIMIT and values):"),
        ("least", condition, "if start < LIMIT or values:"),
        ("least", condition, "if start <= LIMIT and values:"),
        ("least", 'raise ValueError("too small")', "pass"),
        ("least", 'raise ValueError("too small")', "raise ValueError(None)"),
        ("least", "return min(values, default=start)", "return None"),
        ("least", "return min(values, default=start)", "return min(None, default=start)"),
        ("least", "return min(values, default=start)", "return min(values, )"),
    }


def test_the_condition_of_a_loop_is_turned_round(tree):
    (tree / MODULE).write_text("def count(n):\n    while n:\n        n = n.next\n")
    assert ("count", "while n:", "while not (n):") in changes(tree)


def test_the_copy_has_every_module_its_tests_and_their_fixtures(tmp_path):
    copy_tree(ROOT, tmp_path)
    files = {*TARGETS, *(test for tests in TARGETS.values() for test in tests if ".py" in test)}
    fixtures = [Path("conftest.py"), *(Path(one).with_name("conftest.py") for one in files)]
    missing = [one for one in files if not (tmp_path / one).is_file()]
    missing += [one for one in fixtures if (ROOT / one).is_file() > (tmp_path / one).is_file()]
    assert not missing


def forked(work):
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            work()
        finally:
            os._exit(0)
    return child


def spin():
    work_at_most(1)
    while True:
        pass


def test_tests_end_when_they_have_worked_too_long_or_wait_for_ever():
    assert waited(forked(spin), 60) is Fate.TIMEOUT
    assert waited(forked(lambda: time.sleep(600)), 0.01) is Fate.TIMEOUT
    assert waited(forked(lambda: time.sleep(0.2)), 60) is Fate.SURVIVED


def test_a_trial_tells_a_dead_mutant_from_a_survivor(tree):
    baseline = record(tree, [MODULE], ["test_least.py"])
    assert baseline.entered == {MODULE: {"least": ["test_least.py::test_least"]}}
    fates = {
        (mutant.before, mutant.after): survives(
            tree, MODULE, mutant.source, ["test_least.py"], baseline.tests(MODULE, ""), baseline
        )
        for mutant in mutants_of(tree, MODULE)
    }
    assert fates["def least(values, start=5):", "def least(values, start=6):"] is Fate.KILLED
    assert fates["LIMIT = 2", "LIMIT = 3"] is Fate.SURVIVED
    assert fates["return min(values, default=start)", "return None"] is Fate.KILLED
    assert fates['raise ValueError("too small")', "pass"] is Fate.SURVIVED
    assert (tree / MODULE).read_text() == SOURCE


def test_a_failing_test_is_no_baseline(tree):
    (tree / "test_least.py").write_text("def test_it():\n    assert False\n")
    with pytest.raises(RuntimeError, match="the tests fail without a mutant"):
        record(tree, [MODULE], ["test_least.py"])


def test_only_the_code_of_a_function_is_replaced(tree, monkeypatch):
    monkeypatch.syspath_prepend(tree / "part" / "src")
    import part.module

    by_change = {(one.before, one.after): one for one in mutants_of(tree, MODULE)}
    default = by_change["def least(values, start=5):", "def least(values, start=6):"]
    assert not replace_code(tree, default)
    assert not replace_code(tree, by_change["LIMIT = 2", "LIMIT = 3"])
    assert replace_code(tree, by_change["return min(values, default=start)", "return None"])
    assert part.module.least([1]) is None


def test_a_baseline_knows_the_tests_of_a_function_and_of_a_module():
    baseline = Baseline({"a": 1.0, "b": 2.0}, {"m": {"f": ["a"], "g": ["a", "b"]}})
    assert baseline.tests("m", "f") == {"a"}
    assert baseline.tests("m", "") == {"a", "b"}
    assert baseline.tests("m", "never") == set()
    assert baseline.limit({"a", "b"}) == 45


def test_a_mutant_is_known_without_line_numbers():
    one = Mutant("m", "f", "a", "b", 1, "source")
    assert one.key == ("m", "f", "a", "b", 1)
    assert Path(one.module) == Path("m")
