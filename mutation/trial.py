"""Run the tests of one module on a copy of the repository, in a forked process.

The parent imports the libraries that tests need, never the project, so that a trial costs little
more than the tests that it runs.
"""

import gc
import json
import math
import os
import resource
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Any

import hypothesis
import pytest
from attrs import field, frozen

PRELOADED = (
    *("numpy", "scipy.stats", "pandas", "polars", "sklearn.utils.estimator_checks"),
    *("skops.io", "jsonschema", "cattrs", "pluggy"),
)
COPIED = ("core", "contracts", "conftest.py", "pyproject.toml")
ARGUMENTS = (
    *("-q", "-x", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # libraries are imported already
)


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMEOUT = "timeout"
    UNTRIED = "untried"
    """It could not be put in place of a function's code: it needs a fresh import."""


UNTRIED_CODE = 70
"""Exit status of a process that could not try its mutant."""
ENDS: dict[int, Fate] = {
    pytest.ExitCode.OK: Fate.SURVIVED,
    pytest.ExitCode.NO_TESTS_COLLECTED: Fate.SURVIVED,
    UNTRIED_CODE: Fate.UNTRIED,
    -signal.SIGXCPU: Fate.TIMEOUT,
}
"""What an exit status means; every other one is a death."""
PATIENCE = 10
"""How many times the seconds of work that tests may take they may take by the clock."""


@frozen
class Baseline:
    """What the tests do without any mutant.

    Parameters
    ----------
    seconds
        By test.
    entered
        By module, the tests that entered each of its functions.
    """

    seconds: dict[str, float]
    entered: dict[str, dict[str, list[str]]] = field(factory=dict)

    def tests(self, module: str, function: str) -> set[str]:
        """Return the tests that entered a function; of any function for an empty name."""
        functions = self.entered.get(module, {})
        return set(functions.get(function, ())) if function else set().union(*functions.values())

    def limit(self, tests: set[str]) -> float:
        """Return the seconds of work after which tests hang."""
        return 30 + 5 * sum(self.seconds[one] for one in tests)


class Recorder:
    """A pytest plugin that writes down what a `Baseline` holds."""

    def __init__(self, tree: Path, modules: Iterable[str]) -> None:
        self.modules = {str(tree / module): module for module in modules}
        self.seconds: dict[str, float] = {}
        self.entered: dict[str, dict[str, list[str]]] = {one: {} for one in modules}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Time one test, and see which functions it enters."""
        seen: set[tuple[str, str]] = set()

        def watch(frame: FrameType, _event: str, _argument: object) -> None:
            module = self.modules.get(frame.f_code.co_filename)
            if module:
                seen.add((module, frame.f_code.co_qualname.partition(".<locals>")[0]))

        started = time.perf_counter()
        sys.settrace(watch)
        threading.settrace(watch)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.seconds[item.nodeid] = time.perf_counter() - started
            for module, function in seen:
                self.entered[module].setdefault(function, []).append(item.nodeid)


class Selection:
    """A pytest plugin that keeps the wanted tests, the quickest first."""

    def __init__(self, wanted: set[str], seconds: dict[str, float]) -> None:
        self.wanted = wanted
        self.seconds = seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what is wanted, and what the mutant brings."""
        items[:] = sorted(
            (one for one in items if one.nodeid in self.wanted or one.nodeid not in self.seconds),
            key=lambda item: self.seconds.get(item.nodeid, 0.0),
        )


def preload() -> None:
    """Import what every trial would import again."""
    for name in PRELOADED:
        __import__(name)
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    gc.collect()
    gc.freeze()  # pytest collects garbage ten times, and need not look at all of this


def copy_tree(root: Path, tree: Path) -> None:
    """Copy what tests need; a mutant is written into the copy only."""
    leave = shutil.ignore_patterns("__pycache__", ".*", "build", "dist")
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, tree / name, ignore=leave)
        else:
            shutil.copy(root / name, tree / name)


def record(tree: Path, modules: list[str], tests: list[str]) -> Baseline:
    """Run the tests without a mutant.

    Raises
    ------
    RuntimeError
        They fail.
    """
    recorder = Recorder(tree, modules)
    report = tree / "baseline.json"

    def after() -> None:
        report.write_text(json.dumps([recorder.seconds, recorder.entered]))

    log = tree / "baseline.log"
    if _forked(tree, tests, recorder, limit=3600, log=log, after=after) is not Fate.SURVIVED:
        raise RuntimeError(f"the tests fail without a mutant:\n{log.read_text()[-4000:]}")
    return Baseline(*json.loads(report.read_text()))


def survives(
    tree: Path, module: str, source: str, tests: list[str], wanted: set[str], baseline: Baseline
) -> Fate:
    """Put a mutant into the copy, run the wanted tests, and put the module back."""
    path = tree / module
    original = path.read_text()
    selection = Selection(wanted, baseline.seconds)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()
    try:
        path.write_text(source)
        return _forked(tree, tests, selection, limit=baseline.limit(wanted))
    finally:
        path.write_text(original)


def _forked(
    tree: Path,
    tests: list[str],
    plugin: object,
    *,
    limit: float,
    log: Path = Path(os.devnull),
    after: Callable[[], None] = lambda: None,
) -> Fate:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            enter(tree, log)
            work_at_most(limit)
            code = pytest.main([*ARGUMENTS, *tests], plugins=[plugin])
            after()
        except BaseException:  # noqa: BLE001 - the exit status says it
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return waited(child, limit)


def waited(child: int, limit: float) -> Fate:
    """Wait for the tests that a forked process runs.

    Their seconds of work are bounded by `work_at_most`: what else the machine has to do decides no
    fate. The clock only ends tests that wait for what never comes.
    """
    deadline = time.monotonic() + PATIENCE * limit
    fate = Fate.TIMEOUT
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            fate = ENDS.get(os.waitstatus_to_exitcode(status), Fate.KILLED)
            break
        time.sleep(0.01)
    with suppress(ProcessLookupError):  # also what they started
        os.killpg(child, signal.SIGKILL)
    if fate is Fate.TIMEOUT:
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
    return fate


def work_at_most(limit: float) -> None:
    """Let this process, and each one that it starts, take so many seconds of a processor."""
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), resource.RLIM_INFINITY))


def enter(tree: Path, log: Path) -> None:
    """Make a forked process one that knows the copy only."""
    os.setsid()
    target = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.chdir(tree)
    sources = [str(path) for path in tree.glob("*/src")]
    sys.path[:0] = sources
    os.environ["PYTHONPATH"] = os.pathsep.join(sources)
    if log == Path(os.devnull):  # nothing compiled from a mutant may stay
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    else:
        sys.dont_write_bytecode = False
