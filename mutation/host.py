"""Many trials in one process that has imported and collected everything already.

A mutant of a function's body is put in place of the function's code in a forked child, which costs
milliseconds. One that cannot be put so, a default or a decorator say, is left to `trial.survives`,
which imports it afresh.
"""

import inspect
import os
import sys
from collections.abc import Iterator
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from attrs import define
from mutants import Mutant
from trial import ARGUMENTS, UNTRIED_CODE, Baseline, Fate, enter, waited, work_at_most


@define
class Host:
    """A pytest plugin that tries mutants instead of running the tests.

    Parameters
    ----------
    tree
        The copy of the repository.
    mutants
        What to try, by number.
    baseline
        The tests of each, and how long they take.
    results
        File descriptor to which a line for each trial goes: its number and its fate.
    """

    tree: Path
    mutants: dict[int, Mutant]
    baseline: Baseline
    results: int

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Fork for every mutant."""
        for number, mutant in self.mutants.items():
            path = self.tree / mutant.module
            original = path.read_text()
            try:
                path.write_text(mutant.source)
                fate = self._fate(session, mutant)
            finally:
                path.write_text(original)
            os.write(self.results, f"{number} {fate}\n".encode())
        return True

    def _fate(self, session: pytest.Session, mutant: Mutant) -> Fate:
        wanted = self.baseline.tests(mutant.module, mutant.function)
        items = [item for item in session.items if item.nodeid in wanted]
        items.sort(key=lambda item: self.baseline.seconds[item.nodeid])
        limit = self.baseline.limit(wanted)
        fate = self._tried(session, items, mutant, limit)
        if fate is Fate.TIMEOUT and self._tried(session, items, None, limit) is not Fate.SURVIVED:
            return Fate.UNTRIED  # these tests hang in any forked process
        return fate

    def _tried(
        self,
        session: pytest.Session,
        items: list[pytest.Item],
        mutant: Mutant | None,
        limit: float,
    ) -> Fate:
        child = os.fork()
        if child == 0:
            code = UNTRIED_CODE
            try:
                os.setsid()
                work_at_most(limit)
                if items and (mutant is None or replace_code(self.tree, mutant)):
                    code = _run(session, items)
            finally:
                os._exit(code)
        return waited(child, limit)


def _run(session: pytest.Session, items: list[pytest.Item]) -> int:
    """Return 1 at the first failure."""
    for item, following in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1
    return 0


def serve(host: Host, tests: list[str]) -> int:
    """Start a process that tries the host's mutants; return its id."""
    child = os.fork()
    if child == 0:
        try:
            enter(host.tree, Path(os.devnull))
            pytest.main([*ARGUMENTS, *tests], plugins=[host])
        finally:
            os._exit(0)
    return child


def replace_code(tree: Path, mutant: Mutant) -> bool:
    """Give the mutant's function its new code; return whether that changes anything."""
    path = str(tree / mutant.module)
    module = sys.modules[mutant.module.partition("/src/")[2].removesuffix(".py").replace("/", ".")]
    codes = {
        code.co_firstlineno: code
        for code in _codes(compile(mutant.source, path, "exec", dont_inherit=True))
        if code.co_qualname == mutant.function
    }
    changed = False
    for function in _functions(module, mutant.function):
        code = codes.get(function.__code__.co_firstlineno, function.__code__)
        if code != function.__code__ and code.co_freevars == function.__code__.co_freevars:
            function.__code__ = code
            changed = True
    return changed


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _functions(module: Any, name: str) -> list[FunctionType]:
    """Return the functions behind a qualified name: a property has up to three."""
    found = module
    for part in name.split("."):
        found = vars(found).get(part)
    if isinstance(found, property):
        behind = [found.fget, found.fset, found.fdel]
    elif isinstance(found, classmethod | staticmethod):
        behind = [found.__func__]
    else:
        behind = [found.func if isinstance(found, cached_property) else found]
    unwrapped = [inspect.unwrap(one) for one in behind if callable(one)]
    return [one for one in unwrapped if isinstance(one, FunctionType)]
